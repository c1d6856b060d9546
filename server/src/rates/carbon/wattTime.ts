import { z } from "zod";
import { ServerError } from "../../error.js";
import type { RateFetcher, RateQuestion } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import {
  below,
  everyMs,
  keySchema,
  revealed,
  sitesSchema,
  sourceKeys,
  urlSchema,
} from "../fetch/sourceSchema.js";
import type { Slot } from "../slot.js";
import { kgPerKwh } from "./poundsPerMwh.js";

const STEP_MS = 300_000;
/** So far back it is asked after a gap. */
const BACK_MS = 24 * 3_600_000;
/** A token of theirs lives 30 minutes. */
const TOKEN_MS = 25 * 60_000;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("watttime"),
  url: urlSchema("https://api.watttime.org"),
  user: z.string().min(1).max(100),
  password: keySchema,
  /** A region of theirs, such as CAISO_NORTH. */
  region: z.string().regex(/^[A-Z0-9_]{2,40}$/, "must be a region of WattTime such as CAISO_NORTH"),
  sites: sitesSchema,
});
const loginSchema = z.object({ token: z.string().min(1).max(8_192) });
const answerSchema = z.object({
  data: z.array(z.object({ point_time: z.iso.datetime({ offset: true }), value: z.number() })),
  meta: z.object({ units: z.string(), signal_type: z.string().optional() }),
});

/** What one kWh less would have saved, by 5 minutes: a marginal rate, in a series of its own and in no footprint. */
export const wattTime = sourceKind(schema, (config): RateFetcher => {
  const series = `marginal/${config.id}`;
  let login: { token: string; untilMs: number } | undefined;
  const token = async ({ http, nowMs }: RateQuestion, signal: AbortSignal): Promise<string> => {
    if (login && nowMs < login.untilMs) return login.token;
    const basic = Buffer.from(`${config.user}:${revealed(config.password)}`).toString("base64");
    const answer = await http.json(below(config.url, "login"), loginSchema, signal, {
      headers: { authorization: `Basic ${basic}` },
    });
    login = { token: answer.token, untilMs: nowMs + TOKEN_MS };
    return answer.token;
  };
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 10),
    attribution: "WattTime (watttime.org)",
    async fetch(question, signal) {
      const { nowMs, last, http } = question;
      const held = last(series)?.endMs ?? 0;
      const fromMs = Math.max(held - STEP_MS, nowMs - BACK_MS);
      const url = below(config.url, "v3/historical", {
        region: config.region,
        signal_type: "co2_moer",
        start: new Date(Math.min(fromMs, nowMs - STEP_MS)).toISOString(),
        end: new Date(nowMs).toISOString(),
      });
      const bearer = await token(question, signal);
      const { data, meta } = await http
        .json(url, answerSchema, signal, { headers: { authorization: `Bearer ${bearer}` } })
        .catch((error: unknown) => {
          // Whatever was wrong with the token, the next question logs in anew.
          login = undefined;
          throw error;
        });
      if (meta.units !== "lbs_co2_per_mwh" || (meta.signal_type ?? "co2_moer") !== "co2_moer")
        throw new ServerError(
          "sourceFailed",
          `WattTime answers ${meta.signal_type ?? ""} in ${meta.units.slice(0, 40)}, not co2_moer in lbs_co2_per_mwh`,
        );
      const slots = data
        .map(({ point_time, value }): Slot => {
          const startMs = Date.parse(point_time);
          return {
            startMs,
            endMs: startMs + STEP_MS,
            value: kgPerKwh(value),
            source: `WattTime, ${config.region}`,
            note: "marginal operating emissions rate (MOER)",
            asOfMs: startMs,
          };
        })
        .sort((a, b) => a.startMs - b.startMs);
      return [{ series, slots }];
    },
  };
});
