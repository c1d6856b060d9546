import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { ServerError } from "../error.js";
import { busy, refused, startCommit } from "../fixtures/startCommit.js";
import { COMMIT_ROWS } from "./groupCommit.js";

const START = Date.UTC(2026, 10, 26);

describe("a group commit", () => {
  let clock: FakeClock;
  let it: ReturnType<typeof startCommit>;

  beforeEach(() => {
    clock = fakeClock(START);
    it = startCommit(clock);
  });

  const minutes = async (n: number): Promise<void> => {
    for (let i = 0; i < n * 60; i++) await clock.advance(1_000);
  };

  test("whose store fails at shutdown stores the failed batch with the later one, or neither", async () => {
    let fail: () => void = () => undefined;
    let calls = 0;
    it.store.fault = () =>
      ++calls > 1
        ? Promise.resolve()
        : new Promise((_, reject) => {
            fail = () => reject(busy());
          });
    it.arrive("s", 1, 11);
    await clock.advance(250);
    it.arrive("s", 2, 12);
    const closing = it.commit.close();
    fail();
    await closing;
    expect(it.transactions()).toEqual([[[11, 12], ["s2"]]]);
    expect(it.acks).toEqual({ s: [2] });
    expect(clock.pending).toBe(0);
  });

  test("as large as one gets is followed by the rest of what has come without waiting for more, and then it waits again", async () => {
    it.arrive("s", 1, ...Array.from({ length: COMMIT_ROWS }, (_, n) => n));
    it.arrive("s", 2, COMMIT_ROWS);
    await clock.advance(1);
    expect(it.acks.s).toEqual([1, 2]);
    it.arrive("s", 3, COMMIT_ROWS + 1);
    await clock.advance(249);
    expect(it.acks.s).toEqual([1, 2]);
    await clock.advance(1);
    expect(it.acks.s).toEqual([1, 2, 3]);
  });

  test("lets work run between two transactions, and stores what arrived meanwhile after it", async () => {
    let end: () => void = () => undefined;
    const work = it.commit.between(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    it.arrive("s", 1, 11);
    await clock.advance(5_000);
    expect(it.transactions()).toEqual([]);
    it.arrive("s", 2, 12);
    end();
    await work;
    await clock.advance(500);
    expect(await it.stored()).toEqual([11, 12]);
    await expect(it.commit.between(() => Promise.reject(new Error("of its own")))).rejects.toThrow(
      "of its own",
    );
    it.arrive("s", 3, 13);
    await clock.advance(500);
    expect(it.acks.s).toEqual([1, 2, 3]);
  });

  test("whose store keeps failing at shutdown ends with nothing stored and nothing acknowledged", async () => {
    it.store.fault = () => Promise.reject(busy());
    it.arrive("s", 1, 11);
    await clock.advance(250);
    it.arrive("s", 2, 12);
    await it.commit.close();
    expect(it.store.transactions).toEqual([]);
    expect(it.acks).toEqual({});
    expect(clock.pending).toBe(0);
  });

  test("gives up no row when the store fails for reasons of its own between two refusals", async () => {
    let calls = 0;
    it.store.fault = async () => {
      calls++;
      if (calls <= 4) throw refused();
      if (calls > 5 && calls < 60) throw busy();
    };
    for (let seq = 1; seq <= 16; seq++) it.arrive("s", seq, seq);
    await minutes(10);
    expect(it.given).toEqual([]);
    expect(await it.stored()).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    expect((await it.store.marks()).map(({ seq }) => seq)).toEqual([16]);
  });

  test("blames no row while the store refuses a row too that it has taken before", async () => {
    it.arrive("s", 1, 1);
    await clock.advance(250);
    let down = true;
    let calls = 0;
    it.store.fault = async () => {
      calls++;
      if (down) throw refused();
    };
    for (let n = 2; n <= 30; n++) it.arrive(`s${n}`, 1, n);
    await minutes(10);
    expect(it.given).toEqual([]);
    calls = 0;
    await minutes(1);
    expect(calls).toBeLessThan(40);
    down = false;
    await minutes(1);
    expect(it.given).toEqual([]);
    expect(Object.keys(it.acks)).toHaveLength(30);
    expect(await it.stored()).toHaveLength(30);
  });

  test("isolates by batch: each goes with its own mark, and nothing is ever in a transaction without it", async () => {
    it.store.bad.add(666);
    it.arrive("s", 1, 11, 12);
    it.arrive("s", 2, 21, 666, 22, 23);
    it.arrive("s", 3, 31);
    it.arrive("other", 1, 41);
    await minutes(1);
    expect(it.given).toEqual([666]);
    expect(it.transactions()).toEqual([
      [[11, 12], ["s1"]],
      [[41], ["other1"]],
      [[21, 22, 23], ["s2"]],
      [[31], ["s3"]],
    ]);
    expect(it.acks).toEqual({ s: [3], other: [1] });
    expect(it.commit.pending).toBe(0);
  });

  test("gives up a batch of nothing but bad rows once the store has shown that it takes others", async () => {
    const powersW = Array.from({ length: 20 }, (_, i) => 600 + i);
    for (const powerW of powersW) it.store.bad.add(powerW);
    it.arrive("s", 1, ...powersW);
    it.arrive("s", 2, 21);
    await minutes(1);
    expect(it.acks).toEqual({});
    it.arrive("other", 1, 41);
    await minutes(1);
    expect(it.given).toEqual(powersW);
    expect(await it.stored()).toEqual([21, 41]);
    expect(it.acks).toEqual({ s: [2], other: [1] });
  });

  test("counts no failure of the state store as a refusal of rows", async () => {
    it.state.fails = 5;
    it.arrive("s", 1, 11, 12);
    it.arrive("s", 2, 21);
    await minutes(1);
    expect(it.transactions()).toEqual([[[11, 12, 21], ["s2"]]]);
    expect(it.store.trials).toBe(0);
  });

  test("stores nothing twice when a transaction fails after it became durable", async () => {
    let calls = 0;
    const append = it.store.append.bind(it.store);
    it.store.append = async (group) => {
      await append(group);
      if (++calls === 1)
        throw new ServerError("storeFull", "no room for the checkpoint", { retryable: true });
    };
    it.arrive("s", 1, 11);
    await clock.advance(250);
    it.arrive("s", 2, 21);
    await minutes(1);
    expect(it.transactions()).toEqual([
      [[11], ["s1"]],
      [[21], ["s2"]],
    ]);
    expect(it.acks.s?.at(-1)).toBe(2);
    expect(it.commit.pending).toBe(0);
  });

  test("tries nothing again while the store cannot tell whether the last try has worked", async () => {
    let calls = 0;
    const append = it.store.append.bind(it.store);
    const held = it.store.marks.bind(it.store);
    it.store.append = async (group) => {
      await append(group);
      if (++calls === 1) throw busy();
    };
    let deaf = true;
    it.store.marks = async () => {
      if (deaf) throw busy();
      return held();
    };
    it.arrive("s", 1, 11);
    await minutes(1);
    expect(calls).toBe(1);
    deaf = false;
    await minutes(1);
    expect(calls).toBe(1);
    expect(await it.stored()).toEqual([11]);
    expect(it.acks).toEqual({ s: [1] });
  });

  test("never takes the mark of a batch whose rows are still arriving", async () => {
    it.arrive("s", 1, 11);
    it.accept("s", 2);
    it.commit.wake();
    await clock.advance(250);
    expect((await it.store.marks()).map(({ seq }) => seq)).toEqual([1]);
  });

  test("keeps one entry for any number of batches without rows", async () => {
    it.store.fault = () => Promise.reject(busy());
    it.arrive("s", 1, 11);
    for (let seq = 2; seq <= 500; seq++) it.arrive("s", seq);
    it.store.fault = async () => undefined;
    await minutes(1);
    expect(it.transactions()).toEqual([[[11], ["s500"]]]);
  });

  test("gives up no row that the store refused only until it was well again, a moment later", async () => {
    // Rows 2 and 3 are good; the store as a whole refuses all of its first calls, up to each number of them.
    for (let ill = 1; ill <= 60; ill++) {
      clock = fakeClock(START);
      it = startCommit(clock);
      it.store.bad.add(1);
      let calls = 0;
      it.store.fault = async () => {
        if (++calls <= ill) throw refused();
      };
      it.arrive("t", 1, 1, 2, 3);
      it.arrive("s", 1, 4);
      await minutes(3);
      expect(await it.stored(), `ill for ${ill} calls`).toEqual([2, 3, 4]);
      expect(it.given, `ill for ${ill} calls`).toEqual([1]);
      await it.commit.close();
    }
  });

  test("holds a mark exactly when it holds each good row up to it once, whatever fails and whenever it ends", async () => {
    const streams = ["s", "t", "u"];
    const fault = fc.constantFrom(
      ...(["none", "none", "none", "full", "refused", "late", "deaf", "state"] as const),
    );
    const step = fc.record({
      batch: fc.option(fc.tuple(fc.constantFrom(...streams), fc.array(fc.boolean(), { maxLength: 4 }))),
      passMs: fc.constantFrom(0, 100, 400, 3_000),
      fault,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        clock = fakeClock(START);
        it = startCommit(clock);
        const rows = new Map<number, { stream: string; seq: number }>();
        const sent: Record<string, number> = {};
        let now: (typeof steps)[number]["fault"] = "none";
        const broken: unknown[] = [];
        const held = it.store.marks.bind(it.store);
        const append = it.store.append.bind(it.store);
        const verify = async (): Promise<void> => {
          const marked = Object.fromEntries((await held()).map(({ stream, seq }) => [stream, seq]));
          const want = [...rows]
            .filter(([power, { stream, seq }]) => !it.store.bad.has(power) && seq <= (marked[stream] ?? 0))
            .map(([power]) => power);
          expect(await it.stored()).toEqual(want);
          for (const [stream, seqs] of Object.entries(it.acks))
            expect(marked[stream]).toBeGreaterThanOrEqual(Math.max(...seqs));
        };
        it.store.fault = async () => {
          if (now === "full") throw busy();
          if (now === "refused") throw refused();
        };
        it.store.append = async (group) => {
          await append(group);
          // A kill at this moment would leave just this behind.
          await verify().catch((error: unknown) => broken.push(error));
          if (now === "late") throw busy();
        };
        it.store.marks = async () => {
          if (now === "deaf" || now === "full") throw busy();
          return held();
        };
        for (const { batch, passMs, fault } of steps) {
          now = fault;
          it.state.fails = now === "state" ? 2 : 0;
          if (batch) {
            const [stream, kinds] = batch;
            const seq = (sent[stream] ?? 0) + 1;
            sent[stream] = seq;
            const powersW = kinds.map((good) => {
              const power = rows.size + 1;
              rows.set(power, { stream, seq });
              if (!good) it.store.bad.add(power);
              return power;
            });
            it.arrive(stream, seq, ...powersW);
          }
          await clock.advance(passMs);
        }
        await it.commit.close();
        await verify();
        expect(broken).toEqual([]);
        expect(clock.pending).toBe(0);
        for (const power of it.given) expect(it.store.bad.has(power)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
