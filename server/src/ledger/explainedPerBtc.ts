import type { ExplainedStep, LedgerExplanation } from "@hashwatt/protocol/ledger";
import { perBtc } from "../economics/perBtc.js";

/** A step, and what its rigs of SHA-256 earned of which energy and work are both known, with their share of the energy at the plugs. */
export interface EarnedStep {
  step: Pick<
    ExplainedStep,
    "kwh" | "overheadKwh" | "energyCost" | "overheadCost" | "co2LocationKg" | "revenueBtc"
  >;
  sha256: { energyRatio: number; btc: number } | undefined;
}

/** With overhead where that is known. */
const plus = (a: number | null, b: number | null): number | null => (a === null ? null : a + (b ?? 0));

/**
 * What one BTC took. Bitcoin is earned by SHA-256 alone: of what a site used it has the share of its rigs in the energy. A step counts
 * where both sides of the ratio are known, so that a gap in one of them bends it no more than another algorithm does. Overhead is in it where that is known; `perBtcOf` says of how much.
 */
export function explainedPerBtc(
  steps: readonly EarnedStep[],
): ReturnType<typeof perBtc> & Pick<LedgerExplanation["exact"], "perBtcOf"> {
  const earned = steps.reduce((btc, { step }) => btc + (step.revenueBtc ?? 0), 0);
  const of = (
    amountOf: (step: EarnedStep["step"]) => number | null,
    overheadOf: (step: EarnedStep["step"]) => number | null,
  ) => {
    let [sum, btc, withOverhead] = [0, 0, 0];
    for (const { step, sha256 } of steps) {
      const amount = amountOf(step);
      if (amount === null || !sha256) continue;
      sum += amount * sha256.energyRatio;
      btc += sha256.btc;
      if (overheadOf(step) !== null) withOverhead += sha256.btc;
    }
    // Rigs of which the energy is not known earned too: their bitcoin are in no ratio.
    const known = {
      ofEarned: earned > 0 ? Math.min(1, btc / earned) : null,
      withOverhead: btc > 0 ? withOverhead / btc : null,
    };
    return { sum, btc, known };
  };
  const kwh = of(
    (step) => plus(step.kwh, step.overheadKwh),
    (step) => step.overheadKwh,
  );
  const cost = of(
    (step) => plus(step.energyCost, step.overheadCost),
    (step) => step.overheadCost,
  );
  const kgCo2 = of(
    (step) => step.co2LocationKg,
    (step) => step.overheadKwh,
  );
  const nothing = { kwh: null, cost: null, kgCo2: null };
  return {
    kwhPerBtc: perBtc({ ...nothing, btc: kwh.btc, kwh: kwh.sum }).kwhPerBtc,
    costPerBtc: perBtc({ ...nothing, btc: cost.btc, cost: cost.sum }).costPerBtc,
    kgCo2PerBtc: perBtc({ ...nothing, btc: kgCo2.btc, kgCo2: kgCo2.sum }).kgCo2PerBtc,
    perBtcOf: { kwh: kwh.known, cost: cost.known, kgCo2: kgCo2.known },
  };
}
