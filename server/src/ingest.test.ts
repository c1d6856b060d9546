import { gzipSync } from "node:zlib";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import type { Batch } from "@hashwatt/protocol/topics";
import { agentTopic, BATCH } from "@hashwatt/protocol/topics";
import { beforeEach, describe, expect, test } from "vitest";
import { ServerError } from "./error.js";
import { START, startIngest } from "./fixtures/startIngest.js";
import { MAX_PENDING_ROWS } from "./intake/groupCommit.js";

describe("ingest", () => {
  let clock: FakeClock;
  let it: ReturnType<typeof startIngest>;
  let seq: number;

  beforeEach(() => {
    clock = fakeClock(START);
    it = startIngest(clock);
    seq = 0;
  });

  const sample = (over: Partial<Sample> = {}): Sample => ({
    rig: "h1",
    atMs: clock.nowMs(),
    intervalMs: 5_000,
    status: "mining",
    algo: "SHA256",
    hashrateThs: 100,
    powerW: 3_000,
    ...over,
  });
  const batch = (samples: unknown[], over: Partial<Batch> = {}): Batch => ({
    v: 1,
    stream: "s1",
    live: true,
    seq: over.seq ?? ++seq,
    first: 1,
    boot: "b",
    monoMs: 1,
    sentMs: clock.nowMs(),
    samples: samples as Sample[],
    ...over,
  });
  const send = (body: unknown, topic = agentTopic("farm", "a1", "batch")) =>
    it.ingest.message(topic, Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
  const evidence: Record<string, Evidence> = { h1: { address: "10.0.0.1", make: "Bitmain", model: "S19" } };

  test("shows a live sample at once and acknowledges it only after rig, samples and marks are stored, in that order", async () => {
    send(batch([sample()], { rigs: evidence }));
    expect(it.fleet.view(1)?.reading?.hashrateThs).toBe(100);
    expect(it.acks).toEqual([]);
    await clock.advance(250);
    expect(it.order).toEqual(["rigs", "samples 1", "acks"]);
    expect(it.acks).toMatchObject([{ agent: "a1", stream: "s1", seq: 1, serverMs: START + 250 }]);
    const [mark] = await it.telemetry.marks();
    expect(mark).toMatchObject({ site: "farm", agent: "a1", stream: "s1", seq: 1 });
    expect(await it.state.sites()).toMatchObject([{ site: "farm", zone: "UTC", currency: "USD" }]);
  });

  test("takes gzip as well as plain JSON, told by the first bytes", async () => {
    const body = Buffer.from(JSON.stringify(batch([sample()])));
    const halves = [body.subarray(0, 40), body.subarray(40)];
    send(Buffer.concat(halves.map((half) => gzipSync(half))));
    expect(it.ingest.samples).toBe(1);
  });

  test("stores a backlog and never shows it, nor alerts on it", async () => {
    send(
      batch(
        [
          sample({ chipTempC: 120, chipLimitC: 90, atMs: START - 60_000 }),
          sample({ chipTempC: 120, chipLimitC: 90, atMs: START - 55_000 }),
        ],
        { live: false, rigs: evidence },
      ),
    );
    await clock.advance(250);
    expect(it.order).toEqual(["rigs", "samples 2", "acks"]);
    expect(it.fleet.view(1)?.reading).toBeUndefined();
    expect(it.book.open()).toEqual([]);
    expect((await it.telemetry.latest())[0]?.sample.atMs).toBe(START - 55_000);
  });

  test("stores alert transitions before the ack and tells of them after it", async () => {
    send(batch([sample({ chipTempC: 95, chipLimitC: 90 })]));
    send(batch([sample({ chipTempC: 96, chipLimitC: 90 })]));
    expect(it.fleet.view(1)?.alert).toBe("danger");
    await clock.advance(250);
    expect(it.order).toEqual(["rigs", "samples 2", "alerts", "acks", "notify"]);
    expect(it.told).toMatchObject([{ rule: "overheating", state: "firing", value: 96 }]);
  });

  test("acknowledges a doubled batch again and stores it once", async () => {
    const first = batch([sample()]);
    send(first);
    await clock.advance(250);
    send(first);
    await clock.advance(250);
    expect(it.acks.map((ack) => ack.seq)).toEqual([1, 1]);
    expect(await it.telemetry.count({ fromMs: 0, toMs: START * 2 })).toBe(1);
  });

  test("a gap in a stream is answered with a rewind, once", () => {
    send(batch([sample()]));
    send(batch([sample()], { seq: 5 }));
    send(batch([sample()], { seq: 6 }));
    expect(it.acks).toMatchObject([{ seq: 0, rewind: true }]);
    expect(it.ingest.rejected).toBe(2);
  });

  test("batches that the agent had to drop are recorded as lost, by number", async () => {
    send(batch([sample()]));
    send(batch([sample()], { seq: 7, first: 7 }));
    await clock.advance(250);
    const [event] = await it.state.events(0, 10);
    expect(event).toMatchObject({ kind: "batches-lost", site: "farm" });
    expect(event?.text).toContain("5 batches");
  });

  test.each([
    ["before 2020", Date.UTC(2015, 0, 1)],
    ["from more than five minutes ahead", START + 301_000],
  ])("a live sample %s is stamped with the server's time and marked", async (_what, atMs) => {
    send(batch([sample({ atMs })]));
    await clock.advance(250);
    expect((await it.telemetry.latest())[0]?.sample).toMatchObject({ atMs: START, clock: "server" });
    expect(it.ingest.restamped).toBe(1);
  });

  test("fractions of a millisecond are rounded, since stores hold whole ones", async () => {
    send(batch([sample({ atMs: START - 0.75, intervalMs: 5_000.4 })]));
    await clock.advance(250);
    expect((await it.telemetry.latest())[0]?.sample).toMatchObject({ atMs: START - 1, intervalMs: 5_000 });
    expect(it.ingest.restamped).toBe(0);
  });

  test("a late sample of an impossible time is kept apart, counted and named, and its batch acknowledged", async () => {
    send(batch([sample({ atMs: 1_000 }), sample({ atMs: START - 1 })], { live: false }));
    await clock.advance(250);
    expect(it.apart).toMatchObject([{ atMs: 1_000 }]);
    expect(it.refusals.list()).toMatchObject([{ kind: "sample-time", count: 1 }]);
    expect(await it.telemetry.count({ fromMs: 0, toMs: START })).toBe(1);
    expect(it.acks).toMatchObject([{ seq: 1 }]);
  });

  test("a rig that only an old place of speaks of as unreachable is not shown as unreachable", () => {
    const mac = "02:00:00:00:00:01";
    send(batch([sample()], { rigs: { h1: { address: "10.0.0.1", mac } } }));
    clock.step(60_000);
    send(
      batch([sample({ rig: "h2" }), sample({ rig: "h1", status: "unreachable" })], {
        rigs: { h2: { address: "10.0.0.2", mac } },
      }),
    );
    expect(it.fleet.size).toBe(1);
    expect(it.fleet.view(1)?.reading?.status).toBe("mining");
    expect(it.ingest.elsewhere).toBe(1);
  });

  test("a rig whose address another takes leaves the fleet, with its alerts", async () => {
    send(
      batch([sample({ chipTempC: 95, chipLimitC: 90 }), sample({ chipTempC: 95, chipLimitC: 90 })], {
        rigs: evidence,
      }),
    );
    send(batch([sample()], { rigs: { h1: { address: "10.0.0.1", make: "MicroBT", model: "M50S" } } }));
    expect([...it.fleet.views()].map((view) => view.rig)).toEqual([2]);
    await clock.advance(250);
    expect(it.told.map((alert) => alert.state)).toEqual(["firing", "resolved"]);
    expect((await it.state.events(0, 10))[0]).toMatchObject({ kind: "rig-replaced" });
  });

  describe("while the store fails", () => {
    test("nothing is acknowledged, what arrives is still shown, and all is stored once it works again", async () => {
      it.telemetry.failing = new ServerError("storeFull", "no room on disk");
      send(batch([sample()]));
      await clock.advance(1_000);
      send(batch([sample({ hashrateThs: 101 })]));
      expect(it.fleet.view(1)?.reading?.hashrateThs).toBe(101);
      await clock.advance(60_000);
      expect(it.acks).toEqual([]);
      expect(it.queue.failing).toBe("no room on disk");
      it.telemetry.failing = undefined;
      await clock.advance(6_000);
      expect(it.queue.failing).toBeUndefined();
      expect(it.acks).toMatchObject([{ seq: 2 }]);
      expect(await it.telemetry.count({ fromMs: 0, toMs: START * 2 })).toBe(2);
    });

    test("what finds no room is dropped without an ack, and taken when it is sent again", async () => {
      it.telemetry.failing = new ServerError("storeFull", "no room on disk");
      const per = BATCH.acceptSamples;
      const many = Array.from({ length: per }, () => sample());
      for (let i = 0; i < MAX_PENDING_ROWS / per; i++) send(batch(many));
      send(batch([sample()]));
      expect(it.ingest.droppedBatches).toBe(1);
      await clock.advance(10_000);
      it.telemetry.failing = undefined;
      await clock.advance(10_000);
      expect(it.acks.at(-1)).toMatchObject({ seq: MAX_PENDING_ROWS / per });
      send(batch([sample()], { seq }));
      await clock.advance(300);
      expect(it.acks.at(-1)).toMatchObject({ seq });
    });

    test("a single row that the store will never take is named and given up, and all others are stored once", async () => {
      it.telemetry.poison = (stored) => stored.sample.powerW === 666;
      const good = Array.from({ length: 20 }, (_, i) => sample({ atMs: START - i }));
      send(batch([...good, sample({ powerW: 666 })]));
      for (let second = 0; second < 10; second++) await clock.advance(1_000);
      expect(it.acks).toMatchObject([{ seq: 1 }]);
      expect(await it.telemetry.count({ fromMs: 0, toMs: START * 2 })).toBe(20);
      expect(it.refusals.list()).toMatchObject([{ kind: "store-row", count: 1 }]);
    });

    test("a store that refuses every row is not taken for bad rows", async () => {
      it.telemetry.failing = new ServerError("storeFailed", "broken");
      send(batch(Array.from({ length: 50 }, () => sample())));
      await clock.advance(60_000);
      expect(it.refusals.count("store-row")).toBe(0);
      it.telemetry.failing = undefined;
      await clock.advance(6_000);
      expect(await it.telemetry.count({ fromMs: 0, toMs: START * 2 })).toBe(50);
    });
  });

  test("at the end what is left is committed and acknowledged", async () => {
    send(batch([sample()]));
    await it.queue.close();
    expect(it.acks).toMatchObject([{ seq: 1 }]);
  });

  test.each([
    ["no JSON", Buffer.from("{"), "notJson"],
    ["garbled gzip", Buffer.from([0x1f, 0x8b, 1, 2, 3]), "notJson"],
    ["a gzip bomb", gzipSync(Buffer.alloc(64 << 20)), "tooLarge"],
    ["an endless payload", Buffer.alloc(BATCH.acceptBytes + 1, 0x20), "tooLarge"],
    ["no envelope", Buffer.from("[]"), "envelope"],
    ["null", Buffer.from("null"), "envelope"],
  ])("%s is counted and named, and harms nobody", (_what, body, kind) => {
    send(body);
    const [refusal] = it.refusals.list();
    expect(refusal).toMatchObject({ kind, count: 1, lastMs: START });
    expect(refusal?.last).toContain("farm/a1");
    expect(it.fleet.size).toBe(0);
  });

  test("a bad sample is named and the good ones beside it go on", () => {
    send(batch([sample(), { ...sample({ rig: "h2" }), chipTempC: 255 }, "x", sample({ rig: "h3" })]));
    expect(it.fleet.size).toBe(2);
    expect(it.refusals.list()).toMatchObject([{ kind: "sample", count: 2 }]);
  });

  test("a failure of ours costs one sample of a batch that is acknowledged, or nothing where only the screen fails", async () => {
    const ownerOf = it.identities.ownerOf.bind(it.identities);
    it.identities.ownerOf = (source, handle, ...rest) => {
      if (handle === "h2") throw new Error("bug of identity");
      return ownerOf(source, handle, ...rest);
    };
    const apply = it.fleet.apply.bind(it.fleet);
    it.fleet.apply = (view, ...rest) => {
      if (view.record.handle === "h3") throw new Error("bug of the screen");
      apply(view, ...rest);
    };
    send(batch(["h1", "h2", "h3", "h4"].map((rig) => sample({ rig }))));
    await clock.advance(250);
    expect(it.acks).toMatchObject([{ seq: 1 }]);
    const stored = (await it.telemetry.latest()).map(({ rig }) => it.identities.index.record(rig)?.handle);
    expect(stored).toEqual(["h1", "h3", "h4"]);
    expect([...it.fleet.views()].filter((view) => view.reading)).toHaveLength(2);
    const last = `farm/a1 s1 1 h3 at ${START}: Error: bug of the screen`;
    expect(it.refusals.list()).toMatchObject([{ kind: "internal", count: 2, last }]);
  });

  test("topics that are no agent's are refused", () => {
    for (const topic of [
      "x",
      "hashwatt/v1/UP/agent/a/batch",
      "hashwatt/v1/s/agent/a/batch/x",
      "hashwatt/v1/s/agent/$/batch",
    ])
      send(batch([sample()]), topic);
    expect(it.refusals.count("topic")).toBe(4);
    expect(it.ingest.batches).toBe(0);
  });

  test("a status that makes no sense is named", () => {
    send({ v: 1, state: "sideways" }, agentTopic("farm", "a1", "status"));
    expect(it.refusals.list()).toMatchObject([{ kind: "status", count: 1 }]);
    expect(it.agents.views(START)).toEqual([]);
  });

  test("an agent that says goodbye is forgotten after ten minutes, unless rigs are read by it", async () => {
    const goodbye = { v: 1, state: "offline", startedMs: START - 60_000, sentMs: START };
    send(batch([sample()], { rigs: evidence }));
    send(goodbye, agentTopic("farm", "a1", "status"));
    send(goodbye, agentTopic("spare", "a2", "status"));
    it.ingest.sweep();
    const [needed, left] = it.agents.views(START);
    expect(needed).not.toHaveProperty("leftMs");
    expect(left).toMatchObject({ agent: "a2", leftMs: START });
    await clock.advance(600_000);
    it.ingest.sweep();
    expect(it.agents.views(clock.nowMs()).map(({ agent }) => agent)).toEqual(["a1"]);
  });

  test("a rig that falls silent becomes stale and, after five minutes, offline, which is told at the latest when the server ends", async () => {
    send(batch([sample()]));
    for (let s = 0; s < 305; s++) {
      await clock.advance(1_000);
      it.ingest.sweep();
    }
    expect(it.fleet.view(1)?.stale).toBe(true);
    expect(it.told).toEqual([]);
    it.ingest.end();
    await it.queue.close();
    expect(it.told).toMatchObject([{ rule: "offline", state: "firing" }]);
  });
});
