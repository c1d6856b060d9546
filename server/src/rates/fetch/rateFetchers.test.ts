import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { ServerError } from "../../error.js";
import { MemoryRateSeries } from "../../store/state/memoryRateSeries.js";
import { RateSeries } from "../rateSeries.js";
import type { Slot } from "../slot.js";
import type { RateFetcher, RateQuestion } from "./rateFetcher.js";
import { RateFetchers } from "./rateFetchers.js";

const NOW = Date.UTC(2026, 10, 26);
const MINUTE_MS = 60_000;

type Behaviour = (question: RateQuestion) => number | Error;

function setUp(behaviours: Record<string, Behaviour>) {
  const clock = fakeClock(NOW);
  const series = new RateSeries(new MemoryRateSeries());
  const asked: [string, number][] = [];
  const lines: string[] = [];
  const fetchers = Object.entries(behaviours).map(
    ([id, behave]): RateFetcher => ({
      id,
      kind: "test",
      series: ["btc/USD"],
      everyMs: 10 * MINUTE_MS,
      async fetch(question) {
        asked.push([id, (question.nowMs - NOW) / MINUTE_MS]);
        const said = behave(question);
        if (said instanceof Error) throw said;
        const { nowMs } = question;
        const slot: Slot = {
          startMs: nowMs,
          endMs: Number.POSITIVE_INFINITY,
          value: said,
          source: id,
          asOfMs: nowMs,
        };
        return [{ series: "btc/USD", slots: [slot] }];
      },
    }),
  );
  const log = {
    info: (_fields: object, text: string) => void lines.push(text),
    warn: (fields: { why: string }, text: string) => void lines.push(`${text}: ${fields.why}`),
  };
  const all = new RateFetchers(fetchers, { series, clock, log: log as never, random: () => 0 });
  all.start();
  const told = () => series.slots("btc/USD", { fromMs: 0, toMs: Number.POSITIVE_INFINITY });
  return { clock, all, asked, lines, told };
}
const failed = (text: string) => new ServerError("sourceFailed", text, { retryable: true });

describe("the sources of rates", () => {
  test("are asked at their interval; of one that fails the last good figure stays, with its age", async () => {
    let works = true;
    const { clock, all, asked, lines, told } = setUp({ a: () => (works ? 5 : failed("a answers 503")) });
    await clock.advance(10 * MINUTE_MS);
    works = false;
    await clock.advance(14 * MINUTE_MS);
    // After 30 s, then twice as long each time, up to the usual interval.
    expect(asked.map(([, minute]) => minute)).toEqual([0, 10, 20, 20.5, 21.5, 23.5]);
    expect(all.status()[0]).toMatchObject({
      succeededMs: NOW + 10 * MINUTE_MS,
      problem: { text: "a answers 503", sinceMs: NOW + 20 * MINUTE_MS },
    });
    expect(told()).toMatchObject([
      { startMs: NOW, endMs: Number.POSITIVE_INFINITY, value: 5, asOfMs: NOW + 10 * MINUTE_MS },
    ]);
    works = true;
    await clock.advance(10 * MINUTE_MS);
    expect(all.status()[0]?.problem).toBeNull();
    expect(lines).toEqual(["source of rates gives nothing: a answers 503", "source of rates is back"]);
    await all.close();
    expect(clock.pending).toBe(0);
  });

  test("count in the order of the config: the second only while the first gives nothing", async () => {
    let works = true;
    const { clock, all, told } = setUp({ first: () => (works ? 1 : failed("away")), second: () => 2 });
    await clock.advance(20 * MINUTE_MS);
    expect(told().map(({ source }) => source)).toEqual(["first"]);
    works = false;
    await clock.advance(60 * MINUTE_MS);
    expect(told().map(({ source, startMs }) => [source, (startMs - NOW) / MINUTE_MS])).toEqual([
      ["first", 0],
      ["second", 50],
    ]);
    works = true;
    await clock.advance(10 * MINUTE_MS);
    expect(told().at(-1)?.source).toBe("first");
    await all.close();
  });

  test("give nothing with a figure that cannot be one", async () => {
    const { clock, all, told } = setUp({ a: () => -1 });
    await clock.advance(0);
    expect(all.status()[0]?.problem?.text).toBe("btc/USD: -1 must be more than 0");
    expect(told()).toEqual([]);
    await all.close();
  });

  test("give the others where one figure is lacking, and say which", async () => {
    const { clock, all, told } = setUp({
      a: ({ lacks }) => {
        lacks("a knows no fees");
        return 7;
      },
    });
    await clock.advance(0);
    expect(all.status()[0]).toMatchObject({ succeededMs: null, problem: { text: "a knows no fees" } });
    expect(told()).toHaveLength(1);
    await all.close();
  });

  test("that have a defect do not stop the others", async () => {
    const { clock, all, asked } = setUp({ a: () => new TypeError("undefined is no function"), b: () => 1 });
    await clock.advance(10 * MINUTE_MS);
    expect(all.status().map(({ problem }) => problem?.text)).toEqual(["failed; this is a defect", undefined]);
    expect(asked.filter(([id]) => id === "b")).toHaveLength(2);
    await all.close();
  });
});
