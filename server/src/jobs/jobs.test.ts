import type { JobView } from "@hashwatt/protocol/jobs";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ServerError } from "../error.js";
import { memoryJobs } from "../fixtures/memoryJobs.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { etaMs } from "./eta.js";
import { type JobControl, jobKind } from "./job.js";
import type { Jobs } from "./jobs.js";

const START = Date.UTC(2026, 10, 26);

describe("jobs", () => {
  let clock: FakeClock;
  let state: MemoryStateStore;
  let jobs: Jobs;
  const ended: JobView[] = [];
  /** The job that runs now: how it goes on is the test's. */
  let running: JobControl & { finish(said: string[]): void; fail(error: Error): void };
  let runs = 0;
  const params = z.strictObject({ name: z.string(), password: z.string().optional() });
  const slow = jobKind<z.infer<typeof params>>({
    kind: "slow",
    summary: "",
    params,
    unit: "rows",
    shown: ({ name }) => ({ name }),
    async check({ name }) {
      if (name === "bad") throw new ServerError("badRequest", "name: is bad");
    },
    run: (_params, _parts, control) =>
      new Promise((finish, fail) => {
        runs++;
        running = { ...control, finish, fail };
        control.signal.addEventListener("abort", () => fail(control.signal.reason));
      }),
  });
  const other = jobKind<object>({
    kind: "other",
    summary: "",
    params: z.strictObject({}),
    unit: "rows",
    shown: () => ({}),
    run: async () => ["done at once"],
  });

  const open = async () => {
    jobs = memoryJobs([slow, other], clock, { state, ended: (view) => ended.push(view) });
    await jobs.load();
  };
  /** Lets what was resolved take effect. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(async () => {
    clock = fakeClock(START);
    state = new MemoryStateStore();
    ended.length = 0;
    runs = 0;
    await open();
  });

  test("run one of a kind at a time, beside those of other kinds", async () => {
    const first = await jobs.start("slow", { name: "a" });
    await expect(jobs.start("slow", { name: "b" })).rejects.toMatchObject({
      code: "jobRunning",
      message: expect.stringContaining(first.id),
    });
    await jobs.start("other", {});
    await settled();
    expect(jobs.get("other-1")).toMatchObject({ state: "done", said: ["done at once"], endedMs: START });
    running.finish(["it is done"]);
    await settled();
    expect(jobs.get("slow-1")).toMatchObject({ state: "done", said: ["it is done"] });
    expect(ended.map(({ id }) => id)).toEqual(["other-1", "slow-1"]);
    expect((await jobs.start("slow", { name: "b" })).id).toBe("slow-2");
    expect(jobs.list().map(({ id }) => id)).toEqual(["slow-2", "other-1", "slow-1"]);
  });

  test("show how far they are and when they will have ended, and no secret", async () => {
    await jobs.start("slow", { name: "a", password: "of mine" });
    await settled();
    running.progress(1_000, 5_000, "first part");
    expect(jobs.get("slow-1").etaMs).toBeNull();
    await clock.advance(10_000);
    running.progress(2_000, 5_000, "first part");
    expect(jobs.get("slow-1")).toMatchObject({
      params: { name: "a" },
      progress: { done: 2_000, total: 5_000, unit: "rows", note: "first part" },
      etaMs: START + 40_000,
    });
    running.finish([]);
    await settled();
    expect(jobs.get("slow-1").etaMs).toBeNull();
    expect(await state.setting("jobs")).not.toContain("of mine");
  });

  test("end when they are cancelled, and say so", async () => {
    await jobs.start("slow", { name: "a" });
    await settled();
    expect(await jobs.cancel("slow-1")).toMatchObject({
      state: "cancelled",
      error: "cancelled by the operator",
    });
    expect(await jobs.cancel("slow-1")).toMatchObject({ state: "cancelled" });
    await expect(jobs.cancel("slow-9")).rejects.toMatchObject({ code: "notFound" });
  });

  test("that are cancelled before they began do nothing", async () => {
    const { putSetting } = state;
    let save: () => void = () => undefined;
    state.putSetting = (key, value) =>
      new Promise<void>((resolve) => {
        save = resolve;
      }).then(() => putSetting.call(state, key, value));
    const starting = jobs.start("slow", { name: "a" });
    await settled();
    const cancelling = jobs.cancel("slow-1");
    state.putSetting = putSetting;
    save();
    await starting;
    expect(await cancelling).toMatchObject({ state: "cancelled" });
    expect(runs).toBe(0);
  });

  test("that fail tell why, and free their kind", async () => {
    await jobs.start("slow", { name: "a" });
    await settled();
    running.fail(new ServerError("storeFull", "there is no room left"));
    await settled();
    expect(jobs.get("slow-1")).toMatchObject({ state: "failed", error: "there is no room left" });
    await expect(jobs.start("slow", { name: "bad" })).rejects.toMatchObject({ code: "badRequest" });
    expect(jobs.list()).toHaveLength(1);
    await expect(jobs.start("sloow", {})).rejects.toMatchObject({
      code: "notFound",
      message: 'There is no job of kind "sloow"; there are slow, other',
    });
  });

  test("are remembered by the next life of the server, which knows which of them it did not finish", async () => {
    await jobs.start("other", {});
    await settled();
    await jobs.start("slow", { name: "a" });
    await settled();
    await open();
    expect(jobs.list()).toMatchObject([
      { id: "slow-1", state: "failed", error: expect.stringContaining("the server ended before") },
      { id: "other-1", state: "done" },
    ]);
    expect((await jobs.start("slow", { name: "a" })).id).toBe("slow-2");
  });

  test("end with the server, and none begins any more", async () => {
    await jobs.start("slow", { name: "a" });
    await settled();
    await jobs.close();
    expect(jobs.get("slow-1")).toMatchObject({ state: "failed" });
    await expect(jobs.start("slow", { name: "a" })).rejects.toMatchObject({ code: "jobRunning" });
  });

  test("are remembered up to twenty", async () => {
    for (let i = 0; i < 25; i++) {
      await jobs.start("other", {});
      await settled();
    }
    expect(jobs.list()).toHaveLength(20);
    expect(jobs.list()[0]!.id).toBe("other-25");
    await open();
    expect(jobs.list()[0]!.id).toBe("other-25");
  });
});

test.each([
  ["no total", { done: 5, total: null }, { done: 0, atMs: 0 }, null],
  ["nothing done", { done: 5, total: 9 }, { done: 5, atMs: 0 }, null],
  ["nothing said yet", { done: 0, total: 9 }, undefined, null],
  ["a rate", { done: 60, total: 100 }, { done: 50, atMs: 0 }, 50_000],
  ["more than was foreseen", { done: 120, total: 100 }, { done: 50, atMs: 0 }, 10_000],
])("the end of work with %s is foretold as far as it can be", (_what, progress, first, wanted) => {
  expect(etaMs(progress, first, 10_000)).toBe(wanted);
});
