import { nearestName } from "./config/nearestName.js";
import type { SiteConfig } from "./config.js";
import { ServerError } from "./error.js";
import type { GridFactors } from "./rates/carbon/gridFactors.js";
import { currencyOfGone, currencyProblems } from "./settings/currencyChange.js";
import type { SiteRecord, StateStore } from "./store/state/state.js";

const DEFAULTS = { zone: "UTC", currency: "USD" } as const;

/** The setting that holds what the config last said of a site. */
const lastGivenKey = (site: string): string => `config/site/${site}`;

/** Tariffs stay in the config: they say themselves from when on they hold. */
type Given = Omit<SiteConfig, "site" | "tariffs" | "initial">;

/**
 * Takes over what the config says of sites: what it says for the first time or otherwise than before. What it goes on saying
 * leaves the database alone, so that an edit there is not undone by a restart; so does what it says no more. Of a site that
 * nobody knows, all that it says is new, and `initial` stands for what it does not say. Throws ServerError `config` for a grid
 * region that has no factor, and for a currency that a site cannot change to.
 */
export async function seedSites(
  sites: readonly SiteConfig[],
  state: StateStore,
  factors: GridFactors,
  nowMs: number,
): Promise<void> {
  const records = new Map((await state.sites()).map((record) => [record.site, record]));
  for (const { site, tariffs: _inConfig, initial, ...said } of sites) {
    const known = records.get(site);
    const given = known ? said : { ...initial, ...said };
    checkRegion(site, given.gridRegion, factors);
    const kept = known && (await state.setting(lastGivenKey(site)));
    const last = kept === undefined ? {} : (JSON.parse(kept) as Partial<Given>);
    await seedSite(site, given, last, known, state, nowMs);
    await state.putSetting(lastGivenKey(site), JSON.stringify({ ...last, ...said }));
  }
}

async function seedSite(
  site: string,
  given: Given,
  last: Partial<Given>,
  known: SiteRecord | undefined,
  state: StateStore,
  nowMs: number,
): Promise<void> {
  /** What the config says anew of a key; undefined where it says nothing or nothing new. */
  const anew = <K extends keyof Given>(key: K): Given[K] | undefined =>
    given[key] !== undefined && given[key] !== last[key] ? given[key] : undefined;
  const gridRegion = anew("gridRegion") ?? known?.gridRegion;
  // A year that was pinned for another region says nothing of this one.
  const gridYear = gridRegion === known?.gridRegion ? known?.gridYear : undefined;
  const record: SiteRecord = {
    site,
    name: anew("name") ?? known?.name ?? site,
    zone: anew("zone") ?? known?.zone ?? DEFAULTS.zone,
    currency: anew("currency") ?? known?.currency ?? DEFAULTS.currency,
    ...(gridRegion !== undefined && { gridRegion }),
    ...(gridYear !== undefined && { gridYear }),
    demo: anew("demo") ?? known?.demo ?? given.demo,
  };
  await checkCurrency(record, known, state);
  const source = record.demo ? "invented price of the simulated fleet" : `set in the config on ${day(nowMs)}`;
  // A price that was said of the simulated fleet is none of a site that is real from now on: it counts as said anew.
  const real = anew("demo") === false;
  const price = anew("price") ?? (real || anew("currency") !== undefined ? given.price : undefined);
  if (price !== undefined) {
    const priced = last.price !== undefined || (await state.tariffs()).some((tariff) => tariff.site === site);
    await state.putTariff({
      site,
      // The first invented price holds for all that is simulated, what was before the first start included.
      validFromMs: record.demo && !priced ? 0 : nowMs,
      pricePerKwh: price,
      currency: record.currency,
      source,
      demo: record.demo,
    });
  }
  const perUsd = anew("fxPerUsd") ?? (anew("currency") !== undefined ? given.fxPerUsd : undefined);
  if (perUsd !== undefined)
    await state.putFx({
      currency: record.currency,
      validFromMs: nowMs,
      perUsd,
      source: `set by hand on ${day(nowMs)}`,
    });
  // Last: a site that is there is begun with, and what it was to begin with is not looked at again.
  if (!known || JSON.stringify(known) !== JSON.stringify(record)) await state.putSite(record);
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function checkRegion(site: string, region: string | undefined, factors: GridFactors): void {
  const wrong = unknownRegion(region, factors);
  if (wrong !== undefined) throw new ServerError("config", `site ${site}: ${wrong}`);
}

async function checkCurrency(
  { site, currency }: SiteRecord,
  known: SiteRecord | undefined,
  state: StateStore,
): Promise<void> {
  const before = known?.currency ?? (await currencyOfGone(site, state));
  if (before === undefined || before === currency) return;
  const held = await state.documents.all();
  const [problem] = await currencyProblems({ site, before, currency, held }, state);
  if (problem !== undefined)
    throw new ServerError("config", `site ${site}: ${problem}; until then say currency: ${before}`);
}

/** What to say of a grid region that has no factor, with the nearest that has; undefined where none is named or all is well. */
export function unknownRegion(region: string | undefined, factors: GridFactors): string | undefined {
  if (region === undefined || factors.row(region)) return undefined;
  const near = nearestName(region, factors.regions);
  return `no emission factor is known for grid region "${region}"${near === undefined ? "" : `; did you mean ${near}?`} (regions are those of server/data/grid-emission-factors.json)`;
}
