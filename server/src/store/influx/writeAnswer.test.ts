import { describe, expect, it } from "vitest";
import { judgeWrite } from "./writeAnswer.js";

const lines = ["m,rig=r1 v=1 1", "bad 'line'", "m,rig=r2 v= 2", "m,rig=r3 v=3 3"];
const bad = { line: lines[1]!, why: "invalid field format" };
const valueless = { line: lines[2]!, why: "missing field value" };
const error = (text: string) => JSON.stringify({ error: text });
const message = (text: string) => JSON.stringify({ code: "invalid", message: text });

describe("the answer to a write", () => {
  it.each([
    ["1.x stored", 204, "", { kind: "stored" }],
    [
      "1.x, retention",
      400,
      error("partial write: points beyond retention policy dropped=2"),
      { kind: "partial", refused: [], dropped: 2 },
    ],
    [
      "1.x, type conflict",
      400,
      error(
        'partial write: field type conflict: input field "v" on measurement "m" is type string, already exists as type float dropped=1',
      ),
      { kind: "partial", refused: [], dropped: 1 },
    ],
    [
      "1.x, two lines that are none",
      400,
      error(
        `partial write: unable to parse '${bad.line}': invalid field format\nunable to parse '${valueless.line}': missing field value dropped=0`,
      ),
      { kind: "partial", refused: [bad, valueless], dropped: 0 },
    ],
    [
      "1.x, nothing but lines that are none",
      400,
      error(`unable to parse '${bad.line}': invalid field format`),
      { kind: "refused", refused: [bad] },
    ],
    [
      "1.x, a line that it quotes otherwise than it was sent",
      400,
      error("partial write: unable to parse 'bad': invalid field format dropped=0"),
      { kind: "partial", refused: [], dropped: 1, why: expect.stringContaining("unable to parse 'bad'") },
    ],
    [
      "3, which lists nothing",
      400,
      JSON.stringify({ error: "partial write of line protocol occurred" }),
      { kind: "partial", refused: [], dropped: 1 },
    ],
    ["1.x, no such database", 404, error('database not found: "x"'), { kind: "missing" }],
    ["1.x, too large", 413, error("Request Entity Too Large"), { kind: "tooLarge" }],
    ["1.x, its own time-out", 500, error("timeout"), { kind: "failed", overload: true }],
    [
      "1.x, anything else",
      500,
      error("runtime error: index out of range"),
      { kind: "failed", overload: false },
    ],
    [
      "2.x, one line that is none",
      400,
      message(`unable to parse '${bad.line}': invalid field format`),
      { kind: "refused", refused: [bad] },
    ],
    [
      "2.x, retention",
      422,
      message("failure writing points to database: partial write: points beyond retention policy dropped=3"),
      { kind: "partial", refused: [], dropped: 3 },
    ],
    ["2.x, no such bucket", 404, message('bucket "x" not found'), { kind: "missing" }],
    ["2.x, too many requests", 429, message("too many requests"), { kind: "failed", overload: true }],
    [
      "3, a line by its number",
      400,
      JSON.stringify({
        error: "partial write of line protocol occurred",
        data: [{ original_line: "cut…", line_number: 3, error_message: "missing field value" }],
      }),
      { kind: "partial", refused: [valueless], dropped: 0 },
    ],
    [
      "3 where nothing is stored",
      400,
      JSON.stringify({
        error: "parsing failed for write_lp endpoint",
        data: { original_line: "bad 'line'", line_number: 2, error_message: "invalid field format" },
      }),
      { kind: "refused", refused: [bad] },
    ],
    [
      "3, a limit",
      422,
      error("Adding a new database would exceed limit of 5"),
      { kind: "refused", refused: [] },
    ],
    [
      "a refusal of what was never sent",
      400,
      error("unable to parse 'x': y"),
      { kind: "refused", refused: [] },
    ],
    ["a proxy", 502, "<html>Bad Gateway</html>", { kind: "failed", overload: true }],
  ])("of %s is judged as that version means it", (_name, status, body, verdict) => {
    expect(judgeWrite({ status, body }, lines)).toMatchObject(verdict);
  });
});
