import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { beforeEach, describe, expect, test } from "vitest";
import { START, startIngest } from "./fixtures/startIngest.js";

/** What a later agent may say: keys are only ever added to version 1. */
describe("an agent that is newer than the server", () => {
  let clock: FakeClock;
  let it: ReturnType<typeof startIngest>;

  beforeEach(() => {
    clock = fakeClock(START);
    it = startIngest(clock);
  });

  const sample = { rig: "h1", atMs: START, intervalMs: 5_000, status: "mining", hashrateThs: 100 };
  const batch = {
    ...{ v: 1, stream: "s1", live: true, seq: 1, first: 1, boot: "b", monoMs: 1, sentMs: START },
    rigs: { h1: { address: "10.0.0.1", model: "S19" } },
    samples: [sample],
  };
  const say = (kind: "batch" | "status", message: unknown) =>
    it.ingest.message(agentTopic("farm", "a1", kind), Buffer.from(JSON.stringify(message)));
  const agent = () => it.agents.views(clock.nowMs())[0];

  test("is taken at its word where it says more; the keys that are not known are counted and not kept", async () => {
    const board = { slot: 0, hashrateThs: 50 };
    say("batch", {
      ...batch,
      compressed: "later",
      rigs: { h1: { ...batch.rigs.h1, rack: "R1", pools: [{ url: "stratum+tcp://p:1", region: "eu" }] } },
      samples: [{ ...sample, humidityRatio: 0.4, boards: [{ ...board, ripple: 1, phase: 2 }, { slot: 1 }] }],
    });
    say("status", { v: 1, state: "online", version: "9.0.0", mood: "good", spool: spool({ segments: 3 }) });
    expect(it.refusals.list()).toEqual([]);
    expect(it.ingest.unknownKeys).toBe(6 + 2);
    expect(agent()).toMatchObject({ state: "online", version: "9.0.0", spoolBatches: 1 });
    expect(it.identities.index.record(1)?.evidence).toEqual({
      address: "10.0.0.1",
      model: "S19",
      pools: [{ url: "stratum+tcp://p:1" }],
    });
    await clock.advance(250);
    expect(it.acks).toMatchObject([{ stream: "s1", seq: 1 }]);
    expect((await it.telemetry.latest())[0]?.sample).toEqual({
      ...sample,
      boards: [board, { slot: 1 }],
    });
  });

  test("of a later contract is refused with what to do, on the screen too, and loses nothing by waiting", async () => {
    const words = "speaks version 2 of the contract and this server knows version 1: update the server";
    say("status", { v: 2, state: "well", rigs: 4 });
    say("batch", { ...batch, v: 2, samples: { packed: "AAAA" } });
    await clock.advance(1_000);
    expect(it.refusals.list()).toMatchObject([{ kind: "newer", count: 2, last: `farm/a1: ${words}` }]);
    expect(agent()).toMatchObject({ state: "unknown", note: words });
    expect(it.acks).toEqual([]);

    // The updated server is one that knows the contract: the agent, which got no ack, sends it again.
    say("batch", batch);
    await clock.advance(250);
    expect(it.acks).toMatchObject([{ seq: 1 }]);
    expect(agent()).not.toHaveProperty("note");
  });

  test.each([0, -1, 1.5, "2", null, undefined])("a version of %j is no later one but nonsense", (v) => {
    say("batch", { ...batch, v });
    expect(it.refusals.list()).toMatchObject([{ kind: "envelope", count: 1 }]);
  });
});

const spool = (more: object) => ({ batches: 1, bytes: 200, droppedBatches: 0, damagedRecords: 0, ...more });
