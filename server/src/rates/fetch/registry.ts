import { z } from "zod";
import { electricityMaps } from "../carbon/electricityMaps.js";
import { ukCarbonIntensity } from "../carbon/ukCarbonIntensity.js";
import { wattTime } from "../carbon/wattTime.js";
import { csvSource } from "../csv/csvSource.js";
import { coinbaseFx } from "../fx/coinbaseFx.js";
import { ecb } from "../fx/ecb.js";
import { bitcoinCore } from "../hashprice/bitcoinCore.js";
import { coinbase } from "../hashprice/coinbase.js";
import { coinGecko } from "../hashprice/coinGecko.js";
import { kraken } from "../hashprice/kraken.js";
import { mempool } from "../hashprice/mempool.js";
import { quotedSource } from "../hashprice/quoted.js";
import { whatToMine } from "../hashprice/whatToMine.js";
import { amber } from "../tariffs/markets/amber.js";
import { entsoe } from "../tariffs/markets/entsoe.js";
import { ercot } from "../tariffs/markets/ercot.js";
import { nordPool } from "../tariffs/markets/nordPool.js";
import { octopus } from "../tariffs/markets/octopus.js";
import { poolPayouts } from "./poolPayouts.js";
import type { RateFetcher } from "./rateFetcher.js";
import type { SourceKind } from "./sourceKind.js";

/** Every kind of source that a config may name. */
const KINDS = [
  mempool,
  bitcoinCore,
  coinbase,
  kraken,
  coinGecko,
  quotedSource,
  whatToMine,
  ecb,
  coinbaseFx,
  electricityMaps,
  wattTime,
  ukCarbonIntensity,
  csvSource,
  entsoe,
  nordPool,
  octopus,
  ercot,
  amber,
  poolPayouts,
] as const;

/** One source of the config, by its kind. */
export const sourceSchema = z.discriminatedUnion("kind", [
  mempool.schema,
  bitcoinCore.schema,
  coinbase.schema,
  kraken.schema,
  coinGecko.schema,
  quotedSource.schema,
  whatToMine.schema,
  ecb.schema,
  coinbaseFx.schema,
  electricityMaps.schema,
  wattTime.schema,
  ukCarbonIntensity.schema,
  csvSource.schema,
  entsoe.schema,
  nordPool.schema,
  octopus.schema,
  ercot.schema,
  amber.schema,
  poolPayouts.schema,
]);
export type SourceConfig = z.output<typeof sourceSchema>;

/** What is wrong with a source beyond the shape of its keys. */
export function sourceProblem(source: SourceConfig): { key: string; message: string } | undefined {
  if (source.kind === "csv" && (source.file === undefined) === (source.url === undefined))
    return { key: "file", message: "must name either file or url" };
  if (source.kind === "bitcoin-core" && (source.user === undefined) !== (source.password === undefined))
    return { key: "user", message: "must come with password, or use cookieFile" };
  if (source.kind === "uk-carbon-intensity" && source.regionId !== undefined && source.postcode !== undefined)
    return { key: "postcode", message: "stands beside regionId; name one of them" };
  return undefined;
}

/** What asks a source. */
export function fetcherOf(config: SourceConfig): RateFetcher {
  const kind = KINDS.find(({ schema }) => schema.shape.kind.value === config.kind)!;
  const { perHour, perDay } = config;
  const sites = "sites" in config ? config.sites : "site" in config ? [config.site] : undefined;
  return {
    ...(kind as unknown as SourceKind<z.ZodObject>).make(config),
    ...(sites && { sites }),
    limits: { perHour, perDay },
  };
}

/** Which series sites' figures are taken from, in the order of the config. */
export function seriesBySite(
  sources: readonly SourceConfig[],
  family: "carbon" | "marginal",
): Map<string, string[]> {
  const bySite = new Map<string, string[]>();
  for (const source of sources) {
    const sites = "sites" in source ? source.sites : undefined;
    for (const series of fetcherOf(source).series)
      if (series.startsWith(`${family}/`))
        for (const site of sites ?? []) bySite.set(site, [...(bySite.get(site) ?? []), series]);
  }
  return bySite;
}
