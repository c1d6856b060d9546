import type { PreviewSlot, TariffPreview } from "@hashwatt/protocol/settings";
import { Zone } from "@hashwatt/protocol/zone";
import type { Rates } from "../rates/rates.js";
import { siteEnergy } from "../rates/siteEnergy.js";
import type { SiteTerms } from "../rates/siteTerms.js";
import { meanOver, type Slot, type TimeRange } from "../rates/slot.js";
import { EnergyPricer } from "../rates/tariffs/energyPrice.js";
import { Sum } from "../rates/tariffs/sum.js";
import type { Tariff } from "../rates/tariffs/tariff.js";
import { HOUR_MS } from "../rollup/row.js";
import type { SiteRecord, StateStore } from "../store/state/state.js";

const AHEAD_MS = 48 * HOUR_MS;

/** What a preview is made with. */
export interface PreviewParts {
  rates: Rates;
  state: Pick<StateStore, "siteColumns">;
  /** How many rigs a site has. */
  rigs(site: string): number;
  clock: { nowMs(): number };
}

/**
 * What proposed tariffs of a site come to: the prices of the next 48 hours, with what makes them, and the hours of the past that they
 * would price otherwise, with the difference in money.
 */
export async function tariffPreview(
  parts: PreviewParts,
  site: SiteRecord,
  tariffs: readonly Tariff[],
): Promise<TariffPreview> {
  const { rates, clock } = parts;
  const nowMs = clock.nowMs();
  const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const range = { fromMs, toMs: fromMs + AHEAD_MS };
  const terms = { ...rates.terms(site.site), tariffs };
  const proposed = rates.withTerms(site.site, terms);
  return {
    site: site.site,
    zone: site.zone,
    currency: site.currency,
    ...range,
    slots: previewSlots(parts, site, tariffs, proposed.slots(site.site, "price", range), range),
    reprice: await repriced(parts, site, terms, proposed, nowMs),
  };
}

/** Prices over a range with their parts; what is unknown is a slot without a price. */
function previewSlots(
  { rates }: PreviewParts,
  site: SiteRecord,
  tariffs: readonly Tariff[],
  prices: readonly Slot[],
  range: TimeRange,
): PreviewSlot[] {
  const zone = Zone.of(site.zone);
  const known: PreviewSlot[] = [];
  for (const tariff of tariffs) {
    const pricer = new EnergyPricer(tariff, zone);
    for (const { piece, price } of pricer.prices(range, rates.priceContext(site.site, tariff)))
      known.push({
        startMs: piece.startMs,
        endMs: piece.endMs,
        pricePerKwh: price.perKwh,
        band: price.parts[0]!.name,
        parts: [...price.parts],
        lossesPercent: tariff.lossesPercent,
        taxPercent: tariff.taxPercent,
        tariff: tariff.id,
        source: tariff.source,
      });
  }
  for (const { startMs, endMs, value, source } of prices) {
    const [from, to] = [Math.max(startMs, range.fromMs), Math.min(endMs, range.toMs)];
    if (known.some((slot) => slot.startMs < to && slot.endMs > from)) continue;
    known.push({
      startMs: from,
      endMs: to,
      pricePerKwh: value,
      band: null,
      parts: [{ name: "flat price", perKwh: value }],
      lossesPercent: 0,
      taxPercent: 0,
      tariff: null,
      source,
    });
  }
  known.sort((a, b) => a.startMs - b.startMs);
  const whole: PreviewSlot[] = [];
  let at = range.fromMs;
  const gap = (toMs: number) => {
    if (toMs > at)
      whole.push({
        startMs: at,
        endMs: toMs,
        pricePerKwh: null,
        band: null,
        parts: [],
        lossesPercent: 0,
        taxPercent: 0,
        tariff: null,
        source: null,
      });
  };
  for (const slot of known) {
    gap(slot.startMs);
    const last = whole.at(-1);
    const same =
      last &&
      JSON.stringify({ ...last, startMs: 0, endMs: 0 }) === JSON.stringify({ ...slot, startMs: 0, endMs: 0 });
    if (same && last.endMs === slot.startMs) last.endMs = slot.endMs;
    else whole.push(slot);
    at = slot.endMs;
  }
  gap(range.toMs);
  return whole;
}

/** Hours of the past with energy whose price would be another; null where there are none. */
async function repriced(
  { rates, state, rigs }: PreviewParts,
  { site }: SiteRecord,
  terms: SiteTerms,
  proposed: Pick<Rates, "slots">,
  nowMs: number,
): Promise<TariffPreview["reprice"]> {
  const change = rates.termsChange(site, terms, nowMs).find(({ kind }) => kind === "price");
  if (!change) return null;
  const fromMs = Math.floor(change.range.fromMs / HOUR_MS) * HOUR_MS;
  const toMs = Math.ceil(Math.min(change.range.toMs, nowMs) / HOUR_MS) * HOUR_MS;
  if (toMs <= fromMs) return null;
  const range = { fromMs, toMs };
  const overhead = rates.slots(site, "overhead", range);
  const { intervals } = await siteEnergy(state, site, { ...range, stepMs: HOUR_MS }, overhead);
  const [before, after] = [rates.slots(site, "price", range), proposed.slots(site, "price", range)];
  const [kwh, costBefore, costAfter] = [new Sum(), new Sum(), new Sum()];
  let [hours, unknownBefore, unknownAfter] = [0, false, false];
  for (const { startMs, endMs, kwh: drawn } of intervals) {
    const hour = { fromMs: startMs, toMs: endMs };
    const [was, is] = [meanOver(before, hour), meanOver(after, hour)];
    if (was === is) continue;
    hours++;
    kwh.add(drawn);
    if (was === undefined) unknownBefore = true;
    else costBefore.add(drawn * was);
    if (is === undefined) unknownAfter = true;
    else costAfter.add(drawn * is);
  }
  if (hours === 0) return null;
  return {
    fromMs,
    toMs,
    hours,
    rigs: rigs(site),
    kwh: kwh.value,
    costBefore: unknownBefore ? null : costBefore.value,
    costAfter: unknownAfter ? null : costAfter.value,
  };
}
