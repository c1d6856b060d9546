import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { ServerError } from "./error.js";
import { TakeUp } from "./takeUp.js";

const away = () => new ServerError("storeUnreachable", "no answer: start it", { retryable: true });

describe("what a start takes up", () => {
  test("is done at once while the store is there", async () => {
    const done: number[] = [];
    const takeUp = new TakeUp();
    for (const step of [1, 2]) await takeUp.at(async () => done.push(step));
    expect(done).toEqual([1, 2]);
    expect(takeUp.problem).toBeUndefined();
    await takeUp.ready();
    expect(done).toEqual([1, 2]);
  });

  test("waits in its order for a store that is away, each step until it has worked once", async () => {
    const done: number[] = [];
    let isAway = true;
    const step = (n: number) => async () => {
      if (isAway) throw away();
      done.push(n);
    };
    const takeUp = new TakeUp();
    await takeUp.at(step(1));
    isAway = false;
    // Not before the first one, although the store is back.
    await takeUp.at(step(2));
    expect(done).toEqual([]);
    expect(takeUp.problem).toBe("no answer: start it");
    isAway = true;
    await expect(takeUp.ready()).rejects.toMatchObject({ code: "storeUnreachable" });
    isAway = false;
    await Promise.all([takeUp.ready(), takeUp.ready()]);
    expect(done).toEqual([1, 2]);
    expect(takeUp.problem).toBeUndefined();
  });

  test("is left to end by itself when it takes long, and what comes after it waits", async () => {
    const clock = fakeClock(0);
    const done: number[] = [];
    let end = (): void => undefined;
    const takeUp = new TakeUp(clock);
    const first = takeUp.at(() => new Promise<void>((resolve) => (end = resolve)).then(() => done.push(1)));
    await clock.advance(3_000);
    await first;
    await takeUp.at(async () => done.push(2));
    expect([takeUp.isWaiting, takeUp.problem, done]).toEqual([true, undefined, []]);
    const ready = takeUp.ready();
    end();
    await ready;
    expect([takeUp.isWaiting, done]).toEqual([false, [1, 2]]);
  });

  test("is done anew when what took long has failed in the end", async () => {
    const clock = fakeClock(0);
    let tries = 0;
    let fail = (_error: Error): void => undefined;
    const takeUp = new TakeUp(clock);
    const first = takeUp.at(() =>
      ++tries === 1 ? new Promise<void>((_, reject) => (fail = reject)) : Promise.resolve(),
    );
    await clock.advance(3_000);
    await first;
    fail(away());
    await expect(takeUp.ready()).rejects.toMatchObject({ code: "storeUnreachable" });
    await takeUp.ready();
    expect([tries, takeUp.problem]).toEqual([2, undefined]);
  });

  test("ends the start where the store cannot be used", async () => {
    const damaged = new ServerError("storeDamaged", "the file is damaged");
    await expect(new TakeUp().at(() => Promise.reject(damaged))).rejects.toBe(damaged);
    const full = new ServerError("storeFull", "no room", { retryable: true });
    await expect(new TakeUp().at(() => Promise.reject(full))).rejects.toBe(full);
  });
});
