import type { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { isSha256 } from "../../economics/figures.js";
import { algoOfSeries, revenueSeries } from "../hashprice/revenueSeries.js";
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
  /** As rigs report it, such as Scrypt: the pool counts for these alone. Absent = for every algorithm that has no pool of its own. */
  algorithm: z
    .string()
    .regex(/^(?=.*[A-Za-z0-9])[A-Za-z0-9 -]{1,40}$/, "must be the name of an algorithm such as Scrypt")
    .optional(),
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

/** What is left of a hashprice after a pool, where its scheme pays for fees as the hashprice does. `devFee` 0–1, by default the pool's. */
export const poolShare = (
  {
    scheme,
    feePercent,
    luck = 1,
    devFeePercent,
  }: Pick<Pool, "scheme" | "feePercent" | "luck" | "devFeePercent">,
  devFee = devFeePercent / 100,
): number => (1 - feePercent / 100) * (1 - devFee) * (scheme === "PPLNS" || scheme === "SOLO" ? luck : 1);

/** Whose pool it is: the name of the algorithm in series, "" = of every one that has none of its own. SHA-256 has one name, whatever rigs call it. */
export const poolAlgo = ({ algorithm }: Pick<Pool, "algorithm">): string =>
  algorithm === undefined ? "" : algoName(algorithm);

/** The name under which an algorithm has pools. */
export const algoName = (algorithm: string): string =>
  isSha256(algorithm) ? "sha256" : algoOfSeries(revenueSeries(algorithm));

/** Share of the subsidy in the reward of a block over a range: series of 0–1, a gap where fees are not known. */
export type SubsidyShare = (range: TimeRange) => readonly Slot[];

/** What a pool's factor rests on beside its terms. */
export interface PoolContext {
  /** Takes the fees out of a hashprice for a pool that pays PPS; where it is not known, the hashprice has no fees in it either. */
  subsidyShare: SubsidyShare;
  /** What firmwares were measured to take for their makers; absent where they are never measured. */
  devFee?: (range: TimeRange) => MeasuredDevFee;
}

/**
 * Shares of the hash of all rigs: `fee` went to firmwares' own pools, `of` was that of rigs of which this was measured. The rest of the
 * rigs is taken to pay the rate that is set.
 */
export interface MeasuredDevFee {
  fee: readonly Slot[];
  of: readonly Slot[];
}

/** What pools leave of the hashprice: of those given, each from its date to its end, or until the next one. */
export function poolFactor(pools: readonly Pool[], zone: Zone, context: PoolContext): RateSource {
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
    slots(range) {
      const measured = context.devFee?.(range);
      return dated.flatMap(({ pool, startMs, endMs }) => {
        if (endMs <= startMs || startMs >= range.toMs || endMs <= range.fromMs) return [];
        const slot: Slot = {
          startMs,
          endMs,
          value: poolShare(pool),
          source: sourceOf(pool),
          note: noteOf(pool),
          asOfMs: startMs,
        };
        const slots = measured ? withMeasured(slot, pool, measured) : [slot];
        if (pool.scheme !== "PPS") return slots;
        return slots.flatMap((each) => withoutFees(each, context.subsidyShare(range)));
      });
    },
  };
}

/** Without a pool nothing is taken off but what firmwares were measured to take; a gap where that is not known. */
export const devFeeAlone = (devFee: (range: TimeRange) => MeasuredDevFee): RateSource => ({
  kind: "poolFactor",
  id: "devFee",
  unit: "share of the hashprice",
  slots(range) {
    const { fee, of } = devFee(range);
    return overlap([fee, of], ([taken, known]) =>
      taken && known && taken.value > 0
        ? {
            value: 1 - taken.value,
            source: `no pool set; ${taken.source}`,
            note: measuredNote(taken, known, undefined),
            asOfMs: taken.asOfMs,
          }
        : undefined,
    );
  },
});

/** How the firmware's fee is in a factor: `mean` of what is measured at the site, the rate that is `set`, or `before` it. */
export type DevFeeIn = "mean" | "set" | "before";

/** What pools leave before the firmware's fee, of the time for which this is measured at the site; `factor` is of pools without one. */
export const beforeDevFee = (
  factor: RateSource | undefined,
  devFee: (range: TimeRange) => MeasuredDevFee,
): RateSource => ({
  kind: "poolFactor",
  id: "beforeDevFee",
  unit: "share of the hashprice",
  slots(range) {
    return overlap([factor?.slots(range) ?? [], devFee(range).fee], ([left, taken]) => {
      if (!taken || (factor && !left)) return undefined;
      const note = together([left?.note, "each rig pays what its own firmware was measured to take"], "; ");
      return {
        value: left?.value ?? 1,
        source: `${left?.source ?? "no pool set"}; before the firmware's fee`,
        ...(note !== undefined && { note }),
        asOfMs: left ? left.asOfMs : null,
      };
    });
  },
});

/** A pool's slot, cut where the firmwares' fee was measured: there that counts, and the rate that is set for the other rigs alone. */
function withMeasured(slot: Slot, pool: Pool, { fee, of }: MeasuredDevFee): Slot[] {
  const cut = overlap([[slot], fee, of], ([whole, taken, known]) => {
    if (!whole) return undefined;
    const { value, source, note, asOfMs } = whole;
    if (!taken || !known) return { value, source, ...(note !== undefined && { note }), asOfMs };
    const devFee = taken.value + (1 - known.value) * (pool.devFeePercent / 100);
    return {
      value: poolShare(pool, devFee),
      source,
      note: noteOf(pool, measuredNote(taken, known, pool.devFeePercent)),
      asOfMs: older(asOfMs, taken.asOfMs),
    };
  });
  return cut;
}

const percentText = (share: number): string => String(Number((share * 100).toPrecision(4)));

/** How the firmwares' fee is known, in words. */
function measuredNote(taken: Slot, known: Slot, setPercent: number | undefined): string {
  const mean = known.value > 0 ? taken.value / known.value : 0;
  const said = `firmware ${percentText(mean)} % measured${taken.note === undefined ? "" : ` (${taken.note})`}`;
  if (known.value >= 1) return said;
  return `${said} for ${percentText(known.value)} % of the hash, ${setPercent ?? 0} % for the rest`;
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

function noteOf({ scheme, feePercent, luck, devFeePercent }: Pool, measured?: string): string {
  const parts = [`fee ${feePercent} %`];
  if (measured !== undefined) parts.push(measured);
  else if (devFeePercent > 0) parts.push(`firmware ${devFeePercent} %`);
  if (scheme === "PPS") parts.push("pays the subsidy only");
  if (scheme === "PPLNS" || scheme === "SOLO")
    parts.push(luck === undefined ? "luck not known, taken as 1" : `luck ${luck}`);
  if (scheme === "SOLO") parts.push("an expectation, not an income");
  return parts.join(", ");
}
