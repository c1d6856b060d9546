import { z } from "zod";
import { ServerError } from "../../error.js";
import { figureIn } from "../../metering/figure.js";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { everyMs, keySchema, revealed, sourceKeys } from "../fetch/sourceSchema.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("quoted-hashprice"),
  /** Where the quote is, as JSON. */
  url: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), "must hold no user or password"),
  /** Where in it, such as `data.hashprice` or `data[0].usd`. */
  path: z.string().min(1).max(200),
  /** What it is quoted for: a PH/s or a TH/s, for a day. */
  per: z.enum(["PH", "TH"]).default("PH"),
  currency: z.enum(["USD", "BTC"]).default("USD"),
  /** Who quotes it, to be said beside the figure. */
  source: z.string().trim().min(1).max(100),
  /** Sent as it is in this header. */
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
    .default("authorization"),
  key: keySchema.optional(),
});

/** A hashprice that somebody quotes. It has the fees of blocks in it: nothing is added. */
export const quotedSource = sourceKind(schema, (config): RateFetcher => {
  const series = `${config.currency === "BTC" ? "hashpriceBtc" : "hashprice"}/${config.id}`;
  const factor = config.per === "TH" ? 1_000 : 1;
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 30),
    async fetch({ nowMs, http }, signal) {
      const headers = config.key ? { [config.header]: revealed(config.key) } : {};
      const url = new URL(config.url);
      const text = await http.text(url, signal, { headers });
      const value = figureIn(Buffer.from(text), config.path);
      if (value === undefined || value <= 0)
        throw new ServerError(
          "sourceFailed",
          `${url.host}: there is no hashprice at ${config.path}${value === undefined ? "" : ` (it says ${value})`}`,
          { retryable: true },
        );
      return [
        { series, slots: [openSlot(value * factor, config.source, nowMs, nowMs, "quoted, fees included")] },
      ];
    },
  };
});
