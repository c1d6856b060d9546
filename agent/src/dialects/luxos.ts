import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromGhs, thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, hottestTempC, inSlots, readSlot } from "./boards.js";
import { noReading, readMac, readPools, readSharesAndFee, statusOf, withPools } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  HOURLY_MS,
  MINUTELY_MS,
  type Replies,
  type Seen,
  type Verdict,
  withFacts,
} from "./dialect.js";
import { toFault, uniqueFaults } from "./faultCodes.js";
import { fansBeside } from "./hydro.js";
import { luxosEvents } from "./luxosEvents.js";
import { tcp } from "./questions.js";

/**
 * LuxOS (luxminer) on Antminers and others, over its extended cgminer API. `devs` has the boards' live rates and is not sorted;
 * `stats` has chips and clocks in Bitmain's flat keys, numbered from 1, but sums of its own that are wrong. There is no chip
 * sensor: `temps` are corners of the board, which `stats` copies into its chip keys. Power is the firmware's estimate unless
 * it says that the supply measures it; its limit is the wattage of the profile in use.
 */
export const luxos: Dialect = {
  id: "luxos",
  questions: [
    tcp("summary"),
    tcp("devs"),
    tcp("stats"),
    tcp("temps"),
    tcp("fans"),
    tcp("power"),
    tcp("pools", { everyMs: MINUTELY_MS }),
    // Before the profiles, of which it names one.
    tcp("config", { everyMs: MINUTELY_MS, joins: false }),
    tcp("profiles", { everyMs: MINUTELY_MS, joins: false }),
    tcp("events", { everyMs: MINUTELY_MS, joins: false }),
    tcp("tempctrl", { everyMs: HOURLY_MS, joins: false }),
    tcp("version", { everyMs: HOURLY_MS, joins: false }),
  ],
  whenQuiet: ["config"],

  claims(seen: Seen): Verdict {
    const isNamed = rowsOf(seen.by.version, "VERSION")?.some((row) => row.LUXminer !== undefined);
    const describes = Object.values(seen.by).some((reply) =>
      /^luxminer/i.test(readText(rowsOf(reply, "STATUS")?.[0]?.Description, 80) ?? ""),
    );
    return { kind: isNamed || describes ? "mine" : "not" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return withFacts(facts, {
          ...KIND,
          model: readText(row?.Type, 100),
          firmware: readText(row?.Miner, 200) ?? readText(row?.LUXminer, 200),
          apiVersion: readText(row?.API, 64),
        });
      }
      case "config": {
        const row = rowsOf(reply, "CONFIG")?.[0];
        if (!row) return facts;
        const plate = readPositive(row.NameplateTHS);
        const asleep = /sleep/i.test(readText(row.CurtailMode, 40) ?? "");
        return withFacts(facts, {
          ...KIND,
          model: readText(row.Model, 100),
          mac: readMac(row.MACAddr),
          serial: readText(row.SerialNumber, 100),
          hostname: readText(row.Hostname, 100),
          powerMode: readText(row.Profile, 64),
          nominalThs: plate === undefined ? undefined : boundedThs(plate, undefined),
          asleep,
        });
      }
      case "profiles": {
        const used = rowsOf(reply, "PROFILES")?.find(
          (row) => readText(row["Profile Name"], 64) === facts.powerMode,
        );
        return withFacts(facts, { powerLimitW: boundedPowerW(readPositive(used?.Watts)) });
      }
      case "events": {
        const rows = rowsOf(reply, "EVENTS");
        return rows ? withFacts(facts, { faults: uniqueFaults(rows.map(faultOf)) }) : facts;
      }
      case "tempctrl": {
        // From here on the firmware takes the rig's heat for too much.
        const hot = boundedTempC(rowsOf(reply, "TEMPCTRL")?.[0]?.Hot);
        return withFacts(facts, { boardLimitC: hot });
      }
      case "pools":
        return withPools(facts, readPools(reply));
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    if (!summary || damaged.has("summary")) throw noReading(by.summary, "summary", damaged.has("summary"));
    const { nominalThs } = facts;
    const live = ghs(summary["GHS 5s"]);
    const average = ghs(summary["GHS av"]);
    if (live === undefined && average === undefined) throw noReading(by.summary, "summary", false);
    const boards = boardsOf(by, nominalThs);
    const power = rowsOf(by.power, "POWER")?.[0];
    const powerW = boundedPowerW(readPositive(power?.Watts));
    const uptimeS = boundedSeconds(summary.Elapsed);
    return {
      status: statusOf({
        hashing: (live ?? average) !== 0,
        asleep: facts.asleep === true,
        faulty: Boolean(facts.faults?.length),
        uptimeS,
      }),
      algo: KIND.algo,
      make: KIND.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: luxos.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      targetThs: targetOf(by.devs),
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateWindowS: live === undefined ? undefined : 5,
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : power?.PSU === true ? "psu" : "firmware",
      powerLimitW: facts.powerLimitW,
      powerMode: facts.powerMode,
      boardTempC: highest(boards, "boardTempC"),
      boardLimitC: facts.boardLimitC,
      fansRpm: fansBeside(facts.model, fansOf(by.fans)),
      boards,
      shares: readSharesAndFee(summary, by.pools),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
      faults: facts.faults?.length ? facts.faults : undefined,
    };
  },
};

