import { z } from "zod";
import { POWER_SOURCES } from "./sample.js";

const maybe = z.number().nullable();

/** One meter or sensor now. `value` is null while nothing fresh is known, and `problem` says why. */
export const meterViewSchema = z.object({
  meter: z.string(),
  site: z.string(),
  at: z.enum(["rig", "outlet", "rack", "site", "inlet", "row", "ambient"]),
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

/** Air of a site. */
export const siteAirSchema = z.object({
  meter: z.string(),
  at: z.enum(["inlet", "row", "ambient"]),
  unit: z.enum(["°C", "ratio"]),
  value: maybe,
  atMs: maybe,
});

/** The meter behind a rig's power, and what the rig says itself. */
export const rigMeterSchema = z.object({
  meter: z.string(),
  at: z.enum(["rig", "outlet", "rack"]),
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
