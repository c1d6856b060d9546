import type { AirNow, SiteMeters } from "@hashwatt/protocol/meters";
import type { Meter } from "./meter.js";

/** Meters that hang on names which nothing in the register has, and why. */
export type Unnamed = ReadonlyMap<Meter, string>;

/** Why a meter gives no figure, or one that counts for nobody; undefined where all is well. */
export function problemOf(meter: Meter, unnamed: Unnamed, nowMs: number): string | undefined {
  const { at, register } = meter.config;
  const nobody = unnamed.get(meter);
  if (nobody !== undefined) return nobody;
  const problem = meter.problemAt(nowMs);
  // The air of a row is what it is, whoever stands there.
  if (problem !== undefined || meter.rigs.size || at === "site" || at === "ambient" || at === "row")
    return problem;
  return register
    ? "no rig that the register has there was found yet"
    : "no rig of its site goes by the names under rigs";
}

/** How many meters each site has, how many give no figure, and why one of them does not. */
export function summariesOf(
  meters: readonly Meter[],
  unnamed: Unnamed,
  nowMs: number,
): Map<string, SiteMeters> {
  const summaries = new Map<string, SiteMeters>();
  for (const meter of meters) {
    const { site } = meter.config;
    const summary = summaries.get(site) ?? { meters: 0, silent: 0 };
    summaries.set(site, summary);
    summary.meters++;
    const problem = problemOf(meter, unnamed, nowMs);
    if (problem === undefined) continue;
    summary.silent++;
    // What somebody has to mend in the config goes before what may come back by itself.
    if (summary.problem === undefined || unnamed.has(meter)) summary.problem = `${meter.name}: ${problem}`;
  }
  return summaries;
}

/** A sensor of air as it stands. */
export const airNow = (meter: Meter, nowMs: number): AirNow => ({
  meter: meter.name,
  at: meter.config.at as AirNow["at"],
  unit: meter.unit as AirNow["unit"],
  value: meter.valueAt(nowMs) ?? null,
  atMs: meter.atMs ?? null,
});
