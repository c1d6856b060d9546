import type { Evidence } from "@hashwatt/protocol/sample";
import { expect, test } from "vitest";
import { IDENTITY_LIMITS, Identities, type Source } from "./identities.js";

const MAC = "02:00:00:00:00:01";
const MAC2 = "02:00:00:00:00:02";
const WINDOW = 30_000;
const stream = (name: string, live = true): Source => ({ site: "s", agent: "a", stream: name, live });
const at = (address: string, rest: Partial<Evidence> = {}): Evidence => ({ address, ...rest });
const answers = (ids: Identities, source: Source, handle: string, tMs: number) =>
  ids.ownerOf(source, handle, true, tMs, WINDOW);

test("a stream that is being drained is not forgotten, however many its agent opens meanwhile", () => {
  const ids = new Identities([]);
  const long = stream("long");
  ids.describe(long, { h1: at("10.0.0.5", { mac: MAC }) }, 0);
  const then = answers(ids, long, "h1", 0);
  const drained = stream("long", false);
  for (let n = 1; n <= 3 * IDENTITY_LIMITS.maxStreamsPerAgent; n++) {
    const opened = stream(`live${n}`);
    ids.describe(opened, { h1: at("10.0.0.5", { mac: MAC2 }) }, n * 60_000);
    expect(answers(ids, opened, "h1", n * 60_000)).not.toBe(then);
    expect(answers(ids, drained, "h1", n * 1_000)).toBe(then);
  }
});
