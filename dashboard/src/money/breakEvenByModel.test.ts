import { describe, expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import { breakEvenByModel } from "./breakEvenByModel.js";

const NOW = 1_000_000;

type Row = Record<string, number | string | null>;

/** Rigs of one model each, numbered from 1: 100 TH/s at 2 kW that earn 0.2 an hour and pay 0.1, but for what is given. */
function modelsOf(...given: Row[]) {
  const usual = { status: "mining", algo: "SHA256", hashrateThs: 100, powerW: 2_000, revenuePerH: 0.2 };
  const rows = given.map(
    (own, i): Row => ({
      ...usual,
      ...{ model: `M${i}`, costPerH: 0.1, receivedMs: NOW, intervalMs: 5_000 },
      ...own,
    }),
  );
  const rig = rows.map((_, i) => i + 1);
  const table = new FleetTable();
  const columns = Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [name, rows.map((row) => row[name] ?? null)]),
  );
  table.load({ epoch: "e", seq: 0, serverMs: 0, rig, columns });
  return breakEvenByModel(table, rig, NOW);
}

describe("the break-even of a model", () => {
  it("is what a kWh may cost at most, with the price and the profit of now", () => {
    expect(modelsOf({})).toMatchObject([
      {
        rigs: 1,
        known: 1,
        missing: null,
        jPerTh: 20,
        breakEvenPerKwh: 0.1,
        pricePerKwh: 0.05,
        profitPerH: 0.1,
      },
    ]);
  });

  it("needs no price of energy: without one the profit alone is not known, and that is what is said", () => {
    expect(modelsOf({ costPerH: null })).toMatchObject([
      { known: 1, missing: "price", breakEvenPerKwh: 0.1, pricePerKwh: null, profitPerH: null },
    ]);
  });

  it("is not known where something of it is missing, which is said by its name", () => {
    const models = modelsOf(
      { status: "idle", revenuePerH: 0 },
      { status: "idle", algo: "Scrypt" },
      { algo: null, revenuePerH: null },
      { algo: "Scrypt", revenuePerH: null },
      { powerW: null, costPerH: null },
    ).sort((a, b) => (a.model! < b.model! ? -1 : 1));
    expect(models.map(({ missing }) => missing)).toEqual(["hash", "hash", "algo", "hashprice", "power"]);
    for (const model of models)
      expect(model).toMatchObject({ rigs: 1, known: 0, breakEvenPerKwh: null, profitPerH: null });
  });
});
