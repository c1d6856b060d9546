import type { RigAddress } from "./addresses.js";
import type { RigState } from "./rigState.js";
import type { Seat } from "./seat.js";

/** A rig as `simulate list --json` prints it: where it is, what it is, and what is true of it at one moment. */
export interface ListedRig extends RigAddress {
  family: string;
  make: string;
  model: string;
  /** What it has been updated to, if it has. */
  firmware: string;
  mac: string;
  serial: string;
  hostname: string;
  incident: string | undefined;
  state: {
    phase: RigState["phase"];
    hashrateThs: number;
    powerW: number;
    inletTempC: number;
    fansRpm: readonly number[];
    boards: { slot: number; present: boolean; hashrateThs: number; boardTempC: number; chipTempC: number }[];
    shares: { accepted: number; rejected: number; stale: number };
    /** Of the operating system and of the mining daemon. */
    uptimeS: number;
    elapsedS: number;
    worker: string;
  };
}

/** What is true of a rig at this moment of the fleet's time, whatever its gauges and whoever dictates readings make of it. */
export function listedRig(seat: Seat, atMs: number): ListedRig {
  const { model, mac, serial, hostname, incident, worker } = seat.identityAt(atMs);
  const state = seat.live.trueStateAt(atMs);
  const { accepted, rejected, stale } = state.shares;
  return {
    ...seat.where,
    family: model.build.family,
    make: model.make,
    model: model.model,
    firmware: model.firmware,
    mac,
    serial,
    hostname,
    incident,
    state: {
      phase: state.phase,
      hashrateThs: state.hashrateThs,
      powerW: state.powerW,
      inletTempC: state.inletTempC,
      fansRpm: state.fansRpm,
      boards: state.boards.map(({ slot, present, hashrateThs, boardTempC, chipTempC }) => ({
        slot,
        present,
        hashrateThs,
        boardTempC,
        chipTempC,
      })),
      shares: { accepted, rejected, stale },
      uptimeS: Math.floor(state.uptimeMs / 1000),
      elapsedS: Math.floor(state.elapsedMs / 1000),
      worker,
    },
  };
}
