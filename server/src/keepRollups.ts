import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "./config.js";
import type { KnownRig } from "./rollup/fold.js";
import { Roller } from "./rollup/roller.js";
import type { RollupMirror } from "./store/influx/mirror.js";
import { forgetMirror } from "./store/influx/mirrorSetting.js";
import type { LostLines } from "./store/influx/writer.js";
import type { OpenStores } from "./store/registry.js";
import { DEFAULT_LIMITS, Retention } from "./store/retention.js";
import { SeriesReader } from "./store/series.js";
import type { TakeUp } from "./takeUp.js";

const DAY_MS = 86_400_000;

/** What rollups are kept with. */
export interface RollupParts {
  stores: OpenStores;
  limits: Pick<ServerConfig["store"], "rawDays" | "rollupDays" | "maxDiskGb">;
  rigs: () => Iterable<KnownRig>;
  /** Rigs whose history a rig has beside its own. */
  joined(rig: number): readonly number[];
  sites: () => Iterable<{ site: string }>;
  takeUp: TakeUp;
  /** Hears of rows that an InfluxDB will not hold. */
  lost(lines: LostLines): void;
  clock: Clock;
  log: Logger;
}

/** What makes, mirrors and drops rollups. `mirror` is undefined without an InfluxDB. */
export interface Rollups {
  roller: Roller;
  retention: Retention;
  mirror: RollupMirror | undefined;
  /** Histories, from them and from raw samples. */
  series: SeriesReader;
}

/** Takes up the rollups where a former run has left them. */
export async function keepRollups(parts: RollupParts): Promise<Rollups> {
  const { stores, limits, rigs, sites, takeUp, lost, clock, log } = parts;
  const { telemetry, state, influx } = stores;
  const { rawDays, rollupDays, maxDiskGb } = limits;
  const retention = new Retention(stores, { ...DEFAULT_LIMITS, rawDays, rig5mDays: rollupDays, maxDiskGb });
  await retention.load();
  const isAway = () => telemetry.problem !== undefined;
  const mirror =
    influx &&
    new (await import("./store/influx/mirror.js")).RollupMirror({
      influx,
      state,
      rigs,
      sites,
      lost,
      isAway,
      clock,
      log,
    });
  await (mirror ? mirror.load() : forgetMirror(state));
  const roller = new Roller({
    telemetry,
    state,
    rigs,
    rawFromMs: () => retention.rawFromMs,
    ...(mirror && { writing: (...rows: Parameters<RollupMirror["around"]>) => mirror.around(...rows) }),
  });
  await takeUp.at(() => roller.recover(clock.nowMs()));
  const series = new SeriesReader({
    telemetry,
    state,
    clock,
    rigs,
    joined: parts.joined,
    roller,
    rawFromMs: () => retention.rawFromMs,
    fineFromMs: () => clock.nowMs() - rollupDays * DAY_MS,
  });
  return { roller, retention, mirror, series };
}
