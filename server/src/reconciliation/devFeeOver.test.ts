import { expect, test } from "vitest";
import { bookedSite, slotOf, startLedger } from "../fixtures/bookedSites.js";
import { devFeeOver } from "./devFeeOver.js";

const HOUR_MS = 3_600_000;
const FROM = Date.UTC(2026, 8, 1);

test("what firmwares took is what was measured, and the rate that is set for the rest of the time", async () => {
  const { rates } = await startLedger({
    sites: [bookedSite()],
    terms: {
      s: {
        pools: [
          {
            ...{ id: "p", name: "Pool", scheme: "FPPS", feePercent: 2, devFeePercent: 1 },
            ...{ validFrom: "2026-01-01", source: "contract" },
          },
        ],
      },
    },
    series: {
      // Of half of the hash, for the second half of the time.
      "devFee/s": [slotOf(0.014, FROM + 2 * HOUR_MS)],
      "devFeeOf/s": [slotOf(0.5, FROM + 2 * HOUR_MS)],
    },
  });
  const over = (fromMs: number, toMs: number) => devFeeOver(rates, "s", { fromMs, toMs }, 0.01);
  expect(over(FROM, FROM + 2 * HOUR_MS)).toBeCloseTo(0.01, 12);
  expect(over(FROM + 2 * HOUR_MS, FROM + 4 * HOUR_MS)).toBeCloseTo(0.014 + 0.5 * 0.01, 12);
  expect(over(FROM, FROM + 4 * HOUR_MS)).toBeCloseTo((0.01 + 0.019) / 2, 12);
});
