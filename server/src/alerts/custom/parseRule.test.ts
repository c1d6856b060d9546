import { describe, expect, test } from "vitest";
import { ratedRig, START } from "../../fixtures/judgedSite.js";
import type { RuleContext } from "../rules/rule.js";
import { customRule } from "./customRule.js";
import { parseRule, RuleSyntaxError } from "./parseRule.js";

describe("a rule of the operator's own", () => {
  test.each([
    [
      "chipTempC > 85 for 2m on rack-3/*",
      { conditions: [{ field: "chipTempC", op: ">", value: 85 }], holdMs: 120_000, on: ["rack-3/*"] },
    ],
    ["profitPerH<-0.5", { conditions: [{ field: "profitPerH", op: "<", value: -0.5 }], holdMs: 0, on: [] }],
    [
      'status = idle and powerW >= 500 for 1.5h on "my rig, left", r7',
      {
        conditions: [
          { field: "status", op: "=", words: ["idle"] },
          { field: "powerW", op: ">=", value: 500 },
        ],
        holdMs: 5_400_000,
        on: ["my rig, left", "r7"],
      },
    ],
    [
      'pool != "*.pool.example:*", backup.example and account = farm1 for 5m',
      {
        conditions: [
          { field: "pool", op: "!=", words: ["*.pool.example:*", "backup.example"] },
          { field: "account", op: "=", words: ["farm1"] },
        ],
        holdMs: 300_000,
        on: [],
      },
    ],
  ])("%s", (text, rule) => {
    expect(parseRule(text)).toEqual(rule);
  });

  test.each([
    ["chipTemp > 85", "^ is no field; did you mean chipTempC?", 0],
    ["chipTempC >> 85", "           ^ a number is expected here", 11],
    ["chipTempC > hot", "            ^ a number is expected here", 12],
    ["chipTempC > 85 for 2 minutes", "                   ^ is no time; write 30s, 5m, 2h or 1d", 19],
    ["chipTempC > 85 on", "                 ^ rigs are expected here, like rack-3/*", 17],
    ["chipTempC > 85 rack-3", '               ^ expected "and", "for" or "on" here', 15],
    ["status > idle", "       ^ status is a word: compare it by = or !=", 7],
    ["chipTempC", "         ^ a comparison is expected here", 9],
    ["pool = ,", "       ^ a word is expected here", 7],
    ["pool = a,", "         ^ a word is expected here", 9],
    ['model = "S19', "        ^ the closing quote is missing", 8],
    ["", "^ a field is expected here, like chipTempC", 0],
    ["powerW > 1 for 8d", "               ^ is longer than seven days", 15],
  ])("that is wrong is shown with a caret: %s", (text, caret, column) => {
    let wrong: unknown;
    try {
      parseRule(text);
    } catch (error) {
      wrong = error;
    }
    expect(wrong).toBeInstanceOf(RuleSyntaxError);
    expect((wrong as RuleSyntaxError).message.split("\n").slice(0, 2)).toEqual([
      text,
      expect.stringContaining(caret),
    ]);
    expect((wrong as RuleSyntaxError).column).toBe(column);
  });
});

describe("words of a rule", () => {
  const view = ratedRig(1);
  const user = "farm1.rig-7";
  view.record.evidence = {
    ...view.record.evidence,
    pools: [
      { url: "stratum+tcp://eu.pool.example:3333", user, active: true },
      { url: "stratum+tcp://other.example:1", user: "x.y", active: false },
    ],
  };
  view.reading = {
    atMs: START,
    intervalMs: 5_000,
    status: "mining",
    pool: "stratum+tcp://eu.pool.example:3333",
  };
  view.answeredMs = START;
  view.stale = false;
  test.each([
    ["pool = eu.pool.example", "breach"],
    ["pool = eu.pool.example:3333", "breach"],
    ["pool = *.POOL.example:*", "breach"],
    ["pool = stratum+tcp://eu.pool.example:3333", "breach"],
    ["pool = other.example", "clear"],
    ["pool != *.pool.example", "clear"],
    ["pool != other.example, *.example:1", "breach"],
    ["account = farm1", "breach"],
    ["account = farm1.rig-7", "breach"],
    ["account != farm1, farm2", "clear"],
    ["worker = rig-*", "breach"],
    ["powerMode = high", "unknown"],
  ])("%s: %s", (text, verdict) => {
    const rule = customRule(parseRule(text), {
      ...{ id: "own", name: "own", text, severity: "notice", means: () => true },
    });
    expect(rule.check(view, false, { nowMs: START } as RuleContext, rule)).toBe(verdict);
  });
});
