import type { Limit, RigView } from "../../fleet/rigView.js";
import { isSettled } from "../memoryFields.js";
import { isMining, MINUTE_MS, numberRule, percent, shareOfRevenue } from "./numberRule.js";

/** From so far below the limit on heat is a reason to slow down. */
const NEAR_C = 8;
const WARM_INLET_C = 35;

/**
 * Whether the rig is hot enough for its firmware to slow it down. Where a limit of one sensor is stated or sourced, what is merely usual of
 * the other is no reason for that.
 */
function isWarm({ reading, limits: { chip, board } }: RigView): boolean {
  const { chipTempC, boardTempC, inletTempC } = reading!;
  const isFirm = (chip && !chip.learned) || (board && !board.learned) || false;
  return (
    isNear(chipTempC, chip, isFirm) ||
    isNear(boardTempC, board, isFirm) ||
    (inletTempC !== undefined && inletTempC > WARM_INLET_C)
  );
}

const isNear = (tempC: number | undefined, limit: Limit | undefined, isFirm: boolean): boolean =>
  tempC !== undefined && limit !== undefined && !(isFirm && limit.learned) && tempC > limit.limitC - NEAR_C;

/**
 * A warm rig whose boards run more than 5 % below their usual clock, or that hashes 8 % less than usual where it tells no clock, for
 * ten minutes: its firmware slows it down by heat.
 */
export const throttling = numberRule<RigView>({
  id: "throttling",
  severity: "warning",
  limit: 0.95,
  clear: 0.97,
  below: true,
  unit: "of its usual clock",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  quietInStop: true,
  measure(view, { memory }, _settings, firing) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    if (!mining || !isSettled(view.reading!.uptimeS)) return "clear";
    if (!firing && !isWarm(view)) return "clear";
    const usualMHz = memory.usualMHz(view.rig);
    const boards = view.reading!.boards;
    if (usualMHz !== undefined && boards) {
      let sum = 0;
      let count = 0;
      for (const { frequencyMHz } of boards)
        if (frequencyMHz !== undefined && frequencyMHz > 0) {
          sum += frequencyMHz;
          count++;
        }
      if (count) return sum / count / usualMHz;
    }
    const usualThs = memory.usualThs(view.rig);
    const recentThs = memory.recentThs(view.rig);
    // A hashrate trembles more than a clock: the same limit 3 % lower.
    return usualThs === undefined || recentThs === undefined ? undefined : recentThs / usualThs + 0.03;
  },
  reason: (view, { value }) =>
    `Runs at ${percent(value)} of its usual clock while warm${view.reading?.inletTempC === undefined ? "" : ` (inlet ${Math.round(view.reading.inletTempC)} °C)`}`,
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) => {
    const usualThs = context.memory?.usualThs(view.rig);
    return usualThs === undefined ? null : shareOfRevenue(view, usualThs * (1 - value), context);
  },
  step: 0.05,
});
