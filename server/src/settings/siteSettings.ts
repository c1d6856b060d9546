import { createHash } from "node:crypto";
import type { SiteChange, SiteSettings as SiteView } from "@hashwatt/protocol/settings";
import { SLUG } from "@hashwatt/protocol/slug";
import { Zone } from "@hashwatt/protocol/zone";
import { nearestName } from "../config/nearestName.js";
import { ServerError } from "../error.js";
import type { GridFactors } from "../rates/carbon/gridFactors.js";
import type { Rates } from "../rates/rates.js";
import { RATE_KINDS, type RateKind } from "../rates/slot.js";
import { unknownRegion } from "../siteSeeds.js";
import { MAX_SITES, type Sites } from "../sites.js";
import type { FxRecord, SiteRecord, StateStore, TariffRecord } from "../store/state/state.js";
import { currencyOfGone, currencyProblems, keepCurrency } from "./currencyChange.js";
import { termsOf } from "./openSettings.js";
import { regionNotices } from "./regionNotices.js";
import { type NewDocument, type Settings, sentenceOf } from "./settings.js";

/** What sites' settings are made with. `flat` and `fx` are what rates read too: what is added here counts there at once. */
export interface SiteSettingsParts {
  state: Pick<StateStore, "dropSite" | "ledger" | "oldestRollup" | "setting" | "putSetting">;
  sites: Sites;
  rates: Pick<Rates, "putSite" | "setTerms" | "changed">;
  settings: Settings;
  factors: GridFactors;
  flat: TariffRecord[];
  fx: FxRecord[];
  clock: { nowMs(): number };
  /** Whether a site has rigs, or the config names it. */
  inUse(site: string): string | undefined;
}

/** Rates that are others when this of a site is another. */
const RATES_OF: Partial<Record<keyof SiteRecord, readonly RateKind[]>> = {
  zone: ["price", "poolFactor", "overhead", "carbonMarket"],
  currency: RATE_KINDS,
  gridRegion: ["carbon", "carbonMarket"],
  gridYear: ["carbon", "carbonMarket"],
  demo: ["price"],
};

/** Sites as an operator sets them. */
export class SiteSettings {
  readonly #parts: SiteSettingsParts;

  constructor(parts: SiteSettingsParts) {
    this.#parts = parts;
  }

