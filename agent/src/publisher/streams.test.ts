import { expect, test } from "vitest";
import { type Lane, type Send, STREAM_RULES, Streams, type StreamsEvent } from "./streams.js";

/** A machine with a clock of its own, and everything it wanted sent. */
function machine(options: { liveWindow?: number } = {}) {
  const streams = new Streams(options);
  let nowMs = 0;
  const send = (lane: Lane): number[] => {
    const seqs: number[] = [];
    for (let next = streams.next(lane, nowMs); next; next = streams.next(lane, nowMs)) {
      seqs.push(next.seq);
      streams.sent(next, nowMs);
    }
    return seqs;
  };
  return {
    streams,
    send,
    peek: (lane: Lane): Send | undefined => streams.next(lane, nowMs),
    wait: (ms: number) => {
      nowMs += ms;
    },
    step: (event: StreamsEvent) => streams.step(event, nowMs),
    append: (from: number, to: number) => {
      for (let seq = from; seq <= to; seq++) streams.step({ type: "appended", seq }, nowMs);
    },
    ack: (stream: string, seq: number, more: { rewind?: boolean; resumed?: boolean } = {}) =>
      streams.step({ type: "ack", stream, seq, ...more }, nowMs),
  };
}

/** The same, connected, with a live stream whose first batch is acknowledged. */
function running(options: { liveWindow?: number } = {}) {
  const made = machine(options);
  made.step({ type: "open", stream: "a" });
  made.step({ type: "connected" });
  made.append(1, 1);
  made.send("live");
  made.ack("a", 1);
  return made;
}

test("until the server has spoken, one batch goes out", () => {
  const { step, append, send, ack } = machine();
  step({ type: "open", stream: "a" });
  append(1, 5);
  expect(send("live")).toEqual([]);
  step({ type: "connected" });
  expect(send("live")).toEqual([1]);
  ack("a", 1);
  expect(send("live")).toEqual([2, 3, 4, 5]);
});

test("eight batches of the live stream are in flight, and acks move the window", () => {
  const { append, send, ack, streams } = running();
  append(2, 20);
  expect(send("live")).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  expect(streams.room).toBe(false);
  expect(ack("a", 4)).toEqual([{ type: "free", stream: "a", seq: 4 }]);
  expect(send("live")).toEqual([10, 11, 12]);
});

test("a batch carries the oldest seq that is still held", () => {
  const { append, ack, peek, send } = running();
  append(2, 4);
  send("live");
  ack("a", 3);
  append(5, 5);
  expect(peek("live")).toEqual({ lane: "live", stream: "a", seq: 5, first: 4, live: true });
});

test("a rewind sends again from behind what is acknowledged, an older one changes nothing else", () => {
  const { append, send, ack } = running();
  append(2, 6);
  send("live");
  expect(ack("a", 3, { rewind: true })).toEqual([{ type: "free", stream: "a", seq: 3 }]);
  expect(send("live")).toEqual([4, 5, 6]);
  expect(ack("a", 1)).toEqual([]);
  expect(send("live")).toEqual([]);
});

test("what was in flight on a broken connection goes out again on the next", () => {
  const { append, send, step } = running();
  append(2, 4);
  send("live");
  step({ type: "disconnected" });
  append(5, 5);
  expect(send("live")).toEqual([]);
  step({ type: "connected" });
  expect(send("live")).toEqual([2, 3, 4, 5]);
});

test("silence: the oldest batch is repeated every 5 s, and after 10 s nothing else goes out", () => {
  const { append, send, step, wait, streams } = running();
  append(2, 3);
  send("live");
  wait(4_900);
  step({ type: "tick" });
  expect(send("live")).toEqual([]);
  wait(100);
  step({ type: "tick" });
  append(4, 4);
  expect(send("live")).toEqual([2, 4]);
  wait(5_000);
  step({ type: "tick" });
  append(5, 5);
  expect(streams.outage(10_000)).toBe(true);
  expect(send("live")).toEqual([2]);
  wait(4_000);
  step({ type: "tick" });
  expect(send("live")).toEqual([]);
  step({ type: "connected" });
  expect(send("live")).toEqual([2]);
});

test("an agent with nothing to tell is in no outage, however long nobody spoke", () => {
  const { append, send, wait, step, streams } = running();
  wait(3_600_000);
  step({ type: "tick" });
  expect(streams.outage(3_600_000)).toBe(false);
  append(2, 2);
  expect(send("live")).toEqual([2]);
});

test("an ack that finds the live stream more than 5 s behind opens a new one; the former drains beside it, oldest first", () => {
  const { append, send, ack, wait, step, peek } = running();
  append(2, 30);
  send("live");
  wait(STREAM_RULES.rollMs + 1);
  append(31, 31);
  expect(ack("a", 2)).toContainEqual({ type: "roll" });
  step({ type: "open", stream: "b" });
  append(1, 2);
  expect(send("live")).toEqual([1, 2]);
  expect(peek("backlog")).toEqual({ lane: "backlog", stream: "a", seq: 3, first: 3, live: false });
  expect(send("backlog")).toEqual(Array.from({ length: 29 }, (_, i) => i + 3));
  expect(ack("a", 31)).toEqual([
    { type: "free", stream: "a", seq: 31 },
    { type: "drained", stream: "a" },
  ]);
  expect(send("backlog")).toEqual([]);
});

