import { SCENARIOS } from "@hashwatt/simulator/scenarios/registry";
import { describe, expect, test } from "vitest";
import { translator } from "../../dashboard/src/words/sentences.js";
import { zhSentences } from "../../dashboard/src/words/zhSentences.js";
import { AlertedFleet, type AlertedOptions, type Told } from "../support/alertedFleet.js";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 9);

/** What must be told of one subject: within which minutes it fires and, where it ends in this time, within which it does. */
interface Wanted {
  rule: string;
  of: string;
  fires: [number, number];
  ends?: [number, number];
}
interface Row extends Partial<AlertedOptions> {
  minutes: number;
  wanted: readonly Wanted[];
}

const HOT_HALL: Pick<AlertedOptions, "intervalMs"> = { intervalMs: 60_000 };
/** A dozen rigs at 60 s unless a row says otherwise; the board of rack-1/9 has the lowest limit of all. */
const TABLE: Readonly<Record<string, Row>> = {
  constant: { minutes: 30, wanted: [] },
  steady: { minutes: 30, wanted: [] },
  "heze-summer": {
    ...HOT_HALL,
    minutes: 60,
    wanted: [
      { rule: "overheating", of: "rack-1/9", fires: [10, 20] },
      // Its firmware has taken it down to 90 % for the heat of the hall, a hair below the limit.
      { rule: "hashrateLow", of: "rack-1/11", fires: [45, 60] },
    ],
  },
  "jilin-winter": { minutes: 20, wanted: [] },
  "heat-wave": {
    ...HOT_HALL,
    minutes: 60,
    wanted: [
      { rule: "overheating", of: "rack-1/9", fires: [20, 35] },
      { rule: "hot", of: "rack-1/1", fires: [25, 40] },
      { rule: "hot", of: "rack-1/11", fires: [35, 55] },
      { rule: "inletWarm", of: "rack-1/10", fires: [35, 50] },
      { rule: "inletWarm", of: "rack-1/5", fires: [40, 60] },
    ],
  },
  "fan-failure": {
    minutes: 45,
    wanted: [
      { rule: "fanStopped", of: "rack-1/3", fires: [1, 4], ends: [31, 36] },
      { rule: "overheating", of: "rack-1/3", fires: [1, 4], ends: [31, 42] },
      // Its firmware stops it by heat and tries again.
      { rule: "rebootLoop", of: "rack-1/3", fires: [10, 30] },
    ],
  },
  "board-dies": {
    minutes: 30,
    wanted: [
      { rule: "chipsMissing", of: "rack-1/5", fires: [10, 13], ends: [15, 18] },
      { rule: "boardMissing", of: "rack-1/5 board 1", fires: [15, 18] },
    ],
  },
  "slow-degradation": { minutes: 30, wanted: [] },
  // After each dip the rigs mine again within two minutes.
  "psu-brownout": { minutes: 30, wanted: [] },
  "site-outage-and-inrush": {
    rigs: 24,
    minutes: 30,
    wanted: [{ rule: "siteOutage", of: "south", fires: [4, 6], ends: [12, 17] }],
  },
  "pool-outage": {
    minutes: 30,
    wanted: [{ rule: "poolDown", of: "pool.example.com:3333", fires: [3, 5], ends: [22, 27] }],
  },
  "wrong-pool": { minutes: 30, wanted: [{ rule: "wrongPool", of: "rack-1/11", fires: [2, 5] }] },
  // Each is away for longer than five minutes as long as nobody has planned it.
  "firmware-update-wave": {
    minutes: 30,
    wanted: ["rack-1/1", "rack-1/3", "rack-1/4", "rack-1/8", "rack-1/12"].map((of) => ({
      rule: "offline",
      of,
      fires: [5, 11],
      ends: [6, 12],
    })),
  },
  "flapping-network": { minutes: 30, wanted: [] },
  "partition-one-hour": {
    minutes: 75,
    wanted: [{ rule: "siteOutage", of: "south", fires: [4, 6], ends: [62, 66] }],
  },
  "slow-rigs": { minutes: 30, wanted: [] },
  "garbage-replies": { intervalMs: 15_000, minutes: 30, wanted: [] },
  "clock-skew": { minutes: 30, wanted: [] },
  "curtailment-day": { minutes: 75, wanted: [] },
  "hashrate-theft": {
    rigs: 3,
    set: { "hashrate-theft.rigs": "rack-1/2" },
    minutes: 300,
    wanted: [{ rule: "acceptedLow", of: "rack-1/2", fires: [90, 270] }],
  },
  "bad-tuesday": {
    minutes: 54,
    wanted: [
      { rule: "overheating", of: "rack-1/3", fires: [2, 6] },
      { rule: "fanStopped", of: "rack-1/3", fires: [2, 6] },
      { rule: "poolDown", of: "pool.example.com:3333", fires: [13, 16], ends: [20, 27] },
      { rule: "overheating", of: "rack-1/9", fires: [10, 20] },
      { rule: "chipsMissing", of: "rack-1/5", fires: [15, 18], ends: [20, 23] },
      { rule: "boardMissing", of: "rack-1/5 board 1", fires: [20, 23], ends: [33, 38] },
      { rule: "rebootLoop", of: "rack-1/3", fires: [15, 35] },
      { rule: "wrongPool", of: "rack-1/9", fires: [35, 42] },
      // The board is still missing once the rig is back: told again when its quarter of an hour is over.
      { rule: "boardMissing", of: "rack-1/5 board 1", fires: [48, 54] },
    ],
  },
};

