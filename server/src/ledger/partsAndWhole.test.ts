import type { LedgerFigures } from "@hashwatt/protocol/ledger";
import { Zone } from "@hashwatt/protocol/zone";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CELL_AMOUNTS, type Cell } from "../economics/ledgerCell.js";
import { bookedSite, HASHPRICE, rigAt, slotOf, startLedger, steady } from "../fixtures/bookedSites.js";
import { tariff } from "../fixtures/tariffs.js";
import type { KnownRig } from "../rollup/fold.js";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "../rollup/row.js";
import { ledgerFigures } from "./figures.js";

/** Sums that must be those of their parts to the last unit. */
const AMOUNTS = CELL_AMOUNTS.filter((name) => name !== "hashTh" && name !== "acceptedTh");
type Amounts = Record<(typeof AMOUNTS)[number], number> & { [ms: string]: number };

/** Amounts and times of figures together; what is nowhere known adds nothing. `lessSpan` leaves out what is expected, which rigs do not add up to under a meter. */
function sumOf(all: readonly LedgerFigures[], lessSpan = false): Amounts {
  const sum = Object.fromEntries(AMOUNTS.map((name) => [name, 0])) as Amounts;
  for (const figures of all) {
    for (const name of AMOUNTS) sum[name]! += figures[name] ?? 0;
    for (const [name, ms] of Object.entries(figures.coverage))
      if (!lessSpan || name !== "spanMs") sum[name] = (sum[name] ?? 0) + ms;
    for (const algo of figures.algos)
      for (const name of ["hashTh", "revenueMicro", "energyMwh"] as const)
        sum[`${algo.algo} ${name}`] = (sum[`${algo.algo} ${name}`] ?? 0) + (algo[name] ?? 0);
  }
  return sum;
}

const SITES = ["north", "south"] as const;
const RIGS = [1, 2, 3, 4];
const HOURS = 16;
/** From the evening before clocks are put on, put back, and before a month's end at which nothing happens. */
const STARTS = [
  Zone.of("Europe/Berlin").instant(2026, 3, 28, 20),
  Zone.of("Europe/Berlin").instant(2026, 10, 24, 20),
  Zone.of("Europe/Berlin").instant(2026, 5, 31, 16),
];

const power = fc.option(fc.double({ min: 0.01, max: 6, noNaN: true }), { freq: 6 });
const stretch = fc.record({
  rig: fc.constantFrom(...RIGS),
  at: fc.integer({ min: 0, max: HOURS * 12 - 1 }),
  length: fc.integer({ min: 1, max: 120 }),
  kw: power,
  ths: fc.option(fc.double({ min: 1, max: 300, noNaN: true }), { freq: 6 }),
  algo: fc.constantFrom("sha256", "sha256", "Scrypt"),
  ms: fc.constantFrom(BUCKET_MS, BUCKET_MS, 120_000, 1_000),
});
const deed = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ deed: fc.constant("rows" as const), rows: fc.array(stretch, { maxLength: 6 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant("move" as const),
      rig: fc.constantFrom(...RIGS),
      // In the middle of an hour as a rule, and noticed up to three hours late.
      late: fc.integer({ min: 0, max: 36 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant("seen" as const),
      site: fc.constantFrom(...SITES),
      row: stretch,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant("rate" as const),
      series: fc.constantFrom(
        "price/spot",
        "hashprice/quoted",
        "revenue/scrypt",
        "overhead/north",
        "carbon/south",
      ),
      at: fc.integer({ min: 0, max: HOURS * 12 - 1 }),
      length: fc.integer({ min: 1, max: 40 }),
      value: fc.double({ min: 1, max: 3, noNaN: true }),
    }),
  },
);
const steps = fc.array(fc.record({ deed, forth: fc.integer({ min: 0, max: 50 }) }), {
  minLength: 3,
  maxLength: 14,
});

