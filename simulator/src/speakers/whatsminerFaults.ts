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

function isSlow(state: RigState, fan: number): boolean {
  let fastest = 0;
  for (const rpm of state.fansRpm) if (rpm > fastest) fastest = rpm;
  return fastest - (state.fansRpm[fan] as number) > FAN_DEVIATION_RPM;
}

/**
 * The faults of this moment. Codes after UpstreamData/pyasic's table: 13x intake/exhaust fan more than 3000 rpm off,
 * 35n board n temperature protecting, 53n board n not found.
 */
export function faultCodes({ state, nowMs }: SpokenRig): FaultCode[] {
  const faults: FaultCode[] = [];
  // Nearly always there is none, and no time to be put into words.
  const add = (code: string, sinceMs: number) => faults.push({ code, since: timeText(nowMs - sinceMs) });
  for (let fan = 0; fan < state.fansRpm.length; fan++) if (isSlow(state, fan)) add(`13${fan}`, state.phaseMs);
  for (const board of state.boards) {
    if (!board.present) add(`53${board.slot}`, state.uptimeMs);
    else if (state.phase === "stopped") add(`35${board.slot}`, state.phaseMs);
  }
  return faults;
}
