import { describe, expect, test } from "vitest";
import { beginning, plainText, writtenOut, writtenOutLines } from "./plainText.js";

describe("a stranger's text", () => {
  test.each([
    ["Antminer S19 Pro", "Antminer S19 Pro"],
    ["矿机 Ωñ 💥", "矿机 Ωñ 💥"],
    ["a\u001b[2Jb", "a [2Jb"],
    ["a\u009b31mb", "a 31mb"],
    ["a\r\nb\u2028c", "a b c"],
    ["abc\u202egpj.exe", "abcgpj.exe"],
    ["a\u200bb\ufeff\u{e0041}", "ab"],
    ["a\ud800b", "a\ufffdb"],
  ])("%j is the text %j", (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test("is written out for a terminal so that nothing of it steers", () => {
    expect(writtenOut("a\u001b[2J\n\u202eb\u{e0041}\ud800")).toBe(
      "a\\u001b[2J\\u000a\\u202eb\\udb40\\udc41\\ud800",
    );
    expect(writtenOutLines("one\n\ttwo\u001b[H")).toBe("one\n\ttwo\\u001b[H");
    expect(writtenOut("矿机 💥")).toBe("矿机 💥");
  });

  test("written out inside JSON still means the same", () => {
    const told = { model: "a\u009b\u202e\u2028\u007f\u{e0041}b" };
    expect(JSON.parse(writtenOut(JSON.stringify(told)))).toEqual(told);
  });

  test("is cut at no half of a letter", () => {
    expect(beginning("ab💥", 3)).toBe("ab");
    expect(beginning("ab💥", 4)).toBe("ab💥");
  });
});
