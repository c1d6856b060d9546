import type { LedgerRow } from "@hashwatt/protocol/ledger";
import { describe, expect, it } from "vitest";
import { isWhole, knownFor } from "./knownFor.js";

const HOUR_MS = 3_600_000;
const row = (hour: number, partial = false) =>
  ({ startMs: hour * HOUR_MS, endMs: (hour + 1) * HOUR_MS, partial }) as LedgerRow;
const range = { fromMs: 0, toMs: 3 * HOUR_MS, due: [] };

describe("how much of a period is priced", () => {
  it("is all of it where every hour has its row and none waits", () => {
    expect(isWhole({ ...range, rows: [row(0), row(1), row(2)] })).toBe(true);
  });

  it("is not all of it where an hour has no row, is there in part, or waits to be priced anew", () => {
    expect(isWhole({ ...range, rows: [row(0), row(2)] })).toBe(false);
    expect(isWhole({ ...range, rows: [row(0), row(1), row(2, true)] })).toBe(false);
    const due = [{ fromMs: HOUR_MS, toMs: 2 * HOUR_MS }];
    expect(isWhole({ ...range, due, rows: [row(0), row(1), row(2)] })).toBe(false);
  });

  it("is told beside how much of it is known", () => {
    const said: string[] = [];
    const words = {
      t: (key: string) => {
        said.push(key);
        return key;
      },
      format: { percent: () => ({ text: "50", unit: "%" }) },
    } as unknown as Parameters<typeof knownFor>[0];
    knownFor(words, 10, 10, true);
    knownFor(words, 10, 10, false);
    knownFor(words, 5, 10, true);
    knownFor(words, 5, 10, false);
    knownFor(words, 0, 10, false);
    expect(said).toEqual([
      "money.knownWhole",
      "money.knownPriced",
      "money.knownFor",
      "money.knownForPriced",
      "money.knownNone",
    ]);
  });
});
