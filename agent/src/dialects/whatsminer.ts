import { thsFromGhs, thsFromMhs } from "@hashwatt/protocol/units";
import { boundedPowerW, boundedSeconds, boundedTempC, boundedThs, isUnitSuspect } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import { msgOf, type Reply, type Row } from "../replies/reply.js";
import { highest } from "./boards.js";
import { noReading, readMac, readPools, readShares, statusOf, withPools } from "./cgminerParts.js";
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
import { type Question, tcp, v3 } from "./questions.js";
import { factsOfMore, readBoards, tellsChipTemps } from "./whatsminerBoards.js";
import { readFaultList, readSummaryFaults } from "./whatsminerFaults.js";
import {
  fansOf,
  isInMhs,
  liveRate,
  mhs,
  modelOf,
  offFlag,
  sectionOf,
  summaryOf,
  truthOf,
} from "./whatsminerParts.js";

/** Keys of a `summary` row that only btminer writes. */
const OWN_KEYS = ["HS RT", "Factory GHS", "Power Limit", "Power Mode", "Chip Temp Max", "Power_RT"];

/** What is asked of a rig that bears MicroBT's name and has told nothing that can be read yet; API 3 comes last. */
const IN_TURN: readonly Question[] = [
  ...["summary", "status", "get_version", "devdetails"].map((command) => tcp(command)),
  v3("get.device.info"),
];

const questions = (edevsMs: number): Question[] => [
  tcp("summary"),
  tcp("devs"),
  tcp("pools", { everyMs: MINUTELY_MS }),
  tcp("status", { everyMs: MINUTELY_MS, joins: false }),
  tcp("get_error_code", { everyMs: MINUTELY_MS, joins: false }),
  tcp("get_version", { everyMs: HOURLY_MS, joins: false }),
  tcp("devdetails", { everyMs: HOURLY_MS, joins: false }),
  tcp("get_miner_info", { everyMs: HOURLY_MS, joins: false }),
  tcp("get_psu", { everyMs: 5 * MINUTELY_MS, joins: false }),
  tcp("edevs", { everyMs: edevsMs, joins: false }),
];

/**
 * MicroBT's btminer, API 1.x and 2.x on port 4028, and the cgminer before it: `summary` has the rig, `devs` the boards (`edevs`
 * their chips, where `devs` does not). Power is measured by the power supply. `get_*` and `status` cannot be joined. A sleeping rig
 * may answer `status` alone. A rig that speaks API 3 as well is read here; only where this one is switched off, by that.
 *
 * Serial numbers and chips that `edevs` tells are kept. A temperature of five minutes ago is none of now: that of the power supply
 * is told in the one reading in five minutes that it was asked for, and none stands in between.
 */
