import { failingFanHealth, WEAR_TAKES_MS } from "../incidents.js";
import { soundConditions } from "../physics/conditions.js";
import type { RigIdentity } from "../site.js";
import { type Circumstances, SOUND_NETWORK, type World } from "../world.js";
import { HallAir, USUAL_HALL } from "./hall.js";

/** What a rig's own incident, the one that it was delivered with, does to it `sinceMs` after the simulation began. */
export function delivered(rig: RigIdentity, sinceMs: number): { now: Circumstances; lastsMs: number } {
  const { model, incident, failingFan, missingSlot } = rig;
  const sound = soundConditions(model, rig.worker);
  const given = {
    ...sound,
    asleep: incident === "sleeping",
    lostBoards: missingSlot === undefined ? sound.lostBoards : [missingSlot],
    ...(failingFan !== undefined && {
      fanHealth: sound.fanHealth.map((_, fan) => (fan === failingFan ? failingFanHealth(sinceMs) : 1)),
    }),
  };
  const wears = failingFan !== undefined && sinceMs < WEAR_TAKES_MS;
  return {
    now: { given, network: SOUND_NETWORK, inletDeltaC: 0, clockAheadMs: 0, firmware: undefined },
    lastsMs: wears ? 1000 : Number.POSITIVE_INFINITY,
  };
}

/** A hall without weather of its own where nothing befalls a rig but what it was delivered with. */
export function hallWorld(startMs: number): World {
  const air = new HallAir(USUAL_HALL, startMs, 0);
  return {
    inletTempC: (rig, atMs, riseK, warmerC) => air.inletTempC(rig, atMs, riseK, warmerC),
    circumstances(rig, atMs) {
      const { now, lastsMs } = delivered(rig, Math.max(0, atMs - startMs));
      return { now, untilMs: atMs + lastsMs };
    },
  };
}