test("over moves, gaps, late rows and other rates the whole is its parts to the last unit, and what was priced bit by bit is what is priced at once", async () => {
  const run = fc.asyncProperty(
    fc.constantFrom(...STARTS),
    steps,
    fc.array(fc.option(fc.double({ min: 0, max: 30, noNaN: true })), { minLength: 7, maxLength: 7 }),
    fc.tuple(fc.integer({ min: 0, max: HOURS * 12 }), fc.integer({ min: 0, max: HOURS * 12 })),
    async (fromMs, deeds, meter, cuts) => {
      const toMs = fromMs + HOURS * HOUR_MS;
      const rigs: (KnownRig & { agent: string })[] = RIGS.map((rig) => ({
        ...rigAt(rig, SITES[rig % 2]),
        agent: `a${rig % 3}`,
      }));
      const it = await startLedger({
        sites: SITES.map((site) =>
          bookedSite({ site, currency: "USD", zone: "Europe/Berlin", gridRegion: "CN-SD" }),
        ),
        rigs,
        terms: Object.fromEntries(
          SITES.map((site) => [
            site,
            { tariffs: [tariff({ currency: "USD", energy: { kind: "series", series: "spot" } })] },
          ]),
        ),
        series: {
          ...HASHPRICE,
          "price/spot": [slotOf(0.07, fromMs, toMs - 2 * HOUR_MS)],
          "btc/USD": [slotOf(60_000)],
          "revenue/scrypt": [slotOf(0.002, fromMs + HOUR_MS)],
          "overhead/south": [slotOf(1.07)],
        },
        meteredSites: ["north"],
        feeders: {
          power: async (site) =>
            site === "north"
              ? (startMs) => {
                  const kw = meter[(startMs / BUCKET_MS) % meter.length];
                  return kw == null ? null : kw * 1_000;
                }
              : undefined,
        },
      });
      // The ledger begins with the first row there is.
      await it.put([steady(1, fromMs, { kw: 3, ths: 100 })]);
      let nowMs = fromMs;
      for (const { deed, forth } of deeds) {
        if (deed.deed === "rows") await it.put(rowsOf(deed.rows, fromMs, toMs));
        else if (deed.deed === "seen") {
          // An agent of that site brings what it has kept.
          const rows = rowsOf([deed.row], fromMs, nowMs);
          for (const { rig, startMs } of rows) it.sightings.see(rig, deed.site, startMs + 1);
          await it.put(rows);
        } else if (deed.deed === "move") {
          const rig = rigs.find((each) => each.rig === deed.rig)!;
          rig.site = rig.site === "north" ? "south" : "north";
          // Never before the last one: a rig is told of in the order in which it is.
          rig.toldMs = Math.max(rig.toldMs ?? fromMs, nowMs - deed.late * BUCKET_MS + 90_000);
        } else {
          const startMs = fromMs + deed.at * BUCKET_MS;
          await it.series.put(deed.series, [slotOf(deed.value, startMs, startMs + deed.length * BUCKET_MS)]);
        }
        nowMs = Math.min(toMs, nowMs + forth * BUCKET_MS);
        if (nowMs > fromMs) await it.price(nowMs);
      }
      await it.price(toMs);
      await it.price(toMs);
      expect(it.pricer.pending).toBe(0);

      const range = { fromMs, toMs };
      const ask = (
        scope: Parameters<typeof it.service.ledger>[0],
        of = range,
        step: "hour" | "day" | "month" = "hour",
      ) => it.service.ledger(scope, of, step);
      const wholes: LedgerFigures[] = [];
      for (const site of SITES) {
        const { rows, totals } = await ask({ site });
        wholes.push(totals);
        const whole = sumOf([totals]);
        expect(sumOf(rows)).toEqual(whole);
        for (const step of ["day", "month"] as const) {
          const by = await ask({ site }, range, step);
          expect(sumOf(by.rows)).toEqual(whole);
          expect(by.totals).toEqual(totals);
        }
        // Cut anywhere: the two parts are the whole.
        const [a, b] = cuts.map((cut) => fromMs + cut * BUCKET_MS).sort((x, y) => x - y) as [number, number];
        const parts = [];
        for (const [from, to] of [
          [fromMs, a],
          [a, b],
          [b, toMs],
        ] as const)
          if (to > from) parts.push((await ask({ site }, { fromMs: from, toMs: to }, "day")).totals);
        expect(sumOf(parts)).toEqual(whole);
        // Rigs and groups, each with the site's own part, which is of none.
        const own = (await it.state.ledger.sums({ site, edges: [fromMs], toMs })).find(
          ({ algo }) => algo === "",
        );
        const ownPart = own ? [figuresOfOwn(own.sums)] : [];
        const byRig = [];
        for (const rig of RIGS) byRig.push((await ask({ site, rig: `r${rig}` }, range, "day")).totals);
        expect(sumOf([...byRig, ...ownPart], true)).toEqual(sumOf([totals], true));
        const byGroup = [];
        for (const agent of ["a0", "a1", "a2"])
          byGroup.push((await ask({ site, group: `agent:${agent}` }, range, "day")).totals);
        expect(sumOf(byGroup)).toEqual(sumOf(byRig));
      }
      const sites = await it.service.sites(range);
      expect(sumOf(sites.sites.map(({ totals }) => totals))).toEqual(sumOf(wholes));
      expect(sumOf(sites.byCurrency.map(({ totals }) => totals))).toEqual(sumOf(wholes));

      // Every row of a rig is in one site's ledger, once.
      const energy = (await it.state.rollups({ fromMs, toMs, stepMs: BUCKET_MS })).reduce(
        (ms, row) => ms + row.hashCoveredMs,
        0,
      );
      expect(wholes.reduce((ms, { coverage }) => ms + coverage.hashMs, 0)).toBe(energy);

      const before = it.state.ledger.all();
      await it.pricer.reprice([...SITES], range, {
        signal: AbortSignal.timeout(20_000),
        progress: () => undefined,
      });
      expect(sorted(it.state.ledger.all())).toEqual(sorted(before));
    },
  );
  await fc.assert(run, { numRuns: 6, endOnFailure: true });
}, 120_000);

function rowsOf(
  stretches: readonly {
    rig: number;
    at: number;
    length: number;
    kw: number | null;
    ths: number | null;
    algo: string;
    ms: number;
  }[],
  fromMs: number,
  toMs: number,
): RollupRow[] {
  const rows = new Map<string, RollupRow>();
  for (const { rig, at, length, kw, ths, algo, ms } of stretches)
    for (let i = at; i < at + length; i++) {
      const startMs = fromMs + i * BUCKET_MS;
      if (startMs >= toMs) break;
      const row = steady(rig, startMs, {
        ...{ kw: kw ?? 0, ths: ths ?? 0, algo },
        ...{ powerCoveredMs: kw === null ? 0 : ms, hashCoveredMs: ths === null ? 0 : ms },
      });
      rows.set(`${rig} ${startMs}`, row);
    }
  return [...rows.values()];
}

/** The site's own part as figures: it is of no algorithm. */
function figuresOfOwn(sums: Cell): LedgerFigures {
  return ledgerFigures(new Map([["", sums]]), 0, null);
}

/** What a ledger holds, whatever the order of its rows. */
const sorted = (all: unknown): unknown => {
  const { hours, steps, rates } = all as Record<"hours" | "steps" | "rates", unknown[]>;
  return [hours, steps, rates].map((rows) => rows.map((row) => JSON.stringify(row)).sort());
};