test("an ack in time opens nothing", () => {
  const { append, ack, send, wait } = running();
  append(2, 3);
  send("live");
  wait(STREAM_RULES.rollMs);
  expect(ack("a", 2)).toEqual([{ type: "free", stream: "a", seq: 2 }]);
});

test("streams of earlier runs drain at once, one after the other, 160 batches in flight", () => {
  const { step, send, ack, peek } = machine();
  step({ type: "backlog", stream: "x", first: 11, last: 300 });
  step({ type: "backlog", stream: "y", first: 1, last: 2 });
  step({ type: "open", stream: "a" });
  step({ type: "connected" });
  expect(send("backlog")).toEqual(Array.from({ length: 160 }, (_, i) => i + 11));
  ack("x", 50);
  expect(send("backlog")).toEqual(Array.from({ length: 40 }, (_, i) => i + 171));
  ack("x", 300);
  expect(peek("backlog")).toMatchObject({ stream: "y", seq: 1, first: 1, live: false });
});

test("while live batches wait longer than 2 s, backlog goes one by one", () => {
  const { append, send, ack, wait, step } = running();
  append(2, 20);
  send("live");
  wait(STREAM_RULES.rollMs + 1);
  ack("a", 2);
  step({ type: "open", stream: "b" });
  append(1, 1);
  send("live");
  wait(STREAM_RULES.yieldMs + 1);
  expect(send("backlog")).toEqual([3]);
  ack("b", 1);
  expect(send("backlog")).toHaveLength(17);
});

test("a stream that makes no progress for 10 s while another does is sent again", () => {
  const { step, append, send, ack, wait } = machine();
  step({ type: "backlog", stream: "x", first: 1, last: 3 });
  step({ type: "open", stream: "a" });
  step({ type: "connected" });
  expect(send("backlog")).toEqual([1, 2, 3]);
  for (let seq = 1; seq <= 10; seq++) {
    append(seq, seq);
    send("live");
    ack("a", seq);
    wait(1_000);
    step({ type: "tick" });
  }
  expect(send("backlog")).toEqual([1, 2, 3]);
});

test("a live batch that waited longer than 10 s goes out as late, so that it disturbs nothing that is shown", () => {
  const { append, wait, step, peek } = running();
  append(2, 2);
  step({ type: "disconnected" });
  wait(STREAM_RULES.liveAgeMs + 1);
  step({ type: "connected" });
  expect(peek("live")).toMatchObject({ seq: 2, live: false });
});

test("a server that resumed the live stream without knowing its start gets a new stream", () => {
  const { append, ack, send } = running();
  append(2, 2);
  send("live");
  expect(ack("a", 2, { resumed: true })).toEqual([{ type: "free", stream: "a", seq: 2 }, { type: "roll" }]);
});

test("what the spool dropped is skipped, and named by `first`", () => {
  const { append, send, step, peek } = running();
  append(2, 9);
  send("live");
  step({ type: "dropped", stream: "a", first: 10 });
  append(10, 10);
  expect(peek("live")).toMatchObject({ seq: 10, first: 10 });
});

test("an ack beyond what was made frees what there is, and nothing more goes into that stream", () => {
  const { append, ack } = running();
  append(2, 3);
  expect(ack("a", 99)).toEqual([
    { type: "free", stream: "a", seq: 3 },
    { type: "roll", overtaken: 2 },
  ]);
  expect(ack("a", 99)).toEqual([{ type: "roll", overtaken: 0 }]);
  expect(ack("nobody", 99)).toEqual([]);
});

test("a backlog stream of which a power cut took the end is drained by an ack beyond what is left", () => {
  const { step, ack } = machine();
  step({ type: "backlog", stream: "x", first: 1, last: 3 });
  step({ type: "open", stream: "a" });
  step({ type: "connected" });
  expect(ack("x", 9)).toEqual([
    { type: "free", stream: "x", seq: 3 },
    { type: "drained", stream: "x" },
  ]);
});

test("what was made before it came into doubt whether the machine slept goes out as late", () => {
  const { append, step, peek, streams } = running();
  append(2, 2);
  step({ type: "doubted", to: 2 });
  append(3, 3);
  expect(peek("live")).toMatchObject({ seq: 2, live: false });
  streams.sent(peek("live")!, 0);
  expect(peek("live")).toMatchObject({ seq: 3, live: true });
});

test("a fast agent may have more in flight", () => {
  const { append, send } = running({ liveWindow: 128 });
  append(2, 200);
  expect(send("live")).toHaveLength(128);
});

test("the ages of live batches are held for 10 s at most", () => {
  const { append, wait, peek, step } = running();
  step({ type: "disconnected" });
  for (let seq = 2; seq < 20_000; seq++) {
    append(seq, seq);
    wait(10);
  }
  step({ type: "connected" });
  expect(peek("live")).toMatchObject({ seq: 2, live: false });
});
