import { type Series, SITE_SERIES_FIELDS, type SiteSeriesField } from "@hashwatt/protocol/http";
import { isSha256 } from "./economics/figures.js";
import { type SiteMoney, siteMoney } from "./economics/siteMoney.js";
import { ServerError } from "./error.js";
import type { History, HistoryQuery } from "./http/apiParts.js";
import type { FeederPower, Feeders } from "./metering/feeders.js";
import type { Rates } from "./rates/rates.js";
import { fillGaps, type Slot, timesSlots } from "./rates/slot.js";
import { UNKNOWN_ALGO } from "./rollup/fold.js";
import { significant } from "./rollup/means.js";
import { HOUR_MS } from "./rollup/row.js";
import type { SeriesReader, SiteBaseField } from "./store/series.js";

/** What histories are made from. `rigs` are those that are there now, and what they mine. */
export interface HistoryParts {
  reader: SeriesReader;
  rates: Rates;
  /** Hears of every history that is about to be made. */
  asked?: () => void;
  rigs: () => Iterable<MiningRig>;
  /** What sites' meters say; absent where the config has none. */
  feeders?: Pick<Feeders, "power"> | undefined;
}

/** As much of a rig's view as is read here, so that ten thousand of them need no copies. */
interface MiningRig {
  record: { site: string };
  algo?: string | undefined;
}

const MONEY: readonly (keyof SiteMoney)[] = ["revenuePerH", "costPerH", "profitPerH", "co2KgPerH"];
const isMoney = (field: SiteSeriesField): field is keyof SiteMoney & SiteSeriesField =>
  (MONEY as readonly string[]).includes(field);
/** The algorithm of a site of which no rig has told one. */
const USUAL_ALGO = "SHA256";

/** Histories of rigs as the stores hold them, and of sites with the money that the rates of each step make of them. */
export function histories({ reader, rates, rigs, asked, feeders }: HistoryParts): History {
  return {
    rig(rig, query, fields) {
      asked?.();
      return reader.rigSeries({ rig, ...query, ...(fields && { fields }) });
    },
    async site(site, query, fields = SITE_SERIES_FIELDS) {
      asked?.();
      if (query.algo !== undefined) await refuseUnmined(site, { ...query, algo: query.algo }, rigs(), reader);
      const algo = query.algo ?? mainAlgo(rigs(), site);
      const wanted = fields.filter((field): field is SiteBaseField => !isMoney(field));
      const money = fields.filter(isMoney);
      const base: SiteBaseField[] = money.length
        ? [...new Set([...wanted, "hashrateThs" as const, "powerW" as const])]
        : wanted;
      const series = await reader.siteSeries({ ...query, site, algo, fields: base });
      if (!money.length) return series;
      const range = { ...query, stepMs: series.stepMs };
      const metered = await feeders?.power(site, range);
      const columns = { ...series.columns, ...moneyColumns(series, site, algo, money, rates, metered) };
      for (const field of base) if (!wanted.includes(field)) delete columns[field];
      return { ...series, columns };
    },
  };
}

/**
 * Refuses an algorithm that no rig mines and that nothing of this site is held of in the range, so that a typo does not read
 * as an empty history. Throws ServerError `badRequest`.
 */
async function refuseUnmined(
  site: string,
  query: HistoryQuery & { algo: string },
  rigs: Iterable<MiningRig>,
  reader: SeriesReader,
): Promise<void> {
  const { algo } = query;
  const known = new Set<string>();
  for (const rig of rigs) {
    const mined = rig.algo ?? UNKNOWN_ALGO;
    // What another site mines may be asked of every site, and is then all gaps.
    if (mined === algo) return;
    if (rig.record.site === site) known.add(mined);
  }
  if (!known.size) return;
  // Hourly rows are kept by algorithm; raw samples of none count for any.
  const past = await reader.siteSeries({ ...query, site, fields: [], stepMs: HOUR_MS });
  if (past.coverage > 0) return;
  const list = [...known].sort().join(", ");
  throw new ServerError("badRequest", `algo: no rig of site ${site} mines ${algo}; known: ${list}`);
}

function moneyColumns(
  { tMs, stepMs, columns }: Series,
  site: string,
  algo: string,
  fields: readonly (keyof SiteMoney)[],
  rates: Rates,
  metered: FeederPower | undefined,
): Record<string, (number | null)[]> {
  const range = { fromMs: tMs[0] ?? 0, toMs: (tMs.at(-1) ?? 0) + stepMs };
  const slots = {
    hashprice: afterPool(rates.hashprice(site, algo, range), rates.poolFactor(site, algo, range)),
    price: rates.slots(site, "price", range),
    carbon: rates.slots(site, "carbon", range),
  };
  const { hashrateThs = [], powerW = [] } = columns;
  const money = fields.map((): (number | null)[] => []);
  for (const [at, startMs] of tMs.entries()) {
    // A site costs what its meters say, where they cover the step.
    const drawnW = metered?.(startMs, stepMs) ?? powerW[at] ?? null;
    const step = siteMoney({ startMs, stepMs, hashrateThs: hashrateThs[at] ?? null, powerW: drawnW }, slots);
    for (const [c, field] of fields.entries()) {
      const value = step[field];
      money[c]!.push(value === null ? null : significant(value));
    }
  }
  return Object.fromEntries(fields.map((field, c) => [field, money[c]!]));
}

/** A hashprice after what pools leave of it; all of it where none is set. */
const afterPool = (hashprice: readonly Slot[], left: readonly Slot[]): readonly Slot[] =>
  left.length ? fillGaps(timesSlots(hashprice, left), hashprice) : hashprice;

/**
 * The algorithm that a site's history is of unless another is asked for: SHA-256 where it has any, else that of most rigs; where all
 * its rigs tell none, theirs.
 */
function mainAlgo(rigs: Iterable<MiningRig>, site: string): string {
  const counts = new Map<string, number>();
  let main = USUAL_ALGO;
  for (const rig of rigs) {
    if (rig.record.site !== site) continue;
    if (rig.algo === undefined) main = UNKNOWN_ALGO;
    else counts.set(rig.algo, (counts.get(rig.algo) ?? 0) + 1);
  }
  const sha256 = [...counts].filter(([algo]) => isSha256(algo));
  let most = 0;
  for (const [algo, count] of sha256.length ? sha256 : counts)
    if (count > most) {
      main = algo;
      most = count;
    }
  return main;
}
