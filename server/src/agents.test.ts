import type { ParsedBatch } from "@hashwatt/protocol/topics";
import { describe, expect, test } from "vitest";
import { Agents } from "./agents.js";

const NOW = Date.UTC(2026, 10, 26);
const from = { site: "farm", agent: "a1" };
const spool = { batches: 0, bytes: 0, droppedBatches: 0, damagedRecords: 0 };
const late = (atMs: number) =>
  ({ live: false, samples: [{ atMs }], stream: "s", seq: 1 }) as unknown as ParsedBatch;

describe("agents", () => {
  test("that never spoke of themselves are unknown, not offline", () => {
    const agents = new Agents();
    agents.batch(from, { live: true, samples: [] } as unknown as ParsedBatch, NOW);
    expect(agents.views(NOW)).toMatchObject([
      { agent: "a1", state: "unknown", spoolBatches: null, behindMs: null },
    ]);
  });

  test("say how far behind they are by the oldest they still hold, in the server's time", () => {
    const agents = new Agents();
    const status = {
      v: 1,
      state: "online",
      clockOffsetMs: 5_000,
      spool: { ...spool, batches: 9, oldestMs: NOW - 605_000 },
    };
    expect(agents.status(from, status, NOW)).toBeUndefined();
    expect(agents.views(NOW)[0]).toMatchObject({
      state: "online",
      behindMs: 600_000,
      spoolBatches: 9,
      clockOffsetMs: 5_000,
    });
  });

  test("say how late their event loop is while they are online, and not by a will", () => {
    const agents = new Agents();
    const loopLag = { p99Ms: 4.5, maxMs: 120 };
    agents.status(from, { v: 1, state: "online", loopLag }, NOW);
    expect(agents.views(NOW)[0]?.loopLag).toEqual(loopLag);
    agents.status(from, { v: 1, state: "offline" }, NOW);
    expect(agents.views(NOW)[0]?.loopLag).toBeUndefined();
  });

  test("are not behind by what is merely on its way", () => {
    const agents = new Agents();
    agents.status(from, { v: 1, state: "online", spool: { ...spool, batches: 1, oldestMs: NOW - 300 } }, NOW);
    expect(agents.views(NOW)[0]?.behindMs).toBeNull();
  });

  test("catch up visibly between two statuses, by the late batches that arrive", () => {
    const agents = new Agents();
    agents.status(
      from,
      { v: 1, state: "online", spool: { ...spool, batches: 9, oldestMs: NOW - 600_000 } },
      NOW,
    );
    agents.batch(from, late(NOW - 120_000), NOW + 1_000);
    expect(agents.views(NOW + 1_000)[0]?.behindMs).toBe(121_000);
    agents.status(from, { v: 1, state: "online", spool }, NOW + 10_000);
    expect(agents.views(NOW + 10_000)[0]?.behindMs).toBeNull();
  });

  test("keep what they said of themselves when their will says that they are gone", () => {
    const agents = new Agents();
    agents.status(from, { v: 1, state: "online", version: "0.1.0", spool }, NOW);
    agents.status(from, { v: 1, state: "offline" }, NOW);
    expect(agents.views(NOW)[0]).toMatchObject({ state: "offline", version: "0.1.0" });
  });

  test("that have fallen silent are behind by nothing that is known, and their silence is told", () => {
    const agents = new Agents();
    const status = { v: 1, state: "online", spool: { ...spool, batches: 9, oldestMs: NOW - 20_000 } };
    agents.status(from, status, NOW);
    agents.batch(from, late(NOW - 30_000), NOW + 1_000);
    expect(agents.views(NOW + 10_000)[0]?.behindMs).toBe(40_000);
    expect(agents.views(NOW + 10_000)[0]).not.toHaveProperty("note");
    // No late batch for 15 s: what the agent itself said of its spool counts, while it is fresh.
    expect(agents.views(NOW + 17_000)[0]?.behindMs).toBe(37_000);
    expect(agents.views(NOW + 26_000)[0]).toMatchObject({ behindMs: null, note: "silent for 25 s" });
    expect(agents.views(NOW + 601_000)[0]).toMatchObject({ behindMs: null, note: "silent for 10 min" });
    agents.status(from, { ...status, spool }, NOW + 602_000);
    expect(agents.views(NOW + 602_000)[0]).not.toHaveProperty("note");
  });

  test("whose batches come while their status does not are not judged by an old status", () => {
    const agents = new Agents();
    agents.status(from, { v: 1, state: "online", spool: { ...spool, oldestMs: NOW - 60_000 } }, NOW);
    agents.batch(from, { live: true, samples: [] } as unknown as ParsedBatch, NOW + 24_000);
    expect(agents.views(NOW + 24_000)[0]?.behindMs).toBe(84_000);
    expect(agents.views(NOW + 30_000)[0]?.behindMs).toBeNull();
  });

  test("that are offline catch up with nothing, and say what they said last of their spool", () => {
    const agents = new Agents();
    const held = { ...spool, batches: 9, oldestMs: NOW - 60_000, error: "the disk is full" };
    agents.status(from, { v: 1, state: "online", spool: held }, NOW);
    expect(agents.views(NOW)[0]).toMatchObject({ behindMs: 60_000, note: "the disk is full" });
    agents.status(from, { v: 1, state: "offline" }, NOW + 20_000);
    expect(agents.views(NOW + 21_000)[0]).toMatchObject({
      state: "offline",
      behindMs: null,
      note: "silent for 21 s; it last said: the disk is full",
    });
  });

  test("keep count of what they lost over a restart of the server", () => {
    const agents = new Agents([
      { ...from, stream: "s1", seq: 9, updatedMs: NOW, lost: 2 },
      { ...from, stream: "s2", seq: 9, updatedMs: NOW, lost: 3 },
    ]);
    agents.addLost(from, 1);
    expect(agents.views(NOW)[0]?.lostBatches).toBe(6);
  });

  test("a status that makes no sense is named and changes nothing", () => {
    const agents = new Agents();
    expect(agents.status(from, { v: 1, state: "sideways" }, NOW)).toContain("state");
    expect(agents.size).toBe(0);
  });
});

