import { z } from "zod";
import { sourceKind } from "../../fetch/sourceKind.js";
import { everyMs, keySchema, revealed, sourceKeys, urlSchema } from "../../fetch/sourceSchema.js";
import { fillGaps, type Slot, type TimeRange } from "../../slot.js";
import { marketFetcher, slotsInOrder, unreadable } from "./market.js";
import { childrenOf, type Element, readXml, textAt } from "./xml.js";

const NAME = "ENTSO-E";
const HOUR_MS = 3_600_000;
const MINUTES: Record<string, number> = { PT15M: 15, PT30M: 30, PT60M: 60 };
/** It answers with this reason where it has no prices for the time. */
const NO_DATA = "999";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("entsoe"),
  url: urlSchema("https://web-api.tp.entsoe.eu/api"),
  /** EIC of the bidding zone. */
  zone: z.string().regex(/^[0-9A-Z-]{16}$/, "must be the EIC of a bidding zone, such as 10Y1001A1001A82H"),
  /** The security token of an account there. */
  key: keySchema,
});

/** Day-ahead prices of a bidding zone of the European transmission operators: document A44 of their Transparency Platform. */
export const entsoe = sourceKind(schema, (config) =>
  marketFetcher(
    { ...config, everyMs: everyMs(config, 60), aheadMs: 36 * HOUR_MS },
    async (range, { http }, signal) =>
      parseEntsoe(
        await http.text(entsoeUrl(config, range), signal, { headers: { accept: "application/xml" } }),
      ),
  ),
);

/** Where an A44 document of whole hours is. The token is in the address, as the platform wants it. */
export function entsoeUrl({ url, zone, key }: z.output<typeof schema>, { fromMs, toMs }: TimeRange): URL {
  const asked = new URL(url);
  const query = {
    documentType: "A44",
    in_Domain: zone,
    out_Domain: zone,
    periodStart: stamp(Math.floor(fromMs / HOUR_MS) * HOUR_MS),
    periodEnd: stamp(Math.ceil(toMs / HOUR_MS) * HOUR_MS),
    securityToken: revealed(key),
  };
  for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
  return asked;
}

/** yyyyMMddHHmm, UTC. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\D/g, "").slice(0, 12);

/**
 * Prices of an A44 document. Of series of several auctions that speak of the same time the lowest classification sequence counts, and
 * of those the finest.
 */
export function parseEntsoe(body: string): Slot[] {
  let root: Element;
  try {
    root = readXml(body);
  } catch (cause) {
    throw unreadable(NAME, `the answer ${(cause as Error).message}`, cause);
  }
  if (root.name === "Acknowledgement_MarketDocument") {
    if (textAt(root, "Reason", "code") === NO_DATA) return [];
    throw unreadable(NAME, `refuses: ${textAt(root, "Reason", "text") ?? "without a reason"}`);
  }
  if (root.name !== "Publication_MarketDocument")
    throw unreadable(NAME, `answered with <${root.name}> and not with prices`);
  const layers: { sequence: number; minutes: number; slots: Slot[] }[] = [];
  let currency: string | undefined;
  for (const series of childrenOf(root, "TimeSeries")) {
    const own = textAt(series, "currency_Unit.name") ?? "";
    currency ??= own;
    if (!/^[A-Z]{3}$/.test(own) || own !== currency)
      throw unreadable(NAME, `a series is in "${own}" and another in "${currency}"`);
    const unit = textAt(series, "price_Measure_Unit.name") ?? "MWH";
    if (unit !== "MWH") throw unreadable(NAME, `a series is per ${unit}, and not per MWH`);
    const sequence = Number(
      textAt(series, "classificationSequence_AttributeInstanceComponent.position") ?? "0",
    );
    for (const period of childrenOf(series, "Period")) {
      const { minutes, slots } = periodSlots(period, textAt(series, "curveType") ?? "A01");
      layers.push({ sequence, minutes, slots });
    }
  }
  layers.sort((a, b) => a.sequence - b.sequence || a.minutes - b.minutes);
  const note = `${currency}/MWh`;
  return layers
    .reduce<Slot[]>((known, layer) => fillGaps(known, layer.slots), [])
    .map((slot) => ({ ...slot, note }));
}

/** The slots of a period: a point holds to the next one where blocks vary in size (curve A03), else for its own step alone (A01). */
function periodSlots(period: Element, curve: string): { minutes: number; slots: Slot[] } {
  const resolution = textAt(period, "resolution") ?? "";
  const minutes = MINUTES[resolution];
  if (minutes === undefined) throw unreadable(NAME, `the resolution "${resolution}" is not known`);
  if (curve !== "A01" && curve !== "A03") throw unreadable(NAME, `the curve type "${curve}" is not known`);
  const fromMs = Date.parse(textAt(period, "timeInterval", "start") ?? "");
  const toMs = Date.parse(textAt(period, "timeInterval", "end") ?? "");
  if (!(toMs > fromMs)) throw unreadable(NAME, "a period has no start and end");
  const stepMs = minutes * 60_000;
  const points = childrenOf(period, "Point")
    .map((point) => {
      const position = Number(textAt(point, "position") ?? Number.NaN);
      const perMwh = Number(textAt(point, "price.amount") || Number.NaN);
      if (!Number.isInteger(position) || position < 1 || !Number.isFinite(perMwh))
        throw unreadable(NAME, "a point has no position or no price");
      return { startMs: fromMs + (position - 1) * stepMs, perMwh };
    })
    .sort((a, b) => a.startMs - b.startMs);
  const slots = points.flatMap(({ startMs, perMwh }, i): Slot[] => {
    const next = points[i + 1]?.startMs ?? toMs;
    const endMs = Math.min(toMs, curve === "A03" ? next : startMs + stepMs);
    const slot = { startMs, endMs, value: perMwh / 1000, source: "ENTSO-E day-ahead", asOfMs: null };
    return endMs > startMs ? [slot] : [];
  });
  return { minutes, slots: slotsInOrder(NAME, slots) };
}
