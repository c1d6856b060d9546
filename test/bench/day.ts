import type { DayRun, Slice } from "./dayPath.js";
import { againstFloor, type Bench, type Figure, reported } from "./figure.js";
import { pairedRatio } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 100;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * What is wound on makes the garbage of hours in seconds, and what of it is still in use when the collector comes is copied: as
 * scripts/start-backfill.mjs does, the path gets a nursery that it comes to seldom.
 */
const WIDE_NURSERY = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
/** Before it is measured, so that the code is compiled. */
const WARM_MS = 30 * MINUTE_MS;

/**
 * A day of 100 rigs the whole way on a clock that is wound on: physics, replies, reading, decoding, intake, store in memory,
 * rollups, alerts and money; against `JSON.parse` of the same replies, hour by hour in the same process.
 */
export const bench: Bench = async ({ say }) => {
  const live = async (intervalMs: number, hours: number, sliceMs: number): Promise<Slice[]> => {
    const worker = startWorker("dayPath.ts", WIDE_NURSERY);
    try {
      await worker.call("begin", { rigs: RIGS, intervalMs } satisfies DayRun);
      await worker.call<Slice>("live", WARM_MS);
      const slices: Slice[] = [];
      for (let ms = 0; ms < hours * HOUR_MS; ms += sliceMs)
        slices.push(await worker.call<Slice>("live", sliceMs));
      return slices;
    } finally {
      await worker.stop();
    }
  };
  const total = (slices: readonly Slice[], key: keyof Slice) =>
    slices.reduce((sum, slice) => sum + slice[key], 0);
  const ratioOf = (slices: readonly Slice[]) =>
    pairedRatio(
      slices.map(({ pathUs }) => pathUs),
      slices.map(({ parseUs }) => parseUs),
    );

  say(`${RIGS} rigs, 24 hours at 60 s`);
  const minutely = await live(MINUTE_MS, 24, HOUR_MS);
  say(`${RIGS} rigs, an hour at 5 s`);
  const fine = await live(5_000, 1, 5 * MINUTE_MS);
  const perReading = (slices: readonly Slice[], key: "pathUs" | "parseUs") =>
    total(slices, key) / total(slices, "readings");
  const figures: Figure[] = [
    againstFloor(
      "CPU of a day of 100 rigs at 60 s",
      total(minutely, "pathUs") / 1e6,
      total(minutely, "parseUs") / 1e6,
      "s",
      { atMost: 5 },
      {
        ratio: ratioOf(minutely),
        note: `${total(minutely, "readings")} readings from physics to money; the floor parses their ${total(minutely, "replies")} replies`,
      },
    ),
    reported("CPU per reading at 60 s", perReading(minutely, "pathUs"), "µs", {
      floor: perReading(minutely, "parseUs"),
    }),
    reported("CPU per reading at 5 s", perReading(fine, "pathUs"), "µs", {
      floor: perReading(fine, "parseUs"),
      ratio: ratioOf(fine),
      note: "of an hour",
    }),
  ];
  return figures;
};