const KIND = { algo: "SHA256", make: "Bitmain" } as const;

function ghs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromGhs(rate);
}

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

/** What the boards are set to do together; undefined unless each says it. */
function targetOf(devs: Reply | undefined): number | undefined {
  const rates = rowsOf(devs, "DEVS")?.map((row) => mhs(readPositive(row["Nominal MHS"])));
  if (!rates?.length) return undefined;
  let sum = 0;
  for (const rate of rates) {
    if (rate === undefined) return undefined;
    sum += rate;
  }
  return boundedThs(sum, undefined);
}

function boardsOf(by: Replies["by"], nominalThs: number | undefined): BoardReading[] | undefined {
  const rows = rowsOf(by.devs, "DEVS");
  if (!rows) return undefined;
  const temps = rowsOf(by.temps, "TEMPS");
  const stats = rowsOf(by.stats, "STATS")?.find((row) => row.chain_acn1 !== undefined);
  const boards: BoardReading[] = [];
  for (const row of rows) {
    const slot = readSlot(row.ID) ?? readSlot(row.ASC);
    if (slot === undefined) continue;
    const corners = temps?.find((one) => readSlot(one.ID) === slot);
    const target = mhs(readPositive(row["Nominal MHS"]));
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs(row["MHS 5s"]), nominalThs),
      nominalThs: boundedThs(target, nominalThs),
      boardTempC: hottestTempC([row.Temperature, ...cornersOf(corners)]),
      // `stats` counts from 1.
      chips: boundedCount(stats?.[`chain_acn${slot + 1}`]),
      hwErrors: boundedCount(row["Hardware Errors"]),
      frequencyMHz: boundedMHz(stats?.[`freq${slot + 1}`]),
      serial: readText(row.SerialNumber, 100),
    });
  }
  return inSlots(boards);
}

const CORNERS = ["TopLeft", "TopRight", "BottomLeft", "BottomRight"] as const;
const cornersOf = (row: Row | undefined): unknown[] => CORNERS.map((corner) => row?.[corner]);

function fansOf(reply: Reply | undefined): number[] | undefined {
  const fans = rowsOf(reply, "FANS")
    ?.map((row) => boundedRpm(row.RPM))
    .filter((rpm) => rpm !== undefined);
  return fans?.length ? fans.slice(0, MAX_FANS) : undefined;
}

function faultOf(row: Row) {
  const code = readText(row.Code, 64);
  if (code === undefined) return undefined;
  const own = readText(row.Description, 250);
  const board = row.Target === "BOARD" ? readSlot(row.ID) : undefined;
  const where = board === undefined ? "" : ` (board ${board})`;
  const known = luxosEvents[code];
  return toFault(
    code,
    known && { ...known, meaning: `${known.meaning}${where}` },
    own === undefined ? undefined : `${own}${where}`,
  );
}
