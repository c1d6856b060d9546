import { Zone } from "@hashwatt/protocol/zone";
import type { Rates } from "../rates/rates.js";
import { siteEnergy } from "../rates/siteEnergy.js";
import { type BillingPeriod, billingPeriod } from "../rates/tariffs/billingPeriod.js";
import { highestMean, meansOver, type PowerMean } from "../rates/tariffs/demand.js";
import { earlierPeaks, type KnownPeaks } from "../rates/tariffs/earlierPeaks.js";
import type { MaximumDemand, Tariff } from "../rates/tariffs/tariff.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { Settings } from "../settings/settings.js";
import { tariffKind } from "../settings/tariffKind.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { DemandFacts } from "./facts.js";
import { riskRatio } from "./rules/demandPeak.js";

const MINUTE_MS = 60_000;
/** Of what was contracted no tariff says over how long it is measured; most meters do so over this. [A] */
const CONTRACT_MINUTES = 15;
/** Before so much of a billing period is over every day makes a new peak. */
const YOUNG_MS = 3 * 86_400_000;
/** Peaks of earlier periods are read again after this. */
const EARLIER_MS = 86_400_000;

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
  readonly #earlierMs: number;
  /** Of periods that are over, by site and tariff: read once a day, for a backlog may bring more of them, and when the tariff is another. */
  #earlier = new Map<string, { of: string; known: KnownPeaks; readMs: number }>();
  #found = new Map<string, DemandFacts | undefined>();

  /** `earlierMs`: after how long peaks of earlier periods are read again. */
  constructor(parts: DemandWatchParts, earlierMs = EARLIER_MS) {
    this.#parts = parts;
    this.#earlierMs = earlierMs;
  }

  /** What the running stretch of a site comes to if it goes on so; undefined where nothing is billed by a peak, or little is known. */
  of(site: string): DemandFacts | undefined {
    return this.#found.get(site);
  }

  /** Looks at the rows that are stored. Rejects with store codes. */
  async look(nowMs: number): Promise<void> {
    const found = new Map<string, DemandFacts | undefined>();
    for (const { site, zone } of this.#parts.sites.all())
      for (const { value } of this.#parts.settings.values(tariffKind, site)) {
        found.set(site, worseOf([found.get(site), await this.#ofTariff(site, Zone.of(zone), value, nowMs)]));
      }
    this.#found = found;
  }

  async #ofTariff(site: string, zone: Zone, tariff: Tariff, nowMs: number): Promise<DemandFacts | undefined> {
    const begins = (date: string): number => {
      const [year, month, day] = date.split("-").map(Number) as [number, number, number];
      return zone.instant(year, month, day);
    };
    if (nowMs < begins(tariff.validFrom) || (tariff.validTo !== undefined && nowMs >= begins(tariff.validTo)))
      return undefined;
    const period = billingPeriod(zone, tariff.readingDay, nowMs);
    const isYoung = nowMs - period.startMs < YOUNG_MS;
    const terms = stretchesOf(tariff, isYoung);
    if (!terms.length) return undefined;
    const energy = async (fromMs: number, toMs: number) => {
      const overhead = this.#parts.rates.slots(site, "overhead", { fromMs, toMs });
      const range = { fromMs, toMs, stepMs: BUCKET_MS };
      return (await siteEnergy(this.#parts.state, site, range, overhead)).intervals;
    };
    const intervals = await energy(period.startMs, nowMs);
    const parts = intervals.map(
      ({ startMs, endMs, kwh, coverage }): PowerMean => ({
        startMs,
        endMs,
        kw: (kwh * 3_600_000) / (endMs - startMs),
        ...(coverage < 1 && { atLeast: true }),
      }),
    );
    const earlierKw = await this.#earlierOf(site, zone, tariff, period, nowMs, energy);
    const at = { parts, period, nowMs, zone, holidays: new Set(tariff.holidays), earlierKw, isYoung };
    return worseOf(terms.map((term) => running(term, at)));
  }

  #earlierOf(
    site: string,
    zone: Zone,
    tariff: Tariff,
    { startMs }: BillingPeriod,
    nowMs: number,
    energy: Energy,
  ) {
    const key = `${site} ${tariff.id}`;
    const of = JSON.stringify(tariff);
    let kept = this.#earlier.get(key);
    if (kept?.of !== of || nowMs - kept.readMs >= this.#earlierMs) {
      kept = { of, known: new Map(), readMs: nowMs };
      this.#earlier.set(key, kept);
    }
    return earlierPeaks(tariff, zone, startMs, energy, kept.known);
  }
}

type Energy = Parameters<typeof earlierPeaks>[3];

/** A term by whose stretches a site may come to pay more, and what it may come to before: undefined where that is the highest so far. */
interface Stretches {
  term: MaximumDemand;
  contractedKva: number | undefined;
}

function stretchesOf({ demand }: Tariff, isYoung: boolean): Stretches[] {
  const peaks = demand.filter((term) => term.kind === "maximum");
  const powerFactor = peaks.find((term) => term.powerFactor !== undefined)?.powerFactor;
  const contracts = demand.flatMap((term): Stretches[] =>
    term.kind !== "contracted"
      ? []
      : [
          {
            term: {
              kind: "maximum",
              name: term.name,
              minutes: CONTRACT_MINUTES,
              perKw: 0,
              ...(powerFactor !== undefined && { powerFactor }),
            },
            contractedKva: term.kva,
          },
        ],
  );
  // What is billed in any case stands from the first day of a period.
  const counting = peaks.filter(({ ratchet }) => !isYoung || ratchet);
  return [...counting.map((term) => ({ term, contractedKva: undefined })), ...contracts];
}

/** What the running stretch of a term comes to; undefined where nothing of it is known, or where it does not count. */
function running(
  { term, contractedKva }: Stretches,
  at: {
    parts: readonly PowerMean[];
    period: BillingPeriod;
    nowMs: number;
    zone: Zone;
    holidays: ReadonlySet<string>;
    earlierKw: ReadonlyMap<string, readonly (number | undefined)[]> | undefined;
    isYoung: boolean;
  },
): DemandFacts | undefined {
  const { parts, period, zone, holidays, earlierKw, isYoung } = at;
  const widthMs = term.minutes * MINUTE_MS;
  const startMs = Math.floor(at.nowMs / widthMs) * widthMs;
  const endsMs = startMs + widthMs;
  const now = parts.filter((part) => part.startMs >= startMs);
  const last = now.at(-1);
  const counts = (mean: PowerMean): boolean =>
    highestMean(term, mean, { parts: [mean], toMs: mean.endMs }, zone, holidays) !== undefined;
  const before = meansOver(
    parts.filter((part) => part.endMs <= startMs && part.startMs >= period.startMs),
    term.minutes,
  ).filter(counts);
  if (!last || !before.length) return undefined;
  const kwMs = now.reduce((sum, part) => sum + part.kw * (part.endMs - part.startMs), 0);
  const kw = (kwMs + last.kw * (endsMs - last.endMs)) / widthMs;
  // Hours that the term does not bill make no peak.
  if (!counts({ startMs, endMs: endsMs, kw })) return undefined;
  const powerFactor = term.powerFactor ?? 1;
  const sorted = before.map((mean) => mean.kw).sort((a, b) => a - b);
  const { ratchet } = term;
  const earlier = ratchet ? (earlierKw?.get(term.name) ?? []).slice(-ratchet.months) : [];
  // Below a share of an earlier period's peak nothing is saved, and nothing more is paid. Where a peak is not known it may be higher.
  const known = earlier.filter((peak) => peak !== undefined);
  const floorKw = ratchet && known.length ? (Math.max(...known) * ratchet.percent) / 100 : 0;
  const isRatcheted = contractedKva === undefined && floorKw > sorted.at(-1)!;
  if (isYoung && contractedKva === undefined && !isRatcheted) return undefined;
  const most = contractedKva ?? Math.max(floorKw, sorted.at(-1)!) / powerFactor;
  if (!(most > 0)) return undefined;
  return {
    name: term.name,
    beside: contractedKva !== undefined ? "contract" : isRatcheted ? "ratchet" : "peak",
    unit: contractedKva === undefined && term.powerFactor === undefined ? "kW" : "kVA",
    most,
    projected: kw / powerFactor,
    usual: sorted[sorted.length >> 1]! / powerFactor,
    endsMs,
    perUnit: contractedKva === undefined ? term.perKw : undefined,
    ratchet: contractedKva === undefined ? ratchet : undefined,
  };
}

/** The one that is nearest to what would be told, or furthest beyond it. */
function worseOf(all: readonly (DemandFacts | undefined)[]): DemandFacts | undefined {
  const beyond = (each: DemandFacts): number => each.projected / each.most - riskRatio(each);
  return all.reduce(
    (worst, each) => (each && (!worst || beyond(each) > beyond(worst)) ? each : worst),
    undefined,
  );
}
