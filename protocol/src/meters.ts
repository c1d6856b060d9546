import { z } from "zod";
import { POWER_SOURCES } from "./sample.js";

const maybe = z.number().nullable();

/** One meter or sensor now. `value` is null while nothing fresh is known, and `problem` says why. */
export const meterViewSchema = z.object({
  meter: z.string(),
  site: z.string(),
  at: z.enum(["rig", "outlet", "rack", "pdu", "feeder", "site", "inlet", "row", "ambient"]),
  topic: z.string(),
  /** Of `value`: a register's power is the mean over its last minute or more. */
  unit: z.enum(["W", "°C", "ratio"]),
  value: maybe,
  /** Arrival of its latest figure; null before the first. */
  atMs: maybe,
  /** A figure older than this is unknown. */
  staleMs: z.number(),
  /** Where it counts energy: the register as it stands, in the device's figures. */
  register: z.object({ value: z.number(), resets: z.int() }).optional(),
  /** Rigs behind it. */
  rigs: z.array(z.int()).optional(),
  /** How a meter of several rigs is divided, W. */
  shares: z.object({ meteredW: z.number(), sharedW: z.number(), restW: z.number() }).optional(),
  problem: z.string().optional(),
});
export type MeterView = z.infer<typeof meterViewSchema>;

/** What the meters at a site's feeders say; its cost and carbon are of `powerW` while that is known. */
export const siteMeteredSchema = z.object({
  meters: z.array(z.string()),
  /** Sum of the meters; null while one of them says nothing fresh. */
  powerW: maybe,
  /** Arrival of the oldest figure in it. */
  atMs: maybe,
  /** What is not drawn by rigs, as far as their power is known: `powerW` less the rigs', and less `silentW`. */
  overheadW: maybe,
  /** `powerW` / (`powerW` − `overheadW`), the measured PUE; null while it is unknown or no rig draws power. */
  overheadRatio: maybe,
  /** W that meters tell of rigs that do not answer. */
  silentW: z.number(),
});
export type SiteMetered = z.infer<typeof siteMeteredSchema>;

/** Meters and sensors of a site: how many there are, how many give no figure now, and why one of those does not. */
export const siteMetersSchema = z.object({
  meters: z.int(),
  silent: z.int(),
  problem: z.string().optional(),
});
export type SiteMeters = z.infer<typeof siteMetersSchema>;

/** A sensor of a site's air now. `value` is null while nothing fresh is known. */
export const airNowSchema = z.object({
  meter: z.string(),
  at: z.enum(["inlet", "row", "ambient"]),
  unit: z.enum(["°C", "ratio"]),
  value: maybe,
  /** Arrival of its latest figure; null before the first. */
  atMs: maybe,
});
export type AirNow = z.infer<typeof airNowSchema>;

/** What a site's totals say of its meters and sensors; each is absent where the config has none of that kind. */
export const METERS_OF_SITE = {
  metered: siteMeteredSchema.optional(),
  meters: siteMetersSchema.optional(),
  /** Sensors of rows and of the site itself, at most a hundred. */
  air: z.array(airNowSchema).optional(),
};

/**
 * History of a site's air. Each sensor's columns are parallel to `tMs`: time-weighted mean and extremes over the step, and the share of
 * it (0–1) for which a figure stood; a null is a gap. A sensor that is in the config no more has its history and no value.
 */
export const airSeriesSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  stepMs: z.number(),
  tMs: z.array(z.number()),
  sensors: z.array(
    airNowSchema.extend({
      columns: z.object({
        mean: z.array(maybe),
        min: z.array(maybe),
        max: z.array(maybe),
        covered: z.array(z.number()),
      }),
    }),
  ),
});
export type AirSeries = z.infer<typeof airSeriesSchema>;

/** The meter behind a rig's power, and what the rig says itself. */
export const rigMeterSchema = z.object({
  meter: z.string(),
  at: z.enum(["rig", "outlet", "rack", "pdu", "feeder"]),
  /** What the meter itself says, and when that arrived. */
  meterW: maybe,
  atMs: maybe,
  /** Among how many rigs it is divided. */
  rigs: z.int(),
  /** What the rig says of its power, and where it has that from. */
  ownW: maybe,
  ownSource: z.enum(POWER_SOURCES).nullable(),
});
export type RigMeter = z.infer<typeof rigMeterSchema>;
