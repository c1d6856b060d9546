import { describe, expect, it } from "vitest";
import { readNumber, readText } from "./readNumber.js";
import { outcomeOf, parseReply, partOf, rowsOf } from "./reply.js";

const json = (text: string) => parseReply(text, true);

describe("readNumber", () => {
  it.each([
    [5, 5],
    ["13495.96", 13495.96],
    ["3250 W", 3250],
    ["58.94W", 58.94],
    ["18,500.5", 18500.5],
    ["1,234,567", 1234567],
    ["65%", 65],
    ["-3.5 °C", -3.5],
    ["1e3", 1000],
    ["2940 rpm", 2940],
  ])("reads %j as %d", (value, number) => expect(readNumber(value)).toBe(number));

  it.each([
    "",
    "-",
    "inf",
    "-nan",
    "NaN",
    "12,5",
    "2940 rpm / 2940 rpm",
    "83.0 °C / 73.8 °C",
    "2021-01-01",
    "0:00:05",
    "131K2",
    "1.2.3",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    {},
    "9".repeat(50),
  ])("finds no number in %j", (value) => expect(readNumber(value)).toBeUndefined());
});

describe("readText", () => {
  it("strips quotes inside the value, blanks and control characters", () => {
    expect(readText("'20210322.22.REL'", 50)).toBe("20210322.22.REL");
    expect(readText("  a\u0000\nb ", 50)).toBe("a b");
    expect(readText("-", 50)).toBeUndefined();
    expect(readText("", 50)).toBeUndefined();
    expect(readText("abcdef", 3)).toBe("abc");
    expect(readText("ab💥", 3)).toBe("ab");
    expect(readText("S19\u009b31m\u202eorP\u2028x", 50)).toBe("S19 31morP x");
  });
});

