import type { BillLine } from "@hashwatt/protocol/settings";
import { Sum } from "./sum.js";

const GROWS: ReadonlySet<BillLine["kind"]> = new Set(["energy", "adder", "losses"]);

/** What a minimum is compared with, and what is lacking of it; null where a row is unknown. */
export interface TopUp {
  expected: number | null;
  amount: number | null;
}

/**
 * What the rows of a bill lack of `minimum`. Of a period of which only the share `elapsed` (0–1) is over, energy is taken to go on as so
 * far: else the minimum would be owed on the first day of every month. Undefined where nothing of the period is over.
 */
export function topUpOf(lines: readonly BillLine[], minimum: number, elapsed: number): TopUp | undefined {
  if (!(elapsed > 0)) return undefined;
  const expected = new Sum();
  for (const { kind, amount } of lines) {
    if (amount === null) return { expected: null, amount: null };
    expected.add(GROWS.has(kind) ? amount / elapsed : amount);
  }
  return { expected: expected.value, amount: Math.max(0, minimum - expected.value) };
}
