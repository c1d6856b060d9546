import type { Evidence } from "@hashwatt/protocol/sample";
import { expect, test } from "vitest";
import { loadPresent } from "../present.js";
import { MemoryTelemetryStore } from "../store/memory.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { RigRecord } from "../store/state/state.js";
import type { Identities, Source } from "./identities.js";

const NOW = Date.UTC(2026, 10, 26, 11);
const MINUTE = 60_000;
const WINDOW = 30_000;
const place = { site: "hall", agent: "a1" };
const macOf = (rig: number) => `02:00:00:00:00:0${rig}`;
const evidenceOf = (rig: number, handle: string): Evidence => ({ address: handle, mac: macOf(rig) });
const stream = (name: string, live = false): Source => ({ ...place, stream: name, live });
const answers = (ids: Identities, source: Source, handle: string, minutesAgo: number) =>
  ids.ownerOf(source, handle, true, NOW - minutesAgo * MINUTE, WINDOW);

const knownAt = (rig: number, handle: string): RigRecord => ({
  ...{ rig, ...place, handle, name: handle, evidence: evidenceOf(rig, handle) },
  aliases: [
    { kind: "mac", value: macOf(rig) },
    { kind: "address", value: `hall/a1/${handle}` },
  ],
  ...{ firstSeenMs: NOW - 1_000 * MINUTE, lastSeenMs: NOW - 1_000 * MINUTE },
});

/** Starts of one server, on what the last one has stored: it heard of many streams, of `S1` and `S2` last. */
async function starts(rigs: RigRecord[]) {
  const state = new MemoryStateStore();
  await state.putRigs(rigs);
  const telemetry = new MemoryTelemetryStore();
  const names = [...Array.from({ length: 30 }, (_, n) => `done${n}`), "S1", "S2"];
  const marks = names.map((name, n) => ({
    ...{ ...place, stream: name, seq: 5, lost: 0 },
    updatedMs: NOW - (100 - n) * MINUTE,
  }));
  await telemetry.append({ samples: [], marks: marks.toReversed() });
  return {
    start: async () => (await loadPresent([], { telemetry, state }, NOW)).identities,
    commit: async (ids: Identities) => {
      const changes = ids.takeChanges();
      for (const { key, value } of changes.settings) await state.putSetting(key, value);
      await state.putRigs(changes.rigs);
    },
  };
}

test("what was read before a rig was replaced is of that rig, though the server hears of the other first", async () => {
  const it = await starts([knownAt(1, "h1")]);
  const ids = await it.start();
  ids.describe(stream("S3", true), { h1: evidenceOf(2, "h1") }, NOW);
  expect(answers(ids, stream("S3", true), "h1", 0)).toBe(2);
  expect(answers(ids, stream("S1"), "h1", 110)).toBe(1);
  expect(answers(ids, stream("S2"), "h1", 50)).toBe(1);
  // The rest of it tells of the other itself, from where that begins.
  ids.describe(stream("S2"), { h1: evidenceOf(2, "h1") }, NOW);
  expect(answers(ids, stream("S2"), "h1", 20)).toBe(2);
  await it.commit(ids);
  const next = await it.start();
  expect(answers(next, stream("S4", true), "h1", 0)).toBe(2);
  expect(answers(next, stream("S1"), "h1", 100)).toBe(1);
});

test("so it is where rigs have changed places", async () => {
  const it = await starts([knownAt(1, "h1"), knownAt(2, "h2")]);
  const ids = await it.start();
  const live = stream("S3", true);
  ids.describe(live, { h1: evidenceOf(2, "h1"), h2: evidenceOf(1, "h2") }, NOW);
  expect(["h1", "h2"].map((handle) => answers(ids, live, handle, 0))).toEqual([2, 1]);
  expect(["h1", "h2"].map((handle) => answers(ids, stream("S1"), handle, 110))).toEqual([1, 2]);
  await it.commit(ids);
  const next = await it.start();
  expect(["h1", "h2"].map((handle) => answers(next, stream("S1"), handle, 100))).toEqual([1, 2]);
  expect(["h1", "h2"].map((handle) => answers(next, live, handle, 0))).toEqual([2, 1]);
});
