import { Zone } from "@hashwatt/protocol/zone";
import { startOf } from "./energyPrice.js";
import { fits, type LocalTimes, pieces } from "./hours.js";
import type { Tariff, TimeOfUse } from "./tariff.js";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const LATEST_MS = 400 * 86_400_000;

/** Something wrong with one of a site's tariffs: which, its key, and what to do. */
export interface TariffDefect {
  id: string;
  path: string;
  message: string;
}

/**
 * What is wrong with the tariffs of a site, each of the right shape: each by itself, and among each other. Empty = nothing.
 */
export function tariffDefects(
  tariffs: readonly Tariff[],
  { zone, currency }: { zone: string; currency: string },
): TariffDefect[] {
  const at = Zone.of(zone);
  const defects: TariffDefect[] = [];
  for (const tariff of tariffs) {
    const { id } = tariff;
    if (tariff.currency !== currency)
      defects.push({
        id,
        path: "currency",
        message: `is ${tariff.currency}, but the site counts in ${currency}`,
      });
    for (const text of defectsOf(tariff, at)) {
      const colon = text.indexOf(":");
      defects.push({ id, path: text.slice(0, colon), message: text.slice(colon + 2) });
    }
  }
  const byStart = tariffs.toSorted((a, b) => a.validFrom.localeCompare(b.validFrom));
  for (const [i, tariff] of byStart.entries()) {
    const next = byStart[i + 1];
    if (next && (tariff.validTo === undefined || tariff.validTo > next.validFrom))
      defects.push({
        id: next.id,
        path: "validFrom",
        message: `"${tariff.id}" and "${next.id}" are both valid on ${next.validFrom}; end the first with validTo: ${next.validFrom}`,
      });
  }
  return defects;
}

/** What was found of tariffs: a year of hours is not walked again for each look at a list. */
const found = new WeakMap<Tariff, { zone: Zone; defects: readonly string[] }>();

/** What is wrong with a tariff that has the right shape; each line says what to change. Empty = nothing. */
export function defectsOf(tariff: Tariff, zone: Zone): readonly string[] {
  const known = found.get(tariff);
  if (known?.zone === zone) return known.defects;
  const defects = lookAt(tariff, zone);
  found.set(tariff, { zone, defects });
  return defects;
}

function lookAt(tariff: Tariff, zone: Zone): string[] {
  const defects: string[] = [];
  const fromMs = startOf(tariff.validFrom, zone);
  const toMs = tariff.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(tariff.validTo, zone);
  if (toMs <= fromMs)
    defects.push(`validTo: ${tariff.validTo} must come after validFrom, ${tariff.validFrom}`);
  const { energy } = tariff;
  if (energy.kind === "timeOfUse") defects.push(...timeOfUseDefects(energy, "energy"));
  if (energy.kind === "capped" && energy.over.kind === "timeOfUse")
    defects.push(...timeOfUseDefects(energy.over, "energy.over"));
  if (energy.kind === "tiered") defects.push(...tierDefects(energy.tiers));
  if (defects.length === 0) {
    const rules =
      energy.kind === "timeOfUse"
        ? energy.rules
        : energy.kind === "capped" && energy.over.kind === "timeOfUse"
          ? energy.over.rules
          : undefined;
    const hole = rules && holeIn(rules, tariff, zone, fromMs, Math.min(toMs, fromMs + LATEST_MS));
    if (hole) defects.push(hole);
  }
  return defects;
}

function timeOfUseDefects({ bands, rules }: TimeOfUse, path: string): string[] {
  const defects: string[] = [];
  rules.forEach(({ band }, i) => {
    if (!Object.hasOwn(bands, band))
      defects.push(
        `${path}.rules[${i}].band: there is no band "${band}"; there are ${Object.keys(bands).join(", ")}`,
      );
  });
  for (const band of Object.keys(bands))
    if (!rules.some((rule) => rule.band === band))
      defects.push(`${path}.bands.${band}: no rule uses it; take it out or give it hours`);
  return defects;
}

function tierDefects(tiers: readonly { upToKwh?: number | undefined }[]): string[] {
  const defects: string[] = [];
  tiers.forEach(({ upToKwh }, i) => {
    const before = tiers[i - 1]?.upToKwh;
    const isLast = i === tiers.length - 1;
    if (isLast && upToKwh !== undefined)
      defects.push(
        `energy.tiers[${i}].upToKwh: the last tier has no end; add one for what exceeds ${upToKwh} kWh`,
      );
    if (!isLast && upToKwh === undefined)
      defects.push(`energy.tiers[${i}].upToKwh: is missing; only the last tier has no end`);
    if (upToKwh !== undefined && before !== undefined && upToKwh <= before)
      defects.push(
        `energy.tiers[${i}].upToKwh: ${upToKwh} must be more than that of the tier before, ${before}`,
      );
  });
  return defects;
}

/** The first moment of a tariff's first year that no rule fits, in words. */
function holeIn(
  rules: readonly LocalTimes[],
  tariff: Tariff,
  zone: Zone,
  fromMs: number,
  toMs: number,
): string | undefined {
  for (const { wall, kind } of pieces(zone, rules, new Set(tariff.holidays), fromMs, toMs)) {
    if (rules.some((rule) => fits(rule, wall, kind))) continue;
    const time = `${String(wall.hour).padStart(2, "0")}:${String(wall.minute).padStart(2, "0")}`;
    return `energy.rules: no rule fits ${time} of a ${kind} in ${MONTHS[wall.month - 1]}; begin with a rule that fits always`;
  }
  return undefined;
}
