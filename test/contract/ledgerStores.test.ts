import { LEDGER_FACTORS } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "@hashwatt/server/economics/bucketRates";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "@hashwatt/server/rollup/row";
import type { LedgerQuery, LedgerStore, PricingOrder, Stay, Work } from "@hashwatt/server/store/state/ledger";
import type { StateStore } from "@hashwatt/server/store/state/state";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const START = Date.UTC(2026, 2, 28, 22);
const BUCKETS = 24;
const TO = START + BUCKETS * BUCKET_MS;

const stay = (rig: number, more: Partial<Stay> = {}): Stay => ({
  rig,
  site: "no'rth",
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  knownFromMs: Number.NEGATIVE_INFINITY,
  algo: "sha256",
  gone: false,
  ...more,
});

/** Algorithms that have a hashprice of their own at some time. */
const OTHERS = ["revenue/scrypt", "revenue/x11-evo", "poolFactor/scrypt", "poolFactor/sha256"] as const;
const rate = fc.option(fc.double({ min: -2, max: 90, noNaN: true }), { nil: undefined });
const buckets = fc
  .array(fc.record(Object.fromEntries([...LEDGER_FACTORS, ...OTHERS].map((kind) => [kind, rate]))), {
    minLength: BUCKETS,
    maxLength: BUCKETS,
  })
  .map((rows) =>
    rows.map((values, i) => {
      const bucket: BucketRates & { rigs: number } = { startMs: START + i * BUCKET_MS, rigs: 3 };
      // There is one zero in a database.
      const factor = (kind: string, value: number) => ({
        value: value + 0,
        source: `${kind} of ${i % 3}`,
        asOfMs: i % 4 ? START + i : null,
      });
      for (const kind of LEDGER_FACTORS) {
        const value = values[kind];
        if (value !== undefined) bucket[kind] = factor(kind, value);
      }
      const others = OTHERS.flatMap((series) => {
        const value = values[series];
        return value === undefined ? [] : [[series, factor(series, value)] as const];
      });
      if (others.length) bucket.others = Object.fromEntries(others);
      return bucket;
    }),
  );
const ms = fc.constantFrom(0, 1_000, 120_000, BUCKET_MS);
const row = fc.record({
  rig: fc.integer({ min: 1, max: 3 }),
  i: fc.integer({ min: 0, max: BUCKETS - 1 }),
  algo: fc.constantFrom(undefined, "SHA256", "scrypt", "(X11) Evo", "kaspa"),
  powerCoveredMs: ms,
  kwh: fc.double({ min: 0, max: 4, noNaN: true }),
  hashCoveredMs: ms,
  thsHours: fc.double({ min: 0, max: 40, noNaN: true }),
  acceptedDiff: fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
});
const rows = fc.uniqueArray(row, { maxLength: 60, selector: ({ rig, i }) => rig * 100 + i }).map((made) =>
  made.map(
    ({ rig, i, algo, acceptedDiff, ...rest }): RollupRow => ({
      rig,
      startMs: START + i * BUCKET_MS,
      stepMs: BUCKET_MS,
      samples: 1,
      coveredMs: rest.powerCoveredMs,
      miningMs: 0,
      kwhBySource: [0, 0, rest.kwh, 0, 0],
      ...rest,
      ...(algo !== undefined && { algo }),
      ...(acceptedDiff !== undefined && { acceptedDiff }),
    }),
  ),
);

const siteAlone = async (ledger: LedgerStore, query: LedgerQuery) => ({
  site: await ledger.sums(query),
  spans: [...(await ledger.spans(query))].sort(),
  sources: await ledger.sources(query.site, query.edges[0]!, query.toMs),
});
const everything = async (ledger: LedgerStore, query: LedgerQuery) => ({
  ...(await siteAlone(ledger, query)),
  rigs: await ledger.sums({ ...query, rigs: [0, 1, 2, 3] }),
  hours: await ledger.hours({
    site: query.site,
    fromMs: query.edges[0]!,
    toMs: query.toMs,
    rigFrom: 0,
    rigTo: 3,
  }),
  two: await ledger.sums({ ...query, rigs: [2] }),
  rates: await ledger.rates(query.site, query.edges[0]!, query.toMs),
});

