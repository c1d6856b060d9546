import { MAX_FANS } from "@hashwatt/protocol/sample";
import {
  boundedCount,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { listOf } from "../replies/members.js";
import { asText, ownOf, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { learnBitmainWeb, readWebPools, SYSTEM_INFO, WEB_POOLS } from "./bitmainWeb.js";
import { highest, hottestTempC, inSlots, readSlot } from "./boards.js";
import { noReading, statusOf, withoutCounters } from "./cgminerParts.js";
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
import { http } from "./questions.js";

const STATS = http("GET", "/cgi-bin/stats.cgi");
const SUMMARY = http("GET", "/cgi-bin/summary.cgi", { everyMs: MINUTELY_MS });
const CONF = http("GET", "/cgi-bin/get_miner_conf.cgi", { everyMs: HOURLY_MS });

/**
 * Elphapex's firmware on DG1, DG1+ and DG Home: Bitmain's newer web interface behind Digest, and no cgminer API. Rates are in
 * `rate_unit`, MH/s of Scrypt; chips tell thousandths of a degree as text. It tells no power.
 */
export const elphapex: Dialect = {
  id: "elphapex",
  questions: [STATS, SUMMARY, WEB_POOLS, SYSTEM_INFO, CONF],
  whenQuiet: [CONF.name, SUMMARY.name],
  login: { make: "elphapex", vendorDefault: { username: "root", password: "root" } },

  claims: ({ page }: Seen): Verdict => ({ kind: /^daoge/.test(page?.realm ?? "") ? "mine" : "not" }),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const known = learnBitmainWeb(facts, name, reply);
    switch (name) {
      case STATS.name: {
        const row = rowsOf(reply, "STATS")?.[0];
        const info = rowsOf(reply, "INFO")?.[0];
        const ideal = ths(readPositive(row?.rate_ideal), row);
        return withFacts(known, {
          algo: "Scrypt",
          make: "Elphapex",
          model: modelOf(info?.type),
          firmware: readText(info?.miner_version, 200),
          serial: readText(info?.dev_sn, 100),
          apiVersion: readText(rowsOf(reply, "STATUS")?.[0]?.api_version, 64),
          nominalThs: ideal === undefined ? undefined : boundedThs(ideal, undefined),
        });
      }
      case SYSTEM_INFO.name:
        return withFacts(known, {
          model: modelOf(reply.members.minertype),
          ...(known.firmware === undefined && {
            firmware: readText(reply.members.system_filesystem_version, 200),
          }),
        });
      case WEB_POOLS.name:
        return withFacts(known, { pools: readWebPools(reply)?.map(withoutCounters) });
      case CONF.name: {
        const mode = readNumber(reply.members["fc-work-mode"]);
        return mode === undefined ? known : withFacts(known, { asleep: mode === 1 });
      }
      default:
        return known;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[STATS.name];
    const stats = rowsOf(reply, "STATS")?.[0];
    if (!stats || damaged.has(STATS.name)) throw noReading(reply, STATS.name, damaged.has(STATS.name));
    const live = ths(stats.rate_5s, stats);
    const average = ths(stats.rate_avg, stats);
    const hashing = live ?? average;
    if (hashing === undefined) throw noReading(reply, STATS.name, false);
    const { nominalThs } = facts;
    const boards = boardsOf(stats, nominalThs);
    const uptimeS = boundedSeconds(stats.elapsed);
    const rpm = (Array.isArray(stats.fan) ? stats.fan : [])
      .map(boundedRpm)
      .filter((one) => one !== undefined);
    return {
      status: statusOf({
        hashing: hashing > 0,
        asleep: facts.asleep === true,
        faulty: Boolean(facts.faults?.length),
        uptimeS,
      }),
      algo: facts.algo,
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: elphapex.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateWindowS: live === undefined ? undefined : 5,
      hashrateAvgThs: boundedThs(average, nominalThs),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm: rpm.length ? rpm.slice(0, MAX_FANS) : undefined,
      boards,
      uptimeS,
      pools: readWebPools(by[WEB_POOLS.name]) ?? facts.pools,
      faults: facts.faults?.length ? facts.faults : undefined,
    };
  },
};

const modelOf = (type: unknown): string | undefined => {
  const name = readText(type, 60);
  return name === undefined || /^elphapex/i.test(name) ? name : `Elphapex ${name}`;
};

const UNITS: Record<string, number> = { "TH/S": 1, "GH/S": 1e-3, "MH/S": 1e-6, "KH/S": 1e-9 };

/** TH/s of a rate in the unit that the row names; MH/s where it names none. */
function ths(value: unknown, row: Row | undefined): number | undefined {
  const rate = readNumber(value);
  const factor = ownOf(UNITS, asText(row?.rate_unit ?? "MH/s").toUpperCase());
  return rate === undefined || factor === undefined ? undefined : rate * factor;
}

function boardsOf(stats: Row, nominalThs: number | undefined): BoardReading[] | undefined {
  const rows = (listOf(stats.chain) ?? []).filter((row) => readPositive(row.asic_num));
  // The same numbers on every board are nobody's measurement.
  const lists = rows.map((row) => row.temp_pcb).filter((list) => list !== undefined);
  const isFilledIn = lists.length > 1 && new Set(lists.map((list) => JSON.stringify(list))).size === 1;
  const boards: BoardReading[] = [];
  for (const row of rows) {
    const slot = readSlot(row.index);
    if (slot === undefined) continue;
    const ideal = ths(readPositive(row.rate_ideal), stats);
    boards.push({
      slot,
      hashrateThs: boundedThs(ths(row.rate_real, stats), nominalThs),
      nominalThs: ideal === undefined ? undefined : boundedThs(ideal, nominalThs),
      boardTempC: isFilledIn || !Array.isArray(row.temp_pcb) ? undefined : hottestTempC(row.temp_pcb),
      chipTempC: Array.isArray(row.temp_chip) ? hottestTempC(row.temp_chip.map(celsius)) : undefined,
      chips: boundedCount(row.asic_num),
      hwErrors: boundedCount(row.hw),
      serial: readText(row.sn, 100),
    });
  }
  return inSlots(boards);
}

/** °C of thousandths of a degree, which no chip reaches in whole degrees. */
function celsius(value: unknown): number | undefined {
  const number = readNumber(value);
  return number === undefined || Math.abs(number) < 1_000
    ? boundedTempC(number)
    : boundedTempC(number / 1_000);
}
