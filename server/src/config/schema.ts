import { clockRateSchema } from "@hashwatt/protocol/clockRate";
import { SLUG } from "@hashwatt/protocol/slug";
import { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { Secret } from "../secret.js";
import { STORE_KINDS } from "../store/kinds.js";
import { alertsSchema } from "./channels.js";
import { EMBEDDED_BROKER, embeddedSchema, httpSchema } from "./exposure.js";
import { influxSchema } from "./influx.js";
import { metersSchema } from "./meters.js";
import { sourcesSchema } from "./sources.js";
import { tariffsSchema } from "./tariffs.js";

const slug = z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64");
const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

function isZone(zone: string): boolean {
  try {
    Zone.of(zone);
    return true;
  } catch {
    return false;
  }
}

const externalBroker = z.strictObject({
  /** mqtt://host:1883, mqtts://host:8883, ws:// or wss://. */
  url: z
    .url({ protocol: /^(mqtts?|wss?)$/, error: "must be a URL such as mqtt://127.0.0.1:1883" })
    .refine(
      (url) => !/^[a-z]+:\/\/[^/]*@/.test(url),
      "must hold no user or password; use username and password",
    ),
  username: z.string().min(1).optional(),
  password: secret.optional(),
  /** A file whose first line is the password; keeps it out of this one. */
  passwordFile: z.string().min(1).optional(),
  /** PEM file of the authority that signed the broker's certificate, where the system does not know it. */
  caFile: z.string().min(1).optional(),
  /** false accepts any certificate; the connection is then encrypted, but to whom is not known. */
  rejectUnauthorized: z.boolean().default(true),
  /** Only these sites are taken in, for several servers on one broker; absent = all. */
  sites: z.array(slug).min(1).max(256).optional(),
});
const embeddedBroker = z.strictObject({ embedded: embeddedSchema });

/** Figures of a site that its config may say from the first start on, or only for that one. */
const siteFigures = {
  /** IANA time zone. */
  zone: z.string().refine(isZone, "must be an IANA time zone such as Asia/Shanghai").optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be a currency code such as USD")
    .optional(),
  /** Flat price per kWh in the site's currency; may be negative. */
  price: z.number().min(-1_000).max(1_000).optional(),
  /** Region of the bundled grid emission factors, e.g. CN-SD. */
  gridRegion: z.string().min(1).max(40).optional(),
};

/** What a config says of a site. What is given here is taken over into the database when it changes; edits there rule otherwise. */
const siteSchema = z.strictObject({
  site: slug,
  name: z.string().min(1).max(100).optional(),
  ...siteFigures,
  /** What energy costs by time of use, with adders, losses and tax; where one is valid it comes before `price`. Needs `zone` and `currency`. */
  tariffs: tariffsSchema.optional(),
  /** Units of the site's currency per USD, for a currency in which the bundled snapshot has no BTC price. */
  fxPerUsd: z.number().positive().max(1e9).optional(),
  /** The rigs are simulated: prices are invented and marked so. */
  demo: z.boolean().default(false),
  /** What a site that nobody knows yet begins with, where the keys above say nothing; of one that is known it says nothing. */
  initial: z.strictObject(siteFigures).optional(),
});
export type SiteConfig = z.infer<typeof siteSchema>;

/** Config of the server: schema, type, defaults and documentation in one. Unknown keys are refused. */
export const configSchema = z.strictObject({
  http: httpSchema,
  /** The broker inside the server, another one by URL, or "off" to take in nothing. */
  broker: z.union([z.literal("off"), embeddedBroker, externalBroker]).default(EMBEDDED_BROKER),
  store: z
    .strictObject({
      kind: z.enum(STORE_KINDS).default("duckdb"),
      /** Folder of the state file, and of the raw samples where DuckDB keeps them. */
      dataDir: z.string().min(1).default("data"),
      /** The InfluxDB of kind `influxdb`; with another kind the one that histories may be copied from and to. */
      influx: influxSchema.optional(),
      /** Beyond this the oldest raw samples go first, then the oldest 5-minute rows; an event says so. What InfluxDB keeps does not count. */
      maxDiskGb: z.number().positive().default(50),
      /** Days for which raw samples are kept; a spool's longest age and a day at least. */
      rawDays: z.number().min(1).default(7),
      /** Days for which the 5-minute rows of rigs are kept. */
      rollupDays: z.number().min(7).default(400),
    })
    .default({ kind: "duckdb", dataDir: "data", maxDiskGb: 50, rawDays: 7, rollupDays: 400 }),
  sites: z.array(siteSchema).max(256).default([]),
  /** External meters and sensors that publish on the broker. */
  meters: metersSchema,
  /** Who is asked for prices and carbon. */
  sources: sourcesSchema,
  /** true: sources that are made on the page or by the API may lead to private and local addresses too. */
  privateSources: z.boolean().default(false),
  /** Samples wait at most so long for a common commit; 0 commits as they come. */
  flushMs: z.int().min(0).max(10_000).default(250),
  /** Changes wait at most so long for a common live frame; 0 sends them as they come. */
  liveFlushMs: z.int().min(0).max(10_000).default(250),
  /** Publishes `rig/{id}/state` for other tools, at most every 30 s per rig. */
  publishRigState: z.boolean().default(false),
  metrics: z
    .strictObject({
      /** Tells Prometheus of every rig too, a dozen series each, and not only sums by site and model. */
      perRig: z.boolean().default(false),
    })
    .default({ perRig: false }),
  alerts: alertsSchema,
  /** How browsers call this server, for the links of messages, e.g. https://farm.example. */
  publicUrl: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .max(300)
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  /** URL that gets alerts as JSON. It is a secret. */
  webhook: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .transform((text) => new Secret(text))
    .optional(),
  /** Folder of the dashboard's build; by default the one beside this program. */
  dashboardDir: z.string().min(1).optional(),
  /** A time of its own that passes faster, shared with agent and simulator; for trials with simulated rigs alone. */
  clock: clockRateSchema.optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
});
export type ServerConfig = z.infer<typeof configSchema>;
export type BrokerConfig = ServerConfig["broker"];
export type ExternalBroker = z.infer<typeof externalBroker>;
