import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { RateFetcher } from "./rateFetcher.js";
import { sourceKind } from "./sourceKind.js";
import { everyMs, keySchema, revealed, sourceKeys } from "./sourceSchema.js";

const DAY_MS = 86_400_000;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("pool-payouts"),
  pool: z.enum(["braiins", "f2pool", "luxor"]),
  /** The account or sub-account there. */
  account: z.string().trim().min(1).max(100),
  /** Whose rigs mine for it. */
  site: z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  /** A token that may read. */
  key: keySchema,
  /** So many whole UTC days back it is asked for: what is known already is not counted twice. */
  days: z.int().min(1).max(90).default(7),
  /** By default the pool's own. */
  url: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), "must hold no user or password")
    .optional(),
});

/** What a pool credited, day by day, to be compared with what was computed. It gives no rate. */
export const poolPayouts = sourceKind(schema, (config): RateFetcher => {
  const { pool: id, account, site, days } = config;
  return {
    id: config.id,
    kind: config.kind,
    series: [],
    everyMs: everyMs(config, 360),
    async fetch({ nowMs, http, payouts }, signal) {
      if (!payouts) throw new ServerError("sourceFailed", "nobody keeps what pools paid here");
      const { POOL_APIS } = await import("../../reconciliation/pools/registry.js");
      const { fetchPayouts } = await import("../../reconciliation/pools/fetchPayouts.js");
      const pool = POOL_APIS.find((each) => each.id === id)!;
      const toMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
      const query = { account, token: revealed(config.key), fromMs: toMs - days * DAY_MS, toMs };
      await payouts(site, await fetchPayouts(pool, query, http, signal, config.url));
      return [];
    },
  };
});
