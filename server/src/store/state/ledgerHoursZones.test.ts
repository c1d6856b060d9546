import { Zone } from "@hashwatt/protocol/zone";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addCell, noCell } from "../../economics/cellSums.js";
import { stretches } from "../../ledger/stretches.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import type { LedgerSums } from "./ledger.js";
import { LedgerHours, type SiteReads } from "./ledgerHours.js";

const DAY_MS = 24 * HOUR_MS;

/** A ledger of two algorithms with gaps, every 5 minutes of which is another, read bucket by bucket. */
function bare(seed: number): SiteReads {
  const known = (startMs: number, salt: number): number | undefined => {
    const n = (startMs / BUCKET_MS) * 7 + salt * 13 + seed;
    return n % 5 === 0 || Math.floor(n / 40) % 6 === 0 ? undefined : (n % 1_000) + 1;
  };
  function* buckets({ edges, toMs }: { edges: readonly number[]; toMs: number }) {
    for (const [i, edge] of edges.entries())
      for (let startMs = edge; startMs < (edges[i + 1] ?? toMs); startMs += BUCKET_MS)
        yield { edge, startMs };
  }
  return {
    async sums(query) {
      const sums = new Map<string, LedgerSums>();
      for (const { edge, startMs } of buckets(query))
        for (const [salt, algo] of ["scrypt", "sha256"].entries()) {
          const amount = known(startMs, salt);
          if (amount === undefined) continue;
          const key = `${edge} ${algo}`;
          const held = sums.get(key) ?? { startMs: edge, algo, sums: noCell() };
          sums.set(key, held);
          const cell = { ...noCell(), energyMs: BUCKET_MS, energyMwh: amount };
          addCell(held.sums, salt ? { ...cell, revenueMicro: amount % 3 ? amount : null } : cell);
        }
      return [...sums.values()].sort((a, b) => a.startMs - b.startMs || (a.algo < b.algo ? -1 : 1));
    },
    async spans(query) {
      const spans = new Map<number, number>();
      for (const { edge, startMs } of buckets(query))
        if (known(startMs, 2) !== undefined) spans.set(edge, (spans.get(edge) ?? 0) + BUCKET_MS);
      return spans;
    },
    sources: async (_site, fromMs, toMs, partMs) =>
      Array.from({ length: Math.ceil((toMs - fromMs) / partMs) }, () => []),
  };
}

it("tells of any range, in any zone and across any change of clocks, what reading every 5 minutes tells", async () => {
  // Hours that begin at :30 and :45, days of 23, 23.5, 24.5 and 25 hours.
  const zones = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"];
  const changes = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2026, 3, 4, 15)];
  const bucket = (days: number) => fc.integer({ min: 0, max: (days * DAY_MS) / BUCKET_MS });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...zones),
      fc.constantFrom("hour", "day", "month"),
      fc.constantFrom(...changes),
      fc.tuple(bucket(3), bucket(4)),
      fc.integer({ min: 0, max: 99 }),
      async (zone, step, changeMs, [before, after], seed) => {
        const fromMs = changeMs - before * BUCKET_MS;
        const toMs = changeMs + (after + 1) * BUCKET_MS;
        const edges = stretches(Zone.of(zone), step as "hour", fromMs, toMs, 1_000)!.map(
          (row) => row.startMs,
        );
        const reads = bare(seed);
        const hours = new LedgerHours(reads);
        const query = { site: "s", edges, toMs };
        const [sums, spans] = [await reads.sums(query), await reads.spans(query)];
        // At first, and from what is held then.
        for (let n = 0; n < 2; n++) {
          expect(await hours.sums(query)).toEqual(sums);
          expect([...(await hours.spans(query))]).toEqual([...spans]);
        }
      },
    ),
    { numRuns: 30 },
  );
});
