import { describe, expect, it } from "vitest";
import { readPlayed } from "../fixtures/playedRig.js";
import type { Reading } from "../reading.js";
import { hydroTemps } from "./hydro.js";

/** A water-cooled rig as the cgminer API tells it; three boards alike, a fourth slot empty. */
async function read(
  model: string,
  { pcb, chip, pic }: { pcb: string; chip: string; pic: string },
): Promise<Reading> {
  const flat = [1, 2, 3].flatMap((n) => [
    [`chain_acn${n}`, 160],
    [`chain_rate${n}`, "161000.5"],
    [`temp_pcb${n}`, pcb],
    [`temp_chip${n}`, chip],
    [`temp_pic${n}`, pic],
    // As builds copy the highest of the list.
    [`temp2_${n}`, Math.max(...chip.split("-").map(Number))],
  ]);
  const stats = {
    STATUS: [{ STATUS: "S", Code: 70, Description: "cgminer 1.0.0" }],
    STATS: [
      { BMMiner: "1.0.0", CompileTime: "Thu Jan 8 15:44:15 CST 2026", Type: model },
      {
        ...{ Elapsed: 602_534, "GHS 5s": 483_979.25, "GHS av": 487_129.33, rate_unit: "GH", fan_num: 4 },
        ...{ fan1: 0, fan2: 0, fan3: 0, fan4: 0, total_rateideal: 473_000, chain_acn4: 0, chain_rate4: "" },
        ...{ temp_pcb4: "0-0-0-0", temp_chip4: "0-0-0-0", temp_pic4: "0-0-0-0" },
        ...Object.fromEntries(flat),
      },
    ],
    id: 1,
  };
  const reading = await readPlayed({ transport: "cgminer-tcp", responses: { stats } });
  if (reading instanceof Error) throw reading;
  return reading;
}

describe("a water-cooled Antminer", () => {
  it("has chips and boards where all others have them, and no fans that stand", async () => {
    const lists = { pcb: "38-48-47-52", chip: "63-59-56-61", pic: "54-47-53-49" };
    const reading = await read("Antminer S21 XP Hyd.", lists);
    expect(reading).toMatchObject({
      status: "mining",
      hashrateThs: 483.97925,
      boardTempC: 52,
      chipTempC: 63,
    });
    expect(reading.boards).toHaveLength(3);
    for (const key of ["fansRpm", "inletTempC", "outletTempC"] as const) expect(reading[key]).toBeUndefined();
  });

  it("whose chip list holds the coolant's two ends has no chip temperature", async () => {
    const reading = await read("Antminer S21 Hyd.", { pcb: "0-0-0-0", chip: "30-41-0-0", pic: "0-0-0-0" });
    expect(reading).toMatchObject({ inletTempC: 30, outletTempC: 41 });
    for (const told of [reading, reading.boards![0]!])
      expect([told.chipTempC, told.boardTempC]).toEqual([undefined, undefined]);
  });

  it("whose board list holds the coolant, and a chip the third list, is sorted", async () => {
    const lists = { pcb: "30-51-39-52", chip: "0-0-0-0", pic: "80-53-54-55" };
    const reading = await read("Antminer S21+ Hyd.", lists);
    expect(reading).toMatchObject({ inletTempC: 30, outletTempC: 39, boardTempC: 55, chipTempC: 80 });
    expect(reading.boards?.[2]).toMatchObject({ slot: 3, boardTempC: 55, chipTempC: 80 });
  });

  it("that is cooled by air keeps its fans, though they stand, and its lists", async () => {
    const reading = await read("Antminer S21", { pcb: "40-41-42-43", chip: "50-51-0-0", pic: "0-0-0-0" });
    expect(reading).toMatchObject({ boardTempC: 43, chipTempC: 51, fansRpm: [0, 0, 0, 0] });
    expect(reading.inletTempC).toBeUndefined();
  });

  it("is known by its lists where it stands, as warm as its water to the degree", () => {
    const told = { inletTempC: 58, outletTempC: 59 };
    expect(hydroTemps("58-58-58-58", "58-59-0-0", "0-0-0-0")).toMatchObject({ ...told, boardTempC: 58 });
    expect(hydroTemps("58-58-59-58", "0-0-0-0", "58-58-58-58")).toMatchObject({ ...told, chipTempC: 58 });
  });

  it("a chip sensor that is warmer than the board is no water", () => {
    expect(hydroTemps("50-51-52-53", "70-71-0-0", "0-0-0-0")).toBeUndefined();
    expect(hydroTemps("-", "", undefined)).toBeUndefined();
    expect(hydroTemps([44, 44, 52, 52], [44, 44, 56, 56], [34, 34, 42, 42])).toBeUndefined();
  });
});