function toldBy(scenario: string, { minutes, wanted: _, ...options }: Row): Told[] {
  const fleet = new AlertedFleet({
    scenario,
    rigs: 12,
    seed: "table",
    startMs: START,
    intervalMs: 60_000,
    sweepMs: 15_000,
    ...options,
  });
  fleet.runTo(minutes * MINUTE);
  return fleet.told;
}

const inChinese = translator(zhSentences);
const within = (at: number, [from, to]: [number, number]): boolean => at >= from && at <= to;
const told = ({ rule, name, state, minute }: Told): string =>
  `${rule} of ${name} ${state} at minute ${minute}`;

describe("every scenario raises the alerts that it must, within their minutes, and no others", () => {
  test("the table has all of them", () => {
    expect(Object.keys(TABLE).sort()).toEqual(SCENARIOS.map(({ name }) => name).sort());
  });

  test.each(Object.entries(TABLE))("%s", (scenario, row) => {
    const left = toldBy(scenario, row);
    // A reason that was worded anew is worded anew in Chinese too.
    expect(left.map(({ alert }) => alert.reason).filter((reason) => inChinese(reason) === undefined)).toEqual(
      [],
    );
    const take = (rule: string, of: string, state: string, window: [number, number]): boolean => {
      const at = left.findIndex(
        (each) =>
          each.rule === rule && each.name === of && each.state === state && within(each.minute, window),
      );
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    };
    const missed = row.wanted.flatMap(({ rule, of, fires, ends }) => [
      ...(take(rule, of, "firing", fires) ? [] : [`${rule} of ${of} fires within ${fires}`]),
      ...(!ends || take(rule, of, "resolved", ends) ? [] : [`${rule} of ${of} ends within ${ends}`]),
    ]);
    expect({ missed, others: left.map(told) }).toEqual({ missed: [], others: [] });
  });
});

describe("a planned stop", () => {
  const stop = (fromMs: number, toMs: number) => (nowMs: number) =>
    nowMs < fromMs || nowMs >= toMs + 30 * MINUTE
      ? undefined
      : {
          phase: nowMs < toMs ? ("stopped" as const) : ("coming back" as const),
          name: "planned",
          fromMs,
          toMs,
        };

  test("over a wave of updates raises nothing", () => {
    const row = { minutes: 30, wanted: [], stop: stop(START, START + 15 * MINUTE) };
    expect(toldBy("firmware-update-wave", row).filter(({ rule }) => rule !== "stopIgnored")).toEqual([]);
  });

  test("in which rigs do not stop says so", () => {
    const row = { minutes: 20, wanted: [], stop: stop(START, START + 60 * MINUTE) };
    const [first, ...others] = toldBy("constant", row);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ rule: "stopIgnored", name: "12 rigs", state: "firing" });
  });
});
