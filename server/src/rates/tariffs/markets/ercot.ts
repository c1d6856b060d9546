import { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { sourceKind } from "../../fetch/sourceKind.js";
import { below, everyMs, keySchema, revealed, sourceKeys, urlSchema } from "../../fetch/sourceSchema.js";
import type { Slot } from "../../slot.js";
import { jsonOf, marketFetcher, shaped, slotsInOrder, unreadable } from "./market.js";

const NAME = "ERCOT";
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
/** It counts hours as the clocks of Texas show them. */
const CENTRAL = "America/Chicago";
const FIELDS = ["deliveryDate", "deliveryHour", "deliveryInterval", "settlementPointPrice"] as const;

/** Public identity of its API among the programs that may log in there. */
const CLIENT = "fec253ea-0d06-4272-a5e6-b478baeecd70";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("ercot"),
  url: urlSchema("https://api.ercot.com/api/public-reports"),
  /** Hub, load zone or node. */
  settlementPoint: z.string().regex(/^[A-Z0-9_]{2,40}$/, "must be a settlement point such as LZ_HOUSTON"),
  /** Subscription key. */
  key: keySchema,
  /** Who logs in for the token that it wants beside the key. */
  user: z.string().min(1).max(200),
  password: keySchema,
  loginUrl: urlSchema(
    "https://ercotb2c.b2clogin.com/ercotb2c.onmicrosoft.com/B2C_1_PUBAPI-ROPC-FLOW/oauth2/v2.0",
  ),
});
type Config = Pick<z.output<typeof schema>, "settlementPoint">;

const login = z.object({
  id_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(3_600),
});
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const answer = z.object({
  fields: z.array(z.object({ name: z.string() })),
  data: z.array(z.array(cell)),
});

/** Real-time settlement point prices of Texas, by the quarter of an hour; USD/MWh there. */
export const ercot = sourceKind(schema, (config) => {
  const { url, settlementPoint, key, user, password, loginUrl } = config;
  let token: { text: string; untilMs: number } | undefined;
  return marketFetcher(
    { ...config, everyMs: everyMs(config, 5), aheadMs: 0 },
    async ({ fromMs, toMs }, { http, nowMs }, signal) => {
      if (!token || nowMs > token.untilMs) {
        const query = {
          username: user,
          password: revealed(password),
          grant_type: "password",
          scope: `openid ${CLIENT} offline_access`,
          client_id: CLIENT,
          response_type: "id_token",
        };
        const said = await http.json(below(loginUrl, "token", query), login, signal, { body: {} });
        // It is asked for anew a while before it ends.
        token = { text: said.id_token, untilMs: nowMs + (said.expires_in - 300) * 1_000 };
      }
      const asked = below(url, "np6-905-cd/spp_node_zone_hub", {
        deliveryDateFrom: dateAt(fromMs),
        deliveryDateTo: dateAt(toMs - 1),
        settlementPoint,
        size: "100000",
      });
      const headers = {
        "ocp-apim-subscription-key": revealed(key),
        authorization: `Bearer ${token.text}`,
      };
      return parseErcot(await http.text(asked, signal, { headers }), config);
    },
  );
});

function dateAt(ms: number): string {
  const { year, month, day } = Zone.of(CENTRAL).wall(ms);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/**
 * Prices by delivery day, hour that ends (1–24) and quarter of it (1–4). In the autumn an hour comes twice, and DSTFlag is set on the
 * second.
 */
export function parseErcot(body: string, { settlementPoint }: Config): Slot[] {
  const { fields, data } = shaped(NAME, answer, jsonOf(NAME, body));
  const column = (name: string) =>
    fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
  const [date, hour, interval, price] = FIELDS.map((name) => {
    const at = column(name);
    if (at < 0) throw unreadable(NAME, `the answer has no column ${name}`);
    return at;
  });
  const point = [column("settlementPoint"), column("settlementPointName")].find((at) => at >= 0);
  const flag = column("DSTFlag");
  const zone = Zone.of(CENTRAL);
  const slots: Slot[] = [];
  for (const row of data) {
    if (point !== undefined && row[point] !== settlementPoint) continue;
    const [year, month, day] = String(row[date!]).slice(0, 10).split("-").map(Number);
    const ends = Number(row[hour!]);
    const quarter = Number(row[interval!]);
    const perMwh = row[price!];
    if (!(ends >= 1 && ends <= 24 && quarter >= 1 && quarter <= 4) || typeof perMwh !== "number" || !day)
      throw unreadable(
        NAME,
        `a row is no quarter of an hour with a price: ${JSON.stringify(row).slice(0, 100)}`,
      );
    const first = zone.instant(year!, month!, day, ends - 1);
    const isSecond = flag >= 0 && [true, "true", "Y"].includes(row[flag] as string | boolean);
    const startMs = first + (isSecond ? HOUR_MS : 0) + (quarter - 1) * QUARTER_MS;
    slots.push({
      startMs,
      endMs: startMs + QUARTER_MS,
      value: perMwh / 1000,
      source: `ERCOT ${settlementPoint} real-time`,
      note: "USD/MWh",
      asOfMs: null,
    });
  }
  return slotsInOrder(NAME, slots);
}
