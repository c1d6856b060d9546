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
