import { describe, expect, test } from "vitest";
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
          { field: "status", op: "=", value: "idle" },
          { field: "powerW", op: ">=", value: 500 },
        ],
        holdMs: 5_400_000,
        on: ["my rig, left", "r7"],
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
