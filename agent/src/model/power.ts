import type { RigStatus } from "@hashwatt/protocol/sample";
import { isKnownModel, nameplateOf } from "./nameplates.js";

/** Control board and power supply of a rig that does not hash, W: the middle of the 10–30 W that such rigs draw. */
const IDLE_W = 20;
/** One 120 mm server fan at {@link FAN_FULL_RPM}, W (12 V, about 2.3 A); power grows with the cube of the speed. */
const FAN_FULL_W = 28;
const FAN_FULL_RPM = 6_000;

/**
 * Power in W of a rig that reports none: its nameplate's J/TH times what it hashes now, never above what it is rated for; a
 * rig that stands draws {@link IDLE_W} and its fans. An estimate, to be marked `model`. Undefined when the model or its bin is
 * not known, while it starts (a rig heats up and tunes at any power), and while it is unreachable.
 */
export function modelPowerW(rig: {
  model?: string;
  nominalThs?: number;
  hashrateThs?: number;
  status: RigStatus;
  fansRpm?: readonly number[];
}): number | undefined {
  if (rig.model === undefined || !isKnownModel(rig.model)) return undefined;
  switch (rig.status) {
    case "mining": {
      const plate = nameplateOf(rig.model, rig.nominalThs);
      if (!plate || rig.hashrateThs === undefined) return undefined;
      const ratedW = (rig.nominalThs ?? plate.ratedThs) * plate.jPerTh;
      return Math.round(Math.min(rig.hashrateThs * plate.jPerTh, ratedW));
    }
    case "idle":
    case "sleeping":
    case "fault": {
      let fansW = 0;
      for (const rpm of rig.fansRpm ?? []) fansW += FAN_FULL_W * Math.min(1, (rpm / FAN_FULL_RPM) ** 3);
      return Math.round(IDLE_W + fansW);
    }
    case "starting":
    case "unreachable":
      return undefined;
  }
}
