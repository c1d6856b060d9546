import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { RateFetchers } from "./fetch/rateFetchers.js";
import { fetcherOf, type SourceConfig } from "./fetch/registry.js";
import type { RateSeries } from "./rateSeries.js";

/** Begins to ask the sources of the config. */
export function startRateSources(
  sources: readonly SourceConfig[],
  parts: { rateSeries: RateSeries; clock: Clock; log: Logger },
): RateFetchers {
  const { rateSeries: series, clock, log } = parts;
  const fetchers = new RateFetchers(sources.map(fetcherOf), { series, clock, log });
  fetchers.start();
  return fetchers;
}
