import type { Action } from "./action.js";
import * as machine from "./machine.js";
import * as network from "./network.js";
import * as pools from "./pools.js";
import * as power from "./power.js";

/** Everything that can be done to a rig, by the name that a timeline and `simulate do` know it by. */
export const ACTIONS: Readonly<Record<string, Action>> = Object.fromEntries(
  [machine, power, pools, network]
    .flatMap((group) => Object.values(group) as Action[])
    .map((action) => [action.name, action]),
);
