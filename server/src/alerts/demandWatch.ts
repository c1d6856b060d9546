import { Zone } from "@hashwatt/protocol/zone";
import type { Rates } from "../rates/rates.js";
import { siteEnergy } from "../rates/siteEnergy.js";
import { billingPeriod } from "../rates/tariffs/billingPeriod.js";
import { highestMean, type PowerMean } from "../rates/tariffs/demand.js";
import type { Tariff } from "../rates/tariffs/tariff.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { Settings } from "../settings/settings.js";
import { tariffKind } from "../settings/tariffKind.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { SiteFacts } from "./facts.js";

const MINUTE_MS = 60_000;
/** Before so much of a billing period is over every day makes a new peak. */
const YOUNG_MS = 3 * 86_400_000;

/** What it looks at. */
export interface DemandWatchParts {
  state: Pick<StateStore, "siteColumns">;
  settings: Pick<Settings, "values">;
  sites: Pick<Sites, "all">;
  rates: Pick<Rates, "slots">;
}

/** Whether a site is about to draw a higher mean power than any that it will be billed for yet. */
export class DemandWatch {
  readonly #parts: DemandWatchParts;
  #found = new Map<string, SiteFacts["demand"]>();

  constructor(parts: DemandWatchParts) {
    this.#parts = parts;
  }

  /** What the running stretch of a site comes to if it goes on so; undefined where nothing is billed by a peak, or little is known. */
  of(site: string): SiteFacts["demand"] {
    return this.#found.get(site);
  }

  /** Looks at the rows that are stored. Rejects with store codes. */
  async look(nowMs: number): Promise<void> {
    const found = new Map<string, SiteFacts["demand"]>();
    for (const { site, zone } of this.#parts.sites.all())
      for (const { value } of this.#parts.settings.values(tariffKind, site)) {
        const demand = await this.#ofTariff(site, Zone.of(zone), value, nowMs);
        const known = found.get(site);
        if (demand && (!known || demand.projectedKw / demand.peakKw > known.projectedKw / known.peakKw))
          found.set(site, demand);
      }
    this.#found = found;
  }

  async #ofTariff(site: string, zone: Zone, tariff: Tariff, nowMs: number): Promise<SiteFacts["demand"]> {
    const begins = (date: string): number => {
      const [year, month, day] = date.split("-").map(Number) as [number, number, number];
      return zone.instant(year, month, day);
    };
    if (nowMs < begins(tariff.validFrom) || (tariff.validTo !== undefined && nowMs >= begins(tariff.validTo)))
      return undefined;
    const terms = tariff.demand.filter((term) => term.kind === "maximum");
    const period = billingPeriod(zone, tariff.readingDay, nowMs);
    if (!terms.length || nowMs - period.startMs < YOUNG_MS) return undefined;
    const range = { fromMs: period.startMs, toMs: nowMs };
    const overhead = this.#parts.rates.slots(site, "overhead", range);
    const { intervals } = await siteEnergy(
      this.#parts.state,
      site,
      { ...range, stepMs: BUCKET_MS },
      overhead,
    );
    const parts = intervals.map(
      ({ startMs, endMs, kwh, coverage }): PowerMean => ({
        startMs,
        endMs,
        kw: (kwh * 3_600_000) / (endMs - startMs),
        ...(coverage < 1 && { atLeast: true }),
      }),
    );
    const holidays = new Set(tariff.holidays);
    let worst: SiteFacts["demand"];
    for (const term of terms) {
      const widthMs = term.minutes * MINUTE_MS;
      const startMs = Math.floor(nowMs / widthMs) * widthMs;
      const endsMs = startMs + widthMs;
      const running = parts.filter((part) => part.startMs >= startMs);
      const last = running.at(-1);
      const before = highestMean(term, period, { parts, toMs: startMs }, zone, holidays);
      if (!last || !before) continue;
      const kwMs = running.reduce((sum, part) => sum + part.kw * (part.endMs - part.startMs), 0);
      const projectedKw = (kwMs + last.kw * (endsMs - last.endMs)) / widthMs;
      const whole = { startMs, endMs: endsMs, kw: projectedKw };
      // Hours that the term does not bill make no peak.
      if (!highestMean(term, whole, { parts: [whole], toMs: endsMs }, zone, holidays)) continue;
      const peakKw = before.peak.kw;
      if (peakKw > 0 && (!worst || projectedKw / peakKw > worst.projectedKw / worst.peakKw))
        worst = { name: term.name, peakKw, projectedKw, endsMs, perKw: term.perKw };
    }
    return worst;
  }
}
