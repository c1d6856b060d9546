import type { Input } from "@hashwatt/protocol/http";
import type { SiteRecord } from "../store/state/state.js";
import { algoOfSeries, kindOfOther } from "./hashprice/revenueSeries.js";
import { priceSeries, type RateTables } from "./registry.js";
import { type RateKind, type Slot, slotAt } from "./slot.js";
import { silentTariff } from "./tariffs/silentTariff.js";

const DAY_MS = 86_400_000;

/** Figures that move with a market and mislead when old; a tariff and an annual factor hold until replaced. */
const SHOULD_BE_FRESH: ReadonlySet<RateKind> = new Set(["hashprice", "hashpriceBtc", "fx", "marginal"]);

/** Whether a slot's figure is older than a day where it should be fresh; one without a date counts as old. */
export const isStale = (kind: RateKind, slot: Slot, nowMs: number): boolean =>
  SHOULD_BE_FRESH.has(kind) && (slot.asOfMs === null || nowMs - slot.asOfMs > DAY_MS);

const isBundled = ({ source }: Slot): boolean => source.includes("bundled snapshot");

/** How figures of a market stay fresh. */
const SOURCES_HINT =
  "add `sources: [{ id: mempool, kind: mempool }]` to the server's config, or import newer figures with `server rates import`";

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What a site's figures rest on, each with value, unit, source and date, or with the way to set what is missing. */
export function siteInputs(
  site: SiteRecord,
  tables: RateTables,
  now: Readonly<Partial<Record<RateKind, Slot>>> & { others: ReadonlyMap<string, Slot> },
  nowMs: number,
): Input[] {
  const { currency } = site;
  const quoted = tables.snapshot.btcPrice[currency] !== undefined;
  // Said as an addition: a start command without the user's own ranges would start the simulated fleet.
  const howToSet = (option: string, key: string): string =>
    `add \`${option}\` to your npm start command, or \`${key}:\` of site ${site.site} in the server's config`;
  const fxHint = howToSet(`--currency ${currency} --fx 7.1`, "fxPerUsd");
  const describe = (
    kind: Input["kind"],
    unit: string,
    missing: Pick<Input, "source" | "note" | "howToSet">,
    slot: Slot | undefined = now[kind],
  ): Input => {
    const common = { kind, site: site.site, unit };
    if (!slot) return { ...common, ...missing, value: null, asOfMs: null, stale: false };
    const stale = isStale(kind, slot, nowMs);
    const note = joined(
      stale && slot.asOfMs !== null ? `of ${day(slot.asOfMs)}, older than a day` : undefined,
      slot.note,
    );
    return {
      ...common,
      value: slot.value,
      source: slot.source,
      asOfMs: slot.asOfMs,
      stale,
      ...(slot.demo && { demo: true }),
      ...(note && { note }),
      // A source that does not answer is told by its own state; here nobody is asked.
      ...(stale && isBundled(slot) && { howToSet: SOURCES_HINT }),
    };
  };

  const hashprice = describe("hashprice", `${currency}/PH/day`, {
    source: "not known",
    note: quoted
      ? "no network snapshot covers this moment"
      : `the bundled snapshot has no BTC price in ${currency}; an exchange rate makes one`,
    ...(!quoted && { howToSet: fxHint }),
  });
  const otherCurrency = tables.tariffs.find(
    (t) => t.site === site.site && t.currency !== currency && (site.demo || !t.demo),
  );
  const silent = joined(
    silentTariff(tables.terms?.get(site.site)?.tariffs, site, nowMs, (name) =>
      slotAt(tables.series?.slots(priceSeries(name), { fromMs: nowMs, toMs: nowMs + 1 }) ?? [], nowMs),
    ),
    otherCurrency && `the price set is in ${otherCurrency.currency}, the site counts in ${currency}`,
  );
  const price = describe("price", `${currency}/kWh`, {
    source: "not set",
    ...(silent && { note: silent }),
    howToSet: howToSet("--price 0.062", "price"),
  });
  const region = site.gridRegion;
  const carbon = describe("carbon", "kgCO2/kWh", {
    source: "not set",
    ...(region !== undefined && { note: `no factor is known for region "${region}"` }),
    howToSet: howToSet("--grid CN-SD", "gridRegion"),
  });
  if (site.demo && carbon.value !== null) carbon.demo = true;
  const fx = quoted ? [] : [describe("fx", `${currency}/USD`, { source: "not set", howToSet: fxHint })];
  // What nobody has set of these has no line: without a pool nothing is taken off.
  const others = Array.from(now.others, ([series, slot]) => {
    const kind = kindOfOther(series);
    const unit = kind === "hashprice" ? `${currency}/PH/day` : "share of the hashprice";
    return { ...describe(kind, unit, { source: "not known" }, slot), algo: algoOfSeries(series) };
  });
  const more = MORE.flatMap(([kind, unit]) =>
    now[kind] ? [describe(kind, unit, { source: "not set" })] : [],
  );
  return [hashprice, price, carbon, ...fx, ...more, ...others];
}

const MORE = [
  ["poolFactor", "share of the hashprice"],
  ["overhead", "kWh/kWh at the plugs"],
  ["marginal", "kgCO2/kWh"],
] as const satisfies readonly (readonly [RateKind, string])[];

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join("; ");
