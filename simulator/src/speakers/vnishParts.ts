import { presentBoards } from "./cgminerRows.js";
import type { SpokenRig } from "./speaker.js";

/** What each board draws by the firmware's estimate, whole W; together what the rig does. */
export function consumption({ state }: SpokenRig): number[] {
  const present = presentBoards(state);
  const total = Math.round(state.powerW);
  const each = Math.floor(total / Math.max(1, present.length));
  return present.map((_, i) => (i === 0 ? total - each * (present.length - 1) : each));
}

/** What the firmware is doing, in its words. */
export const stateWord = ({ state }: SpokenRig): string =>
  ({
    mining: "mining",
    starting: "starting",
    sleeping: "stopped",
    stopped: "failure",
    waiting: "mining",
    off: "stopped",
  })[state.phase];
