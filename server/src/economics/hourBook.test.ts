import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BEFORE_DEV_FEE } from "../rates/hashprice/revenueSeries.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import { type BookedSums, CELL_COLUMNS } from "./bookedSums.js";
import { addCell, cellFrom, noCell } from "./cellSums.js";
import { HourBook } from "./hourBook.js";
import { type Cell, type CellRates, hourCells, type RigBucket } from "./ledgerCell.js";

const START = Date.UTC(2026, 0, 1);
const BUCKETS = 36;
const ALGOS = ["SHA256", "scrypt", "kaspa"];

const rate = fc.option(fc.double({ min: -2, max: 90, noNaN: true }), { nil: undefined });
const rates: fc.Arbitrary<CellRates> = fc
  .record({
    ...{
      hashprice: rate,
      hashpriceBtc: rate,
      poolFactor: rate,
      price: rate,
      carbon: rate,
      carbonMarket: rate,
    },
    ...{ overhead: rate, scrypt: rate, scryptPool: rate, beforeFee: rate },
  })
  .map(({ scrypt, scryptPool, beforeFee, ...known }) => ({
    ...known,
    others: {
      ...(scrypt !== undefined && { "revenue/scrypt": scrypt }),
      ...(scryptPool !== undefined && { "poolFactor/scrypt": scryptPool }),
      ...(beforeFee !== undefined && { [BEFORE_DEV_FEE]: beforeFee }),
    },
  }));
const ms = fc.constantFrom(0, 1_000, BUCKET_MS);
const bucket = fc.record({
  rig: fc.integer({ min: 0, max: 4 }),
  i: fc.integer({ min: 0, max: BUCKETS - 1 }),
  algo: fc.constantFrom(...ALGOS),
  powerCoveredMs: ms,
  kwh: fc.double({ min: 0, max: 4, noNaN: true }),
  hashCoveredMs: ms,
  thsHours: fc.double({ min: 0, max: 40, noNaN: true }),
  acceptedDiff: fc.option(fc.double({ min: 0, max: 3e7, noNaN: true }), { nil: undefined }),
  devFee: fc.option(fc.double({ min: 0, max: 0.1, noNaN: true }), { nil: undefined }),
});

/** Sums by start, rig and algorithm. */
const shown = (all: Iterable<BookedSums>, algos: readonly string[]): Record<string, Cell> =>
  Object.fromEntries(
    [...all].map(({ startMs, rig, algo, at, columns }) => [
      `${startMs} ${rig} ${algos[algo]}`,
      cellFrom(columns, at),
    ]),
  );

function booked(buckets: readonly RigBucket[], rated: ReadonlyMap<number, CellRates>): HourBook {
  const book = new HourBook(rated, { hours: true, rigHours: 8 });
  for (const { rig, startMs, algo, powerCoveredMs, kwh, hashCoveredMs, thsHours, ...more } of buckets) {
    const [accepted, fee] = [more.acceptedDiff ?? Number.NaN, more.devFee ?? Number.NaN];
    const work = [powerCoveredMs, kwh, hashCoveredMs, thsHours, accepted, fee] as const;
    book.add(startMs, rig, book.algo(algo), ...work);
  }
  return book;
}

describe("a book of hours", () => {
  it("adds up what the pure functions say of each hour of each rig, to the unit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(rates), { minLength: BUCKETS, maxLength: BUCKETS }),
        fc.uniqueArray(bucket, { selector: ({ rig, i }) => `${rig} ${i}`, maxLength: 80 }),
        (all, rows) => {
          const rated = new Map(
            all.flatMap((own, i) => (own ? [[START + i * BUCKET_MS, own] as const] : [])),
          );
          const buckets = rows
            .map(
              ({ i, ...row }): RigBucket => ({
                ...row,
                startMs: START + i * BUCKET_MS,
                algo: row.rig ? row.algo : "",
              }),
            )
            .sort((a, b) => a.startMs - b.startMs);
          const [hours, steps]: [Record<string, Cell>, Record<string, Cell>] = [{}, {}];
          const add = (sums: Record<string, Cell>, key: string, cell: Cell) => {
            sums[key] ??= noCell();
            addCell(sums[key], cell);
          };
          const hourOf = (startMs: number) => Math.floor(startMs / HOUR_MS) * HOUR_MS;
          const known = buckets.filter(({ startMs }) => rated.has(startMs));
          for (const key of new Set(known.map(({ rig, startMs }) => `${rig} ${hourOf(startMs)}`))) {
            const group = known.filter(({ rig, startMs }) => `${rig} ${hourOf(startMs)}` === key);
            for (const { bucket, cell } of hourCells(group, (startMs) => rated.get(startMs)!)) {
              add(hours, `${hourOf(bucket.startMs)} ${bucket.rig} ${bucket.algo}`, cell);
              add(steps, `${bucket.startMs} 0 ${bucket.algo}`, cell);
            }
          }
          const book = booked(buckets, rated);
          expect(shown(book.hours(Number.POSITIVE_INFINITY), book.algos)).toEqual(hours);
          expect(shown(book.steps(), book.algos)).toEqual(steps);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("begins each part of the rigs anew, goes on with the site's buckets, and holds more rigs than it begins with", () => {
    const rated = new Map([[START, { price: 0.1 }]]);
    const row = { startMs: START, algo: "SHA256", powerCoveredMs: BUCKET_MS, hashCoveredMs: 0, thsHours: 0 };
    const rigs = 3_000;
    const rowOf = (rig: number): RigBucket => ({ ...row, rig, kwh: 0.25 });
    const book = booked(
      Array.from({ length: rigs }, (_, n) => rowOf(n + 1)),
      rated,
    );
    expect([...book.hours(START + HOUR_MS)]).toHaveLength(rigs);
    book.clearHours();
    expect([...book.hours(START + HOUR_MS)]).toEqual([]);
    book.add(START, rigs + 1, book.algo("SHA256"), BUCKET_MS, 0.25, 0, Number.NaN, Number.NaN, Number.NaN);
    expect([...book.hours(START + HOUR_MS)].map(({ rig }) => rig)).toEqual([rigs + 1]);
    const [step] = [...book.steps()];
    expect(step!.columns[step!.at + CELL_COLUMNS.indexOf("energyCostMicro")]).toBe((rigs + 1) * 25_000);
  });

  it("leaves out hours that are not over", () => {
    const rated = new Map([[START, { price: 0.1 }]]);
    const row = { startMs: START, algo: "SHA256", powerCoveredMs: BUCKET_MS, hashCoveredMs: 0, thsHours: 0 };
    const book = booked([{ ...row, rig: 1, kwh: 0.25 }], rated);
    expect([...book.hours(START)]).toEqual([]);
    expect([...book.steps()]).toHaveLength(1);
  });
});
