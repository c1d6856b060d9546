import type { RigState } from "../rigState.js";
import type { SpokenRig } from "./speaker.js";

/** A fault as `get_error_code` lists it: number and local time, both strings. */
export interface FaultCode {
  code: string;
  since: string;
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ");
}

/** How far a fan must fall behind the fastest one before btminer complains (codes 130 and 131). */
const FAN_DEVIATION_RPM = 3000;

function slowFans(state: RigState): number[] {
  const fastest = Math.max(...state.fansRpm);
  return state.fansRpm.flatMap((rpm, fan) => (fastest - rpm > FAN_DEVIATION_RPM ? [fan] : []));
}

/**
 * The faults of this moment. Codes after UpstreamData/pyasic's table: 13x intake/exhaust fan more than 3000 rpm off,
 * 35n board n temperature protecting, 53n board n not found.
 */
export function faultCodes({ state, nowMs }: SpokenRig): FaultCode[] {
  const boot = timeText(nowMs - state.uptimeMs);
  const phaseBegan = timeText(nowMs - state.phaseMs);
  const faults = slowFans(state).map((fan): FaultCode => ({ code: `13${fan}`, since: phaseBegan }));
  for (const board of state.boards) {
    if (!board.present) faults.push({ code: `53${board.slot}`, since: boot });
    else if (state.phase === "stopped") faults.push({ code: `35${board.slot}`, since: phaseBegan });
  }
  return faults;
}
