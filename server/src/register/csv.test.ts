import { plainText } from "@hashwatt/protocol/plainText";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRegisterCsv, registerCsv } from "./csv.js";

describe("a register as CSV", () => {
  test("is read with commas, semicolons or tabs, quotes, a byte order mark and Windows' line ends", () => {
    const rig = { name: "A-1", mac: "02:1a:2b:3c:4d:5e", row: 'the "low" one, left', state: "repair" };
    for (const separator of [",", ";", "\t"]) {
      const text = `\uFEFFname,MAC,row,state\r\n\r\nA-1,02-1A-2B-3C-4D-5E,"the ""low"" one, left",repair\r\n`;
      const told =
        separator === ","
          ? text
          : text.replaceAll(",", separator).replace(`one${separator} left`, "one, left");
      expect(parseRegisterCsv(told)).toEqual([rig]);
    }
  });

  test.each([
    ["", /^the file is empty; its first line names columns: name,serial,mac/],
    ["nam,mac\n", /^line 1, column 1: "nam" is no column; did you mean name\?$/],
    ["name,name\n", /^line 1, column name: stands there twice$/],
    [
      "name,mac\nA,zz\n",
      /^line 2, column mac: "zz" is no MAC; write 02:1a:2b:3c:4d:5e; nothing was imported$/,
    ],
    ['name,row\n"A\nB",1\nC,D,E\n', /^line 4: 3 cells, but line 1 names 2 columns/],
    ["name,rack\n,7\n", /^line 2: names no rig; fill in one of mac, serial, address, worker, name/],
    [
      "name,state\nA,gone\n",
      /^line 2, column state: "gone" is no state; there are active, repair, spare, retired/,
    ],
    ['name\n"A\n', /^line 2: a quote that begins there has no end$/],
    [`name,mac\n${"A,z\n".repeat(9)}`, /line 6, column mac.*; and 4 more; nothing was imported$/],
  ])("of %j the error says where", (text, words) => expect(() => parseRegisterCsv(text)).toThrow(words));

  test("holds no cell that a spreadsheet would run, and is read back as it was", () => {
    const rigs = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a,b", 'say "x"', "'quoted", "A\nB"].map((name) => ({
      name,
      site: "farm",
    }));
    const text = registerCsv(rigs);
    for (const line of text.split("\r\n").slice(1)) expect(line).not.toMatch(/^"?[=+\-@\t]/);
    // A name is one line, whatever the file says.
    expect(parseRegisterCsv(text)).toEqual(
      rigs.map((rig) => ({ ...rig, name: rig.name.trim().replace("\n", " ") })),
    );
  });

  test("is plain text, whoever has written it: nothing in it steers a terminal or turns the direction of writing", () => {
    expect(parseRegisterCsv('name,owner,worker\n"a\u001b[2J\r\nb\u202ec",\u200bann,x\ud800\n')).toEqual([
      { name: "a [2J bc", owner: "ann", worker: "x\ufffd" },
    ]);
    expect(() => parseRegisterCsv("name\n\u200b\n")).toThrow(/^line 2, column name: "\\u200b" is empty/);
    expect(() => parseRegisterCsv("name,mac\nA,\u001b[2J\n")).toThrow(/column mac: "\\u001b\[2J" is no MAC/);
    expect(() => parseRegisterCsv("na\u001bme\n")).toThrow(/"na\\u001bme" is no column/);
  });

  test("of more rows than there may be rigs ends where that is found out, before it takes memory", () => {
    expect(() => parseRegisterCsv(`name\n${"x\n".repeat(70_000)}`)).toThrow(
      /^line 65538: more than 65536 rigs; nothing was imported$/,
    );
  });

  test("whatever a value is, it comes back", () => {
    const value = fc
      .string({ minLength: 1, maxLength: 30, unit: "grapheme" })
      // What is no text is not kept: a line separator in a name is a space.
      .map((text) => plainText(text).trim())
      .filter((text) => text !== "" && text.length <= 100 && !/^'[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(value, value, (name, owner) => {
        expect(parseRegisterCsv(registerCsv([{ name, owner }]))).toEqual([{ name, owner }]);
      }),
      { examples: [["a\u00a0b", "'x"]] },
    );
  });
});
