import type { RigState } from "../rigState.js";
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

/** What the firmware mines for its makers, of all that the rig hashes; `Fee Percent` of a capture of 1.2.7. */
export const FEE_PERCENT = 2.8;
/** Difficulty of its shares there, in the same capture. */
const FEE_DIFFICULTY = 16_384;

/** What was accepted of a rig: at each of its own pools, in shares of its own difficulty, and at the firmware's own pool. */
export interface Split {
  own: readonly number[];
  fee: { accepted: number; difficulty: number };
}

/** Takes the firmware's part out of what each pool accepted: together it is all that the rig found. */
export function feeSplit({ pools, unit }: RigState): Split {
  let taken = 0;
  const own = pools.map(({ shares }) => {
    const part = Math.floor((shares.accepted * FEE_PERCENT) / 100);
    taken += part;
    return shares.accepted - part;
  });
  const difficulty = taken * unit.poolDifficulty;
  return { own, fee: { accepted: Math.round(difficulty / FEE_DIFFICULTY), difficulty } };
}

/** What a fee pool says besides of its shares. */
export const FEE_SHARE = { text: `${(FEE_DIFFICULTY / 1000).toFixed(1)}K`, difficulty: FEE_DIFFICULTY };
