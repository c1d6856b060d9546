import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { layOut } from "../addresses.js";
import { type StagedFleet, type Staging, stage } from "../fleet.js";
import { hottestChipC, type RigState } from "../rigState.js";
import { buildSite } from "../site.js";
import { fakeClock } from "../time.js";
import { SCENARIOS } from "./registry.js";
import { HOUR, MINUTE } from "./scenario.js";

const START_MS = Date.UTC(2026, 0, 15, 9);

function staged(
  scenario: Staging["scenario"],
  set: Staging["set"] = {},
  rigs = 12,
  seed = "golden",
): StagedFleet {
  const site = buildSite(seed, rigs, undefined);
  return stage(site, layOut("per-address", rigs, "127.10.0.1", 4028), fakeClock(START_MS), { scenario, set });
}

/** Everything that a reader may see, rounded to what firmware prints, so that it holds on every version of Node. */
function seen({ phase, hashrateThs, powerW, inletTempC, fansRpm, boards, shares, pools }: RigState): string {
  const rig = [phase, hashrateThs.toFixed(1), Math.round(powerW / 10), inletTempC.toFixed(0), fansRpm.join()];
  const cards = boards.map(
    ({ present, chips, boardTempC, chipTempC }) =>
      `${present} ${chips} ${boardTempC.toFixed(0)} ${chipTempC.toFixed(0)}`,
  );
  const counts = [
    shares.accepted,
    shares.rejected,
    shares.stale,
    ...pools.map(({ url, active }) => url + active),
  ];
  return [...rig, ...cards, ...counts].join(" ");
}

/**
 * What some rigs show every five minutes of an hour, told in 64 bits. A changed model has other values: where that is meant,
 * `npx vitest run --project unit simulator/src/scenarios -u` writes them down.
 */