  list(): SiteView[] {
    return [...this.#parts.sites.all()].map((record) => this.#told(record));
  }

  /** Throws ServerError `notFound`. */
  get(site: string): SiteView {
    return this.#told(this.#record(site));
  }

  /** Units of a currency for one USD, as set last; undefined where that was never set. */
  perUsd(currency: string): number | undefined {
    const set = this.#parts.fx.filter((rate) => rate.currency === currency);
    return set.sort((a, b) => a.validFromMs - b.validFromMs).at(-1)?.perUsd;
  }

  /** What of a site cannot be, beyond its shape; each begins with its key. */
  problems({ zone, gridRegion, gridYear }: Pick<SiteChange, "zone" | "gridRegion" | "gridYear">): string[] {
    const zones = zoneProblem(zone);
    const region = unknownRegion(gridRegion ?? undefined, this.#parts.factors);
    return [
      ...(zones === undefined ? [] : [`zone: ${zones}`]),
      ...(region === undefined ? [] : [`gridRegion: ${region}`]),
      ...(region === undefined ? this.#yearProblems(gridRegion, gridYear) : []),
    ];
  }

  /** Why a site may not count in another currency from now on; each begins with its key. `documents` are set with it. */
  async currencyProblems(
    site: string,
    { currency }: Pick<SiteChange, "currency">,
    documents: readonly NewDocument[] = [],
  ): Promise<string[]> {
    const { state, sites, settings } = this.#parts;
    const before = sites.get(site)?.currency ?? (await currencyOfGone(site, state));
    return before === undefined
      ? []
      : currencyProblems({ site, before, currency, held: settings.all(), put: documents }, state);
  }

  #yearProblems(region: string | null, year: number | null): string[] {
    if (year === null) return [];
    if (region === null) return ["gridYear: is the year of a region's factor: name the gridRegion"];
    const years = this.#parts.factors.years(region);
    return years.includes(year)
      ? []
      : [`gridYear: ${region} has factors of ${years.join(", ")}, none of ${year}`];
  }

  /**
   * Sets a site, or makes one. A tariff that would not hold together any more refuses it. Throws ServerError `badRequest`, `conflict`
   * where the site is another than that of `etag` by now.
   */
  async put(
    site: string,
    change: SiteChange,
    { etag, create }: { etag?: string | undefined; create?: boolean } = {},
  ): Promise<SiteView> {
    const { sites, settings } = this.#parts;
    const refuseOther = () => {
      const before = sites.get(site);
      this.#refuseOther(before, etag);
      if (create && before) throw new ServerError("conflict", `site "${site}" is there already`);
    };
    const refuse = async () => {
      refuseOther();
      const [other] = await this.currencyProblems(site, change);
      if (other !== undefined) throw new ServerError("badRequest", other);
      if (!sites.get(site) && [...sites.all()].length >= MAX_SITES)
        throw wrong("site", `there are ${MAX_SITES} sites already, as many as there may be`);
    };
    refuseOther();
    if (!SLUG.test(site)) throw wrong("site", "must be a name of a–z, 0–9 and hyphens, at most 64");
    const [problem] = this.problems(change);
    if (problem !== undefined) throw new ServerError("badRequest", problem);
    const [defect] = settings.check([], [], new Map([[site, recordOf(site, change)]]));
    await refuse();
    if (defect) throw wrong("site", sentenceOf(defect));
    // Another change may come before this one's turn.
    await this.putAll(new Map([[site, change]]), [], refuse);
    return this.#told(this.#record(site));
  }

  /**
   * Sets sites and documents, which are looked at together: all of it or nothing. What of the sites themselves cannot be is to be asked
   * before ({@link SiteSettings.problems}, {@link SiteSettings.currencyProblems}); `refuse` is asked again in its turn. Throws ServerError
   * `badRequest` and what `refuse` throws.
   */
  async putAll(
    changes: ReadonlyMap<string, SiteChange>,
    documents: readonly NewDocument[] = [],
    refuse?: () => Promise<void>,
  ): Promise<void> {
    const { sites, rates, settings, clock, flat, fx } = this.#parts;
    const nowMs = clock.nowMs();
    const all = Array.from(changes, ([site, change]) => ({ change, record: recordOf(site, change) }));
    const before = new Map<string, SiteRecord | undefined>();
    const prices = all.flatMap(({ change, record }) => priceOf(change, record, nowMs) ?? []);
    const perUsd = all.flatMap(({ change }) => fxOf(change, nowMs) ?? []);
    await settings.change(documents, [], {
      refuse,
      sites: {
        sites: all.map(({ record }) => record),
        prices,
        fx: perUsd,
        kept() {
          for (const { record } of all) {
            before.set(record.site, sites.get(record.site));
            sites.put(record);
            rates.putSite(record);
          }
          flat.push(...prices);
          fx.push(...perUsd);
        },
      },
    });
    for (const { record, change } of all) {
      rates.setTerms(record.site, termsOf(settings, record.site), nowMs);
      this.#tellChanged(before.get(record.site), record, change, nowMs);
    }
  }

  /** Forgets a site that has no rigs, with what is set of it; what was measured there stays. */
  async remove(site: string, etag?: string): Promise<SiteView> {
    const { state, sites, settings, inUse } = this.#parts;
    const record = this.#record(site);
    this.#refuseOther(record, etag);
    const why = inUse(site);
    if (why !== undefined) throw wrong("site", why);
    const told = this.#told(record);
    await settings.change(
      [],
      settings.all().filter((document) => document.site === site),
      { refuse: () => this.#refuseOther(sites.get(site), etag) },
    );
    await keepCurrency(site, record.currency, state);
    await state.dropSite(site);
    sites.remove(site);
    return told;
  }

  #tellChanged(
    before: SiteRecord | undefined,
    after: SiteRecord,
    { price, fxPerUsd }: Pick<SiteChange, "price" | "fxPerUsd">,
    nowMs: number,
  ): void {
    const { rates, sites } = this.#parts;
    const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
    const later = { fromMs: nowMs, toMs: Number.POSITIVE_INFINITY };
    const kinds = new Set<RateKind>();
    // What was booked of one of this name that is gone counts by this one.
    for (const [key, of] of Object.entries(RATES_OF))
      if (before?.[key as keyof SiteRecord] !== after[key as keyof SiteRecord])
        for (const kind of of) kinds.add(kind);
    for (const kind of kinds) rates.changed(after.site, kind, always);
    if (price !== undefined && !kinds.has("price")) rates.changed(after.site, "price", later);
    if (fxPerUsd === undefined) return;
    for (const { site, currency } of sites.all())
      if (currency === after.currency)
        for (const kind of ["fx", "hashprice"] as const) rates.changed(site, kind, later);
  }

  #record(site: string): SiteRecord {
    const record = this.#parts.sites.get(site);
    if (record) return record;
    throw new ServerError("notFound", `There is no site "${site.slice(0, 64)}"; see /api/sites`);
  }

  #refuseOther(held: SiteRecord | undefined, etag: string | undefined): void {
    if (etag === undefined || (held && etagOf(held) === etag)) return;
    throw new ServerError(
      "conflict",
      held ? "the site was changed meanwhile: read it again and change that" : "the site is gone meanwhile",
    );
  }

