import type { LedgerSource } from "@hashwatt/protocol/ledger";
import { expect, it } from "vitest";
import { noCell } from "../../economics/cellSums.js";
import { HOUR_MS } from "../../rollup/row.js";
import type { LedgerSums } from "./ledger.js";
import { LedgerHours } from "./ledgerHours.js";

const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 2, 27, 9);

/** A store in which every hour drew `mwh`, that counts what is read of it. */
function store() {
  const held = { mwh: 5, reads: 0, gate: undefined as Promise<void> | undefined };
  const stretchesOf = (edges: readonly number[], toMs: number) =>
    edges.map((startMs, i) => ({ startMs, hours: ((edges[i + 1] ?? toMs) - startMs) / HOUR_MS }));
  const hours = new LedgerHours({
    async sums({ edges, toMs }) {
      held.reads++;
      const { mwh } = held;
      await held.gate;
      return stretchesOf(edges, toMs).map(
        ({ startMs, hours }): LedgerSums => ({
          startMs,
          algo: "sha256",
          sums: { ...noCell(), energyMwh: mwh * hours, energyMs: HOUR_MS * hours },
        }),
      );
    },
    async spans({ edges, toMs }) {
      return new Map(stretchesOf(edges, toMs).map(({ startMs, hours }) => [startMs, hours * HOUR_MS]));
    },
    async sources(site, fromMs, toMs, partMs) {
      held.reads++;
      const of = (startMs: number): Omit<LedgerSource, "unit"> => ({
        kind: "price",
        source: site,
        fromMs: startMs,
        toMs: Math.min(toMs, startMs + partMs),
        oldestAsOfMs: startMs,
        newestAsOfMs: startMs,
        min: startMs,
        max: startMs,
      });
      return Array.from({ length: Math.ceil((toMs - fromMs) / partMs) }, (_, i) => [of(fromMs + i * partMs)]);
    },
  });
  return { held, hours };
}
const month = {
  site: "s",
  edges: Array.from({ length: 720 }, (_, i) => START + i * HOUR_MS),
  toMs: START + 30 * DAY_MS,
};
const total = (sums: readonly LedgerSums[]) => sums.reduce((sum, each) => sum + each.sums.energyMwh!, 0);

it("reads a month once, and only the day that was priced anew again", async () => {
  const { held, hours } = store();
  const first = await hours.sums(month);
  expect([first.length, total(first), held.reads]).toEqual([720, 3_600, 1]);
  expect(await hours.sums(month)).toEqual(first);
  expect((await hours.spans(month)).size).toBe(720);
  expect(held.reads).toBe(1);
  held.mwh = 6;
  hours.touched("s", START + 50 * HOUR_MS, START + 51 * HOUR_MS);
  hours.touched("another", START, START + DAY_MS);
  // The whole of the day is read.
  expect(total(await hours.sums(month))).toBe(3_600 + 24);
  expect(held.reads).toBe(2);
});

it("adds a part of an hour before and after to the stretches that they lie in", async () => {
  const { hours } = store();
  const sums = await hours.sums({ ...month, edges: [START - HOUR_MS / 2], toMs: START + 2.25 * HOUR_MS });
  expect(sums.map(({ startMs, sums: { energyMwh } }) => [startMs, energyMwh])).toEqual([
    [START - HOUR_MS / 2, 5 * 2.75],
  ]);
});

it("does not hold what was read while its hours were priced", async () => {
  const { held, hours } = store();
  let open = () => {};
  held.gate = new Promise((resolve) => {
    open = resolve;
  });
  const early = hours.sums(month);
  held.mwh = 7;
  hours.touched("s", START, START + HOUR_MS);
  const late = hours.sums(month);
  open();
  expect(total(await early)).toBe(3_600);
  expect(total(await late)).toBe(720 * 7);
  expect(total(await hours.sums(month))).toBe(720 * 7);
  expect(held.reads).toBe(2);
});

it("tells the sources of a range that begins and ends within days as if it were read whole", async () => {
  const { held, hours } = store();
  const [fromMs, toMs] = [START, START + 3 * DAY_MS];
  const [source, ...others] = await hours.sources("s", fromMs, toMs);
  expect(others).toEqual([]);
  expect(source).toMatchObject({ fromMs, toMs, min: fromMs, oldestAsOfMs: fromMs });
  const { reads } = held;
  await hours.sources("s", fromMs, toMs);
  expect(held.reads).toBe(reads);
});