/** What firmwares took: of rig 1 from before the range until it is too old, of rig 3 from its middle on and then more. */
const DEV_FEES = (
  [
    [1, -280, 0.0213],
    [1, 9, undefined],
    [3, 6, 0.03],
    [3, 14, 0.5],
    [9, 0, 0.9],
  ] as const
).map(([rig, at, share]) => ({
  ...{ rig, fromMs: START + at * BUCKET_MS, ...(share !== undefined && { share }) },
  ...{ sinceMs: START + (at - 12) * BUCKET_MS, toMs: START + at * BUCKET_MS - 7 },
  ...{ acceptedDiff: 1_000.5, devFeeDiff: 21.25 },
}));

describe("the ledger of the state stores", () => {
  const folder = tempFolder();
  const opened: { name: string; store: StateStore }[] = [];
  beforeAll(async () => {
    for (const [name, open] of Object.entries(STATE_STORES))
      opened.push({ name, store: await open(`${folder.path}/${name}`) });
  });
  it("keeps where rigs stood since when: what is put of a rig takes the place of all there was of it", async () => {
    for (const { store } of opened) {
      const { ledger } = store;
      const told = async () =>
        (await ledger.arrivals()).map(({ rig, site, sinceMs }) => [rig, site, sinceMs]);
      await ledger.putArrivals([]);
      await ledger.putArrivals([
        { rig: 2, site: "no'rth", sinceMs: Number.NEGATIVE_INFINITY },
        { rig: 1, site: "south", sinceMs: START },
        { rig: 1, site: "no'rth", sinceMs: Number.NEGATIVE_INFINITY },
      ]);
      const always = (await told())[0]![2] as number;
      expect(always).toBeLessThan(-8e15);
      expect(await told()).toEqual([
        [1, "no'rth", always],
        [1, "south", START],
        [2, "no'rth", always],
      ]);
      await ledger.putArrivals([
        { rig: 1, site: "no'rth", sinceMs: always },
        { rig: 1, site: "south", sinceMs: START - BUCKET_MS },
      ]);
      expect(await told()).toEqual([
        [1, "no'rth", always],
        [1, "south", START - BUCKET_MS],
        [2, "no'rth", always],
      ]);
    }
  });
  it("keeps what firmwares were measured to take, by rig and time", async () => {
    for (const { store } of opened) {
      const { devFees } = store.ledger;
      await devFees.put([]);
      expect(devFees.sinceMs).toBe(Number.POSITIVE_INFINITY);
      await devFees.put([{ ...DEV_FEES[0]!, share: undefined }]);
      expect(devFees.sinceMs).toBe(Number.POSITIVE_INFINITY);
      await devFees.drop(TO);
      await devFees.put([...DEV_FEES].reverse());
      expect(await devFees.since(0)).toEqual(DEV_FEES);
      expect(devFees.sinceMs).toBe(DEV_FEES[0]!.fromMs);
      expect(await devFees.since(START + 9 * BUCKET_MS)).toEqual([DEV_FEES[1], DEV_FEES[3]]);
      await devFees.drop(START + BUCKET_MS);
      expect(await devFees.since(0)).toEqual([DEV_FEES[1], ...DEV_FEES.slice(2, 4)]);
      await devFees.drop(TO);
      await devFees.put(DEV_FEES);
    }
  });
  afterAll(async () => {
    for (const { store } of opened) await store.close();
    folder[Symbol.dispose]();
  });

  it("is priced on disk as the pure functions say, to the unit, however many rigs at a time, and its parts add up to the whole", async () => {
    const run = fc.asyncProperty(
      rows,
      buckets,
      fc.integer({ min: 0, max: 11 }),
      fc.constantFrom(undefined, 10, 30),
      fc.constantFrom(TO, TO, START + HOUR_MS, START),
      async (made, priced, cut, rowsAtOnce, hoursToMs) => {
        const movedMs = START + cut * BUCKET_MS;
        const stays = [
          stay(1),
          stay(2, { algo: "scrypt" }),
          stay(3, { toMs: movedMs }),
          stay(3, { fromMs: movedMs, site: "south", gone: true }),
        ];
        const own = [
          { ...OWN, startMs: START },
          { ...OWN, startMs: START + BUCKET_MS, kwh: -0.5 },
        ];
        const order: PricingOrder = {
          site: "no'rth",
          fromMs: START,
          toMs: TO,
          buckets: priced,
          stays,
          own,
          hoursToMs,
          ...(rowsAtOnce && { rowsAtOnce }),
        };
        const edges = [START, START + 3 * BUCKET_MS, START + HOUR_MS];
        const said = [];
        for (const { store } of opened) {
          await store.dropRollups(BUCKET_MS, TO);
          await store.putRollups(made, []);
          await store.ledger.price(order);
          await store.ledger.price({ ...order, site: "south", own: [] });
          said.push({
            ...(await everything(store.ledger, { site: "no'rth", edges, toMs: TO })),
            south: await everything(store.ledger, {
              site: "south",
              edges: [START, START + HOUR_MS],
              toMs: TO,
            }),
            // Whole hours with a part of one before and after.
            ends: await siteAlone(store.ledger, {
              site: "no'rth",
              edges: [START + 2 * BUCKET_MS, START + HOUR_MS],
              toMs: TO - 3 * BUCKET_MS,
            }),
            // Hours that begin at their half.
            halves: await siteAlone(store.ledger, {
              site: "no'rth",
              edges: [START, START + 6 * BUCKET_MS],
              toMs: TO,
            }),
            work: rounded(await store.ledger.work({ ...order, rigs: [1, 3] })),
            hours: [
              ...(await store.ledger.rigHours({ site: "no'rth", rigs: [1, 3], edges, toMs: TO })),
            ].sort(),
            span: await store.ledger.span("no'rth"),
          });
        }
        const [memory, duck] = said;
        expect(duck!.site).toEqual(memory!.site);
        expect(duck).toEqual(memory);
        if (hoursToMs < TO) return;
        // Rigs by the hour and the site by 5 minutes are the same amounts.
        const hours = await opened[1]!.store.ledger.sums({
          site: "no'rth",
          edges: [START, START + HOUR_MS],
          toMs: TO,
        });
        expect(hours).toEqual(duck!.rigs.length ? await wholeHours(opened[1]!.store) : []);
      },
    );
    await fc.assert(run, { numRuns: 12, endOnFailure: true });
  });

  it("stays as it was where what is priced has no place in it, and is priced again afterwards", async () => {
    const { ledger } = opened[1]!.store;
    const query = { site: "east", edges: [START, START + HOUR_MS], toMs: TO };
    const price = { value: 0.1, source: "test", asOfMs: null };
    const order: PricingOrder = {
      ...{ site: "east", fromMs: START, toMs: TO, stays: [stay(1, { site: "east" })], hoursToMs: TO },
      buckets: Array.from({ length: BUCKETS }, (_, i) => ({
        startMs: START + i * BUCKET_MS,
        rigs: 1,
        price,
      })),
      own: [{ ...OWN, startMs: START }],
    };
    await ledger.price(order);
    const before = await everything(ledger, query);
    await expect(ledger.price({ ...order, own: [{ ...OWN, startMs: START, kwh: 1e30 }] })).rejects.toThrow();
    expect(await everything(ledger, query)).toEqual(before);
    await ledger.price({ ...order, own: [{ ...OWN, startMs: START, kwh: 2.5 }] });
    const [first] = await ledger.sums(query);
    expect(first!.sums.energyCostMicro).toBe(250_000);
  });
});

/** Sums of floating numbers hang on the order in which they are added. */
const rounded = (work: readonly Work[]) =>
  work.map(({ algos, ...sums }) => ({
    ...inDigits(sums),
    algos: algos.map(({ series, ...own }) => ({ series, ...inDigits(own) })),
  }));
const inDigits = (sums: Record<string, number>) =>
  Object.fromEntries(Object.entries(sums).map(([key, value]) => [key, value.toPrecision(12)]));
const OWN = { rig: 0, algo: "", powerCoveredMs: 1_000, kwh: 1.25, hashCoveredMs: 0, thsHours: 0 };
const wholeHours = (store: StateStore) =>
  store.ledger.sums({ site: "no'rth", rigs: [0, 1, 2, 3], edges: [START, START + HOUR_MS], toMs: TO });
