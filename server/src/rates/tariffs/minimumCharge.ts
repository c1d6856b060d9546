import type { BillLine } from "@hashwatt/protocol/settings";
import { Sum } from "./sum.js";

const GROWS: ReadonlySet<BillLine["kind"]> = new Set(["energy", "adder", "losses"]);

/** What a minimum is compared with, and what is lacking of it; null where a row is unknown, or the energy of the whole period. */
export interface TopUp {
  expected: number | null;
  amount: number | null;
}

/**
 * What the rows of a bill lack of `minimum`. Of a period of which only the share `measured` (0–1) was measured, energy is taken to have
 * been in the rest, what is yet to come among it, as in that: else the minimum would be owed on the first day of every month, and for
 * what was used before there was a meter.
 */
export function topUpOf(lines: readonly BillLine[], minimum: number, measured: number): TopUp {
  if (!(measured > 0)) return { expected: null, amount: null };
  const expected = new Sum();
  for (const { kind, amount } of lines) {
    if (amount === null) return { expected: null, amount: null };
    expected.add(GROWS.has(kind) ? amount / measured : amount);
  }
  return { expected: expected.value, amount: Math.max(0, minimum - expected.value) };
}
