import type { Fault } from "@hashwatt/protocol/sample";
import { listOf } from "../replies/members.js";
import { readText } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";
import { type FaultCodes, toFault, uniqueFaults } from "./faultCodes.js";

/** Codes of the tuner of Braiins OS, after the reasons and hints that rigs send with them (`ErrorCode` of the public API). */
const codes: FaultCodes = {
  H2: {
    meaning: "a board stopped sending results while it was tuned",
    cause: "a dip of its voltage, most often passing; a board that has aged since it was tuned",
    fix: "wait for the next try; if it keeps coming, remove the tuned profiles, then lower the target",
  },
  V2: {
    meaning:
      "a board's voltage was far below what was set: the supply switched off, or there is a short circuit",
    cause:
      "too high a target for the supply, a damaged board, loose screws of the power rails, a faulty supply",
    fix: "tighten the rails' screws, lower the target, then swap board and supply one at a time",
  },
};

/** Messages that come without a code, by their first words. */
const messages: FaultCodes = {
  "Failed to resolve": {
    meaning: "the name of a pool could not be resolved",
    cause: "no name server answers, or there is no way out to the internet",
    fix: "check DNS and gateway of the rig's network, then the pool's address for typing errors",
  },
  "PSU detection": {
    meaning: "the power supply was not recognised",
    cause: "a loose or damaged control cable, or a supply of another type than this rig's",
    fix: "reseat the supply's control cable; if it stays so, tell the firmware the supply by hand or swap it",
  },
};

/** A message without a code: its first words stand for one. Undefined for none. */
export function messageFault(message: string | undefined): Fault | undefined {
  const head = message && /^[^:([{"\d]{1,60}/.exec(message)?.[0].trim();
  if (!head) return undefined;
  return toFault(head, messages[head], message);
}

/**
 * What went wrong since `sinceS` (epoch s) of the list of `miner/errors`, which reaches back for months and is in no order;
 * of one code the latest. A code that is not known comes with the rig's own reason and hint.
 */
export function errorsSince(errors: readonly Row[], sinceS: number): Fault[] {
  const recent = errors
    .map((error) => ({ error, atS: timeOf(error) }))
    .filter(({ atS }) => atS !== undefined && atS >= sinceS)
    .sort((a, b) => b.atS! - a.atS!);
  return uniqueFaults(recent.flatMap(({ error }) => faultsOf(error)));
}

function faultsOf(error: Row): (Fault | undefined)[] {
  const told = listOf(error.error_codes) ?? [];
  if (told.length === 0) return [messageFault(readText(error.message, 300))];
  return told.map((row) => {
    const code = readText(row.code, 64);
    if (code === undefined) return messageFault(readText(error.message, 300));
    const fault = toFault(code, codes[code], readText(row.reason, 300) ?? readText(error.message, 300));
    const hint = readText(row.hint, 300);
    return fault.fix === undefined && hint !== undefined ? { ...fault, fix: hint } : fault;
  });
}

/** When an error came, epoch s; undefined for no ISO time of day. */
export function timeOf({ timestamp }: Row): number | undefined {
  const text = readText(timestamp, 40);
  const ms = text && /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) ? ms / 1_000 : undefined;
}
