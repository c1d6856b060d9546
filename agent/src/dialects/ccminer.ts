import { thsFromMhs } from "@hashwatt/protocol/units";
import { boundedCount, boundedMHz, boundedSeconds, boundedThs } from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { listOf, rowOf } from "../replies/members.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { readAntminerBoards, readAntminerFans } from "./antminerBoards.js";
import { statsRows } from "./bitmainReading.js";
import { learnBitmainWeb, SYSTEM_INFO } from "./bitmainWeb.js";
import { highest, hottestTempC, inSlots, readSlot } from "./boards.js";
import { averageRate, liveRate } from "./cgminerDevices.js";
import { noReading, readPools, readShares, statusOf, withPools } from "./cgminerParts.js";
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
import { http, tcp } from "./questions.js";

const STATS = tcp("stats");
const STATUS = http("GET", "/cgi-bin/get_miner_status.cgi");
/** TH/s of one MH/s. */
const MH = thsFromMhs(1);

/**
 * ccminer on Hammer, VolcMiner and Blackminer rigs: Bitmain's keys of old, with rates in MH/s. Four temperatures of a board
 * stand under one name, of which JSON keeps the last and a repaired answer the first, board's or chip's: none is read.
 */
export const ccminer: Dialect = {
  id: "ccminer",
  questions: [
    tcp("summary"),
    STATS,
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
    SYSTEM_INFO,
  ],
  whenQuiet: ["version"],
  login: { make: "hammer", vendorDefault: { username: "root", password: "root" } },

  claims(seen: Seen): Verdict {
    const isNamed = Object.values(seen.by).some((reply) =>
      /^ccminer\b/i.test(asText(rowsOf(reply, "STATUS")?.[0]?.Description)),
    );
    if (!isNamed) return { kind: "not" };
    if (!seen.asked.has("stats")) return { kind: "ask", question: STATS };
    return { kind: statsRows(seen.by.stats).readings?.chain_acn1 === undefined ? "not" : "mine" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return withFacts(facts, { ...identityOf(row), apiVersion: readText(row?.API, 64) });
      }
      case "stats":
        return facts.model === undefined ? withFacts(facts, identityOf(statsRows(reply).version)) : facts;
      case "pools":
        return withPools(facts, readPools(reply));
      default:
        return learnBitmainWeb(facts, name, reply);
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    if (!summary || damaged.has("summary")) throw noReading(by.summary, "summary", damaged.has("summary"));
    const live = liveRate(summary);
    const average = averageRate(summary)?.ths;
    const hashing = live?.ths ?? average;
    if (hashing === undefined) throw noReading(by.summary, "summary", false);
    const { readings: stats } = statsRows(by.stats);
    const boards = stats && readAntminerBoards(stats, undefined, MH).map(withoutTemps);
    const uptimeS = boundedSeconds(summary.Elapsed);
    return {
      status: statusOf({ hashing: hashing > 0, asleep: false, faulty: false, uptimeS }),
      algo: facts.algo,
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: ccminer.id,
      mac: facts.mac,
      hostname: facts.hostname,
      hashrateThs: boundedThs(live?.ths, undefined),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, undefined),
      fansRpm: stats && readAntminerFans(stats),
      boards: boards?.length ? boards : undefined,
      shares: readShares(summary),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
    };
  },
};

/** VolcMiner and Blackminer by their web interface, where the cgminer API is closed; `ghs5s` counts MH/s there as well. */
export const ccminerWeb: Dialect = {
  id: "ccminer-web",
  questions: [STATUS, SYSTEM_INFO],
  whenQuiet: [],
  login: { make: "volcminer", vendorDefault: { username: "root", password: "ltc@dog" } },

  claims: ({ page }: Seen): Verdict => ({ kind: /^blackminer/.test(page?.realm ?? "") ? "mine" : "not" }),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const known = learnBitmainWeb(facts, name, reply);
    if (name !== SYSTEM_INFO.name) return known;
    const { members } = reply;
    // The name of the host is the model's as long as nobody changes it.
    const model =
      readText(members.minertype, 100) ??
      [readText(members.hostname, 100)].find((host) => host && /^(?:volc|black|hammer)/i.test(host));
    return withFacts(known, {
      ...(model !== undefined && kindOf(model)),
      firmware: readText(members.system_filesystem_version, 200),
    });
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[STATUS.name];
    const status = reply?.members;
    const summary = rowOf(status?.summary);
    if (!status || !summary || damaged.has(STATUS.name))
      throw noReading(reply, STATUS.name, damaged.has(STATUS.name));
    const live = mhs(summary.ghs5s);
    const average = mhs(summary.ghsav);
    const hashing = live ?? average;
    if (hashing === undefined) throw noReading(reply, STATUS.name, false);
    const uptimeS = boundedSeconds(summary.elapsed);
    const boards = webBoards(status);
    return {
      status: statusOf({ hashing: hashing > 0, asleep: false, faulty: false, uptimeS }),
      algo: facts.algo,
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      dialect: ccminerWeb.id,
      mac: facts.mac,
      hostname: facts.hostname,
      hashrateThs: boundedThs(live, undefined),
      hashrateWindowS: live === undefined ? undefined : 5,
      hashrateAvgThs: boundedThs(average, undefined),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm: readAntminerFans(status),
      boards,
      uptimeS,
      pools: webPools(status),
    };
  },
};

function kindOf(model: string): Partial<Facts> {
  const make = /^(hammer|volcminer|blackminer)/i.exec(model)?.[1];
  // Blackminers are programmed for many algorithms.
  return { model, make, algo: make && /hammer|volc/i.test(make) ? "Scrypt" : undefined };
}

function identityOf(row: Row | undefined): Partial<Facts> {
  const model = readText(row?.Type, 100);
  return { ...(model !== undefined && kindOf(model)), firmware: readText(row?.CompileTime, 200) };
}

const withoutTemps = ({ boardTempC: _board, chipTempC: _chip, ...board }: BoardReading): BoardReading =>
  board;

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

function webBoards(status: Row): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  for (const row of listOf(status.devs) ?? []) {
    const slot = readSlot(row.index);
    const chips = boundedCount(readPositive(row.chain_acn));
    if (slot === undefined || chips === undefined) continue;
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs(readPositive(row.rate) ?? readPositive(row.chain_rate)), undefined),
      chipTempC: Array.isArray(row.temp) ? hottestTempC(row.temp) : undefined,
      chips,
      frequencyMHz: boundedMHz(row.freq),
    });
  }
  return inSlots(boards);
}

function webPools(status: Row): Reading["pools"] {
  const rows = (listOf(status.pools) ?? []).map((pool) => ({
    URL: pool.url,
    User: pool.user,
    Status: pool.status,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
  }));
  return rows.length ? readPools({ members: { POOLS: rows }, cut: false }) : undefined;
}