  #told(record: SiteRecord): SiteView {
    const { site, name, zone, currency, gridRegion = null, gridYear = null, demo } = record;
    const prices = this.#parts.flat
      .filter((tariff) => tariff.site === site)
      .sort((a, b) => a.validFromMs - b.validFromMs)
      .map(({ validFromMs, pricePerKwh, currency: of, source }) => ({
        validFromMs,
        pricePerKwh,
        currency: of,
        source,
      }));
    const notices = regionNotices(record);
    const gridYears = gridRegion === null ? [] : this.#parts.factors.years(gridRegion);
    const etag = etagOf(record);
    return { site, name, zone, currency, gridRegion, gridYear, gridYears, demo, etag, prices, notices };
  }
}

const recordOf = (
  site: string,
  { name, zone, currency, gridRegion, gridYear, demo }: SiteChange,
): SiteRecord => ({
  site,
  name,
  zone,
  currency,
  ...(gridRegion !== null && { gridRegion }),
  ...(gridYear !== null && { gridYear }),
  demo,
});

const priceOf = (
  { price }: SiteChange,
  { site, currency, demo }: SiteRecord,
  nowMs: number,
): TariffRecord | undefined =>
  price === undefined
    ? undefined
    : {
        ...{ site, currency, demo },
        ...{ validFromMs: nowMs, pricePerKwh: price, source: `set in the settings on ${day(nowMs)}` },
      };

const fxOf = ({ currency, fxPerUsd }: SiteChange, nowMs: number): FxRecord | undefined =>
  fxPerUsd === undefined
    ? undefined
    : { currency, validFromMs: nowMs, perUsd: fxPerUsd, source: `set by hand on ${day(nowMs)}` };

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const wrong = (field: string, message: string): ServerError =>
  new ServerError("badRequest", `${field}: ${message}`);

const etagOf = ({ name, zone, currency, gridRegion, gridYear, demo }: SiteRecord): string =>
  `"${createHash("sha256")
    .update(JSON.stringify([name, zone, currency, gridRegion, gridYear, demo]))
    .digest("base64url")
    .slice(0, 16)}"`;

/** What is wrong with the name of a zone, with the nearest that there is; undefined for a zone. */
export function zoneProblem(zone: string): string | undefined {
  try {
    Zone.of(zone);
    return undefined;
  } catch {
    const near = nearestName(zone, Intl.supportedValuesOf("timeZone"));
    return `"${zone.slice(0, 64)}" is no IANA time zone${near === undefined ? ", such as Asia/Shanghai" : `; did you mean ${near}?`}`;
  }
}
