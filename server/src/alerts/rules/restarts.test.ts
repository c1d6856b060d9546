import { describe, expect, test } from "vitest";
import { board, RULE_TABLE, type RuleRow, type Shown, shares, warmRig } from "../../fixtures/ruleTable.js";
import { RULES } from "./registry.js";
import type { RuleContext } from "./rule.js";

/** What a rig shows in each minute; in those of `on` the context is another. */
interface Script {
  shown: Shown[];
  context?: RuleRow["context"];
  on?: [number, number];
  /** Minutes after which the server is ended and started again, each in a run of its own. */
  restarts: number[];
}

const times = (minutes: number, shown: (minute: number) => Shown): Shown[] =>
  Array.from({ length: minutes }, (_, minute) => shown(minute));

/** A breach for longer than its hold, and then none for longer than its rest. */
function scriptOf(id: string, { breach, clear = {}, context, slowMin = 0 }: RuleRow): Script {
  const rule = RULES.find((each) => each.id === id)!;
  const lasts = Math.ceil(rule.holdMs / 60_000) + 6 + slowMin;
  const rests = 2 * Math.ceil(rule.resolveHoldMs / 60_000) + 6 + slowMin;
  return {
    shown: [...times(lasts, () => breach), ...times(rests, () => clear)],
    ...(context && { context, on: [0, lasts] }),
    restarts: [0, Math.floor(lasts / 2), lasts - 2, lasts + 1],
  };
}

const PER_MIN = 0.03 * ((100e12 * 60) / 2 ** 32);
/** Four hours of shares as they should be, and four in which a part is missing. */
const sharesScript = (how: { rejected?: number; kept?: number }): Script => {
  const base = shares(1_240, {}).shares;
  return {
    shown: [
      ...times(240, (minute) => shares(1_000 + minute, {})),
      ...times(300, (minute) => {
        const more = shares(minute, how).shares;
        return {
          shares: {
            accepted: base.accepted + more.accepted,
            rejected: base.rejected + more.rejected,
            acceptedDiff: base.acceptedDiff + more.acceptedDiff,
          },
        };
      }),
    ],
    // Just before it fires, so that what was summed up is needed, and long after.
    restarts: [230, 270, 330, 500],
  };
};

/** Of rules that remember what was before. */
const REMEMBERING: Readonly<Record<string, Script>> = {
  tempRising: {
    shown: [50, 63, ...Array<number>(20).fill(76)].map((chipTempC) => ({ chipTempC })),
    restarts: [0, 1, 2, 5],
  },
  rebootLoop: {
    shown: [
      ...times(12, (minute) => ({ uptimeS: minute % 4 ? 5_000 : 10 })),
      ...times(80, () => ({ uptimeS: 9_000 })),
    ],
    restarts: [1, 5, 7, 9, 20],
  },
  hwErrors: {
    shown: [
      ...times(100, (minute) => ({ boards: [board(0, { hwErrors: minute * PER_MIN })] })),
      ...times(150, () => ({ boards: [board(0, { hwErrors: 100 * PER_MIN })] })),
    ],
    restarts: [20, 60, 110],
  },
  rejects: sharesScript({ rejected: 0.1 }),
  acceptedLow: sharesScript({ kept: 0.7 }),
};

function run(id: string, { shown, context, on }: Script, restart?: number): string[] {
  const { it, read } = warmRig(id);
  it.transitions();
  const told: string[] = [];
  for (const [minute, each] of shown.entries()) {
    for (const key of Object.keys(context ?? {}) as (keyof RuleContext)[])
      if (key === "pools" || (minute >= on![0] && minute < on![1]))
        Object.assign(it.context, { [key]: context![key] });
      else Object.assign(it.context, { [key]: undefined });
    read(each);
    told.push(...it.transitions());
    if (minute === restart) it.restart();
  }
  return told;
}

describe("the server is started again, and what is told is the same", () => {
  const scripts = [
    ...Object.entries(RULE_TABLE).map(([id, row]) => [id, scriptOf(id, row)] as const),
    ...Object.entries(REMEMBERING),
  ];

  test.each(scripts)("%s", (id, script) => {
    const without = run(id, script);
    expect(without[0]).toBe(`${id} firing`);
    for (const minute of script.restarts)
      expect({ minute, told: run(id, script, minute) }).toEqual({ minute, told: without });
  });
});
