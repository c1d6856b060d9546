import type { FaultCodes } from "./faultCodes.js";

/** Events of LuxOS by code, after Luxor's page on events and their troubleshooting (docs.luxor.tech/firmware/kb/eventstroubleshooting). */
export const luxosEvents: FaultCodes = {
  NOPIC_PROTECTION: {
    meaning: "the rig was shut down to protect boards that have no voltage controller of their own",
    cause: "all boards of such a rig share one voltage, and one of them failed or did not start",
    fix: "find the board that does not hash, take it out or replace it, then start mining again",
  },
  REBOOT_NOT_HASHING: {
    meaning: "a board was restarted because it did not hash",
    cause: "a loose connector, a chip that hangs, or too much clock for its voltage",
    fix: "reseat the board's cables; if it comes back, lower the profile by a step or replace the board",
  },
};
