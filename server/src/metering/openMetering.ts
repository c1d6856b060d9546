import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { LinkEvents } from "../broker/link.js";
import type { MeterConfig } from "../config/meters.js";
import { isRetired, type RigIndex } from "../identity/rigIndex.js";
import type { Refusals } from "../refusals.js";
import type { StateStore } from "../store/state/state.js";
import type { Air } from "./air.js";
import type { Feeders } from "./feeders.js";
import type { MeteredRegister, Metering } from "./metering.js";

/** What meters rest on. */
export interface MeteringParts {
  index: Pick<RigIndex, "records">;
  refusals: Refusals;
  state: StateStore;
  clock: Clock;
  log: Logger;
}

/** The meters of a config, with what is kept of them. */
export interface Metered {
  metering: Metering;
  feeders: Feeders;
  air: Air;
  /** Takes up the register of expected rigs as it is, and says what is wrong with the names that meters hang on. */
  registered(register: MeteredRegister): void;
  /** Notes what feeders and sensors say. To be called about once a second, after the meters' own sweep. */
  sweep(): void;
  close(): Promise<void>;
}

/** The meters of a config, with the rigs that are known; undefined where it has none, so that nothing is loaded or kept for them. */
export async function openMetering(
  meters: readonly MeterConfig[],
  { index, refusals, state, clock, ...parts }: MeteringParts,
): Promise<Metered | undefined> {
  if (!meters.length) return undefined;
  const [{ Metering }, { Feeders }, { Air }] = await Promise.all([
    import("./metering.js"),
    import("./feeders.js"),
    import("./air.js"),
  ]);
  const log = parts.log.child({ part: "meters" });
  const metering = new Metering(meters, refusals);
  const records = () => [...index.records()].filter((record) => !isRetired(record));
  for (const record of records()) metering.describe(record);
  const nowMs = clock.nowMs();
  const feeders = await Feeders.open(metering, state, log, nowMs);
  const air = await Air.open(metering.airMeters, state, log, nowMs);
  return {
    metering,
    feeders,
    air,
    registered(register) {
      for (const { meter, why } of metering.registered(register, records()))
        log.warn({ meter, why }, "meter hangs on a name that nothing in the register has");
    },
    sweep() {
      feeders.sweep(clock.nowMs());
      air.sweep(clock.nowMs());
    },
    async close() {
      await feeders.close();
      await air.close();
    },
  };
}

/** Gives meters what is theirs of the broker's messages, and the rest to `others`. */
export const metersFirst = (
  metering: Metering | undefined,
  others: LinkEvents["message"],
  clock: Clock,
): LinkEvents["message"] =>
  metering
    ? async (topic, payload, retained) => {
        if (!metering.message(topic, payload, retained, clock.nowMs()))
          await others(topic, payload, retained);
      }
    : others;
