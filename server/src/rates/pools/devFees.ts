import { isSha256 } from "../../economics/figures.js";
import type { RigView } from "../../fleet/rigView.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";

/** For so long what was measured last counts where nothing newer is. */
const HOLDS_MS = 24 * HOUR_MS;

const rounded = (share: number): number => Math.round(share * 1e5) / 1e5;

interface Sums {
  /** TH/s of all rigs, of those whose firmware's fee is measured, and of what these pay. */
  ths: number;
  measuredThs: number;
  feeThs: number;
  rigs: number;
  fromMs: number;
  toMs: number;
}

/**
 * What firmwares take for their makers, by site, of the hash of all its SHA-256 rigs: each hour from what was measured in the 24 hours
 * before. Of a site where no rig shows it there is nothing.
 */
export const devFees = (views: () => Iterable<RigView>): RateFetcher => ({
  id: "firmware-fees",
  kind: "measured",
  series: ["devFee/<site>", "devFeeOf/<site>"],
  everyMs: HOUR_MS,
  own: true,
  fetch: async ({ nowMs }) =>
    [...sumsBySite(views(), nowMs)].flatMap(([site, sums]) => slotsOf(site, sums, nowMs)),
});

function sumsBySite(views: Iterable<RigView>, nowMs: number): Map<string, Sums> {
  const bySite = new Map<string, Sums>();
  for (const { record, algo, reading, stale, devFee } of views) {
    const ths = reading?.hashrateThs;
    if (stale || ths === undefined || !isSha256(algo)) continue;
    const empty = { ths: 0, measuredThs: 0, feeThs: 0, rigs: 0, fromMs: nowMs, toMs: 0 };
    const sums = bySite.get(record.site) ?? empty;
    bySite.set(record.site, sums);
    sums.ths += ths;
    const fee = devFee?.over(nowMs);
    if (!fee) continue;
    sums.rigs++;
    sums.measuredThs += ths;
    sums.feeThs += ths * fee.share;
    sums.fromMs = Math.min(sums.fromMs, fee.fromMs);
    sums.toMs = Math.max(sums.toMs, fee.toMs);
  }
  return bySite;
}

function slotsOf(site: string, sums: Sums, nowMs: number): SeriesSlots[] {
  if (!(sums.measuredThs > 0)) return [];
  const startMs = Math.ceil(nowMs / BUCKET_MS) * BUCKET_MS;
  const hours = Math.round((sums.toMs - sums.fromMs) / HOUR_MS);
  const slot = (value: number): Slot => ({
    startMs,
    endMs: startMs + HOLDS_MS,
    value: rounded(value),
    source: "difficulty accepted by firmwares' own pools",
    note: `of ${sums.rigs} rigs over ${hours} h`,
    asOfMs: sums.toMs,
  });
  return [
    { series: `devFee/${site}`, slots: [slot(sums.feeThs / sums.ths)] },
    { series: `devFeeOf/${site}`, slots: [slot(sums.measuredThs / sums.ths)] },
  ];
}
