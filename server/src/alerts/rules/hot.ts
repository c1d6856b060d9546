import type { Limit, RigView } from "../../fleet/rigView.js";
import { boardSubject, hottestBoard } from "../boardSubject.js";
import { rigSubject } from "../judged.js";
import { degrees, MINUTE_MS, numberRule } from "./numberRule.js";
import { OVERHEATING_HYSTERESIS_C } from "./overheating.js";

/** The sensor that is furthest above (or least below) its warning; undefined where no sensor has both a value and a warning. */
function warmest({
  reading,
  limits,
}: RigView): { sensor: "Chip" | "Board"; overC: number; tempC: number; limit: Limit } | undefined {
  const { chip, board } = limits;
  const chipOverC = overWarning(reading?.chipTempC, chip);
  const boardOverC = overWarning(reading?.boardTempC, board);
  if (boardOverC !== undefined && !(chipOverC !== undefined && chipOverC > boardOverC))
    return { sensor: "Board", overC: boardOverC, tempC: reading!.boardTempC!, limit: board! };
  return chipOverC === undefined
    ? undefined
    : { sensor: "Chip", overC: chipOverC, tempC: reading!.chipTempC!, limit: chip! };
}

const overWarning = (tempC: number | undefined, limit: Limit | undefined): number | undefined =>
  tempC === undefined || limit?.warnC === undefined ? undefined : tempC - limit.warnC;

/**
 * A sensor of the rig above the warning that its sourced row states beside the trip point, for five minutes. A sensor of which no
 * such warning is known has none: a few degrees below a trip point are where many rigs always run.
 */
export const hot = numberRule<RigView>({
  id: "hot",
  severity: "warning",
  limit: 0,
  clear: -OVERHEATING_HYSTERESIS_C,
  unit: "°C over its warning",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  inhibitedBy: ["offline", "overheating"],
  measure(view) {
    const { chip, board } = view.limits;
    if (chip?.warnC === undefined && board?.warnC === undefined) return "clear";
    const chipC = overWarning(view.reading?.chipTempC, chip);
    const boardC = overWarning(view.reading?.boardTempC, board);
    return chipC === undefined ? boardC : boardC === undefined ? chipC : Math.max(chipC, boardC);
  },
  part(view) {
    const worst = warmest(view);
    const board =
      worst && hottestBoard(view, worst.sensor === "Chip" ? "chipTempC" : "boardTempC", worst.tempC);
    return board ? boardSubject(view, board.slot) : rigSubject(view);
  },
  reason(view) {
    const worst = warmest(view);
    if (!worst) return "Temperature is not reported any more";
    const { sensor, tempC, limit } = worst;
    return `${sensor} ${degrees(tempC)}, warning at ${degrees(limit.warnC!)}, ${limit.name}`;
  },
  step: 1,
});
