import { checked } from "@hashwatt/protocol/checked";
import { z } from "zod";
import type { WrittenTariff } from "./tariff.js";
import { type Schedule, scheduleRules } from "./urdbSchedule.js";

const tier = z.strictObject({
  rate: z.number().optional(),
  adj: z.number().optional(),
  max: z.number().positive().optional(),
  unit: z.string().optional(),
  sell: z.number().optional(),
});
type UrdbTier = z.infer<typeof tier>;
const structure = z.array(z.array(tier).min(1)).min(1).max(100);
const schedule = z.array(z.array(z.int().min(0)).length(24)).length(12);
const months = z.array(z.number()).length(12);

/** What is read of an item of OpenEI's database of utility rates, `version=7&detail=full`. Other keys are told, one by one. */
const itemSchema = z.looseObject({
  label: z.string().optional(),
  name: z.string().min(1),
  utility: z.string().optional(),
  uri: z.string().optional(),
  source: z.string().optional(),
  /** Seconds. */
  startdate: z.number().optional(),
  enddate: z.number().optional(),
  energyratestructure: structure,
  energyweekdayschedule: schedule,
  energyweekendschedule: schedule,
  flatdemandstructure: structure.optional(),
  flatdemandmonths: z.array(z.int().min(0)).length(12).optional(),
  flatdemandunit: z.string().optional(),
  demandratestructure: structure.optional(),
  demandweekdayschedule: schedule.optional(),
  demandweekendschedule: schedule.optional(),
  demandrateunit: z.string().optional(),
  demandunits: z.string().optional(),
  demandwindow: z.number().optional(),
  lookbackpercent: z.number().optional(),
  lookbackrange: z.number().optional(),
  fixedmonthlycharge: z.number().optional(),
  fixedchargefirstmeter: z.number().optional(),
  fixedchargeunits: z.string().optional(),
  mincharge: z.number().optional(),
  minchargeunits: z.string().optional(),
  fueladjustmentsmonthly: months.optional(),
});
type Item = z.infer<typeof itemSchema>;

/** Keys that say who may have the rate, or where it is written down, and change no amount. */
const TELLING = new Set(
  `approved eiaid sector servicetype description basicinformationcomments energycomments demandcomments country revisions is_default
   sourceparent supercedes phasewiring voltagecategory voltageminimum voltagemaximum peakkwcapacitymin peakkwcapacitymax
   peakkwcapacityhistory peakkwhusagemin peakkwhusagemax peakkwhusagehistory usenetmetering dgrules lastupdated effectivedate
   enddate_iso startdate_iso zip`.split(/\s+/),
);
const DAY_MS = 86_400_000;

/** A tariff, and what is to be known of how it was read; or what keeps it from being read. Each begins with its key. */
export type UrdbImport =
  | { tariff: WrittenTariff; notes: string[]; defects: [] }
  | { tariff: undefined; notes: string[]; defects: string[] };

/**
 * A tariff from an item of OpenEI's utility rate database, or from an answer that holds one. What cannot be said here is a defect that
 * names its key, and then there is no tariff: a rate that is read in part would be a wrong one.
 */
export function importUrdb(json: unknown): UrdbImport {
  const items = (json as { items?: unknown } | null)?.items;
  if (Array.isArray(items) && items.length !== 1)
    return refusal([`items: holds ${items.length} rates; give the one that is meant`]);
  const parsed = checked(itemSchema, Array.isArray(items) ? items[0] : json);
  if (!parsed.success)
    return refusal(
      parsed.error.issues.map(({ path, message }) =>
        path.length === 1 && isMissing(json, items, path[0]!)
          ? `${String(path[0])}: is missing`
          : `${path.join(".")}: ${message}`,
      ),
    );
  const item = parsed.data;
  const [notes, defects]: string[][] = [[], []];
  const known = new Set(Object.keys(itemSchema.shape));
  for (const [key, value] of Object.entries(item))
    if (!known.has(key) && !isNothing(value))
      if (TELLING.has(key)) notes!.push(`${key}: says for whom or since when, and is not priced`);
      else defects!.push(`${key}: is not supported, and may change what is paid`);
  const energy = energyOf(item, defects!, notes!);
  const demand = [...flatDemand(item, defects!), ...timedDemand(item, defects!)];
  if (demand.length && item.demandwindow === undefined)
    notes!.push("demandwindow: is missing; 15 minutes are taken");
  const monthly = monthlyOf(item, defects!, notes!);
  const minimum = minimumOf(item, defects!);
  const day = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10);
  if (item.startdate === undefined)
    notes!.push("startdate: is missing; the rate is taken as valid since 2000");
  const adders = (item.fueladjustmentsmonthly ?? []).flatMap((perKwh, month) =>
    perKwh === 0 ? [] : [{ name: "fuel adjustment", perKwh, months: [month + 1] }],
  );
  if (defects!.length || !energy) return refusal(defects!, notes!);
  return {
    tariff: {
      id: idOf(item),
      name: [item.utility, item.name].filter(Boolean).join(", ").slice(0, 100),
      currency: "USD",
      validFrom: item.startdate === undefined ? "2000-01-01" : day(item.startdate),
      // It ends with its last day, and here with the day after.
      ...(item.enddate !== undefined && { validTo: day(item.enddate + DAY_MS / 1_000) }),
      source: `OpenEI URDB ${item.label ?? ""} ${item.uri ?? item.source ?? ""}`.trim().slice(0, 300),
      energy,
      ...(adders.length && { adders }),
      ...(demand.length && { demand }),
      ...(monthly.length && { monthly }),
      ...minimum,
    },
    notes: notes!,
    defects: [],
  };
}

