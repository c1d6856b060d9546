import type { Format } from "../format.js";

/** Beyond so long a time of day does not say which day's it is. */
const CLOCK_ENOUGH_MS = 12 * 3_600_000;

/** When something ends, in the zone: "14:05", or with the day where that is not soon. */
export const untilText = (
  format: Pick<Format, "clock" | "moment">,
  untilMs: number,
  nowMs: number,
  zone: string,
): string => (untilMs - nowMs > CLOCK_ENOUGH_MS ? format.moment(untilMs, zone) : format.clock(untilMs, zone));
