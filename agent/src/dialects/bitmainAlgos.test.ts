import { describe, expect, it } from "vitest";
import type { Reading } from "../reading.js";
import { parseReply } from "../replies/reply.js";
import { antminer } from "./antminer.js";
import { algoOf, unitOf } from "./bitmainAlgos.js";

describe("an Antminer hashes what its letters say", () => {
  it.each([
    ["Antminer S21 Pro", "SHA256"],
    ["Antminer T19 Hydro", "SHA256"],
    ["Antminer L3+", "Scrypt"],
    ["Antminer L9", "Scrypt"],
    ["Antminer D3", "X11"],
    ["Antminer D9", "X11"],
    ["Antminer DR5", "Blake256"],
    ["Antminer Z15", "Equihash"],
    ["Antminer KA3", "Blake2s"],
    ["Antminer KS5", "kHeavyHash"],
    ["Antminer K7", "Eaglesong"],
    ["Antminer E9 Pro", "Ethash"],
  ])("%s: %s", (model, algo) => expect(algoOf(model)?.algo).toBe(algo));

  it("and of other letters nobody knows", () => {
    expect(algoOf("Antminer Q1")).toBeUndefined();
    expect(algoOf("Whatsminer M50")).toBeUndefined();
    expect(algoOf(undefined)).toBeUndefined();
  });
});

describe("its rates", () => {
  const rates = (
    model: string,
    row: object,
  ): Pick<Reading, "hashrateThs" | "status" | "boards" | "nominalThs"> => {
    const stats = parseReply(
      JSON.stringify({
        STATS: [
          { Type: model, CompileTime: "x" },
          { Elapsed: 100, ...row },
        ],
        id: 1,
      }),
      true,
    );
    return antminer.decode({ by: { stats }, damaged: new Set() }, antminer.learn({}, "stats", stats));
  };

  it.each([
    [
      "MH/s under GHS on an L3+",
      "Antminer L3+",
      { "GHS 5s": "504.1", chain_acn1: 72, chain_rate1: "126.5" },
      0.0005041,
      0.0001265,
    ],
    [
      "GH/s on a DR5",
      "Antminer DR5",
      { "GHS 5s": "34500", chain_acn1: 72, chain_rate1: "11500" },
      34.5,
      11.5,
    ],
    [
      "what rate_unit says",
      "Antminer D9",
      { "GHS 5s": 1_770_000, rate_unit: "MH", chain_acn1: 1, chain_rate1: 590_000 },
      1.77,
      0.59,
    ],
  ])("are %s", (_, model, row, live, board) => {
    expect(rates(model, row)).toMatchObject({
      status: "mining",
      hashrateThs: live,
      boards: [{ hashrateThs: board }],
    });
  });

  it("of an Equihash rig are solutions: it mines, and has no hashrate", () => {
    const reading = rates("Antminer Z9-Mini", {
      "GHS 5s": "15.82",
      total_rateideal: 10,
      chain_acn1: 4,
      chain_rate1: "5.07",
      temp1: 54,
    });
    expect(reading.status).toBe("mining");
    expect(reading.hashrateThs).toBeUndefined();
    expect(reading.nominalThs).toBeUndefined();
    expect(reading.boards).toMatchObject([{ chips: 4, boardTempC: 54 }]);
    expect(reading.boards?.[0]?.hashrateThs).toBeUndefined();
  });

  it("in a unit that nobody knows are those of the model", () => {
    expect(unitOf({ rate_unit: "furlongs" }, algoOf("Antminer S19"))).toBe(1e-3);
    expect(unitOf({ rate_unit: "GH/s" }, algoOf("Antminer S19"))).toBe(1e-3);
  });
});
