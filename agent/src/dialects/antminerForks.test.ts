import { describe, expect, it } from "vitest";
import { type Played, readPlayed } from "../fixtures/playedRig.js";

/** `version` and `stats` of a fork: `rwglr` is the mark of both, the name of one of them. */
function fork(type: string, power: object): Played {
  const who = {
    BMMiner: "4.11.1 rwglr",
    Miner: "0.0.1.3",
    CompileTime: "10 Dec 2024 14:34:31 GMT",
    Type: type,
  };
  const boards = [1, 2, 3].flatMap((n) => [
    [`chain_acn${n}`, 88],
    [`chain_rate${n}`, 33_000 + n],
    [`temp_pcb${n}`, "45-42-45-42"],
    [`temp_chip${n}`, "59-59-59-59"],
  ]);
  const readings = {
    ...{ Elapsed: 1926, "GHS 5s": 99_989.59, "GHS av": 99_761.4, total_rateideal: 99_674.88 },
    ...{ fan_num: 4, fan1: 5010, fan2: 5160, fan3: 5070, fan4: 5040 },
    ...Object.fromEntries(boards),
    ...power,
  };
  const STATUS = [{ STATUS: "S", Code: 22, Description: "bmminer 1.0.0" }];
  return {
    transport: "cgminer-tcp",
    responses: {
      version: { STATUS, VERSION: [{ ...who, API: "3.1" }], id: 1 },
      stats: { STATUS, STATS: [who, readings], id: 1 },
    },
  };
}

const EACH = { chain_power1: 1135, chain_power2: 1103, chain_power3: 1120 };

describe("a firmware that kept Bitmain's answers", () => {
  it.each([
    ["msk", "S19-88 v.2.6.0.39 ", { ...EACH, total_power: 3358 }],
    ["hiveon", "Antminer S19x88 Hiveon", EACH],
    ["hiveon", "Antminer S19 Hiveon", { chain_power: "3358 W" }],
  ])(
    "%s on a rig that it calls %j is read in TH/s, and by its maker's name",
    async (dialect, type, power) => {
      expect(await readPlayed(fork(type, power))).toMatchObject({
        dialect,
        status: "mining",
        algo: "SHA256",
        make: "Bitmain",
        model: "Antminer S19",
        firmware: "10 Dec 2024 14:34:31 GMT",
        apiVersion: "3.1",
        nominalThs: 99.67488,
        hashrateThs: 99.98959,
        hashrateAvgThs: 99.7614,
        powerW: 3358,
        powerSource: "firmware",
        boardTempC: 45,
        chipTempC: 59,
        fansRpm: [5010, 5160, 5070, 5040],
        boards: [1, 2, 3].map((slot) => ({ slot, hashrateThs: 33 + slot / 1_000, chips: 88 })),
      });
    },
  );

  it.each([
    ["Antminer S19j Pro Hiveon", "Antminer S19j Pro"],
    ["Antminer S19jx126 Hiveon", "Antminer S19j"],
    ["Antminer T17+ Hiveon", "Antminer T17+"],
    ["S19 Pro-114 v.2.6.0.39", "Antminer S19 Pro"],
    ["Antminer S9 Hiveon", "Antminer S9"],
  ])("%s is an %s", async (type, model) => {
    expect(await readPlayed(fork(type, {}))).toMatchObject({ model });
  });
});
