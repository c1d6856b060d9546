import type { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import type { Supply } from "../../economics/matching.js";
import { meanOver, type Slot, type TimeRange } from "../slot.js";
import { startOf } from "../tariffs/energyPrice.js";

const date = z.iso.date("must be a date such as 2026-08-01");

/** Energy that is contracted for apart from the grid's mix: a supply agreement, certificates, or a plant of one's own. */
export const carbonContractSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  name: z.string().trim().min(1).max(100),
  kind: z.enum(["ppa", "certificates", "own"]),
  /** kg CO2 per kWh that the contract certifies; 0 for generation without combustion. */
  kgPerKwh: z.number().min(0).max(2).default(0),
  supply: z.discriminatedUnion("kind", [
    /** The same power at every moment. */
    z.strictObject({ kind: z.literal("constant"), kw: z.number().positive().max(1e7) }),
    /** Mean power in kW as a series says, such as `generation/roof`. */
    z.strictObject({
      kind: z.literal("series"),
      series: z.string().regex(/^generation\/[a-z0-9-]{1,64}$/, "must be a series such as generation/roof"),
    }),
    /** So much of whatever is drawn. */
    z.strictObject({ kind: z.literal("share"), percent: z.number().positive().max(100) }),
  ]),
  /** Local dates, the second not included; absent = no end. */
  validFrom: date,
  validTo: date.optional(),
  source: z.string().trim().min(1).max(300),
});
export type CarbonContract = z.infer<typeof carbonContractSchema>;

const HOUR_MS = 3_600_000;

/**
 * What contracts supply over an interval of which `loadKwh` are drawn. Undefined where the generation of one that is valid is not
 * known: nobody knows then what is left for the grid.
 */
export function suppliesOver(
  contracts: readonly CarbonContract[],
  zone: Zone,
  { fromMs, toMs }: TimeRange,
  loadKwh: number,
  slots: (series: string, range: TimeRange) => readonly Slot[],
): Supply[] | undefined {
  const supplies: Supply[] = [];
  for (const { id, name, kgPerKwh, supply, validFrom, validTo } of contracts) {
    const from = Math.max(fromMs, startOf(validFrom, zone));
    const to = Math.min(toMs, validTo === undefined ? toMs : startOf(validTo, zone));
    if (to <= from) continue;
    switch (supply.kind) {
      case "constant":
        supplies.push({ id, name, kgPerKwh, kwh: (supply.kw * (to - from)) / HOUR_MS });
        break;
      case "share":
        supplies.push({
          id,
          name,
          kgPerKwh,
          kwh: (loadKwh * supply.percent * (to - from)) / (100 * (toMs - fromMs)),
        });
        break;
      case "series": {
        const kw = meanOver(slots(supply.series, { fromMs: from, toMs: to }), { fromMs: from, toMs: to });
        if (kw === undefined) return undefined;
        supplies.push({ id, name, kgPerKwh, kwh: (kw * (to - from)) / HOUR_MS });
      }
    }
  }
  return supplies;
}
