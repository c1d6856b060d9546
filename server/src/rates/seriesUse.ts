import type { SiteRecord } from "../store/state/state.js";
import type { RateTables } from "./registry.js";
import type { RateKind } from "./slot.js";

/** Which rates of a site may rest on a stored series; empty where none does. */
export function ratesUsing(series: string, site: SiteRecord, tables: RateTables): RateKind[] {
  const [family, name] = series.split("/") as [string, string | undefined];
  switch (family) {
    case "network":
      return name === "difficulty"
        ? ["hashprice", "hashpriceBtc"]
        : ["hashprice", "hashpriceBtc", "poolFactor"];
    case "btc":
      return name === site.currency || name === "USD" ? ["hashprice"] : [];
    case "fx":
      return name === site.currency ? ["fx", "hashprice"] : [];
    case "hashprice":
    // Of another algorithm, which is a hashprice of its rigs.
    case "revenue":
      return ["hashprice"];
    case "hashpriceBtc":
      return ["hashprice", "hashpriceBtc"];
    case "price":
      return usesPrice(series, site, tables) ? ["price"] : [];
    case "carbon":
      return isOf(series, site, tables.liveCarbon) ? ["carbon"] : [];
    case "marginal":
      return isOf(series, site, tables.liveMarginal) ? ["marginal"] : [];
    case "residual":
      return name === site.site ? ["carbonMarket"] : [];
    case "generation":
      return tables.terms
        ?.get(site.site)
        ?.contracts?.some(({ supply }) => supply.kind === "series" && supply.series === series)
        ? ["carbonMarket"]
        : [];
    case "devFee":
    case "devFeeOf":
      return name === site.site ? ["poolFactor"] : [];
    case "ambient":
    case "overhead":
      return name === site.site ? ["overhead"] : [];
    default:
      return [];
  }
}

const usesPrice = (series: string, { site }: SiteRecord, { terms }: RateTables): boolean =>
  terms
    ?.get(site)
    ?.tariffs?.some(
      ({ energy }) =>
        energy.kind === "series" && (energy.series === series || `price/${energy.series}` === series),
    ) ?? false;

const isOf = (
  series: string,
  { site }: SiteRecord,
  live: ReadonlyMap<string, readonly string[]> | undefined,
): boolean => series.endsWith(`/${site}`) || live?.get(site)?.includes(series) === true;
