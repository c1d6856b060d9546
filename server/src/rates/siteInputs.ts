import type { Input } from "@hashwatt/protocol/http";
import type { SiteRecord } from "../store/state/state.js";
import type { RateTables } from "./registry.js";
import type { RateKind, Slot } from "./slot.js";

const DAY_MS = 86_400_000;

/** Figures that move with a market and mislead when old; a tariff and an annual factor hold until replaced. */
const SHOULD_BE_FRESH: ReadonlySet<RateKind> = new Set(["hashprice", "fx"]);

/** Whether a slot's figure is older than a day where it should be fresh; one without a date counts as old. */
export const isStale = (kind: RateKind, slot: Slot, nowMs: number): boolean =>
  SHOULD_BE_FRESH.has(kind) && (slot.asOfMs === null || nowMs - slot.asOfMs > DAY_MS);

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What a site's figures rest on, each with value, unit, source and date, or with the way to set what is missing. */
export function siteInputs(
  site: SiteRecord,
  tables: RateTables,
  now: Readonly<Record<RateKind, Slot | undefined>>,
  nowMs: number,
): Input[] {
  const { currency } = site;
  const quoted = tables.snapshot.btcPrice[currency] !== undefined;
  const describe = (
    kind: RateKind,
    unit: string,
    missing: Pick<Input, "source" | "note" | "howToSet">,
  ): Input => {
    const slot = now[kind];
    const common = { kind, site: site.site, unit };
    if (!slot) return { ...common, ...missing, value: null, asOfMs: null, stale: false };
    const stale = isStale(kind, slot, nowMs);
    return {
      ...common,
      value: slot.value,
      source: slot.source,
      asOfMs: slot.asOfMs,
      stale,
      ...(slot.demo && { demo: true }),
      ...(stale && slot.asOfMs !== null && { note: `of ${day(slot.asOfMs)}, older than a day` }),
    };
  };

  const hashprice = describe("hashprice", `${currency}/PH/day`, {
    source: "not known",
    note: quoted
      ? "no network snapshot covers this moment"
      : `the bundled snapshot has no BTC price in ${currency}; an exchange rate makes one`,
    ...(!quoted && { howToSet: fxHint(currency) }),
  });
  if (hashprice.value !== null && tables.snapshot.feesBtc === undefined)
    hashprice.note = [hashprice.note, "block subsidy only, transaction fees not known"]
      .filter(Boolean)
      .join("; ");
  const otherCurrency = tables.tariffs.find(
    (t) => t.site === site.site && t.currency !== currency && (site.demo || !t.demo),
  );
  const price = describe("price", `${currency}/kWh`, {
    source: "not set",
    ...(otherCurrency && {
      note: `the price set is in ${otherCurrency.currency}, the site counts in ${currency}`,
    }),
    howToSet: `npm start -- --price 0.062 --currency ${currency}`,
  });
  const region = site.gridRegion;
  const carbon = describe("carbon", "kgCO2/kWh", {
    source: "not set",
    ...(region !== undefined && { note: `no factor is known for region "${region}"` }),
    howToSet: "npm start -- --grid CN-SD",
  });
  if (site.demo && carbon.value !== null) carbon.demo = true;
  if (quoted) return [hashprice, price, carbon];
  return [
    hashprice,
    price,
    carbon,
    describe("fx", `${currency}/USD`, { source: "not set", howToSet: fxHint(currency) }),
  ];
}

const fxHint = (currency: string): string => `npm start -- --currency ${currency} --fx 7.1`;
