import { thsFromMhs } from "@hashwatt/protocol/units";
import { boundedCount, boundedSeconds, boundedTempC, boundedThs } from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { asText, readNumber, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, inSlots, plausibleChipC, readSlot } from "./boards.js";
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
import { tcp } from "./questions.js";

/**
 * Halong's DragonMint T1: plain cgminer, whose `stats` has a row for each board (`ID` DT10, DT11, …) with some seventy keys for
 * each of its chips, 36 kB in all and often cut; rates are MH/s. Fans are told as one duty. It tells no power.
 */
export const dragonmint: Dialect = {
  id: "dragonmint",
  // A `stats` that breaks off must not take the rest along.
  questions: [
    tcp("summary"),
    tcp("stats", { joins: false }),
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
  ],
  whenQuiet: [],

  claims: (seen: Seen): Verdict => ({ kind: chainsOf(seen.by.stats).length ? "mine" : "not" }),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return withFacts(facts, {
          apiVersion: readText(row?.API, 64),
          firmware: readText(rowsOf(reply, "STATUS")?.[0]?.Description, 200),
        });
      }
      case "pools":
        return withPools(facts, readPools(reply));
      default:
        return facts.firmware === undefined
          ? withFacts(facts, { firmware: readText(rowsOf(reply, "STATUS")?.[0]?.Description, 200) })
          : facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    if (damaged.has("summary")) throw noReading(undefined, "summary", true);
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    const chains = chainsOf(by.stats);
    const boards = boardsOf(chains);
    const live = summary && liveRate(summary);
    const average = (summary && averageRate(summary)?.ths) ?? sumOf(boards);
    const hashing = live?.ths ?? average;
    if (hashing === undefined)
      throw noReading(by.summary ?? by.stats, by.summary ? "summary" : "stats", damaged.has("stats"));
    const uptimeS = boundedSeconds(summary?.Elapsed ?? chains[0]?.Elapsed);
    const duty = readNumber(chains[0]?.["Fan duty"]);
    return {
      status: statusOf({ hashing: hashing > 0, asleep: false, faulty: false, uptimeS }),
      algo: "SHA256",
      make: "Halong",
      model: "DragonMint T1",
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: dragonmint.id,
      hashrateThs: boundedThs(live?.ths ?? average, undefined),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, undefined),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 100 ? duty / 100 : undefined,
      boards,
      shares: summary && readShares(summary),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
    };
  },
};

const chainsOf = (reply: Reply | undefined): Row[] =>
  (rowsOf(reply, "STATS") ?? []).filter(
    (row) => /^DT1\d+$/.test(asText(row.ID)) && row["Num chips"] !== undefined,
  );

function boardsOf(chains: readonly Row[]): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  for (const row of chains) {
    const slot = readSlot(row["Chain ID"]) ?? readSlot(row["Chain num"]);
    if (slot === undefined) continue;
    const mhs = readNumber(row["MHS av"]);
    const boardTempC = boundedTempC(row.Temp);
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs === undefined ? undefined : thsFromMhs(mhs), undefined),
      boardTempC,
      chipTempC: plausibleChipC(boundedTempC(row["Temp max"]), boardTempC),
      chips: boundedCount(row["Num active chips"]),
      chipsExpected: boundedCount(row["Num chips"]),
    });
  }
  return inSlots(boards);
}

/** What all boards hash; undefined unless each of them says it. */
function sumOf(boards: readonly BoardReading[] | undefined): number | undefined {
  if (!boards) return undefined;
  let sum = 0;
  for (const { hashrateThs } of boards) {
    if (hashrateThs === undefined) return undefined;
    sum += hashrateThs;
  }
  return sum;
}