const isMissing = (json: unknown, items: unknown, key: PropertyKey): boolean => {
  const item = (Array.isArray(items) ? items[0] : json) as Record<PropertyKey, unknown> | null;
  return item?.[key] === undefined;
};

const refusal = (defects: string[], notes: string[] = []): UrdbImport => ({
  tariff: undefined,
  notes,
  defects: defects.length ? defects : ["energyratestructure: has no price"],
});

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.every(isNothing));

const idOf = ({ label, name }: Item): string =>
  `urdb-${label ?? name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/-+$/, "");

const priceOf = ({ rate = 0, adj = 0 }: UrdbTier): number => Number((rate + adj).toFixed(9));
/** A tier that costs what the one before does is none. */
const realTiers = (tiers: readonly UrdbTier[]): UrdbTier[] =>
  tiers.filter((each, i) => i === tiers.length - 1 || priceOf(each) !== priceOf(tiers[i + 1]!));

function energyOf(item: Item, defects: string[], notes: string[]): WrittenTariff["energy"] | undefined {
  const {
    energyratestructure: periods,
    energyweekdayschedule: weekday,
    energyweekendschedule: weekend,
  } = item;
  const used = [...new Set([...weekday, ...weekend].flat())].sort((a, b) => a - b);
  for (const at of used)
    if (!periods[at]) defects.push(`energyweekdayschedule: names period ${at}, which has no price`);
  if (used.some((at) => !periods[at])) return undefined;
  for (const at of used)
    for (const [i, { unit, sell }] of periods[at]!.entries()) {
      const key = `energyratestructure[${at}][${i}]`;
      if (unit !== undefined && unit.toLowerCase() !== "kwh")
        defects.push(`${key}.unit: "${unit}" is not supported; only kWh is`);
      if (sell) notes.push(`${key}.sell: what is fed in is not priced`);
    }
  const tiers = new Map(used.map((at) => [at, realTiers(periods[at]!)]));
  const tiered = used.filter((at) => tiers.get(at)!.length > 1);
  if (used.length === 1 && tiered.length === 1)
    return {
      kind: "tiered",
      tiers: tiers.get(used[0]!)!.map((each, i, all) => ({
        ...(i < all.length - 1 && each.max !== undefined && { upToKwh: each.max }),
        price: priceOf(each),
      })),
    };
  if (tiered.length) {
    defects.push(
      `energyratestructure: period ${tiered.join(", ")} has tiers beside other periods; tiers by hour or season are not supported`,
    );
    return undefined;
  }
  const price = (at: number) => priceOf(tiers.get(at)![0]!);
  if (new Set(used.map(price)).size === 1) return { kind: "flat", price: price(used[0]!) };
  const band = (at: number) => `period ${at}`;
  return {
    kind: "timeOfUse",
    bands: Object.fromEntries(used.map((at) => [band(at), price(at)])),
    rules: scheduleRules({ weekday, weekend }, band),
  };
}

/** What every demand term of an item has. */
function demandBase(item: Item, defects: string[]) {
  const { demandwindow: minutes = 15, lookbackpercent: percent = 0, lookbackrange: range = 0 } = item;
  if (minutes !== 15 && minutes !== 30 && minutes !== 60)
    defects.push(`demandwindow: ${minutes} minutes are not supported; 15, 30 and 60 are`);
  if (percent > 0 && (range < 1 || range > 24))
    defects.push(`lookbackrange: ${range} months are not supported; 1 to 24 are`);
  // Percent, or a share of one.
  const ratchet = { percent: percent <= 1 ? percent * 100 : percent, months: Math.round(range) };
  return {
    kind: "maximum" as const,
    minutes: minutes as 15 | 30 | 60,
    ...(percent > 0 && { ratchet }),
  };
}

function oneRate(
  tiers: readonly UrdbTier[],
  key: string,
  unit: string | undefined,
  defects: string[],
): number {
  const real = realTiers(tiers);
  if (real.length > 1) defects.push(`${key}: has tiers of demand, which are not supported`);
  const own = real[0]?.unit ?? unit ?? "kW";
  if (own.toLowerCase() !== "kw") defects.push(`${key}: is per ${own}; only kW is supported`);
  return priceOf(real[0] ?? {});
}

type WrittenDemand = NonNullable<WrittenTariff["demand"]>;

function flatDemand(item: Item, defects: string[]): WrittenDemand {
  const { flatdemandstructure: periods, flatdemandmonths: byMonth } = item;
  if (!periods) return [];
  const used = [...new Set(byMonth ?? Array.from({ length: 12 }, () => 0))];
  return used.flatMap((at): WrittenDemand => {
    const key = `flatdemandstructure[${at}]`;
    if (!periods[at]) {
      defects.push(`flatdemandmonths: names period ${at}, which has no price`);
      return [];
    }
    const perKw = oneRate(periods[at], key, item.flatdemandunit ?? item.demandunits, defects);
    const own = (byMonth ?? []).flatMap((period, month) => (period === at ? [month + 1] : []));
    if (perKw === 0) return [];
    const all = own.length === 0 || own.length === 12;
    return [
      {
        ...demandBase(item, defects),
        name: used.length > 1 ? `demand, period ${at}` : "demand",
        perKw,
        ...(!all && { months: own }),
      },
    ];
  });
}

/** Demand by hours: a term for each period and group of months in which its hours are the same. */
function timedDemand(item: Item, defects: string[]): WrittenDemand {
  const {
    demandratestructure: periods,
    demandweekdayschedule: weekday,
    demandweekendschedule: weekend,
  } = item;
  if (!periods) return [];
  if (!weekday || !weekend) {
    defects.push("demandweekdayschedule: is missing, as is said when demandratestructure holds");
    return [];
  }
  const timed: Schedule = { weekday, weekend };
  return periods.flatMap((tiers, at): WrittenDemand => {
    const key = `demandratestructure[${at}]`;
    const perKw = oneRate(tiers, key, item.demandrateunit ?? item.demandunits, defects);
    if (perKw === 0) return [];
    return scheduleRules(timed, (period) => (period === at ? "own" : "other"), "own").flatMap(
      (rule): WrittenDemand => {
        if (rule.split) {
          defects.push(
            `${key}: has other hours on weekends than on workdays, which one demand cannot have here`,
          );
          return [];
        }
        const { band: _band, split: _split, ...times } = rule;
        return [{ ...demandBase(item, defects), name: `demand, hours of period ${at}`, perKw, ...times }];
      },
    );
  });
}

/** The minimum of a billing period; that of a day or a year is not what a month is compared with. */
function minimumOf({ mincharge = 0, minchargeunits = "$/month" }: Item, defects: string[]) {
  if (mincharge === 0) return {};
  if (minchargeunits === "$/month") return { minimumCharge: mincharge };
  defects.push(`minchargeunits: "${minchargeunits}" is not supported; $/month is`);
  return {};
}

function monthlyOf(item: Item, defects: string[], notes: string[]): NonNullable<WrittenTariff["monthly"]> {
  const amount = item.fixedmonthlycharge ?? item.fixedchargefirstmeter ?? 0;
  const unit = item.fixedmonthlycharge === undefined ? (item.fixedchargeunits ?? "$/month") : "$/month";
  if (amount === 0) return [];
  if (unit === "$/month") return [{ name: "fixed charge", amount }];
  if (unit === "$/day") {
    notes.push("fixedchargeunits: $/day is charged here as a month of 365/12 days");
    return [{ name: "fixed charge", amount: (amount * 365) / 12 }];
  }
  defects.push(`fixedchargeunits: "${unit}" is not supported; $/month and $/day are`);
  return [];
}
