import { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";
import type { Slot } from "../slot.js";

const DAY_MS = 86_400_000;
const FRANKFURT = "Europe/Berlin";
/** They are published about 16:00 there. */
const PUBLISHED_HOUR = 16;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("ecb"),
  url: urlSchema("https://www.ecb.europa.eu"),
  /** What units per USD are wanted of. */
  currencies: z.array(currencySchema).min(1).max(40),
});

const DAY = /<Cube\s+time=['"](\d{4}-\d{2}-\d{2})['"]\s*>(.*?)<\/Cube>/gs;
const RATE = /<Cube\s+currency=['"]([A-Z]{3})['"]\s+rate=['"](\d+(?:\.\d+)?)['"]\s*\/>/g;

/** Units per EUR of each day of a file of reference rates, oldest first. */
function daysOf(xml: string): { date: string; perEur: Map<string, number> }[] {
  return [...xml.matchAll(DAY)]
    .map(([, date, body]) => ({
      date: date!,
      perEur: new Map([
        ["EUR", 1],
        ...[...body!.matchAll(RATE)].map(([, code, rate]) => [code!, Number(rate)] as const),
      ]),
    }))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** Reference rates of the European Central Bank, one for each working day; each holds until the next one is published. */
export const ecb = sourceKind(schema, (config): RateFetcher => {
  const seriesOf = (currency: string) => `fx/${currency}`;
  return {
    id: config.id,
    kind: config.kind,
    series: config.currencies.map(seriesOf),
    everyMs: everyMs(config, 180),
    attribution: "European Central Bank, euro foreign exchange reference rates",
    async fetch({ nowMs, last, http, lacks }, signal) {
      // Over a weekend nothing is published: only a longer gap asks for the days before.
      const isFresh = config.currencies.every((currency) => {
        const held = last(seriesOf(currency));
        return held?.asOfMs !== undefined && held.asOfMs !== null && nowMs - held.asOfMs < 1.5 * DAY_MS;
      });
      const file = isFresh ? "eurofxref-daily.xml" : "eurofxref-hist-90d.xml";
      const days = daysOf(await http.text(below(config.url, `stats/eurofxref/${file}`), signal));
      if (!days.length)
        throw new ServerError("sourceFailed", "the European Central Bank answers without rates", {
          retryable: true,
        });
      return config.currencies.map((currency) => {
        const rates = days.flatMap(({ date, perEur }) => {
          const [own, usd] = [perEur.get(currency), perEur.get("USD")];
          const [year, month, day] = date.split("-").map(Number);
          const startMs = Zone.of(FRANKFURT).instant(year!, month!, day!, PUBLISHED_HOUR);
          return own !== undefined && usd !== undefined && usd > 0 && own > 0
            ? [{ startMs, value: own / usd }]
            : [];
        });
        if (!rates.length) lacks(`the European Central Bank has no rate of ${currency}`);
        const slots = rates.map(
          ({ startMs, value }, i): Slot => ({
            startMs,
            endMs: rates[i + 1]?.startMs ?? Number.POSITIVE_INFINITY,
            value,
            source: "European Central Bank",
            asOfMs: startMs,
          }),
        );
        return { series: seriesOf(currency), slots };
      });
    },
  };
});
