import { isSha256 } from "../../economics/figures.js";
import type { RigView } from "../../fleet/rigView.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import { DEV_FEE_HOLDS_MS, type DevFeeRow, type DevFeeStore } from "../../store/state/devFees.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";

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
 * What firmwares take for their makers, each hour from what was measured in the 24 hours before: of each rig, which is kept in `store`,
 * and by site of the hash of all its SHA-256 rigs. Of a site where no rig shows it there is nothing.
 */
export const devFees = (views: () => Iterable<RigView>, store: Pick<DevFeeStore, "put">): RateFetcher => ({
  id: "firmware-fees",
  kind: "measured",
  series: ["devFee/<site>", "devFeeOf/<site>"],
  everyMs: HOUR_MS,
  own: true,
  async fetch({ nowMs }) {
    await keep(views(), store, nowMs);
    return [...sumsBySite(views(), nowMs)].flatMap(([site, sums]) => slotsOf(site, sums, nowMs));
  },
});

const nextBucket = (nowMs: number): number => Math.ceil(nowMs / BUCKET_MS) * BUCKET_MS;

/** Keeps what was measured since it was kept last. */
async function keep(views: Iterable<RigView>, store: Pick<DevFeeStore, "put">, nowMs: number): Promise<void> {
  const parts = [...views].flatMap(({ rig, devFee }) => {
    const part = devFee?.unkept;
    // Two rows of a rig never begin at one instant.
    if (!devFee || !part || part.toMs - part.sinceMs < BUCKET_MS) return [];
    const share = devFee.over(nowMs)?.share;
    const row: DevFeeRow = { rig, fromMs: nextBucket(nowMs), ...part };
    return [{ devFee, part, row: share === undefined ? row : { ...row, share: rounded(share) } }];
  });
  await store.put(parts.map(({ row }) => row));
  for (const { devFee, part } of parts) devFee.kept(part);
}

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
  const startMs = nextBucket(nowMs);
  const hours = Math.round((sums.toMs - sums.fromMs) / HOUR_MS);
  const slot = (value: number): Slot => ({
    startMs,
    endMs: startMs + DEV_FEE_HOLDS_MS,
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
