import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodePayload } from "./payload.js";

test.each([
  ["plain ASCII", '{"name":"rig 7"}', "rig 7"],
  ["letters of other scripts", '{"name":"Gerät 矿机 ⚡😀"}', "Gerät 矿机 ⚡😀"],
  ["letters of one byte in Latin-1", '{"name":"\u00e9\u00ff"}', "éÿ"],
])("a payload of %s is read as it was written, packed or not", (_what, text, name) => {
  for (const payload of [Buffer.from(text), gzipSync(text)]) expect(decodePayload(payload)).toEqual({ name });
});

test("bytes that are no UTF-8 become U+FFFD", () => {
  const payload = Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0xe9]), Buffer.from('b"}')]);
  expect(decodePayload(payload)).toEqual({ name: "a\ufffdb" });
});
