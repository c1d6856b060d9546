import type { Evidence } from "@hashwatt/protocol/sample";
import { expect, test } from "vitest";
import { bindingsSetting, IDENTITY_LIMITS, Identities, type Source } from "./identities.js";

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

/** What a restart leaves of an agent's: records, and the settings of all commits. */
function restarted(ids: Identities, saved: Map<string, string>): Identities {
  const next = new Identities([...ids.index.records()]);
  for (const value of saved.values()) next.restoreBindings("s", "a", value);
  return next;
}

test("past handles are kept over a restart also where a live reading alone moves the address", () => {
  const ids = new Identities([]);
  const saved = new Map<string, string>();
  const commit = () => {
    for (const { key, value } of ids.takeChanges().settings) saved.set(key, value);
  };
  ids.describe(stream("one"), { h1: at("10.0.0.5", { mac: MAC }) }, 0);
  const then = answers(ids, stream("one"), "h1", 0);
  // The evidence of the next comes with a late batch of a stream that is of now again.
  ids.describe(stream("two", false), { h1: at("10.0.0.5", { mac: MAC2 }) }, 60_000);
  commit();
  const now = answers(ids, stream("two"), "h1", 61_000);
  expect(now).not.toBe(then);
  commit();
  const next = restarted(ids, saved);
  expect(answers(next, stream("three"), "h1", 120_000)).toBe(now);
  expect(answers(next, stream("one", false), "h1", 1_000)).toBe(then);
});

test("a past handle of a rig that never was stored is none of the rig that gets its key", () => {
  const kept = new Identities([]);
  kept.describe(stream("one"), { h1: at("10.0.0.5", { mac: MAC }) }, 0);
  const first = answers(kept, stream("one"), "h1", 0) as number;
  const saved = new Map([[bindingsSetting("s", "a"), JSON.stringify({ old: { h1: first + 1 } })]]);
  const ids = restarted(kept, saved);
  const other = { ...stream("two"), agent: "b" };
  expect(answers(ids, other, "h2", 60_000)).toBe(first + 1);
  for (const { key, value } of ids.takeChanges().settings) saved.set(key, value);
  expect(answers(restarted(ids, saved), stream("old", false), "h1", 1_000)).toBe(first);
});
