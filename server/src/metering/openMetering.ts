import type { Clock } from "@hashwatt/protocol/time";
import type { LinkEvents } from "../broker/link.js";
import type { MeterConfig } from "../config/meters.js";
import { isRetired, type RigIndex } from "../identity/rigIndex.js";
import type { Refusals } from "../refusals.js";
import { Metering } from "./metering.js";

/** The meters of a config, with the rigs that are known; undefined where it has none, so that nothing is kept for them. */
export function openMetering(
  meters: readonly MeterConfig[],
  index: Pick<RigIndex, "records">,
  refusals: Refusals,
): Metering | undefined {
  if (!meters.length) return undefined;
  const metering = new Metering(meters, refusals);
  for (const record of index.records()) if (!isRetired(record)) metering.describe(record);
  return metering;
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
