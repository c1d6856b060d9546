import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import type { Facts, Seen } from "./dialect.js";
import { elphapex } from "./elphapex.js";

const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const STATUS = { STATUS: "S", api_version: "1.0.0", Msg: "stats" };
const chain = (index: number, changes: object = {}) => ({
  index,
  sn: `EXAMPLE${index}`,
  temp_chip: ["47125", "50500", "", ""],
  temp_pcb: [47, 46, 67, 66],
  hw: 204,
  rate_real: 3553.5,
  rate_ideal: 3557,
  asic_num: 204,
  ...changes,
});
const STATS = {
  rate_unit: "MH/s",
  elapsed: 357_352,
  rate_5s: 7100,
  rate_avg: 7099,
  rate_ideal: 7114,
  chain: [chain(1), chain(0), chain(2, { asic_num: 0 })],
  fan: ["5340", "5400", "0", ""],
};
const ROUTES: Record<string, object> = {
  stats: {
    STATUS,
    INFO: { miner_version: "DG1+_SW_V1.0.2", dev_sn: "EXAMPLE", type: "DG1+" },
    STATS: [STATS],
  },
  summary: { STATUS, SUMMARY: [{ status: [{ type: "fans", status: "e", code: 3, msg: "fan lost" }] }] },
  pools: {
    STATUS,
    POOLS: [{ url: "stratum+tcp://p:3333", user: "a.b", status: "Alive", accepted: 7, rejected: 1 }],
  },
  get_system_info: { minertype: "DG1+", macaddr: "02:00:00:00:00:07", hostname: "row-3" },
  get_miner_conf: { "fc-work-mode": 0 },
};

function read(changes: Record<string, unknown> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [path, value] of Object.entries({ ...ROUTES, ...changes }))
    if (value !== undefined && !damaged.includes(path)) by[`GET /cgi-bin/${path}.cgi`] = answer(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => elphapex.learn(known, name, reply),
    {},
  );
  const names = new Set(damaged.map((path) => `GET /cgi-bin/${path}.cgi`));
  return elphapex.decode({ by, damaged: names }, facts);
}
const stats = (changes: object) => ({ stats: { STATUS, STATS: [{ ...STATS, ...changes }] } });

describe("an Elphapex", () => {
  it("is read whole, and what is filled in for a sensor is none", () => {
    expect(read()).toMatchObject({
      status: "mining",
      algo: "Scrypt",
      make: "Elphapex",
      model: "Elphapex DG1+",
      firmware: "DG1+_SW_V1.0.2",
      apiVersion: "1.0.0",
      dialect: "elphapex",
      mac: "02:00:00:00:00:07",
      serial: "EXAMPLE",
      hostname: "row-3",
      nominalThs: 0.007114,
      hashrateThs: 0.0071,
      hashrateAvgThs: 0.007099,
      boardTempC: undefined,
      chipTempC: 50.5,
      fansRpm: [5340, 5400, 0],
      boards: [0, 1].map((slot) => ({
        slot,
        hashrateThs: 0.0035535,
        nominalThs: 0.003557,
        boardTempC: undefined,
        chipTempC: 50.5,
        chips: 204,
        hwErrors: 204,
        serial: `EXAMPLE${slot}`,
      })),
      uptimeS: 357_352,
      pools: [{ url: "stratum+tcp://p:3333", status: "Alive", accepted: 7 }],
      faults: [{ code: "fans 3" }],
    });
  });

  it("tells boards whose sensors differ, and rates in the unit that is said", () => {
    const own = [chain(0), chain(1, { temp_pcb: [50, 51, 0, 0] })];
    expect(read(stats({ chain: own })).boards?.map(({ boardTempC }) => boardTempC)).toEqual([67, 51]);
    const giga = stats({ rate_unit: "GH/s", rate_5s: 7.1, rate_ideal: 7.114, chain: [] });
    expect(read(giga)).toMatchObject({ hashrateThs: 0.0071, nominalThs: 0.007114 });
  });

  it("sleeps when it was told to, and stands for a fault when it says so", () => {
    const still = stats({ rate_5s: 0, rate_avg: 0 });
    expect(read({ ...still, get_miner_conf: { "fc-work-mode": 1 } }).status).toBe("sleeping");
    expect(read(still).status).toBe("fault");
    expect(read({ ...still, summary: undefined }).status).toBe("idle");
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["stats"])).toThrow(AgentError);
    expect(() => read({ stats: { STATUS, STATS: [{}] } })).toThrow(/holds no reading/);
    for (const [path, whole] of Object.entries(ROUTES))
      expect(complaints(whole, (junk) => read({ [path]: junk }))).toEqual([]);
  });

  it("is claimed by the realm of its login", () => {
    const seen = (realm: string): Seen => ({
      by: {},
      asked: new Set(),
      text: "",
      page: { port: 80, status: 401, realm, server: undefined, location: undefined, text: "" },
    });
    expect(elphapex.claims(seen("daoge miner")).kind).toBe("mine");
    expect(elphapex.claims(seen("antminer configuration")).kind).toBe("not");
  });
});
