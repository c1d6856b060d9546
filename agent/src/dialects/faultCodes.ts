import { beginning } from "@hashwatt/protocol/plainText";
import type { Fault } from "@hashwatt/protocol/sample";
import { MAX_FAULTS } from "@hashwatt/protocol/sample";

/** What a vendor's code says, in this project's own words; each at most 300 characters. */
export interface FaultMeaning {
  meaning: string;
  /** What it most often comes from. */
  cause?: string;
  /** What to do about it, cheapest first. */
  fix?: string;
}

/** Codes of one firmware and what they mean; a table stands in a file of its own, with the source it was compiled after. */
export type FaultCodes = Readonly<Record<string, FaultMeaning>>;

/** A fault by its code; `own` are the firmware's words, for a code that the table does not know. */
export function toFault(code: string, known: FaultMeaning | undefined, own?: string): Fault {
  const fault: Fault = { code };
  const text = known?.meaning ?? own;
  if (text) fault.text = beginning(text, 300);
  if (known?.cause) fault.cause = known.cause;
  if (known?.fix) fault.fix = known.fix;
  return fault;
}

/** Each code once, in order, at most as many as travel. */
export function uniqueFaults(faults: readonly (Fault | undefined)[]): Fault[] {
  const by = new Map<string, Fault>();
  for (const one of faults) if (one && by.size < MAX_FAULTS && !by.has(one.code)) by.set(one.code, one);
  return [...by.values()];
}
