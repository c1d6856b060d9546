import { MAX_BOARDS, MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, hottestTempC, inSlots } from "./boards.js";
import { averageRate, liveRate } from "./cgminerDevices.js";
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
import { toFault } from "./faultCodes.js";
import { tcp } from "./questions.js";

/**
 * Bitdeer's SealMiner (bdminer): cgminer's `summary`, and one flat row of `stats` in which the number in front of a key is a board's
 * or a fan's: `0 MHS(Sample)` and `0 Temp 0` are of the first board, `0 Speed` of the first fan. Rates are MH/s. Power is what
 * the supply measures at its input.
 */
export const sealminer: Dialect = {
  id: "sealminer",
  questions: [
    tcp("summary"),
    tcp("stats"),
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
  ],
  whenQuiet: [],

  claims(seen: Seen): Verdict {
    const names = Object.keys(rowsOf(seen.by.version, "VERSION")?.[0] ?? {});
    const describes = Object.values(seen.by).some((reply) =>
      /^bdminer\b/i.test(asText(rowsOf(reply, "STATUS")?.[0]?.Description)),
    );
    return { kind: describes || names.some((name) => /^bdminer$/i.test(name)) ? "mine" : "not" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return withFacts(facts, {
          ...KIND,
          apiVersion: readText(row?.API, 64),
          ...(facts.firmware === undefined && { firmware: readText(row?.BDMiner, 200) }),
          ...(facts.model === undefined && { model: modelOf(row) }),
        });
      }
      case "stats": {
        const row = rowOfStats(reply);
        if (!row) return facts;
        const rated = readPositive(row["MHS(Rated)"]);
        return withFacts(facts, {
          ...KIND,
          model: modelOf(row),
          firmware: readText(row.Firmware, 200),
          mac: readMac(row.MAC),
          serial: readText(row["Ctrl Board SN"], 100),
          nominalThs: rated === undefined ? undefined : boundedThs(thsFromMhs(rated), undefined),
          powerMode: readText(row["Mining Mode"], 64),
        });
      }
      case "pools":
        return withPools(facts, readPools(reply));
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    for (const name of ["summary", "stats"]) if (damaged.has(name)) throw noReading(undefined, name, true);
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    const stats = rowOfStats(by.stats);
    const { nominalThs } = facts;
    const live = summary && liveRate(summary);
    const average = (summary && averageRate(summary)?.ths) ?? mhs(stats?.["MHS(Avg)"]);
    const hashing = live?.ths ?? average;
    if (hashing === undefined) throw noReading(by.summary ?? by.stats, "summary", false);
    const boards = stats && boardsOf(stats, nominalThs);
    const uptimeS = boundedSeconds(summary?.Elapsed);
    const powerW = boundedPowerW(readPositive(stats?.["PSU Input Power"]));
    const error = readText(stats?.["Error Code"], 64);
    const fault = error === undefined || /^0*$/.test(error) ? undefined : toFault(error, undefined);
    const state = asText(stats?.["PM State"]);
    return {
      status: statusOf({
        hashing: hashing > 0,
        asleep: /suspend|sleep|idle/i.test(state),
        faulty: fault !== undefined,
        uptimeS,
      }),
      algo: "SHA256",
      make: "Bitdeer",
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: sealminer.id,
      mac: facts.mac,
      serial: facts.serial,
      nominalThs,
      hashrateThs: boundedThs(live?.ths, nominalThs),
      unitSuspect: isUnitSuspect(live?.ths, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      powerLimitW: boundedPowerW(readPositive(stats?.["Power Limit"])),
      powerMode: facts.powerMode,
      boardTempC: highest(boards, "boardTempC"),
      fansRpm: stats && fansOf(stats),
      boards,
      shares: summary && readShares(summary),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
      faults: fault && [fault],
    };
  },
};

const KIND = { algo: "SHA256", make: "Bitdeer" } as const;

const rowOfStats = (reply: Reply | undefined): Row | undefined =>
  rowsOf(reply, "STATS")?.find(
    (row) => row["Board Count"] !== undefined || row["0 MHS(Sample)"] !== undefined,
  );

/** `SEALMINER A2`, `A2`: as everybody writes it. */
function modelOf(row: Row | undefined): string | undefined {
  const name = readText(row?.Model, 60) ?? readText(row?.Type, 60) ?? readText(row?.PROD, 60);
  const model = name && /^(?:seal\s?miner[\s_-]*)?(a\d\w*(?:\s.*)?)$/i.exec(name)?.[1];
  return model ? `SealMiner ${model}` : name;
}

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

function boardsOf(row: Row, nominalThs: number | undefined): BoardReading[] | undefined {
  const count = Math.min(MAX_BOARDS, boundedCount(row["Board Count"]) ?? MAX_BOARDS);
  const boards: BoardReading[] = [];
  for (let slot = 0; slot < count; slot++) {
    const rate = row[`${slot} MHS(Sample)`];
    if (rate === undefined && row[`${slot} Chip Count`] === undefined) break;
    const temps = [0, 1, 2, 3].map((sensor) => row[`${slot} Temp ${sensor}`]);
    const boardTempC = hottestTempC(temps);
    const chips = boundedCount(row[`${slot} Chip Count`]);
    // One that is not there is listed as offline, with zeros.
    if (/^false$/i.test(asText(row[`${slot} Online`])) && !chips && boardTempC === undefined) continue;
    const ideal = readPositive(row[`${slot} MHS(Ideal)`]);
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs(rate), nominalThs),
      nominalThs: ideal === undefined ? undefined : boundedThs(thsFromMhs(ideal), nominalThs),
      boardTempC,
      chips:
        chips === undefined
          ? undefined
          : Math.max(0, chips - (boundedCount(row[`${slot} Bad Chip Count`]) ?? 0)),
      chipsExpected: chips,
      frequencyMHz: boundedMHz(row[`${slot} Freq`]),
      serial: readText(row[`${slot} SN`], 100),
    });
  }
  return inSlots(boards);
}

/** Fans share their numbers with the boards, and may be more. */
function fansOf(row: Row): number[] | undefined {
  const fans: number[] = [];
  const count = Math.min(MAX_FANS, boundedCount(row["Fan Count"]) ?? MAX_FANS);
  for (let n = 0; n < count; n++) {
    const rpm = boundedRpm(row[`${n} Speed`]);
    if (rpm !== undefined) fans.push(rpm);
  }
  return fans.length ? fans : undefined;
}