function fingerprint(fleet: StagedFleet): string {
  const hash = createHash("sha256");
  for (let ms = 0; ms <= HOUR; ms += 5 * MINUTE) {
    const atMs = START_MS + ms;
    // These five meet all that the scenarios name by place.
    for (const index of [0, 2, 4, 8, 10]) {
      const { live } = fleet.seats[index]!;
      const { network, clockAheadMs, firmware } = live.circumstancesAt(atMs);
      hash.update(`${seen(live.stateAt(atMs))} ${JSON.stringify(network)} ${clockAheadMs} ${firmware}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

const at = (fleet: StagedFleet, index: number, ms: number) => fleet.seats[index]!.live.stateAt(START_MS + ms);
const around = (fleet: StagedFleet, index: number, ms: number) =>
  fleet.seats[index]!.live.circumstancesAt(START_MS + ms);

describe("the same seed, scenario and duration give the same values, on every version of Node", () => {
  test.each(SCENARIOS.map(({ name }) => name))("%s", (name) => {
    expect(fingerprint(staged(name))).toMatchSnapshot();
  });

  test("another seed gives others", () => {
    expect(fingerprint(staged("steady", {}, 12, "other"))).not.toBe(fingerprint(staged("steady")));
  });
});

test("constant: no rig shows anything else after an hour than at the start, but for its counters", () => {
  const fleet = staged("constant");
  for (const index of [0, 5, 11]) {
    const [before, after] = [at(fleet, index, 10 * MINUTE), at(fleet, index, HOUR)];
    expect(after.hashrateThs).toBe(before.hashrateThs);
    expect(after.powerW).toBeCloseTo(before.powerW, 0);
    expect(after.fansRpm).toEqual(before.fansRpm);
    expect(after.shares.rejected).toBe(before.shares.rejected);
  }
});

test("heze-summer: rows are hot in the afternoon, some rigs run slower, and at night all run at full clock", () => {
  const fleet = staged("heze-summer");
  const loads = (ms: number) => fleet.seats.map((_, index) => at(fleet, index, ms).load);
  const inlets = (ms: number) => fleet.seats.map((_, index) => at(fleet, index, ms).inletTempC);
  expect(Math.max(...inlets(4 * HOUR))).toBeGreaterThan(35);
  expect(loads(4 * HOUR).some((load) => load < 1)).toBe(true);
  expect(Math.max(...inlets(17 * HOUR))).toBeLessThan(34);
  expect(loads(17 * HOUR).every((load) => load === 1)).toBe(true);
});

test("jilin-winter: exhaust is mixed in, fans run slowly and chips are as warm as ever", () => {
  const fleet = staged("jilin-winter");
  for (const [index] of fleet.seats.entries()) {
    const state = at(fleet, index, 30 * MINUTE);
    expect(state.inletTempC).toBeGreaterThan(-9);
    expect(state.inletTempC).toBeLessThan(-1);
    expect(state.fanRatio).toBeLessThan(0.55);
    expect(hottestChipC(state)).toBeGreaterThan(62);
  }
  expect(fleet.air.ambientC(START_MS)).toBeLessThan(-8);
});

test("fan-failure: the rig overheats and stops while its neighbour does not, and recovers when the fan is mended", () => {
  const fleet = staged("fan-failure", { "fan-failure.rigs": "rack-1/3, rack-1/4", "fan-failure.fan": 1 });
  const phases = Array.from({ length: 20 }, (_, minute) => at(fleet, 2, minute * MINUTE).phase);
  expect(phases).toContain("stopped");
  expect(at(fleet, 0, 20 * MINUTE).phase).toBe("mining");
  expect(at(fleet, 2, 50 * MINUTE)).toMatchObject({ phase: "mining", load: 1 });
});

test("board-dies: chips go first, then the board, for good", () => {
  const fleet = staged("board-dies");
  const model = fleet.seats[4]!.live.identity.model;
  expect(at(fleet, 4, 2 * MINUTE).boards[1]?.chips).toBe(model.chipsPerBoard - 4);
  expect(at(fleet, 4, 12 * MINUTE).boards[1]?.present).toBe(false);
  expect(at(fleet, 4, 5 * HOUR).boards[1]?.present).toBe(false);
});

test("slow-degradation: after a month worn rigs are hotter, err more and hash less than they did", () => {
  const fleet = staged(["slow-degradation", "constant"], {
    "slow-degradation.rigs": "all",
    "slow-degradation.over": "6h",
  });
  const [before, after] = [at(fleet, 3, MINUTE), at(fleet, 3, 7 * HOUR)];
  expect(after.fanRatio).toBeGreaterThan(before.fanRatio + 0.1);
  expect(after.hashrateThs).toBeLessThan(before.hashrateThs);
});

test("psu-brownout: supplies give less, and in a dip rigs reboot", () => {
  const fleet = staged("psu-brownout");
  const [before, during] = [at(fleet, 6, 30_000), at(fleet, 6, 3 * MINUTE)];
  expect(during.powerW).toBeLessThan(before.powerW);
  expect(at(fleet, 6, 5 * MINUTE).uptimeMs).toBeLessThan(2 * MINUTE);
  expect(at(fleet, 6, 30 * MINUTE).load).toBe(1);
});

test("psu-brownout: rigs reboot at each dip, are back before the next one and give less than they could until it is over", () => {
  const fleet = staged("psu-brownout");
  for (const index of fleet.seats.keys()) {
    const stateAt = (minute: number) => at(fleet, index, minute * MINUTE);
    // Dips come after 4 min 20 s and 7 min 40 s; the voltage is as rated again after 11 min.
    for (const minute of [3, 5, 7.5, 8]) {
      const { phase, load, uptimeMs } = stateAt(minute);
      if (minute === 5 || minute === 8) {
        expect(phase).toBe("starting");
        expect(uptimeMs).toBeLessThan(MINUTE);
      } else {
        expect(phase).toBe("mining");
        expect(load).toBeGreaterThan(0.95);
        expect(load).toBeLessThan(0.99);
      }
    }
    expect(stateAt(10.5).phase).toBe("mining");
    expect(stateAt(14)).toMatchObject({ phase: "mining", load: 1 });
  }
});

test("psu-brownout: dips as dense as may be leave rigs that mine when it is over", () => {
  const fleet = staged("psu-brownout", { "psu-brownout.dips": 50 });
  expect(at(fleet, 6, 6 * MINUTE).uptimeMs).toBeLessThan(12_000);
  expect(at(fleet, 6, 30 * MINUTE)).toMatchObject({ phase: "mining", load: 1 });
});

test("site-outage-and-inrush: all at once trips the breaker, rack by rack does not", () => {
  const fleet = staged("site-outage-and-inrush", {}, 48);
  const off = (ms: number) => fleet.seats.filter((_, index) => at(fleet, index, ms).phase === "off").length;
  expect(off(MINUTE)).toBe(0);
  expect(off(4 * MINUTE)).toBe(48);
  // The power is back at minute 7 and gone again in the same second; somebody closes the breaker at minute 12.
  expect(off(9 * MINUTE)).toBe(48);
  expect(off(12 * MINUTE + 30_000)).toBe(24);
  expect(off(14 * MINUTE)).toBe(0);
  const mining = fleet.seats.every((_, index) => at(fleet, index, 20 * MINUTE).load === 1);
  expect(mining).toBe(true);
  const careful = staged("site-outage-and-inrush", { "site-outage-and-inrush.stagger": "20s" }, 48);
  expect(at(careful, 0, 10 * MINUTE).phase).toBe("mining");
});

test("pool-outage: rigs go over to the second pool after a minute and come back", () => {
  const fleet = staged("pool-outage");
  const active = (ms: number) => at(fleet, 1, ms).pools.findIndex((pool) => pool.active);
  expect([1, 2.5, 5, 21, 25].map((minute) => active(minute * MINUTE))).toEqual([0, 0, 1, 1, 0]);
});

test("wrong-pool: some rigs have another url and worker, the others have not", () => {
  const fleet = staged("wrong-pool");
  const urls = fleet.seats.map((_, index) => at(fleet, index, 5 * MINUTE).pools[0]?.url);
  expect(urls.filter((url) => url === "stratum+tcp://pool.hijack.example:3333")).toHaveLength(1);
});

test("firmware-update-wave: each rig is away for minutes, boots and says another version", () => {
  const fleet = staged("firmware-update-wave");
  expect(around(fleet, 1, 3 * MINUTE).network.reach).toBe("refused");
  expect(around(fleet, 1, 6 * MINUTE)).toMatchObject({ firmware: "2026.11.1", network: { reach: "up" } });
  expect(at(fleet, 1, 6 * MINUTE).uptimeMs).toBeLessThan(2 * MINUTE);
  expect(around(fleet, 11, 2 * MINUTE).firmware).toBeUndefined();
});

test("curtailment-day: all sleep, then half of them sleep while the others keep their limit", () => {
  const fleet = staged("curtailment-day", {}, 24);
  expect(at(fleet, 0, 20 * MINUTE)).toMatchObject({ phase: "sleeping", hashrateThs: 0 });
  expect(at(fleet, 13, 100 * MINUTE).load).toBe(1);
  expect(at(fleet, 0, 200 * MINUTE).phase).toBe("sleeping");
  const limited = at(fleet, 13, 200 * MINUTE);
  expect(limited.phase).toBe("mining");
  expect(limited.powerW).toBeLessThan(2050);
});

test("hashrate-theft: the reported rate stays, accepted shares fall by what is taken", () => {
  const set = { "hashrate-theft.rigs": "all", "hashrate-theft.share": 0.5, "hashrate-theft.at": "0s" };
  const [robbed, honest] = [staged("hashrate-theft", set), staged("steady")];
  const accepted = (fleet: StagedFleet) => {
    const before = at(fleet, 1, 0).shares.accepted;
    return at(fleet, 1, 6 * HOUR).shares.accepted - before;
  };
  const ratio = accepted(robbed) / accepted(honest);
  expect(ratio).toBeGreaterThan(0.4);
  expect(ratio).toBeLessThan(0.6);
  expect(at(robbed, 1, 6 * HOUR).hashrateThs / at(honest, 1, 6 * HOUR).hashrateThs).toBeCloseTo(1, 1);
});

test("flapping, partition, slow, garbled and skewed rigs are so for as long as the scenario says", () => {
  const flaps = staged("flapping-network");
  const reaches = Array.from({ length: 60 }, (_, i) => around(flaps, 2, 2 * MINUTE + i * 3000).network.reach);
  expect(reaches).toContain("up");
  expect(reaches).toContain("refused");
  const cut = staged("partition-one-hour");
  expect([1, 30, 61, 63].map((minute) => around(cut, 0, minute * MINUTE).network.reach)).toEqual([
    "up",
    "silent",
    "silent",
    "up",
  ]);
  const slow = staged("slow-rigs").seats.filter(
    ({ live }) => live.circumstancesAt(START_MS).network.delayMs === 2000,
  );
  expect(slow).toHaveLength(4);
  const garbled = staged("garbage-replies").seats.filter(
    ({ live }) => live.circumstancesAt(START_MS).network.garbledRatio > 0,
  );
  expect(garbled).toHaveLength(2);
  const skewed = staged("clock-skew").seats.filter(
    ({ live }) => live.circumstancesAt(START_MS).clockAheadMs === -5_400_000,
  );
  expect(skewed).toHaveLength(3);
});

test("scenarios add up: what both do happens, and constant keeps still whatever else is chosen", () => {
  const fleet = staged("pool-outage,board-dies,constant");
  expect(at(fleet, 4, 20 * MINUTE).boards[1]?.present).toBe(false);
  expect(at(fleet, 4, 20 * MINUTE).pools[1]?.active).toBe(true);
  expect(at(fleet, 4, 20 * MINUTE).given.noise).toBe(0);
});

test("what a rig does never depends on how often it is looked at, in the worst of days neither", () => {
  const [often, once] = [staged("bad-tuesday"), staged("bad-tuesday")];
  for (let ms = 0; ms < 20 * MINUTE; ms += 1700) at(often, 2, ms);
  expect(at(often, 2, 20 * MINUTE)).toEqual(at(once, 2, 20 * MINUTE));
});

test.each([
  ["heat-wavee", {}, 'no scenario is called "heat-wavee": did you mean "heat-wave"?'],
  [
    "heat-wave",
    { "heat-wave.bye": 3 },
    'heat-wave: "bye" cannot be set: did you mean "by"? Allowed: at, for, by, over, rigs',
  ],
  [
    "heat-wave",
    { "heat-wave.by": 300 },
    "heat-wave: by: 300 is not allowed; allowed: a number from 0 to 40 (°C)",
  ],
  ["heat-wave", { "pool-outage.at": "5m" }, '"pool-outage.at" cannot be set'],
  ["heat-wave", { "heat-wave.by": undefined }, '"heat-wave.by" has no value: say SCENARIO.PARAMETER=VALUE'],
  [
    "fan-failure",
    { "fan-failure.rigs": "rack-7/*" },
    'fan-failure: rigs: "rack-7/*" names no rig of this fleet, which has 12 rigs in rack 1; allowed: all, rack-3/7',
  ],
  [
    "heze-summer",
    { "heze-summer.from": "2026-02-30" },
    'from: "2026-02-30" is not allowed; allowed: a date like',
  ],
])("a mistake in what was chosen is named, with what is allowed (%s %j)", (scenario, set, message) => {
  expect(() => staged(scenario, set)).toThrow(message);
});
