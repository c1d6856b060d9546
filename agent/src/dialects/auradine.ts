import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { listOf } from "../replies/members.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, hottestTempC, inSlots, plausibleChipC, readSlot } from "./boards.js";
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
import { http, tcp } from "./questions.js";

const get = (path: string, everyMs = 0) => http("GET", path, { everyMs, port: 8080 });
const PSU = get("/psu");
const TEMPERATURE = get("/temperature");
const FAN = get("/fan");
const MODE = get("/mode", MINUTELY_MS);
const REPORT = get("/ipreport", HOURLY_MS);

/**
 * Auradine's FluxOS (Teraflux): cgminer's commands on 4028, and on 8080 answers of the same shape over HTTP, with supply,
 * sensors, fans and mode; numbers there are text with their unit. Power is what the supply measures at its input. What it is
 * told to hash stands for what it is rated for, which it does not tell.
 */
export const auradine: Dialect = {
  id: "auradine",
  questions: [
    tcp("summary"),
    tcp("devs"),
    PSU,
    TEMPERATURE,
    FAN,
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("asccount", { everyMs: MINUTELY_MS, joins: false }),
    tcp("version", { everyMs: HOURLY_MS, joins: false }),
    MODE,
    REPORT,
  ],
  whenQuiet: [MODE.name],

  claims(seen: Seen): Verdict {
    const names = Object.keys(rowsOf(seen.by.version, "VERSION")?.[0] ?? {});
    const describes = Object.values(seen.by).some((reply) =>
      /^(?:gcminer|fluxos)/i.test(asText(rowsOf(reply, "STATUS")?.[0]?.Description)),
    );
    return { kind: describes || names.some((name) => /^(?:gcminer|fluxos)$/i.test(name)) ? "mine" : "not" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        const program = readText(row?.FluxOS, 200) ?? readText(row?.GCMiner, 200);
        return withFacts(facts, {
          ...KIND,
          apiVersion: readText(row?.API, 64),
          // The report of the web interface names the whole of it.
          ...(facts.firmware === undefined && { firmware: program }),
        });
      }
      case REPORT.name: {
        const row = rowsOf(reply, "IPReport")?.[0];
        const serials = Array.isArray(row?.HBSerialNo) ? row.HBSerialNo : [];
        const boardSerials: Record<number, string> = {};
        serials.slice(0, 32).forEach((value, i) => {
          const serial = readText(value, 100);
          // `devs` counts from 1.
          if (serial !== undefined) boardSerials[i + 1] = serial;
        });
        return withFacts(facts, {
          model: readText(row?.model, 100),
          firmware: readText(row?.version, 200),
          mac: readMac(row?.mac),
          hostname: readText(row?.hostname, 200),
          serial: readText(row?.SerialNo, 100),
          ...(serials.length > 0 && { boardSerials }),
        });
      }
      case MODE.name: {
        const row = rowsOf(reply, "Mode")?.[0];
        if (!row) return facts;
        const told = readPositive(row.Ths);
        return withFacts(facts, {
          nominalThs: told === undefined ? undefined : boundedThs(told, undefined),
          powerLimitW: boundedPowerW(readPositive(row.Power)),
          powerMode: readText(row.Mode, 64),
          asleep: /^on$/i.test(asText(row.Sleep)),
        });
      }
      case "asccount": {
        const row = rowsOf(reply, "ASCCount")?.[0];
        const each =
          (readPositive(row?.AsicCount) ?? Number.NaN) / (readPositive(row?.BoardCount) ?? Number.NaN);
        // Chips are counted for all boards together: where they do not share alike, none of them is known.
        return Number.isInteger(each) ? withFacts(facts, { chipsEach: boundedCount(each) }) : facts;
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
    const live = liveRate(summary);
    const average = averageRate(summary)?.ths;
    const hashing = live?.ths ?? average;
    if (hashing === undefined) throw noReading(by.summary, "summary", false);
    const { nominalThs } = facts;
    const boards = boardsOf(by, facts, damaged.has(TEMPERATURE.name));
    const uptimeS = boundedSeconds(summary.Elapsed);
    const supply = rowsOf(by[PSU.name], "PSU")?.[0];
    const powerW = boundedPowerW(readPositive(supply?.PowerIn));
    const rpm = rowsOf(by[FAN.name], "Fan")
      ?.map((row) => boundedRpm(row.Speed))
      .filter((one) => one !== undefined);
    return {
      status: statusOf({ hashing: hashing > 0, asleep: facts.asleep === true, faulty: false, uptimeS }),
      algo: KIND.algo,
      make: KIND.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: auradine.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live?.ths, nominalThs),
      unitSuspect: isUnitSuspect(live?.ths, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      powerLimitW: facts.powerLimitW,
      powerMode: facts.powerMode,
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm: rpm?.length ? rpm.slice(0, MAX_FANS) : undefined,
      boards,
      shares: readShares(summary),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
    };
  },
};

const KIND = { algo: "SHA256", make: "Auradine" } as const;

function boardsOf(by: Replies["by"], facts: Facts, isBlind: boolean): BoardReading[] | undefined {
  const rows = rowsOf(by.devs, "DEVS");
  if (!rows) return undefined;
  const temps = rowsOf(by[TEMPERATURE.name], "Temperature");
  const boards: BoardReading[] = [];
  for (const row of rows) {
    const slot = readSlot(row.ID) ?? readSlot(row.DEV);
    if (slot === undefined) continue;
    // 0 is the control board.
    const sensors = slot === 0 ? undefined : temps?.find((one) => readSlot(one.ID) === slot);
    // One sensor of several; what the others would have said is not known when their answer was cut.
    const own = isBlind ? undefined : boundedTempC(row.Temperature);
    const boardTempC = hottestTempC(tempsOf(sensors?.BoardTemp)) ?? own;
    const mhs = readNumber(row["MHS 5s"]);
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs === undefined ? undefined : thsFromMhs(mhs), facts.nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(hottestTempC(tempsOf(sensors?.ChipTemp)), boardTempC),
      chips: facts.chipsEach,
      hwErrors: boundedCount(row["Hardware Errors"]),
      serial: facts.boardSerials?.[slot],
    });
  }
  return inSlots(boards);
}

const tempsOf = (value: unknown): unknown[] => (listOf(value) ?? []).map((sensor: Row) => sensor.Temperature);