describe("agents that are gone", () => {
  const run = { v: 1, version: "0.1.0", startedMs: NOW - 3_600_000 };
  const online = { ...run, state: "online", sentMs: NOW - 5_000, spool };
  const goodbye = { ...run, state: "offline", sentMs: NOW };
  const will = { ...run, state: "offline", sentMs: run.startedMs };
  const nobody = () => new Set<string>();
  const gone = (last: object, owners: () => Set<string>) => {
    const agents = new Agents();
    agents.status(from, online, NOW - 5_000);
    agents.status(from, last, NOW);
    agents.sweep(NOW, owners);
    return agents;
  };

  test("by a goodbye, and whom no rig needs, warn nobody and are forgotten after ten minutes", () => {
    const agents = gone(goodbye, nobody);
    const [view] = agents.views(NOW + 60_000);
    expect(view).toMatchObject({ state: "offline", leftMs: NOW });
    expect(view).not.toHaveProperty("note");
    agents.sweep(NOW + 599_000, nobody);
    expect(agents.size).toBe(1);
    agents.sweep(NOW + 600_000, nobody);
    expect(agents.views(NOW + 600_000)).toEqual([]);
    expect(agents.size).toBe(0);
  });

  test.each([
    ["that vanished", will, nobody],
    ["that rigs depend on", goodbye, () => new Set(["farm/a1"])],
    ["whose last word is that of another program", { v: 1, state: "offline" }, nobody],
  ])("but one %s stays and is told of", (_what, last, owners) => {
    const agents = gone(last, owners);
    agents.sweep(NOW + 3_600_000, owners);
    const [view] = agents.views(NOW + 3_600_000);
    expect(view).toMatchObject({ state: "offline" });
    expect(view).toHaveProperty("note");
    expect(view).not.toHaveProperty("leftMs");
  });

  test("and come back are as any other", () => {
    const agents = gone(goodbye, nobody);
    agents.status(from, { ...online, sentMs: NOW + 60_000 }, NOW + 60_000);
    agents.sweep(NOW + 3_600_000, nobody);
    expect(agents.views(NOW + 61_000)[0]).toMatchObject({ state: "online" });
    expect(agents.views(NOW + 61_000)[0]).not.toHaveProperty("leftMs");
  });

  test("are forgotten at once where the broker kept their goodbye for long", () => {
    const agents = new Agents();
    agents.status(from, goodbye, NOW + 86_400_000);
    agents.sweep(NOW + 86_400_000, nobody);
    expect(agents.size).toBe(0);
  });

  test("and known by old marks only are forgotten too, when no rig needs them", () => {
    const mark = { ...from, stream: "s1", seq: 9, updatedMs: NOW, lost: 0 };
    const agents = new Agents([mark, { ...mark, agent: "a2" }]);
    const owners = () => new Set(["farm/a2"]);
    agents.sweep(NOW, owners);
    agents.sweep(NOW + 599_000, owners);
    expect(agents.size).toBe(2);
    agents.sweep(NOW + 600_000, owners);
    expect(agents.views(NOW + 600_000)).toMatchObject([{ agent: "a2", state: "unknown" }]);
  });
});
