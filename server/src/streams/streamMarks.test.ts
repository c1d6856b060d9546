import { expect, test } from "vitest";
import type { StreamMark } from "../store/store.js";
import { MARK_TTL_MS, START_ACK_MS, StreamMarks } from "./streamMarks.js";

const source = { site: "hall", agent: "a1" };
const batch = (seq: number, first = 1, stream = "s") => ({ stream, seq, first });
const mark = (seq: number, updatedMs: number, stream = "s"): StreamMark => ({
  ...source,
  stream,
  seq,
  updatedMs,
  lost: 0,
});

test("an accepted batch is acknowledged only when it is committed", () => {
  const marks = new StreamMarks();
  expect(marks.arrive(source, batch(1), 10)).toEqual({ kind: "accepted", lost: 0, resumed: false });
  expect(marks.arrive(source, batch(2), 20).kind).toBe("accepted");
  const taken = marks.take();
  expect(taken).toEqual([mark(2, 20)]);
  expect(marks.committed(taken, 30)).toEqual([{ ...source, ack: { stream: "s", seq: 2, serverMs: 30 } }]);
  expect(marks.take()).toEqual([]);
});

test("a duplicate is acknowledged when it is committed, and left to the commit when it is not", () => {
  const marks = new StreamMarks();
  marks.arrive(source, batch(1), 0);
  const taken = marks.take();
  expect(marks.arrive(source, batch(1), 5)).toEqual({ kind: "duplicate" });
  marks.committed(taken, 10);
  expect(marks.arrive(source, batch(1), 20)).toEqual({
    kind: "duplicate",
    ack: { stream: "s", seq: 1, serverMs: 20 },
  });
});

test("a batch after a hole is answered once with what is committed, and again after a batch was accepted", () => {
  const marks = new StreamMarks([mark(4, 0)]);
  marks.arrive(source, batch(5), 1);
  const rewind = { stream: "s", seq: 4, serverMs: 2, rewind: true };
  expect(marks.arrive(source, batch(7), 2)).toEqual({ kind: "rejected", ack: rewind });
  expect(marks.arrive(source, batch(8), 3)).toEqual({ kind: "rejected" });
  expect(marks.arrive(source, batch(6), 4).kind).toBe("accepted");
  expect(marks.arrive(source, batch(8), 5)).toEqual({ kind: "rejected", ack: { ...rewind, serverMs: 5 } });
});

test("batches that arrive while a commit runs go into the next one", () => {
  const marks = new StreamMarks();
  marks.arrive(source, batch(1), 1);
  const running = marks.take();
  marks.arrive(source, batch(2), 2);
  marks.committed(running, 3);
  const next = marks.take();
  expect(next.map(({ seq }) => seq)).toEqual([2]);
  expect(marks.committed(next, 4)[0]?.ack.seq).toBe(2);
});

test("losses add up in the mark", () => {
  const marks = new StreamMarks();
  marks.arrive(source, batch(1), 0);
  marks.arrive(source, batch(5, 5), 0);
  marks.arrive(source, { ...batch(6, 5), lost: "damaged" }, 0);
  expect(marks.take()).toMatchObject([{ seq: 6, lost: 4 }]);
});

test("an ack of a stream that was met in its middle says so, so that its agent sends the evidence again", () => {
  const marks = new StreamMarks();
  expect(marks.arrive(source, batch(9, 9), 0)).toEqual({ kind: "accepted", lost: 0, resumed: true });
  expect(marks.committed(marks.take(), 1)[0]?.ack).toEqual({
    stream: "s",
    seq: 9,
    serverMs: 1,
    resumed: true,
  });
});

test("at start the streams of the last day are acknowledged and asked to send again what was in flight", () => {
  const now = 10 * START_ACK_MS;
  const marks = new StreamMarks([
    mark(7, now - START_ACK_MS + 1, "young"),
    mark(3, now - START_ACK_MS - 1, "old"),
  ]);
  expect(marks.acksAtStart(now)).toEqual([
    { ...source, ack: { stream: "young", seq: 7, serverMs: now, rewind: true } },
  ]);
});

test("streams that were silent for 30 days are forgotten, the others are not", () => {
  const now = 2 * MARK_TTL_MS;
  const marks = new StreamMarks([mark(7, now - MARK_TTL_MS - 1, "old"), mark(3, now - 1, "young")]);
  expect(marks.evict(now)).toBe(now - MARK_TTL_MS);
  expect(marks.size).toBe(1);
});

test("an agent that opens streams without end makes only its own oldest ones forgotten", () => {
  const marks = new StreamMarks([{ ...mark(5, 0, "quiet"), agent: "other" }]);
  for (let n = 0; n < 5_000; n++) {
    marks.arrive(source, batch(1, 1, `s${n}`), n);
    marks.committed(marks.take(), n);
  }
  expect(marks.size).toBe(4_097);
  expect(marks.arrive({ ...source, agent: "other" }, batch(5, 1, "quiet"), 9).kind).toBe("duplicate");
  expect(marks.arrive(source, batch(1, 1, "s4999"), 9_999).kind).toBe("duplicate");
});

test("streams of the same name of two agents are two streams", () => {
  const marks = new StreamMarks();
  marks.arrive(source, batch(1), 0);
  expect(marks.arrive({ ...source, agent: "a2" }, batch(1), 0).kind).toBe("accepted");
  expect(marks.arrive({ ...source, site: "yard" }, batch(1), 0).kind).toBe("accepted");
});
