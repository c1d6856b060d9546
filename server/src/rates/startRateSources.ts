import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "../config.js";
import type { StateStore } from "../store/state/state.js";
import { RateFetchers } from "./fetch/rateFetchers.js";
import { fetcherOf } from "./fetch/registry.js";
import { ambientSensors } from "./overhead/ambientSensors.js";
import type { RateSeries } from "./rateSeries.js";

/** Begins to ask the sources of the config, and its sensors outside. */
export function startRateSources(
  { sources, meters }: Pick<ServerConfig, "sources" | "meters">,
  parts: { rateSeries: RateSeries; state: StateStore; clock: Clock; log: Logger },
): RateFetchers {
  const { rateSeries: series, state, clock, log } = parts;
  const sensors = ambientSensors(meters, state);
  const fetchers = new RateFetchers([...sources.map(fetcherOf), ...(sensors ? [sensors] : [])], {
    series,
    clock,
    log,
  });
  fetchers.start();
  return fetchers;
}
