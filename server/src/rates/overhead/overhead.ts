import type { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import type { RateSource, Slot, TimeRange } from "../slot.js";
import { startOf } from "../tariffs/energyPrice.js";
import { climateRegions } from "./climate.js";

const date = z.iso.date("must be a date such as 2026-08-01");
const common = {
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  name: z.string().trim().min(1).max(100),
  /** Local dates, the second not included; absent = no end. */
  validFrom: date,
  validTo: date.optional(),
  source: z.string().trim().min(1).max(300),
};
/** How rigs are cooled, by which the model knows them. */
export const COOLINGS = ["air", "immersion", "hydro"] as const;
export type Cooling = (typeof COOLINGS)[number];

/** What a site draws beside its plugs: a factor that somebody knows, or the model of its cooling. */
export const overheadSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), ...common, factor: z.number().min(1).max(5) }),
  z.strictObject({
    kind: z.literal("model"),
    ...common,
    cooling: z.enum(COOLINGS),
    /** A place of the bundled climates, for times without a sensor outside. */
    climate: z
      .string()
      .max(64)
      .refine((region) => climateRegions().includes(region), {
        error: () => `is no place of the bundled climates; there are ${climateRegions().join(", ")}`,
      })
      .optional(),
  }),
]);
export type Overhead = z.infer<typeof overheadSchema>;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * What a site draws per unit at the plugs, by the documented model (docs/money-and-carbon.md); an assumption of ours, not a
 * measurement. Air at `ambientC` outside: 1.05, and 0.004 more for each °C above 25, up to 1.15; immersion 1.03; hydro 1.04, and 0.003
 * more for each °C above 30.
 */
export function modelledOverhead(cooling: Cooling, ambientC: number): number {
  switch (cooling) {
    case "air":
      return clamp(1.05 + 0.004 * Math.max(0, ambientC - 25), 1.05, 1.15);
    case "immersion":
      return 1.03;
    case "hydro":
      return 1.04 + 0.003 * Math.max(0, ambientC - 30);
  }
}

/** What a site draws per unit at its plugs by its own meters; undefined where either is not known, or less comes in than is drawn. */
export function measuredOverhead(feederKwh: number, plugKwh: number): number | undefined {
  const factor = feederKwh / plugKwh;
  return plugKwh > 0 && Number.isFinite(factor) && factor >= 1 ? factor : undefined;
}

/** Overhead as it is set, by date; the model needs the air outside. */
export function setOverhead(
  overheads: readonly Overhead[],
  zone: Zone,
  ambient: (range: TimeRange, climate: string | undefined) => readonly Slot[],
): RateSource {
  const sorted = [...overheads].sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  const dated = sorted.map((overhead, i) => {
    const next = sorted[i + 1];
    const endMs = overhead.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(overhead.validTo, zone);
    return {
      overhead,
      startMs: startOf(overhead.validFrom, zone),
      endMs: next ? Math.min(endMs, startOf(next.validFrom, zone)) : endMs,
    };
  });
  return {
    kind: "overhead",
    id: "set",
    unit: "kWh at the feeder per kWh at the plug",
    slots: (range) =>
      dated.flatMap(({ overhead, startMs, endMs }) => {
        if (endMs <= startMs || startMs >= range.toMs || endMs <= range.fromMs) return [];
        const { name, source } = overhead;
        if (overhead.kind === "constant")
          return [
            {
              startMs,
              endMs,
              value: overhead.factor,
              source: `${name}, constant: ${source}`,
              asOfMs: startMs,
            },
          ];
        const { cooling, climate } = overhead;
        if (cooling === "immersion")
          return [
            {
              startMs,
              endMs,
              value: modelledOverhead(cooling, 0),
              source: `${name}, model of immersion: ${source}`,
              asOfMs: startMs,
            },
          ];
        const within = { fromMs: Math.max(range.fromMs, startMs), toMs: Math.min(range.toMs, endMs) };
        return ambient(within, climate).flatMap((slot): Slot[] => {
          const from = Math.max(slot.startMs, startMs);
          const to = Math.min(slot.endMs, endMs);
          if (to <= from) return [];
          return [
            {
              startMs: from,
              endMs: to,
              value: modelledOverhead(cooling, slot.value),
              source: `${name}, model of ${cooling} cooling at ${slot.value.toFixed(1)} °C: ${slot.source}`,
              ...(slot.note !== undefined && { note: slot.note }),
              asOfMs: slot.asOfMs,
            },
          ];
        });
      }),
  };
}
