import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { hottestChipC } from "@hashwatt/simulator/rigState";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { startOurs } from "../support/program.js";

interface Printed {
  status: string;
  make: string;
  model: string;
  dialect: string;
  hashrateThs?: number;
  powerW?: number;
  powerSource?: string;
  chipTempC?: number;
  boardTempC?: number;
  fansRpm?: number[];
  boards?: { slot: number; hashrateThs?: number; chipTempC?: number; chips?: number }[];
  pools?: { url: string; active?: boolean }[];
}

/** Keys that `agent read --json` may print; others would break programs that read it. */
const CONTRACT =
  "status algo make model firmware apiVersion dialect mac serial hostname hashrateThs hashrateAvgThs nominalThs powerW powerSource powerLimitW inletTempC boardTempC chipTempC fansRpm boards pools uptimeS targetThs powerMode outletTempC coolantTempC psuTempC fanDutyRatio faults shares".split(
    " ",
  );
const BOARD =
  "slot hashrateThs boardTempC chipTempC chips chipsExpected hwErrors frequencyMHz voltageV serial nominalThs".split(
    " ",
  );

describe("agent read", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ rigs: 36, seed: 4, port: await freePort(), base: "127.44.0.1" });
  });
  afterAll(() => fleet?.close());

  async function read(address: string, port: number): Promise<{ code: unknown; lines: readonly string[] }> {
    const program = startOurs("agent", ["read", `${address}:${port}`, "--json"]);
    return { code: await program.exit, lines: program.lines };
  }

  test("gets back of every simulated model what the rig really does, and prints no key outside the contract", async () => {
    const seen = new Set<string>();
    for (const { address, port } of fleet.addresses) {
      const rig = fleet.rig(address);
      const { model } = rig.identity.model;
      if (seen.has(model) || rig.identity.incident) continue;
      seen.add(model);
      const { code, lines } = await read(address, port);
      expect(code, `${model}: ${lines.join("\n")}`).toBe(0);
      const printed = JSON.parse(lines.join("\n")) as Printed;
      const state = rig.state();
      expect(printed.model, model).toBe(model);
      expect(printed.status, model).toBe("mining");
      expect(Math.abs((printed.hashrateThs ?? 0) / state.hashrateThs - 1), model).toBeLessThan(0.03);
      expect(Math.abs((printed.chipTempC ?? 0) - hottestChipC(state)), model).toBeLessThanOrEqual(2);
      expect(printed.boards?.length, model).toBeGreaterThanOrEqual(3);
      expect(printed.fansRpm?.length, model).toBeGreaterThanOrEqual(2);
      expect(
        printed.pools?.filter((pool) => pool.active),
        model,
      ).toHaveLength(1);
      expect(printed.powerSource, model).toBe(/Whatsminer/.test(model) ? "psu" : "model");
      expect(Object.keys(printed).filter((key) => !CONTRACT.includes(key))).toEqual([]);
      for (const board of printed.boards ?? [])
        expect(Object.keys(board).filter((key) => !BOARD.includes(key))).toEqual([]);
    }
    expect(seen.size).toBeGreaterThanOrEqual(8);
  }, 60_000);

  test("says why there is no reading, in one line, with exit code 1", async () => {
    const nobody = await freePort();
    const { code, lines } = await read("127.44.0.1", nobody);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`127.44.0.1:${nobody}`);
  });

  test("reads a sleeping rig as sleeping and one with a missing board without a row of zeros for it", async () => {
    for (const { address, port } of fleet.addresses) {
      const { incident } = fleet.rig(address).identity;
      if (incident !== "sleeping" && incident !== "missing-board") continue;
      const { lines } = await read(address, port);
      const printed = JSON.parse(lines.join("\n")) as Printed;
      if (incident === "sleeping") {
        expect(printed.status).toBe("sleeping");
        expect(printed).not.toHaveProperty("hashrateThs");
      } else expect(printed.boards).toHaveLength(2);
    }
  });
});
