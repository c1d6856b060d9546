import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { SiteConfig } from "../config.js";
import { type SourceConfig, seriesBySite } from "../rates/fetch/registry.js";
import { documentSources, type SourceLimits, sourceKind } from "../rates/fetch/sourceDocument.js";
import type { LiveSeries, Rates } from "../rates/rates.js";
import type { SiteTerms } from "../rates/siteTerms.js";
import type { SiteRecord, StateStore } from "../store/state/state.js";
import type { DocumentKind } from "./documentKind.js";
import { contractKind, DOCUMENT_KINDS, overheadKind, poolKind } from "./kinds.js";
import { seedTariffs } from "./seedTariffs.js";
import { Settings } from "./settings.js";
import { tariffKind } from "./tariffKind.js";

const NO_SOURCES: SourceLimits = { configured: new Set(), privateSources: false };
const TERMS: Readonly<Record<keyof SiteTerms, { kind: string }>> = {
  tariffs: tariffKind,
  pools: poolKind,
  overheads: overheadKind,
  contracts: contractKind,
};
const OF_RATES = new Set(Object.values(TERMS).map(({ kind }) => kind));

/** Where documents of a kind stand among a site's terms; undefined for a kind that is no term. */
export const termsKeyOf = ({ kind }: { kind: string }): keyof SiteTerms | undefined =>
  (Object.keys(TERMS) as (keyof SiteTerms)[]).find((key) => TERMS[key].kind === kind);

/** Opens the documents of the state file after what the config says anew. Throws ServerError `config` and store codes. */
export async function openSettings(
  config: readonly SiteConfig[],
  state: Pick<StateStore, "documents" | "setting" | "putSetting">,
  site: (site: string) => SiteRecord | undefined,
  clock: Pick<Clock, "nowMs">,
  { log, sources = NO_SOURCES }: { log?: Pick<Logger, "warn"> | undefined; sources?: SourceLimits } = {},
): Promise<Settings> {
  const kinds = [...DOCUMENT_KINDS, sourceKind(sources) as DocumentKind];
  const settings = await Settings.open({ documents: state.documents, kinds, site, clock });
  await seedTariffs(config, settings, state);
  for (const kind of settings.kinds.values())
    for (const { site, id, problems } of settings.list(kind))
      if (problems)
        log?.warn(
          { kind: kind.kind, site, id, why: problems[0] },
          "a setting is wrong and counts for nothing",
        );
  return settings;
}

/** What documents say of a site's rates: those that hold together. */
export function termsOf(settings: Settings, site: string): SiteTerms {
  const values = <T>(documents: readonly { value: T }[]) => documents.map(({ value }) => value);
  const terms = {
    tariffs: values(settings.values(tariffKind, site)),
    pools: values(settings.values(poolKind, site)),
    overheads: values(settings.values(overheadKind, site)),
    contracts: values(settings.values(contractKind, site)),
  };
  return Object.fromEntries(Object.entries(terms).filter(([, own]) => own.length)) as SiteTerms;
}

/** The terms of all sites that have any. */
export function allTerms(settings: Settings): Map<string, SiteTerms> {
  const sites = new Set(settings.all().flatMap(({ kind, site }) => (OF_RATES.has(kind) ? [site] : [])));
  return new Map([...sites].map((site) => [site, termsOf(settings, site)]));
}

/** Has rates follow the documents from now on. `configured`: the sources of the config. */
export function followSettings(
  settings: Settings,
  rates: Rates,
  configured: readonly SourceConfig[],
  clock: Pick<Clock, "nowMs">,
): void {
  settings.onChange((changes) => {
    if (changes.some(({ kind }) => kind === "source"))
      rates.setLive(liveSeries(configured, settings), clock.nowMs());
    const sites = new Set(changes.flatMap(({ kind, site }) => (OF_RATES.has(kind) ? [site] : [])));
    for (const site of sites) rates.setTerms(site, termsOf(settings, site), clock.nowMs());
  });
}

/** Which series of intensities sites' figures are taken from, those of the config first. */
export function liveSeries(configured: readonly SourceConfig[], settings: Settings): LiveSeries {
  return liveOf([...configured, ...documentSources(settings)]);
}

/** The same of sources as they are given. */
export const liveOf = (sources: readonly SourceConfig[]): LiveSeries => ({
  liveCarbon: seriesBySite(sources, "carbon"),
  liveMarginal: seriesBySite(sources, "marginal"),
});
