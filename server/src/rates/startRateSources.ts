import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "../config.js";
import type { Fleet } from "../fleet/fleet.js";
import type { StateStore } from "../store/state/state.js";
import { RateFetchers } from "./fetch/rateFetchers.js";
import { fetcherOf } from "./fetch/registry.js";
import { ambientSensors } from "./overhead/ambientSensors.js";
import { devFees } from "./pools/devFees.js";
import type { RateSeries } from "./rateSeries.js";

/** Begins to ask the sources of the config, its sensors outside, and rigs what their firmware takes. */
export function startRateSources(
  { sources, meters }: Pick<ServerConfig, "sources" | "meters">,
  parts: {
    rateSeries: RateSeries;
    state: StateStore;
    fleet: Pick<Fleet, "views">;
    clock: Clock;
    log: Logger;
  },
): RateFetchers {
  const { rateSeries: series, state, fleet, clock, log } = parts;
  const sensors = ambientSensors(meters, state);
  const fetchers = new RateFetchers(
    [...sources.map(fetcherOf), ...(sensors ? [sensors] : []), devFees(() => fleet.views())],
    {
      series,
      clock,
      log,
    },
  );
  fetchers.start();
  return fetchers;
}
