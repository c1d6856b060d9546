import { MAX_BOARDS, MAX_POOLS } from "@hashwatt/protocol/sample";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { asText, ownOf, readNumber, readPositive, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { highest, hottestTempC, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { cleanUrl, noReading, readMac, statusOf, withPools } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  MINUTELY_MS,
  type Replies,
  type Seen,
  type Verdict,
  withFacts,
} from "./dialect.js";
import { type Question, v3 } from "./questions.js";
import { readFaultList } from "./whatsminerFaults.js";
import { fansOf, modelOf, truthOf } from "./whatsminerParts.js";

const SUMMARY = "get.miner.status:summary";
const BOARDS = "get.miner.status:edevs";
const POOLS = "get.miner.status:pools";
const INFO = "get.device.info";

const questions = (infoMs: number): Question[] => [
  v3("get.miner.status", { param: "summary" }),
  v3("get.miner.status", { param: "edevs" }),
  v3("get.device.info", { everyMs: infoMs }),
  v3("get.miner.status", { param: "pools", everyMs: MINUTELY_MS }),
];

/**
 * MicroBT's API 3 on port 4433, firmware of about 2025 and later: for rigs whose API 2 on port 4028 is switched off. Rates
 * are in TH/s, power is measured by the supply. `get.device.info` says who it is, whether it works and what is wrong.
 */
export const whatsminerV3: Dialect = {
  id: "btminer-v3",
  questions: questions(MINUTELY_MS),
  whenQuiet: [INFO],
  becomes: ({ inLiquid }) => (inLiquid ? whatsminerV3InLiquid : undefined),

  claims(seen: Seen): Verdict {
    const info = infoOf(seen.by[INFO]);
    return {
      kind: info && (info.system.api !== undefined || info.miner.type !== undefined) ? "mine" : "not",
    };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    if (name === POOLS) return withPools(facts, poolsOf(reply));
    if (name === SUMMARY) {
      const row = partOf(reply, "summary");
      const factory = readPositive(row?.["factory-hash"]);
      return withFacts(facts, { nominalThs: boundedThs(factory, undefined) });
    }
    const info = name === INFO ? infoOf(reply) : undefined;
    if (!info) return facts;
    const { miner, network, system, power, errors } = info;
    const working = truthOf(miner.working);
    const serials: Record<number, string> = {};
    for (let slot = 0; slot < MAX_BOARDS; slot++) {
      const serial = readText(miner[`pcbsn${slot}`], 100);
      if (serial) serials[slot] = serial;
    }
    return withFacts(facts, {
      algo: "SHA256",
      make: "MicroBT",
      model: modelOf(miner.type),
      firmware: readText(system.fwversion, 200),
      apiVersion: readText(system.api, 64),
      mac: readMac(network.mac),
      hostname: readText(network.hostname, 200),
      serial: readText(miner["miner-sn"], 100),
      boardSerials: Object.keys(serials).length ? serials : undefined,
      powerMode: ownOf(MODES, asText(power.mode)) ?? readText(power.mode, 64),
      asleep: working === undefined ? undefined : !working,
      inLiquid: coolantOf(info) === undefined ? undefined : true,
      // A firmware without a fault may leave the list out.
      faults: readFaultList(errors ?? []),
    });
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    for (const name of [SUMMARY, BOARDS]) if (damaged.has(name)) throw noReading(undefined, name, true);
    const row = partOf(by[SUMMARY], "summary");
    const pools = poolsOf(by[POOLS]) ?? facts.pools;
    const { nominalThs, inLiquid = false } = facts;
    const info = infoOf(by[INFO]);
    const live = rateOf(row);
    const average = readNumber(row?.["hash-average"]);
    if (!row || (live === undefined && average === undefined)) {
      // Only a word of this very poll: a rig that answers nothing any more is not asleep because it once was.
      if (!info || truthOf(info.miner.working) !== false) throw noReading(by[SUMMARY], SUMMARY, false);
      return { ...identity(facts), status: "sleeping", pools, faults: some(facts.faults) };
    }
    const uptimeS = boundedSeconds(row.elapsed);
    const powerW = boundedPowerW(readPositive(row["power-realtime"]) ?? readPositive(row["power-5min"]));
    const boards = boardsOf(by[BOARDS], row, facts);
    const faults = some(facts.faults);
    // One literal with every key: spreading costs more than all the decoding.
    return {
      algo: "SHA256",
      make: "MicroBT",
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: whatsminerV3.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      pools,
      status: statusOf({
        hashing: (live?.ths ?? average ?? 0) > 0,
        asleep: facts.asleep === true,
        faulty: faults !== undefined,
        uptimeS,
      }),
      hashrateThs: boundedThs(live?.ths, nominalThs),
      unitSuspect: isUnitSuspect(live?.ths, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, nominalThs),
      targetThs: boundedThs(readPositive(row["target-hash"]), nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      powerLimitW: boundedPowerW(readPositive(row["power-limit"])),
      powerMode: facts.powerMode,
      inletTempC: boundedTempC(row["environment-temperature"]),
      coolantTempC: coolantOf(info),
      boardTempC: hottestTempC(listOf(row["board-temperature"])) ?? highest(boards, "boardTempC"),
      chipTempC: boundedTempC(row["chip-temp-max"]) ?? highest(boards, "chipTempC"),
      fansRpm: fansOf(row["fan-speed-in"], row["fan-speed-out"], facts.model, inLiquid),
      boards,
      uptimeS,
      faults,
    };
  },
};

/** A rig in water or oil: how warm that is now is asked with every reading. */
export const whatsminerV3InLiquid: Dialect = {
  ...whatsminerV3,
  questions: questions(0),
  becomes: () => undefined,
};

/** `power.mode` by number. */
const MODES: Record<string, string> = { "0": "Low", "1": "Normal", "2": "High" };

const identity = (facts: Facts) => ({
  algo: "SHA256",
  make: "MicroBT",
  model: facts.model,
  firmware: facts.firmware,
  apiVersion: facts.apiVersion,
  dialect: whatsminerV3.id,
  mac: facts.mac,
  serial: facts.serial,
  hostname: facts.hostname,
  nominalThs: facts.nominalThs,
});

const some = <T>(list: T[] | undefined): T[] | undefined => (list?.length ? list : undefined);
const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const rowOf = (value: unknown): Row => (isRow(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The sections of `get.device.info`, empty where it leaves them out; undefined when it is no such answer. */
function infoOf(reply: Reply | undefined) {
  const msg = reply?.members.msg;
  if (!isRow(msg) || !(isRow(msg.miner) || isRow(msg.system))) return undefined;
  return {
    miner: rowOf(msg.miner),
    system: rowOf(msg.system),
    network: rowOf(msg.network),
    power: rowOf(msg.power),
    errors: msg["error-code"],
  };
}

/** How warm the water or oil is where the supply meets it; told by rigs in one. °C. */
const coolantOf = (info: ReturnType<typeof infoOf>): number | undefined =>
  boundedTempC(info?.power["liquid-temperature"]);

/** A part of `get.miner.status` that is one object. */
function partOf(reply: Reply | undefined, part: string): Row | undefined {
  const row = rowOf(reply?.members.msg)[part];
  return isRow(row) ? row : undefined;
}

/** A part that is a list. */
function partsOf(reply: Reply | undefined, part: string): Row[] | undefined {
  const list = rowOf(reply?.members.msg)[part];
  return Array.isArray(list) ? list.filter(isRow) : undefined;
}

/** What it does now, or the shortest average; the window is told for averages only. */
function rateOf(row: Row | undefined): { ths: number; windowS?: number } | undefined {
  const now = readNumber(row?.["hash-realtime"]);
  if (now !== undefined) return { ths: now };
  for (const [key, windowS] of [
    ["hash-1min", 60],
    ["hash-15min", 900],
  ] as const) {
    const ths = readNumber(row?.[key]);
    if (ths !== undefined) return { ths, windowS };
  }
  return undefined;
}

/** The boards by slot; their temperatures stand in the summary, their serial numbers among the facts. */
function boardsOf(reply: Reply | undefined, summary: Row, facts: Facts): BoardReading[] | undefined {
  const rows = partsOf(reply, "edevs");
  if (!rows?.length) return undefined;
  const temps = listOf(summary["board-temperature"]);
  const boards: BoardReading[] = [];
  rows.slice(0, MAX_BOARDS).forEach((row, place) => {
    const slot = readSlot(row.slot) ?? readSlot(row.id);
    if (slot === undefined) return;
    // With as many temperatures as boards they are in order; with more, each slot has its place.
    const boardTempC = boundedTempC(temps[temps.length === rows.length ? place : slot]);
    boards.push({
      slot,
      hashrateThs: boundedThs(
        readNumber(row["hash-realtime"]) ?? readNumber(row["hash-average"]),
        facts.nominalThs,
      ),
      nominalThs: boundedThs(readPositive(row["factory-hash"]), facts.nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(boundedTempC(row["chip-temp-max"]), boardTempC),
      chips: boundedCount(row["effective-chips"]),
      frequencyMHz: boundedMHz(row.freq),
      serial: facts.boardSerials?.[slot],
    });
  });
  return inSlots(boards);
}

function poolsOf(reply: Reply | undefined): Reading["pools"] {
  const rows = partsOf(reply, "pools");
  if (!rows) return undefined;
  const pools: NonNullable<Reading["pools"]> = [];
  for (const row of rows) {
    const url = cleanUrl(row.url);
    if (!url || pools.length === MAX_POOLS) continue;
    const status = readText(row.status, 32);
    const active = truthOf(row["stratum-active"]);
    pools.push({
      url,
      user: readText(row.account, 200),
      status,
      active: active === undefined ? undefined : active && /^alive$/i.test(status ?? "alive"),
      accepted: boundedCount(row.accepted),
      rejected: boundedCount(row.rejected),
    });
  }
  return pools;
}
