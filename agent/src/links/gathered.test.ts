import { expect, test } from "vitest";
import { Gathered } from "./gathered.js";

test("a piece that comes alone is not copied", () => {
  const gathered = new Gathered();
  const piece = Buffer.from("whole");
  gathered.add(piece);
  expect(gathered.bytes.buffer).toBe(piece.buffer);
  expect(gathered.bytes.byteOffset).toBe(piece.byteOffset);
});

test("pieces of any length, an empty one too, give their bytes in order, and none of them is written into", () => {
  const pieces = ["", "a", "", "b".repeat(5_000), "c", "d".repeat(20_000), "e"].map((text) =>
    Buffer.from(text),
  );
  const whole = Buffer.concat(pieces);
  const gathered = new Gathered();
  for (const piece of pieces) gathered.add(piece);
  expect(gathered.bytes.equals(whole)).toBe(true);
  expect(gathered).toMatchObject({ pieces: 7, length: whole.length });
  expect(Buffer.concat(pieces).equals(whole)).toBe(true);
});

test("a hundred thousand pieces of a byte take no more than a few bytes each", () => {
  const gathered = new Gathered();
  for (let n = 0; n < 100_000; n++) gathered.add(Buffer.from([n & 255]));
  expect(gathered.bytes.buffer.byteLength).toBeLessThan(300_000);
  expect(gathered.bytes.every((byte, at) => byte === (at & 255))).toBe(true);
});
