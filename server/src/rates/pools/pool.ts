import type { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { older, overlap, together } from "../overlap.js";
import { fillGaps, type RateSource, type Slot, type TimeRange } from "../slot.js";
import { startOf } from "../tariffs/energyPrice.js";

const percent = z.number().min(0).max(100);
const date = z.iso.date("must be a date such as 2026-08-01");

/**
 * How a pool pays. FPPS pays the expected subsidy and fees of each share, PPS the subsidy alone, PPLNS a part of each block that it
 * finds, so that its expectation is multiplied by its luck, and SOLO whole blocks: what is computed of it is an expectation that no
 * single month need come near.
 */
export const poolSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  name: z.string().trim().min(1).max(100),
  scheme: z.enum(["FPPS", "PPS", "PPLNS", "SOLO"]),
  feePercent: percent,
  /** Blocks found ÷ blocks expected, of PPLNS and SOLO; 1 where it is not known. */
  luck: z.number().positive().max(10).optional(),
  /** What the firmware takes for its makers, percent of the hashrate. */
  devFeePercent: percent.default(0),
  /** Local dates, the second not included; absent = no end. */
  validFrom: date,
  validTo: date.optional(),
  source: z.string().trim().min(1).max(300),
});
export type Pool = z.infer<typeof poolSchema>;

/** What is left of a hashprice after a pool, where its scheme pays for fees as the hashprice does. */
export const poolShare = ({
  scheme,
  feePercent,
  luck = 1,
  devFeePercent,
}: Pick<Pool, "scheme" | "feePercent" | "luck" | "devFeePercent">): number =>
  (1 - feePercent / 100) * (1 - devFeePercent / 100) * (scheme === "PPLNS" || scheme === "SOLO" ? luck : 1);

/** Share of the subsidy in the reward of a block over a range: series of 0–1, a gap where fees are not known. */
export type SubsidyShare = (range: TimeRange) => readonly Slot[];

/**
 * What pools leave of the hashprice: of those of a site, each from its date to its end, or until the next one. `subsidyShare` takes
 * the fees out of a hashprice for a pool that pays PPS; where it is not known, the hashprice has no fees in it either.
 */
export function poolFactor(pools: readonly Pool[], zone: Zone, subsidyShare: SubsidyShare): RateSource {
  const sorted = [...pools].sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  const dated = sorted.map((pool, i) => {
    const next = sorted[i + 1];
    const endMs = pool.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(pool.validTo, zone);
    return {
      pool,
      startMs: startOf(pool.validFrom, zone),
      endMs: next ? Math.min(endMs, startOf(next.validFrom, zone)) : endMs,
    };
  });
  return {
    kind: "poolFactor",
    id: "pool",
    unit: "share of the hashprice",
    slots: (range) =>
      dated.flatMap(({ pool, startMs, endMs }) => {
        if (endMs <= startMs || startMs >= range.toMs || endMs <= range.fromMs) return [];
        const slot: Slot = {
          startMs,
          endMs,
          value: poolShare(pool),
          source: sourceOf(pool),
          note: noteOf(pool),
          asOfMs: startMs,
        };
        if (pool.scheme !== "PPS") return [slot];
        return withoutFees(slot, subsidyShare(range));
      }),
  };
}

function withoutFees(slot: Slot, subsidyShare: readonly Slot[]): Slot[] {
  const paid = overlap([[slot], subsidyShare], ([pool, share]) => {
    if (!pool || !share) return undefined;
    const note = together([pool.note, share.note], "; ");
    return {
      value: pool.value * share.value,
      source: pool.source,
      ...(note !== undefined && { note }),
      asOfMs: older(pool.asOfMs, share.asOfMs),
    };
  });
  return fillGaps(paid, [slot]);
}

const sourceOf = ({ name, scheme, source }: Pool): string => `${name}, ${scheme}: ${source}`;

function noteOf({ scheme, feePercent, luck, devFeePercent }: Pool): string {
  const parts = [`fee ${feePercent} %`];
  if (devFeePercent > 0) parts.push(`firmware ${devFeePercent} %`);
  if (scheme === "PPS") parts.push("pays the subsidy only");
  if (scheme === "PPLNS" || scheme === "SOLO")
    parts.push(luck === undefined ? "luck not known, taken as 1" : `luck ${luck}`);
  if (scheme === "SOLO") parts.push("an expectation, not an income");
  return parts.join(", ");
}
