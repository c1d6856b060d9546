import { MAX_BOARDS } from "@hashwatt/protocol/sample";
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
import { msgOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { noReading, readMac, readPools, readShares, statusOf, withoutCounters } from "./cgminerParts.js";
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
import { foreignFirmware } from "./foreignFirmwares.js";
import { tcp } from "./questions.js";
import { readFaultList, readSummaryFaults } from "./whatsminerFaults.js";

/** Keys of a `summary` row that only btminer writes. */
const OWN_KEYS = ["HS RT", "Factory GHS", "Power Limit", "Power Mode", "Chip Temp Max", "Power_RT"];

/**
 * MicroBT's btminer, API 1.x and 2.x on port 4028: `summary` has the rig, `devs` the boards. Power is measured by the power
 * supply. `get_*` and `status` cannot be joined. A sleeping rig may answer `status` alone.
 */
export const whatsminer: Dialect = {
  id: "btminer-v2",
  questions: [
    tcp("summary"),
    tcp("devs"),
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("status", { everyMs: MINUTELY_MS, joins: false }),
    tcp("get_error_code", { everyMs: MINUTELY_MS, joins: false }),
    tcp("get_version", { everyMs: HOURLY_MS, joins: false }),
    tcp("devdetails", { everyMs: HOURLY_MS, joins: false }),
    tcp("get_miner_info", { everyMs: HOURLY_MS, joins: false }),
    tcp("get_psu", { everyMs: HOURLY_MS, joins: false }),
  ],
  whenQuiet: ["status", "get_error_code"],

  claims(seen: Seen): Verdict {
    const summary = rowsOf(seen.by.summary, "SUMMARY")?.[0];
    const own =
      OWN_KEYS.some((key) => summary?.[key] !== undefined) ||
      /btminer|bitmicro|whatsminer/.test(seen.text) ||
      offFlag(msgOf(seen.by.status)) !== undefined ||
      msgOf(seen.by.get_version)?.fw_ver !== undefined;
    if (own) {
      const foreign = foreignFirmware(seen.text);
      return foreign ? { kind: "unsupported", what: `${foreign} on a WhatsMiner` } : { kind: "mine" };
    }
    if (
      summary?.["Fan Speed In"] !== undefined &&
      summary.freq_avg !== undefined &&
      summary.Power === undefined
    )
      return { kind: "unsupported", what: "a WhatsMiner from before btminer" };
    return { kind: "not" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const msg = msgOf(reply);
    switch (name) {
      case "summary": {
        const row = rowsOf(reply, "SUMMARY")?.[0];
        if (!row) return facts;
        const nominalGhs = readPositive(row["Factory GHS"]);
        return withFacts(facts, {
          algo: "SHA256",
          make: "MicroBT",
          mac: readMac(row.MAC),
          nominalThs: nominalGhs === undefined ? undefined : boundedThs(thsFromGhs(nominalGhs), undefined),
        });
      }
      case "pools":
        return withFacts(facts, { pools: readPools(reply)?.map(withoutCounters) });
      case "get_version":
        if (!msg) return facts;
        return withFacts(facts, {
          algo: "SHA256",
          make: "MicroBT",
          firmware: readText(msg?.fw_ver, 200),
          apiVersion: readText(msg?.api_ver, 64)?.replace(/^whatsminer\s+v?/i, ""),
        });
      case "devdetails":
        return withFacts(facts, { model: modelOf(rowsOf(reply, "DEVDETAILS")?.[0]?.Model) });
      case "get_miner_info":
        return withFacts(facts, {
          mac: readMac(msg?.mac),
          hostname: readText(msg?.hostname, 100),
          serial: readText(msg?.minersn, 100),
        });
      case "status":
        return withFacts(facts, { asleep: offFlag(msg), powerMode: readText(msg?.power_mode, 64) });
      case "get_error_code":
        return withFacts(facts, { faults: readFaultList(msg?.error_code) });
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    if (damaged.has("summary")) throw noReading(undefined, "summary", true);
    const row = rowsOf(by.summary, "SUMMARY")?.[0];
    const pools = readPools(by.pools) ?? facts.pools;
    if (!row) {
      // Only a word of this very poll: a rig that answers nothing any more is not asleep because it once was.
      if (offFlag(msgOf(by.status)) !== true) throw noReading(by.summary, "summary", false);
      const { asleep: _asleep, faults: known, ...told } = facts;
      return {
        ...told,
        status: "sleeping",
        make: "MicroBT",
        dialect: whatsminer.id,
        pools,
        faults: some(known),
      };
    }

    const { nominalThs } = facts;
    const live = liveRate(row, nominalThs);
    const average = mhs(row["MHS av"]);
    if (live === undefined && average === undefined) throw noReading(by.summary, "summary", false);
    const hashing = live ? live.ths > 0 : (average ?? 0) > 0;
    const faults = readSummaryFaults(row) ?? facts.faults;
    const uptimeS = boundedSeconds(row.Elapsed);
    const powerW = boundedPowerW(row.Power);
    const fansRpm = [row["Fan Speed In"], row["Fan Speed Out"]]
      .map(boundedRpm)
      .filter((rpm) => rpm !== undefined);
    const liquid = row["Liquid Cooling"] === true || row["Liquid Cooling"] === "true";
    const boards = readBoards(by.devs, nominalThs);
    const targetMhs = readPositive(row["Target MHS"]);
    // One literal with every key: spreading costs more than all the decoding.
    return {
      algo: "SHA256",
      make: "MicroBT",
      model: facts.model,
      apiVersion: facts.apiVersion,
      dialect: whatsminer.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      pools,
      status: statusOf({ hashing, asleep: facts.asleep === true, faulty: !!faults?.length, uptimeS }),
      hashrateThs: boundedThs(live?.ths, nominalThs),
      unitSuspect: isUnitSuspect(live?.ths, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, nominalThs),
      targetThs: targetMhs === undefined ? undefined : boundedThs(thsFromMhs(targetMhs), nominalThs),
      // Where a build does not know `get_version`, the summary tells.
      firmware: facts.firmware ?? readText(row["Firmware Version"], 200),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      powerLimitW: boundedPowerW(readPositive(row["Power Limit"])),
      powerMode: readText(row["Power Mode"], 64) ?? facts.powerMode,
      inletTempC: boundedTempC(row["Env Temp"]),
      psuTempC: boundedTempC(msgOf(by.get_psu)?.temp0),
      boardTempC: boundedTempC(row.Temperature) ?? highest(boards, "boardTempC"),
      chipTempC: boundedTempC(row["Chip Temp Max"]) ?? highest(boards, "chipTempC"),
      // A liquid-cooled rig reports its missing fans as standing.
      fansRpm: fansRpm.length === 0 || (liquid && fansRpm.every((rpm) => rpm === 0)) ? undefined : fansRpm,
      boards,
      shares: readShares(row),
      uptimeS,
      faults: some(faults),
    };
  },
};

/** A list, unless it is empty: then there is nothing to report. */
const some = <T>(list: T[] | undefined): T[] | undefined => (list?.length ? list : undefined);

/** `mineroff` (2.x) or `btmineroff` (1.x) as a truth value; undefined when the firmware does not say. */
function offFlag(msg: Row | undefined): boolean | undefined {
  const flag = msg?.mineroff ?? msg?.btmineroff;
  if (flag === true || flag === "true") return true;
  return flag === false || flag === "false" ? false : undefined;
}

/** `M50SVH50` is an M50S with VH50 boards; the boards' letters are not part of the model's name. */
function modelOf(value: unknown): string | undefined {
  const name = readText(value, 60)?.match(
    /^(?:WhatsMiner\s*)?(M\d{1,3}[A-Z]{0,2}\+{0,3})(?:[\s_]*V[0-9A-Z]+)?$/i,
  )?.[1];
  return name && `Whatsminer ${name.toUpperCase()}`;
}

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

/** `HS RT` is in MH/s; some builds of 2023 and 2024 send TH/s, which a rig rated above 10 TH/s gives away. */
function realtime(value: unknown, nominalThs: number | undefined): number | undefined {
  const rate = readNumber(value);
  if (rate === undefined) return undefined;
  return rate > 0 && rate < 10_000 && nominalThs !== undefined && nominalThs > 10 ? rate : thsFromMhs(rate);
}

/** The live hashrate: `HS RT`, or the shortest average of builds that lack it. Its window is told for the averages only. */
function liveRate(row: Row, nominalThs: number | undefined): { ths: number; windowS?: number } | undefined {
  const realtimeThs = realtime(row["HS RT"], nominalThs);
  if (realtimeThs !== undefined) return { ths: realtimeThs };
  for (const [key, windowS] of [
    ["MHS 5s", 5],
    ["MHS 1m", 60],
    ["MHS 5m", 300],
  ] as const) {
    const ths = mhs(row[key]);
    if (ths !== undefined) return { ths, windowS };
  }
  return undefined;
}

/** The boards of a `devs` reply by slot. Undefined when the rig did not tell them; a board that is gone has no row. */
function readBoards(reply: Reply | undefined, nominalThs: number | undefined): BoardReading[] | undefined {
  const rows = rowsOf(reply, "DEVS");
  if (!rows?.length) return undefined;
  const boards: BoardReading[] = [];
  for (const row of rows.slice(0, MAX_BOARDS)) {
    const slot = readSlot(row.Slot) ?? readSlot(row.ASC);
    if (slot === undefined) continue;
    const ths = realtime(row["HS RT"], nominalThs) ?? mhs(row["MHS 1m"]) ?? mhs(row["MHS av"]);
    const boardTempC = boundedTempC(row.Temperature);
    const chipTempC = boundedTempC(row["Chip Temp Max"]);
    boards.push({
      slot,
      hashrateThs: boundedThs(ths, nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(chipTempC, boardTempC),
      chips: boundedCount(row["Effective Chips"]),
      hwErrors: boundedCount(row["Hardware Errors"]),
      frequencyMHz: boundedMHz(row["Chip Frequency"]) ?? boundedMHz(row.Frequency),
      serial: readText(row["PCB SN"], 100),
    });
  }
  return inSlots(boards);
}
