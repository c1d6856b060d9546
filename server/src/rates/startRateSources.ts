import { join, resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { targetGuard } from "../alerts/notifiers/targetGuard.js";
import type { ServerConfig } from "../config.js";
import { ServerError } from "../error.js";
import type { Fleet } from "../fleet/fleet.js";
import type { Payout } from "../reconciliation/payout.js";
import type { Settings } from "../settings/settings.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import { RateFetchers } from "./fetch/rateFetchers.js";
import { fetcherOf } from "./fetch/registry.js";
import { documentFetcher, documentSources } from "./fetch/sourceDocument.js";
import { ambientSensors } from "./overhead/ambientSensors.js";
import { devFees } from "./pools/devFees.js";
import type { RateSeries } from "./rateSeries.js";

/** Who may lead a source to a private address, as messages say it. */
const UNLESS = "a source of the config may lead (or privateSources: true there)";

/** Begins to ask the sources of config and settings, sensors outside, and rigs what their firmware takes; follows the settings from then on. */
export function startRateSources(
  {
    sources,
    meters,
    privateSources,
    store,
  }: Pick<ServerConfig, "sources" | "meters" | "privateSources" | "store">,
  parts: {
    rateSeries: RateSeries;
    settings: Settings;
    sites: Pick<Sites, "get">;
    state: StateStore;
    fleet: Pick<Fleet, "views">;
    clock: Clock;
    log: Logger;
  },
): RateFetchers {
  const { rateSeries: series, settings, sites, state, fleet, clock, log } = parts;
  const sensors = ambientSensors(meters, state);
  const payouts = async (site: string, of: readonly Payout[]) => {
    if (!sites.get(site)) throw new ServerError("sourceFailed", `there is no site "${site}"`);
    const { Statements } = await import("../reconciliation/statements.js");
    await new Statements(state.documents, () => clock.nowMs()).putPayouts(site, of);
  };
  const guard = privateSources ? undefined : targetGuard(undefined, UNLESS);
  const fetchers = new RateFetchers(
    [
      ...sources.map(fetcherOf),
      ...(sensors ? [sensors] : []),
      devFees(() => fleet.views(), state.ledger.devFees),
    ],
    { series, clock, log, payouts, guard },
  );
  const folder = join(resolve(store.dataDir), "sources");
  const follow = () =>
    fetchers.follow(
      documentSources(settings).map((source) => ({
        id: source.id,
        says: JSON.stringify(source),
        make: () => documentFetcher(source, folder),
      })),
    );
  settings.onChange((changes) => {
    if (changes.some(({ kind }) => kind === "source")) follow();
  });
  fetchers.start();
  follow();
  return fetchers;
}