describe("parseReply repairs what firmwares write wrong", () => {
  it.each([
    [
      "a missing comma between objects",
      '{"STATS":[{"a":1}{"b":2}],"id":1}',
      { STATS: [{ a: 1 }, { b: 2 }], id: 1 },
    ],
    [
      "a missing comma before a key",
      '{"S":[{"x":1"y":2,"z":"b""temp0":3}]}',
      { S: [{ x: 1, y: 2, z: "b", temp0: 3 }] },
    ],
    ["stray commas", '{"S":[,{"a":1,},],"id":1,}', { S: [{ a: 1 }], id: 1 }],
    ["a comma in front of all", ',"id":1}', { id: 1 }],
    ["raw newlines in text", '{"Msg":"a\nb\u0001"}', { Msg: "ab" }],
    ["bare inf and nan", '{"a":inf,"b":-nan,"c":nan,"d":4}', { a: null, b: null, c: null, d: 4 }],
    ["quotes inside text", '{"User":"a"b","n":1}', { User: 'a"b', n: 1 }],
    ["a pair in a list", '{"error_code":["111":"date"]}', { error_code: [{ "111": "date" }] }],
    ["a second reply behind the first", '{"a":1}{"a":2},', { a: 1 }],
    [
      "braces inside text",
      '{"x":"{X41=2}{,}","y":[{"a":1}{"b":"}{"}]}',
      { x: "{X41=2}{,}", y: [{ a: 1 }, { b: "}{" }] },
    ],
  ])("%s", (_, text, expected) => expect(json(text).members).toEqual(expected));

  it("takes the first of duplicate keys where it had to repair", () =>
    expect(json('{"a":1,"a":2,}').members).toEqual({ a: 1 }));

  it("never touches a prototype", () => {
    const { members } = json('{"__proto__":{"polluted":1},"S":[{"__proto__":{"polluted":1},"a":1,}],}');
    expect(members).toEqual({ S: [{ a: 1 }] });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("refuses absurd nesting without exhausting the stack", () => {
    expect(() => json(`{"a":${"[".repeat(200_000)}`)).toThrow(/cannot be read/);
    expect(() => json("[".repeat(200_000))).toThrow(/cannot be read/);
  });

  it("tells a web server from a rig that speaks unclearly", () => {
    expect(() => json("HTTP/1.1 400 Bad Request")).toThrow(expect.objectContaining({ code: "http" }));
  });

  it.each(["", "null", "[1]", '"x"'])("refuses %j", (text) =>
    expect(() => json(text)).toThrow(/cannot be read/),
  );
});

describe("a reply that breaks off", () => {
  it("keeps its whole members and drops the one that was cut", () => {
    const reply = json('{"STATUS":[{"STATUS":"S"}],"STATS":[{"a":1},{"b":2');
    expect(reply).toEqual({ members: { STATUS: [{ STATUS: "S" }] }, cut: true });
  });

  it("drops a number that the end touches, since it may go on", () => {
    expect(json('{"a":1,"b":123').members).toEqual({ a: 1 });
  });

  it("is refused when nothing of it is whole", () => {
    expect(() => json('{"SUMMARY":[{"Elapsed":5')).toThrow(expect.objectContaining({ code: "truncated" }));
  });

  it("yields at every byte only members that the whole reply has", () => {
    for (const whole of [
      '{"STATUS":[{"STATUS":"S","Msg":"a,b}]"}],"SUMMARY":[{"a":12345,"b":"x\\"y","a":7}],"k":"v","n":12.5e3,"id":1}',
      '{"STATUS":[{"STATUS":"S"}],"STATS":[{"a":1,"a":2}{"b":inf,"c":"q"q"}],"n":55,"t":"x"y","id":1,}',
    ]) {
      const all = json(whole).members;
      for (let end = 1; end < whole.length; end++) {
        let cut: Record<string, unknown> = {};
        try {
          cut = json(whole.slice(0, end)).members;
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/truncated|garbled/);
        }
        for (const key in cut) expect({ end, [key]: cut[key] }).toEqual({ end, [key]: all[key] });
      }
    }
  });
});

describe("the text form", () => {
  const text =
    "STATUS=S,When=1,Code=11,Msg=Sum\\,mary,Description=x|SUMMARY,Elapsed=5,MHS av=1.5,Hardware Errors=9,Hardware Errors=0|";

  it("is read into the shape of the JSON form, first of duplicates first", () => {
    const reply = parseReply(text, true);
    expect(outcomeOf(reply)).toEqual({ ok: true, code: 11, message: "Sum,mary" });
    expect(rowsOf(reply, "SUMMARY")).toEqual([{ Elapsed: "5", "MHS av": "1.5", "Hardware Errors": "9" }]);
  });

  it("knows lists of boards and joined commands", () => {
    const reply = parseReply(
      "CMD=devs|STATUS=S,Code=9|ASC=0,T=1|ASC=1,T=2|CMD=pools|STATUS=S,Code=7|POOL=0,URL=x|",
      true,
    );
    expect(rowsOf(partOf(reply, "devs"), "DEVS")).toEqual([
      { ASC: "0", T: "1" },
      { ASC: "1", T: "2" },
    ]);
    expect(rowsOf(partOf(reply, "pools"), "POOLS")).toEqual([{ POOL: "0", URL: "x" }]);
  });

  it("keeps what stands in brackets together, commas and all, and takes a lone bracket for text", () => {
    const row = (body: string) => rowsOf(parseReply(`STATUS=S,Code=70|STATS=0,${body}|`, true), "STATS")?.[0];
    expect(row("MM ID0=Ver[1] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Temp[2],MM Count=1")).toEqual({
      STATS: "0",
      "MM ID0": "Ver[1] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Temp[2]",
      "MM Count": "1",
    });
    expect(row("User=a[b,Rejected=1")).toEqual({ STATS: "0", User: "a[b", Rejected: "1" });
    expect(row("User=a]b[c,Rejected=1")).toEqual({ STATS: "0", User: "a]b[c", Rejected: "1" });
  });

  it.each([
    [
      "whose rows its status counts",
      "STATUS=S,Code=9,Msg=1 GPU(s) - 1 PGA(s) - |GPU=0,T=1|PGA=0,T=2|",
      "DEVS",
      2,
    ],
    ["of one row", "STATUS=S,Code=11,Msg=Summary|SUMMARY,Elapsed=5|", "SUMMARY", 1],
    ["that refuses", "STATUS=E,Code=14,Msg=Invalid command|", "STATUS", 1],
  ])("is whole without the closing NUL: one %s", (_, text, section, rows) => {
    const reply = parseReply(text, false);
    expect(reply.cut).toBe(false);
    expect(rowsOf(reply, section)).toHaveLength(rows);
  });

  it.each([
    "STATUS=S,Code=9,Msg=2 GPU(s)|GPU=0,T=1|",
    "STATUS=S,Code=9,Msg=1 GPU(s)|GPU=0,T=1",
    "STATUS=S,Code=7,Msg=Pools|POOL=0,URL=x|",
  ])("is not without it where a row or its end may be missing: %s", (text) => {
    const reply = parseReply(text, false);
    expect(reply.cut).toBe(true);
    expect(rowsOf(reply, "DEVS") ?? rowsOf(reply, "POOLS")).toBeUndefined();
  });

  it("never shortens a list of rows when it is cut", () => {
    const whole = "STATUS=S,Code=9|ASC=0,T=1|ASC=1,T=2|";
    for (let end = 10; end < whole.length; end++)
      expect(rowsOf(parseReply(whole.slice(0, end), false), "DEVS")).toBeUndefined();
    expect(rowsOf(parseReply(whole, true), "DEVS")).toHaveLength(2);
  });
});

describe("outcomeOf", () => {
  it.each([
    [
      '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}',
      { ok: false, code: 14, message: "Invalid command" },
    ],
    ['{"STATUS":{"STATUS":"S","Code":11}}', { ok: true, code: 11, message: undefined }],
    ['{"STATUS":"S","Code":131,"Msg":{"a":1}}', { ok: true, code: 131, message: undefined }],
  ])("reads %s", (text, outcome) => expect(outcomeOf(json(text))).toEqual(outcome));
});