export const whatsminer: Dialect = {
  id: "btminer-v2",
  questions: questions(5 * MINUTELY_MS),
  whenQuiet: ["status", "get_error_code"],
  momentary: ["get_psu", "edevs"],
  becomes: ({ chipTempsInDevs, chipTempsApart }) =>
    chipTempsApart && !chipTempsInDevs ? whatsminerWithEdevs : undefined,

  claims(seen: Seen): Verdict {
    const summary = summaryOf(seen.by.summary);
    const bears = /btminer|bitmicro|whatsminer/.test(seen.text);
    const tells =
      OWN_KEYS.some((key) => summary?.[key] !== undefined) ||
      (summary !== undefined && (bears || isBeforeBtminer(summary))) ||
      (bears && modelOf(sectionOf(seen.by.devdetails, "DEVDETAILS")?.[0]?.Model) !== undefined) ||
      offFlag(msgOf(seen.by.status)) !== undefined ||
      msgOf(seen.by.get_version)?.fw_ver !== undefined;
    if (!tells && !bears) return { kind: "not" };
    const foreign = foreignFirmware(seen.text);
    if (foreign) return { kind: "unsupported", what: `${foreign} on a WhatsMiner` };
    // API 3 answers: this one is of no use.
    if (!tells && seen.by["get.device.info"]) return { kind: "not" };
    const next = tells ? undefined : IN_TURN.find(({ name }) => !seen.asked.has(name));
    if (next) return { kind: "ask", question: next };
    return tells ? { kind: "mine" } : { kind: "unsupported", what: SWITCHED_OFF };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const msg = msgOf(reply);
    switch (name) {
      case "summary": {
        const row = summaryOf(reply);
        if (!row) return facts;
        const nominalGhs = readPositive(row["Factory GHS"]);
        return withFacts(facts, {
          algo: "SHA256",
          make: "MicroBT",
          mac: readMac(row.MAC, facts.mac),
          nominalThs: nominalGhs === undefined ? undefined : boundedThs(thsFromGhs(nominalGhs), undefined),
          realtimeInMhs: isInMhs(row["HS RT"]) ? true : undefined,
        });
      }
      case "devs":
        // With every reading, and nearly always nothing new.
        return facts.chipTempsInDevs || !tellsChipTemps(reply)
          ? facts
          : withFacts(facts, { chipTempsInDevs: true });
      case "edevs":
        return withFacts(facts, factsOfMore(reply));
      case "pools":
        return withPools(facts, poolsOf(reply));
      case "get_version":
        return withFacts(facts, {
          ...(msg && { algo: "SHA256", make: "MicroBT", firmware: readText(msg.fw_ver, 200) }),
          // The oldest say it in place of an answer, or as their description only.
          apiVersion:
            versionOf(msg?.api_ver) ?? versionOf(reply.members.Msg) ?? versionOf(reply.members.Description),
        });
      case "devdetails":
        return withFacts(facts, { model: modelOf(sectionOf(reply, "DEVDETAILS")?.[0]?.Model) });
      case "get_miner_info":
        return withFacts(facts, {
          mac: readMac(msg?.mac),
          hostname: readText(msg?.hostname, 100),
          serial: readText(msg?.minersn, 100),
        });
      case "status":
        return withFacts(facts, {
          asleep: offFlag(msg),
          powerMode: readText(msg?.power_mode, 64),
          powerLimitW: boundedPowerW(readPositive(msg?.power_limit_set)),
        });
      case "get_error_code":
        return withFacts(facts, { faults: readFaultList(msg?.error_code ?? reply.members.error_code) });
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    if (damaged.has("summary")) throw noReading(undefined, "summary", true);
    const row = summaryOf(by.summary);
    const pools = poolsOf(by.pools) ?? facts.pools;
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
    const live = liveRate(row, facts);
    const average = mhs(row["MHS av"]);
    if (live === undefined && average === undefined) throw noReading(by.summary, "summary", false);
    const hashing = live ? live.ths > 0 : (average ?? 0) > 0;
    const faults = readSummaryFaults(row) ?? facts.faults;
    const uptimeS = boundedSeconds(row.Elapsed);
    // 0 is what a build says that does not measure: whoever answers draws something.
    const powerW = boundedPowerW(readPositive(row.Power));
    const liquid = truthOf(row["Liquid Cooling"]) === true;
    const boards = readBoards(by.devs, by.edevs, facts);
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
      powerLimitW: boundedPowerW(readPositive(row["Power Limit"])) ?? facts.powerLimitW,
      powerMode: readText(row["Power Mode"], 64) ?? facts.powerMode,
      inletTempC: boundedTempC(row["Env Temp"]),
      psuTempC: boundedTempC(msgOf(by.get_psu)?.temp0),
      boardTempC: boundedTempC(row.Temperature) ?? highest(boards, "boardTempC"),
      chipTempC: boundedTempC(row["Chip Temp Max"]) ?? highest(boards, "chipTempC"),
      fansRpm: fansOf(row["Fan Speed In"], row["Fan Speed Out"], facts.model, liquid),
      boards,
      shares: readShares(row),
      uptimeS,
      faults: some(faults),
    };
  },
};

/** A build whose `edevs` alone tells how hot chips are, so that it is asked for that with every reading. */
export const whatsminerWithEdevs: Dialect = {
  ...whatsminer,
  questions: questions(0),
  momentary: ["get_psu"],
  becomes: ({ chipTempsInDevs }) => (chipTempsInDevs ? whatsminer : undefined),
};

/** A list, unless it is empty: then there is nothing to report. */
const some = <T>(list: T[] | undefined): T[] | undefined => (list?.length ? list : undefined);

/** Its mark in a `summary`: before btminer there was a cgminer 4.9.2 with two named fans, most often without a word of power. */
const isBeforeBtminer = (row: Row): boolean =>
  row["Fan Speed In"] !== undefined && row.freq_avg !== undefined;

const SWITCHED_OFF =
  "a WhatsMiner whose API tells nothing; switch the API on in WhatsMinerTool, or open port 4433";

/** `2.0.5`, or `whatsminer v1.4.0`. */
const versionOf = (value: unknown): string | undefined =>
  /^(?:whatsminer\s+v?)?(\d+(?:\.\d+)+)$/i.exec(readText(value, 64) ?? "")?.[1];

function poolsOf(reply: Reply | undefined): Reading["pools"] {
  const rows = sectionOf(reply, "POOLS");
  return rows && readPools({ members: { POOLS: rows }, cut: false });
}
