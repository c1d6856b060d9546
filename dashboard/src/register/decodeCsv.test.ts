import { expect, it } from "vitest";
import { decodeCsv } from "./decodeCsv.js";

const TEXT = "name,rack\n甲-01,R1\n";

it.each([
  ["UTF-8", [...new TextEncoder().encode(TEXT)]],
  ["UTF-8 with a mark", [0xef, 0xbb, 0xbf, ...new TextEncoder().encode(TEXT)]],
  ["UTF-16", [0xff, 0xfe, ...Buffer.from(TEXT, "utf16le")]],
  ["UTF-16, high byte first", [0xfe, 0xff, ...Buffer.from(TEXT, "utf16le").swap16()]],
  // 甲 is BC D7 in GB 18030.
  ["GB 18030", [...Buffer.from("name,rack\n"), 0xbc, 0xd7, ...Buffer.from("-01,R1\n")]],
])("a file in %s is read", (_, bytes) => {
  expect(decodeCsv(Uint8Array.from(bytes))).toBe(TEXT);
});
