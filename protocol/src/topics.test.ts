import { describe, expect, test } from "vitest";
import { BatchError, parseBatch } from "./topics.js";

const batch = {
  v: 1,
  stream: "s1",
  live: true,
  seq: 1,
  first: 1,
  boot: "b1",
  monoMs: 1,
  sentMs: 1,
  samples: [],
};
const NAMES = ["__proto__", "constructor", "prototype"];

describe("a batch", () => {
  test.each(NAMES)("is refused when it calls its stream or its boot %s", (name) => {
    expect(() => parseBatch({ ...batch, stream: name })).toThrow(BatchError);
    expect(() => parseBatch({ ...batch, boot: name })).toThrow(BatchError);
  });

  test.each(NAMES)("tells of no rig called %s, and of the others all the same", (name) => {
    const text = `{"h1":{"address":"10.0.0.1"},"${name}":{"address":"10.0.0.2"}}`;
    const parsed = parseBatch({ ...batch, rigs: JSON.parse(text) });
    expect(Object.entries(parsed.rigs ?? {})).toEqual([["h1", { address: "10.0.0.1" }]]);
    expect(parsed.refused).toEqual([`rigs: "${name}" is no handle`]);
    expect(({} as Record<string, unknown>).address).toBeUndefined();
  });
});
