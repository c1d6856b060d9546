import { readFileSync } from "node:fs";
import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import { describe, expect, test } from "vitest";
import { judgedRig } from "../../fixtures/judgedRig.js";
import type { Reading } from "../../fleet/rigView.js";
import { FACT_RULES } from "./factRules.js";
import { offline } from "./offline.js";
import { RULES } from "./registry.js";
import type { RuleContext } from "./rule.js";

type Shown = Partial<Reading>;
const board = (slot: number, more: object = {}) => ({
  slot,
  hashrateThs: 33,
  chips: 100,
  chipsExpected: 100,
  frequencyMHz: 500,
  ...more,
});
const boards = (more: object = {}, count = 3) =>
  Array.from({ length: count }, (_, slot) => board(slot, slot === 0 ? more : {}));
/** A sound rig. */
const SOUND: Shown = {
  hashrateThs: 100,
  powerW: 3_000,
  chipTempC: 70,
  inletTempC: 25,
  fansRpm: [5_000, 5_000],
  fanDutyRatio: 0.8,
  boards: boards(),
  uptimeS: 90_000,
};
/** Minutes for which it is read before anything happens: what is usual is known then. */
const WARM_MIN = 70;

/** Of each rule: what breaches it, what lies between its limits, what is clear, and what leaves it in the dark. */
interface Row {
  breach: Shown;
  between?: Shown;
  clear?: Shown;
  unknown?: Shown;
  context?: Partial<RuleContext>;
  /** Where it is not by its hold alone: what it remembers follows slowly. */
  slowMin?: number;
}
const hot = { ...SOUND, inletTempC: 37 };
const TABLE: Readonly<Record<string, Row>> = {
  inletHot: { breach: { inletTempC: 48 }, between: { inletTempC: 46 }, unknown: { inletTempC: undefined } },
  inletWarm: { breach: { inletTempC: 41 }, between: { inletTempC: 39 }, unknown: { inletTempC: undefined } },
  coldStart: {
    breach: { status: "idle", hashrateThs: 0, inletTempC: -12 },
    between: { status: "idle", hashrateThs: 0, inletTempC: -9 },
  },
  fanStopped: {
    breach: { fansRpm: [0, 5_000] },
    between: { fansRpm: [500, 5_000] },
    unknown: { fansRpm: [] },
  },
  fanSlow: {
    breach: { fansRpm: [3_000, 5_000, 5_000] },
    between: { fansRpm: [3_600, 5_000, 5_000] },
    unknown: { fansRpm: [] },
  },
  boardMissing: { breach: { boards: boards({}, 2) }, unknown: { boards: undefined } },
  chipsMissing: {
    breach: { boards: boards({ chips: 88 }) },
    unknown: { boards: boards({ chips: undefined }).slice(0, 1) },
  },
  throttling: {
    breach: { ...hot, boards: [0, 1, 2].map((slot) => board(slot, { frequencyMHz: 440 })) },
    between: { ...hot, boards: [0, 1, 2].map((slot) => board(slot, { frequencyMHz: 480 })) },
  },
  hashrateLow: {
    breach: { hashrateThs: 80 },
    between: { hashrateThs: 91.5 },
    unknown: { hashrateThs: undefined },
    slowMin: 20,
  },
  hashrateDropped: { breach: { hashrateThs: 70 }, between: { hashrateThs: 87 }, slowMin: 20 },
  efficiencyDrift: { breach: { powerW: 3_600 }, between: { powerW: 3_270 }, slowMin: 60 },
  powerOverLimit: {
    breach: { powerLimitW: 2_800 },
    between: { powerLimitW: 2_900 },
    unknown: { powerLimitW: 2_800, powerW: undefined },
  },
  powerMissing: { breach: { powerW: undefined } },
  metersDisagree: {
    breach: {},
    context: { metered: () => ({ meterW: 3_600, ownW: 3_000 }) },
  },
  faults: { breach: { faults: [{ code: "7", text: "EEPROM" }] } },
  stopIgnored: {
    breach: {},
    context: { stop: () => ({ phase: "stopped", name: "n", fromMs: 0, toMs: Number.POSITIVE_INFINITY }) },
  },
  identityConflict: { breach: {}, context: { conflict: () => "two answer as one" } },
  wrongPool: {
    breach: { pool: "stratum+tcp://stranger:1" },
    clear: { pool: "stratum+tcp://ours:1" },
    unknown: { pool: undefined },
    context: {
      pools: {
        usual: () => ({ hosts: new Set(["ours:1"]), accounts: new Set(), rigs: 9 }),
        hostOf: (url) => url.replace(/^.*\/\//, ""),
      },
    },
  },
};
/** Rules with a test file or an own test of their own, below or beside. */
const ELSEWHERE = [
  "offline",
  "overheating",
  "unprofitable",
  "hot",
  "tempRising",
  "hwErrors",
  "rejects",
  "acceptedLow",
  "rebootLoop",
];

function warm(id: string) {
  const rule = RULES.find((each) => each.id === id)!;
  const it = judgedRig({ rules: [offline, rule] });
  it.view.record.evidence = { ...it.view.record.evidence, nominalThs: 100, algo: "sha256" };
  it.view.limits = { chip: { limitC: 95, source: "x", name: "x" } };
  it.context.pools = { usual: () => undefined, hostOf: (url) => url };
  let minute = 0;
  const read = (shown: Shown, minutes = 1) => {
    for (let i = 0; i < minutes; i++) it.reads(60 * minute++, { intervalMs: 60_000, ...SOUND, ...shown });
  };
  read({}, WARM_MIN);
  const open = () => it.open().filter((each) => each.startsWith(`${id} `));
  return { it, rule, read, open };
}

describe("every rule of the table", () => {
  test("is in the registry, and every rule is in the table or has a test elsewhere, a word and a line in docs/alerts.md", () => {
    expect([...Object.keys(TABLE), ...ELSEWHERE].sort()).toEqual(RULES.map(({ id }) => id).sort());
    const docs = readFileSync(new URL("../../../../docs/alerts.md", import.meta.url), "utf8");
    const all = [...RULES, ...Object.values(FACT_RULES).flat()].map(({ id }) => id);
    expect(all.filter((id) => !docs.includes(`| \`${id}\` |`))).toEqual([]);
    expect([...all].sort()).toEqual([...RULE_IDS].sort());
  });

  describe.each(Object.entries(TABLE))(
    "%s",
    (id, { breach, between, clear = {}, unknown, context, slowMin = 0 }) => {
      const start = () => {
        const at = warm(id);
        at.it.transitions();
        const set = (on: boolean) => {
          for (const key of Object.keys(context ?? {}) as (keyof RuleContext)[])
            if (key !== "pools") Object.assign(at.it.context, { [key]: on ? context![key] : undefined });
            else at.it.context.pools = context!.pools!;
        };
        set(true);
        return { ...at, set };
      };
      const longMin = (holdMs: number) => Math.ceil(holdMs / 60_000) + 3 + slowMin;

      test("fires after its hold and not by one reading, and ends after its rest", () => {
        const { it, rule, read, open, set } = start();
        read(breach);
        expect(it.transitions(), "one reading").toEqual(rule.samples === 1 ? [`${id} firing`] : []);
        read(breach, longMin(rule.holdMs));
        expect(open()).toEqual([`${id} firing`]);
        if (between) {
          read(between, longMin(rule.resolveHoldMs) + 30);
          expect(open(), "between its limits").toEqual([`${id} firing`]);
        }
        set(false);
        read(clear, longMin(rule.resolveHoldMs) + slowMin);
        expect(open()).toEqual([]);
        expect(it.transitions().at(-1)).toBe(`${id} resolved`);
      });

      test("is in the dark without its figures, which raises nothing and holds what is", () => {
        const { rule, read, open } = start();
        if (!unknown) return;
        read(unknown, longMin(rule.holdMs));
        expect(open()).toEqual([]);
        read(breach, longMin(rule.holdMs));
        read({ ...breach, ...unknown }, 8);
        expect(open()).toEqual([`${id} firing`]);
      });

      test("is silent while the rig is offline", () => {
        const { it, rule, read, open } = start();
        if (!rule.inhibitedBy.includes("offline") || context?.stop) return;
        read({ status: "unreachable" }, 7);
        it.transitions();
        expect(it.open()).toEqual(["offline firing"]);
        for (let i = 0; i < 5; i++) it.passes(60 * (WARM_MIN + 7) + i);
        expect(open()).toEqual([]);
      });
    },
  );
});

describe("rules that remember", () => {
  test("a sensor above a sourced warning is hot after five minutes; one without a warning is not", () => {
    const { it, read, open } = warm("hot");
    read({ chipTempC: 94 }, 10);
    expect(open()).toEqual([]);
    it.view.limits = { chip: { limitC: 95, warnC: 85, source: "x", name: "x" } };
    read({ chipTempC: 86 }, 7);
    expect(open()).toEqual(["hot firing"]);
    read({ chipTempC: 83 }, 20);
    expect(open()).toEqual(["hot firing"]);
    read({ chipTempC: 81 }, 8);
    expect(open()).toEqual([]);
  });

  test("a temperature that rises by more than 12 °C from minute to minute is told", () => {
    const { read, open } = warm("tempRising");
    for (const chipTempC of [50, 63, 76]) read({ chipTempC });
    expect(open()).toEqual(["tempRising firing"]);
    read({ chipTempC: 76 }, 9);
    expect(open()).toEqual([]);
  });

  test("three restarts within an hour are a loop", () => {
    const { read, open } = warm("rebootLoop");
    for (let i = 0; i < 3; i++) {
      expect(open()).toEqual([]);
      read({ uptimeS: 10 });
      read({ uptimeS: 5_000 }, 4);
    }
    expect(open()).toEqual(["rebootLoop firing"]);
    read({ uptimeS: 9_000 }, 65);
    expect(open()).toEqual([]);
  });

  /** Shares of difficulty 1,000,000 as a rig of 100 TH/s finds them, of which some are rejected, some are somebody else's. */
  const shares = (minute: number, { rejected = 0, kept = 1 }) => {
    const found = (100e12 * 60 * minute) / (1e6 * 2 ** 32);
    const accepted = found * kept * (1 - rejected);
    return { shares: { accepted, rejected: found * rejected, acceptedDiff: accepted * 1e6 } };
  };
  test.each([
    ["rejects", { rejected: 0.1 }, "10 % of"],
    ["acceptedLow", { kept: 0.7 }, "The pool accepted"],
  ])("%s over four hours is told, and no sooner than it is no chance", (id, how, reason) => {
    const { it, read, open } = warm(id);
    for (let minute = 0; minute < 240; minute++) read({ ...shares(1_000 + minute, {}) });
    expect(open()).toEqual([]);
    const base = shares(1_240, {}).shares;
    for (let minute = 0; minute < 300; minute++) {
      const more = shares(minute, how).shares;
      read({
        shares: {
          accepted: base.accepted + more.accepted,
          rejected: base.rejected + more.rejected,
          acceptedDiff: base.acceptedDiff + more.acceptedDiff,
        },
      });
    }
    expect(open()).toEqual([`${id} firing`]);
    expect(it.book.open(7)[0]?.reason).toContain(reason);
  });

  test("a board that is missing is what its alert is about; of two it is the rig, and both are named", () => {
    const one = warm("boardMissing");
    one.read({ boards: boards({}, 2) }, 7);
    expect(one.it.book.open(7)[0]).toMatchObject({
      subject: { kind: "board", id: "r7/2" },
      reason: "1 of 3 boards does not work any more, the one in slot 2",
    });
    // It stays about that board when another follows.
    one.read({ boards: boards({}, 1) }, 3);
    expect(one.it.book.open(7)[0]).toMatchObject({
      subject: { id: "r7/2" },
      reason: "2 of 3 boards do not work any more, those in slots 1, 2",
    });
    const two = warm("boardMissing");
    two.read({ boards: [board(0), board(1, { chips: 0 })] }, 7);
    expect(two.it.book.open(7)[0]).toMatchObject({
      subject: { kind: "rig", id: "r7" },
      reason: "2 of 3 boards do not work any more, those in slots 1, 2",
    });
  });

  test("hardware errors beyond 2 % of its work are told", () => {
    const { read, open } = warm("hwErrors");
    const perMin = 0.03 * ((100e12 * 60) / 2 ** 32);
    for (let minute = 0; minute < 100; minute++) read({ boards: [board(0, { hwErrors: minute * perMin })] });
    expect(open()).toEqual(["hwErrors firing"]);
  });
});
