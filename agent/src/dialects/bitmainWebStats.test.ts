import { describe, expect, it } from "vitest";
import { type Played, readPlayed } from "../fixtures/playedRig.js";
import { fixture } from "../fixtures/scriptedLink.js";

const chain = (index: number, more: object = {}) => ({
  ...{ index, freq_avg: 675, rate_ideal: 31_667, rate_real: 29_500 + index, asic_num: 88, hw: 4 },
  ...{ temp_pic: [35, 36, 37, 38], temp_pcb: [40, 42, 45, 47], temp_chip: [55, 57, 65, 67], sn: `B${index}` },
  ...more,
});
const webStats = (more: object = {}, chains: object[] = [chain(0), chain(1), chain(2)]) => ({
  STATUS: { STATUS: "S", Msg: "stats", api_version: "1.0.0" },
  INFO: { miner_version: "49.0.1.3", CompileTime: "Fri Nov 17 17:37:21 CST 2023", type: "Antminer S19" },
  STATS: [
    {
      ...{ elapsed: 501_234, rate_5s: 88_422, rate_30m: 88_100, rate_avg: 87_900, rate_ideal: 95_000 },
      ...{ rate_unit: "GH/s", chain_num: 3, fan_num: 4, fan: [4080, 4380, 3750, 3690], chain: chains },
      ...more,
    },
  ],
});
const web = (routes: object): NonNullable<Played["http"]> => ({
  port: 80,
  auth: { scheme: "digest", realm: "antMiner Configuration" },
  routes: Object.fromEntries(
    Object.entries(routes).map(([name, value]) => [`GET /cgi-bin/${name}.cgi`, value]),
  ),
});
const SYSTEM = { minertype: "Antminer S19", macaddr: "02:00:00:00:00:09", hostname: "row-1" };
const POOLS = {
  POOLS: [{ index: 0, url: "stratum+tcp://a:3333", user: "a.b", status: "Alive", accepted: 7, diffa: 70 }],
};
const S19 = fixture("antminer-s19pro.json");
const STATUS = [{ STATUS: "S", Code: 22, Description: "bmminer" }];
const VERSION = {
  STATUS,
  VERSION: [{ BMMiner: "1.0.0", API: "3.1", Miner: "49.0.1.3", CompileTime: "x", Type: "Antminer S19" }],
};
const SUMMARY = { STATUS, SUMMARY: [{ Elapsed: 501_234, "GHS 5s": 88_422, "GHS av": 87_900, Accepted: 1 }] };
const DEVS = { STATUS, DEVS: [{ ASC: 0, ID: 0, "MHS av": 0, "MHS 5s": 0, Temperature: 0 }] };
const BOARDS = [1, 2, 3].map((slot) => ({
  slot,
  hashrateThs: (29_499 + slot) / 1_000,
  nominalThs: 31.667,
  boardTempC: 47,
  chipTempC: 67,
  chips: 88,
  hwErrors: 4,
  frequencyMHz: 675,
  serial: `B${slot - 1}`,
}));

describe("a stock Antminer's web interface", () => {
  it("tells the boards where the cgminer API refuses `stats`", async () => {
    const responses = { version: VERSION, summary: SUMMARY, devs: DEVS };
    const http = web({ stats: webStats() });
    expect(await readPlayed({ transport: "cgminer-tcp+http", responses, http })).toMatchObject({
      dialect: "bitmain-stock",
      status: "mining",
      hashrateThs: 88.422,
      nominalThs: 95,
      fansRpm: [4080, 4380, 3750, 3690],
      boards: BOARDS,
      shares: { accepted: 1 },
    });
  });

  it("tells the power on the newest builds, which the cgminer API does not", async () => {
    const read = (more: object) =>
      readPlayed({ transport: "cgminer-tcp+http", responses: S19, http: web({ stats: webStats(more) }) });
    const told = await read({ watt: 3105 });
    expect(told).toMatchObject({ powerW: 3105, powerSource: "firmware" });
    // In all else it is read by the cgminer API.
    expect(told).toMatchObject({ hashrateThs: 109.51234, boards: [{ chips: 114 }, {}, {}] });
    expect(await read({ watt: 0 })).toMatchObject({ powerSource: "model" });
    expect(await read({})).toMatchObject({ powerSource: "model" });
  });

  it.each([
    ["is closed", "http", {}],
    ["does not say who it is", "cgminer-tcp+http", { summary: SUMMARY, devs: DEVS }],
  ])("is read alone where the cgminer API %s", async (_, transport, responses) => {
    const http = web({ stats: webStats(), get_system_info: SYSTEM, pools: POOLS, get_miner_conf: {} });
    expect(await readPlayed({ transport, responses, http })).toMatchObject({
      dialect: "bitmain-web",
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S19",
      mac: "02:00:00:00:00:09",
      nominalThs: 95,
      hashrateThs: 88.422,
      hashrateAvgThs: 87.9,
      boards: BOARDS,
      fansRpm: [4080, 4380, 3750, 3690],
      uptimeS: 501_234,
      pools: [{ url: "stratum+tcp://a:3333", user: "a.b", accepted: 7, acceptedDiff: 70 }],
    });
  });

  it("has no row for a board that is missing, and no power of the firmware's while it sleeps", async () => {
    const gone = { asic_num: 0, rate_real: 0, temp_pcb: [0, 0, 0, 0], temp_chip: [0, 0, 0, 0] };
    const stats = webStats({ rate_5s: 0, rate_avg: 0, watt: 20 }, [chain(0), chain(1, gone), chain(2)]);
    const http = web({ stats, get_miner_conf: { "miner-mode": "1" } });
    const reading = await readPlayed({ transport: "http", responses: {}, http });
    expect(reading).toMatchObject({ status: "sleeping", hashrateThs: 0, boards: [{ slot: 1 }, { slot: 3 }] });
    expect(reading).not.toMatchObject({ powerSource: "firmware" });
  });

  it.each([
    ["MH/s", { rate_unit: "MH/s", rate_5s: 16_400, rate_avg: 16_300, rate_ideal: 17_000 }],
    ["GH/s", { rate_unit: "GH/s", rate_5s: 16.4, rate_avg: 16.3, rate_ideal: 17 }],
  ])("tells a Scrypt rig's rates in %s", async (_, rates) => {
    const stats = { ...webStats(rates, []), INFO: { type: "Antminer L9" } };
    expect(await readPlayed({ transport: "http", responses: {}, http: web({ stats }) })).toMatchObject({
      algo: "Scrypt",
      hashrateThs: 0.0164,
      nominalThs: 0.017,
    });
  });
});
