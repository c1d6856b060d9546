import type { Sample } from "@hashwatt/protocol/sample";
import { type ParsedBatch, parseBatch } from "@hashwatt/protocol/topics";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SpoolBench } from "../spool/fixtures/spoolBench.js";
import type { Spool } from "../spool/spool.js";
import { BatchMaker } from "./batchMaker.js";
import { Lanes } from "./lanes.js";
import { ServerTime } from "./serverTime.js";
import { Streams, type StreamsEvent } from "./streams.js";

const BOOT = "mine";

let bench: SpoolBench;
beforeEach(() => {
  bench = new SpoolBench();
});
afterEach(() => bench[Symbol.dispose]());

/** The lanes of a boot over a real spool, and all that they sent. */
function lanesOf(spool: Spool) {
  const { clock } = bench;
  const streams = new Streams();
  const time = new ServerTime();
  const sent: ParsedBatch[] = [];
  const lanes = new Lanes({
    spool,
    streams,
    clock,
    log: pino({ enabled: false }),
    stamping: { boot: BOOT, time, aheadOfMs: () => undefined },
    publish: (payload) => sent.push(parseBatch(JSON.parse(payload.toString()))) > 0,
    ready: () => true,
    onGap() {},
  });
  const maker = new BatchMaker(BOOT);
  let stream = "";
  let seq = 0;
  const step = (event: StreamsEvent) => {
    for (const effect of streams.step(event, clock.monoMs()))
      if (effect.type === "free") {
        spool.ack(effect.stream, effect.seq);
        lanes.release(effect.stream, effect.seq + 1);
      } else if (effect.type === "drained") lanes.forget(effect.stream);
    lanes.pump();
  };
  return {
    time,
    step,
    /** What was sent since the last call: the seq and the stamps of each batch. */
    take: () => sent.splice(0).map((batch) => [batch.seq, ...batch.samples.map(({ atMs }) => atMs)]),
    open(id: string): void {
      stream = id;
      seq = 0;
      lanes.open(id);
      step({ type: "open", stream: id });
    },
    /** Makes a batch of one sample of this moment, or an empty one. */
    cut(samples: 0 | 1, offsetKnown: boolean): void {
      const [monoMs, nowMs] = [clock.monoMs(), clock.nowMs()];
      maker.begin(nowMs - monoMs, 0, offsetKnown);
      const sample: Sample = { rig: "r", atMs: nowMs, intervalMs: 5_000, status: "mining" };
      if (samples) maker.add(sample, maker.encode(sample), undefined);
      const made = maker.take(monoMs, false);
      const record = { stream, seq: ++seq, boot: BOOT, monoMs, wallMs: nowMs, offsetKnown, gzip: false };
      spool.append({ ...record, ...made });
      lanes.offer({ ...record, ...made });
      step({ type: "appended", seq });
    },
  };
}

test("a batch that is sent again has the stamps of its first sending, whatever was learned of the time since", async () => {
  const { time, step, take, open, cut } = lanesOf(await bench.open());
  const madeMs = bench.clock.nowMs();
  open("s");
  cut(0, false);
  cut(1, false);
  step({ type: "connected" });
  expect(take()).toEqual([[1]]);
  // Ten seconds ahead, roughly; the next word is exact.
  time.learn(madeMs + 10_000, undefined, 0);
  step({ type: "ack", stream: "s", seq: 1 });
  expect(take()).toEqual([[2, madeMs + 10_250]]);
  await bench.clock.advance(100);
  time.learn(madeMs + 11_000, 0, 100);
  expect(time.aheadMs).toBe(madeMs + 10_950);
  step({ type: "disconnected" });
  cut(1, false);
  step({ type: "connected" });
  expect(take()).toEqual([
    [2, madeMs + 10_250],
    [3, madeMs + 100 + 10_950],
  ]);
  step({ type: "ack", stream: "s", seq: 2 });
  step({ type: "connected" });
  expect(take()).toEqual([[3, madeMs + 100 + 10_950]]);
});

const HOUR_MS = 3_600_000;

/** A running boot whose machine sleeps for an hour, with the batch 2 in flight, 3 to ask for the time and 4 stamped since. */
async function sleeper() {
  const made = lanesOf(await bench.open());
  const { time, step, take, open, cut } = made;
  const startMs = bench.clock.nowMs();
  open("s");
  cut(0, false);
  step({ type: "connected" });
  await bench.clock.advance(100);
  time.learn(startMs + 50, 0, 100);
  step({ type: "ack", stream: "s", seq: 1 });
  cut(1, true);
  expect(take()).toEqual([[1], [2, startMs + 100]]);
  await bench.clock.advance(10);
  bench.clock.step(HOUR_MS);
  time.doubt(110);
  step({ type: "doubted", to: 2 });
  cut(0, false);
  cut(1, false);
  return { ...made, startMs, wokeMs: startMs + 110 + HOUR_MS };
}

test("after a sleep of the machine no batch that was stamped since goes out before an ack has told the time", async () => {
  const { time, step, take, startMs, wokeMs } = await sleeper();
  expect(take()).toEqual([[3]]);
  await bench.clock.advance(40);
  // An ack that was on its way when the machine fell asleep.
  time.learn(startMs + 120, 100, 150);
  step({ type: "ack", stream: "s", seq: 2 });
  expect(take()).toEqual([]);
  time.learn(wokeMs + 20, 110, 150);
  step({ type: "ack", stream: "s", seq: 3 });
  expect(take()).toEqual([[4, wokeMs]]);
});

test("nor does it by way of the backlog", async () => {
  const { time, step, take, open, cut, startMs, wokeMs } = await sleeper();
  expect(take()).toEqual([[3]]);
  open("t");
  cut(0, false);
  expect(take()).toEqual([[2, startMs + 100], [3], [1]]);
  await bench.clock.advance(40);
  time.learn(wokeMs + 20, 110, 150);
  step({ type: "ack", stream: "t", seq: 1 });
  expect(take()).toEqual([[4, wokeMs]]);
});
