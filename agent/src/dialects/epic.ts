import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromMhs } from "@hashwatt/protocol/units";
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
import { dig, listOf, rowOf } from "../replies/members.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { jsonOf, type Reply, type Row } from "../replies/reply.js";
import { highest, inSlots, readSlot } from "./boards.js";
import { noReading, readMac, readPools, statusOf } from "./cgminerParts.js";
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
import { http } from "./questions.js";

const get = (path: string, everyMs = 0) => http("GET", path, { everyMs, port: "api" });
const SUMMARY = get("/summary");
const CHIPS = get("/hashrate", MINUTELY_MS);
const CAPABILITIES = get("/capabilities", HOURLY_MS);
const NETWORK = get("/network", HOURLY_MS);

/**
 * ePIC's firmware (UMC and PowerPlay) on Antminers and its own BlockMiners: HTTP on the port of the cgminer API, open to read.
 * Hashrates are MH/s. A board that was switched off is in `HBStatus` alone. Power is what the supply measures at its input.
 */
export const epic: Dialect = {
  id: "epic",
  questions: [SUMMARY, CHIPS, CAPABILITIES, NETWORK],
  whenQuiet: [],

  claims(seen: Seen): Verdict {
    const summary = seen.by[SUMMARY.name]?.members;
    if (summary) return { kind: isOurs(summary) ? "mine" : "not" };
    if (!seen.httpOnApi || seen.asked.has(SUMMARY.name)) return { kind: "not" };
    return { kind: "ask", question: SUMMARY };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const { members } = reply;
    switch (name) {
      case SUMMARY.name:
        return withFacts(facts, {
          algo: algoOf(dig(members, "Mining", "Algorithm")),
          firmware: readText(members.Software, 200),
          hostname: readText(members.Hostname, 200),
          boardLimitC: boundedTempC(dig(members, "Misc", "Shutdown Temp")),
        });
      case CAPABILITIES.name: {
        const model = readText(members.Model, 100)?.replace(/^antminer\b/i, "Antminer");
        const plate = readPositive(members["Default Hashrate"]);
        return withFacts(facts, {
          model,
          make: model === undefined ? undefined : /^antminer/i.test(model) ? "Bitmain" : "ePIC",
          nominalThs: plate === undefined ? undefined : boundedThs(plate, undefined),
          serial: readText(dig(members, "Control Board Version", "cpuSerial"), 100),
          chipsExpected: boundedCount(readPositive(dig(members, "Performance Estimator", "Chip Count"))),
        });
      }
      case CHIPS.name:
        return withFacts(facts, { boardChips: chipsOf(reply) });
      case NETWORK.name:
        return withFacts(facts, {
          mac: readMac(dig(members, "dhcp", "mac_address")) ?? readMac(dig(members, "static", "mac_address")),
        });
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[SUMMARY.name];
    const summary = reply?.members;
    if (!summary || !isOurs(summary) || damaged.has(SUMMARY.name))
      throw noReading(reply, SUMMARY.name, damaged.has(SUMMARY.name));
    const { nominalThs } = facts;
    const boards = boardsOf(summary, facts);
    const live = rateOf(summary);
    const average = mhs(dig(summary, "Session", "Average MHs"));
    const state = readText(dig(summary, "Status", "Operating State"), 64) ?? "";
    const uptimeS = boundedSeconds(dig(summary, "Session", "Uptime"));
    const error = readText(dig(summary, "Status", "Last Error"), 300);
    const tuner = Object.values(rowOf(dig(summary, "PerpetualTune", "Algorithm")) ?? {})[0];
    const targetThs = dig(tuner, "Unit") === "TH/s" ? readPositive(dig(tuner, "Target")) : undefined;
    const powerW = boundedPowerW(readPositive(dig(summary, "Power Supply Stats", "Input Power")));
    const duty = readNumber(dig(summary, "Fans", "Fans Speed"));
    // Waiting for a pool is nothing that it was told to do.
    const isConnected = dig(summary, "Stratum", "IsPoolConnected") !== false;
    return {
      status: statusOf({
        hashing: (live ?? average ?? 0) > 0,
        asleep: /^(?:idling|stopped)/i.test(state) && isConnected && error === undefined,
        faulty: error !== undefined,
        uptimeS,
      }),
      algo: facts.algo,
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      dialect: epic.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      targetThs: targetThs === undefined ? undefined : boundedThs(targetThs, undefined),
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      boardTempC: highest(boards, "boardTempC"),
      boardLimitC: facts.boardLimitC,
      fansRpm: fansOf(rowOf(summary["Fans Rpm"])),
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 100 ? duty / 100 : undefined,
      boards,
      shares: {
        accepted: boundedCount(dig(summary, "Session", "Accepted")),
        rejected: boundedCount(dig(summary, "Session", "Rejected")),
      },
      uptimeS,
      pools: poolsOf(summary),
      faults: error === undefined ? undefined : [toFault("Last Error", undefined, error)],
    };
  },
};

const isOurs = (summary: Row): boolean =>
  Array.isArray(summary.HBs) && rowOf(summary.Status) !== undefined && rowOf(summary.Session) !== undefined;

const algoOf = (value: unknown): string | undefined => readText(value, 32)?.replace(/^sha-?256$/i, "SHA256");

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

/** `Hashrate` of a board: MH/s, percent of what is expected, percent of errors. */
const boardRate = (row: Row): number | undefined =>
  Array.isArray(row.Hashrate) ? mhs(row.Hashrate[0]) : undefined;

/** What the boards hash together, TH/s; an empty list is nothing, and a board that does not tell makes it unknown. */
function rateOf(summary: Row): number | undefined {
  const rows = listOf(summary.HBs);
  if (!rows) return undefined;
  let sum = 0;
  for (const row of rows) {
    const rate = boardRate(row);
    if (rate === undefined) return undefined;
    sum += Math.max(0, rate);
  }
  return sum;
}

function boardsOf(summary: Row, facts: Facts): BoardReading[] | undefined {
  const rows = listOf(summary.HBs) ?? [];
  const off = (listOf(summary.HBStatus) ?? []).filter(
    (row) => row.Detected === true && row.Enabled === false,
  );
  const boards: BoardReading[] = [];
  for (const row of [...rows, ...off]) {
    const slot = readSlot(row.Index);
    if (slot === undefined || boards.some((board) => board.slot === slot)) continue;
    const voltageV = readPositive(row["Input Voltage"]);
    boards.push({
      slot,
      hashrateThs: boundedThs(row.Enabled === false ? 0 : boardRate(row), facts.nominalThs),
      boardTempC: boundedTempC(row.Temperature),
      chips: facts.boardChips?.[slot],
      chipsExpected: facts.chipsExpected,
      frequencyMHz: boundedMHz(row["Core Clock Avg"]),
      voltageV: voltageV !== undefined && voltageV <= 1_000 ? voltageV : undefined,
    });
  }
  return inSlots(boards);
}

/** Chips of each board that hash, of `[{Index, Data: [[MH/s, …], …]}]`. */
function chipsOf(reply: Reply): Facts["boardChips"] {
  const chips: Record<number, number> = {};
  for (const row of listOf(jsonOf(reply)) ?? []) {
    const slot = readSlot(row.Index);
    if (slot === undefined || !Array.isArray(row.Data)) continue;
    chips[slot] = row.Data.filter((chip) => Array.isArray(chip) && readPositive(chip[0])).length;
  }
  return Object.keys(chips).length ? chips : undefined;
}

/** Fans by their number; connectors without one are null. */
function fansOf(row: Row | undefined): number[] | undefined {
  const fans = Object.entries(row ?? {})
    .map(([name, rpm]) => ({ n: Number(/(\d+)$/.exec(name)?.[1]), rpm: boundedRpm(rpm) }))
    .filter((fan): fan is { n: number; rpm: number } => fan.rpm !== undefined && fan.n > 0)
    .sort((a, b) => a.n - b.n);
  return fans.length ? fans.slice(0, MAX_FANS).map(({ rpm }) => rpm) : undefined;
}

/** The pool in use, then those that are configured beside it. */
function poolsOf(summary: Row): Reading["pools"] {
  const current = readText(dig(summary, "Stratum", "Current Pool"), 300);
  const connected = dig(summary, "Stratum", "IsPoolConnected") !== false;
  const latencyS = readNumber(dig(summary, "Stratum", "Average Latency"));
  const others = (listOf(summary.StratumConfigs) ?? []).filter(
    ({ pool }) => !current || !asText(pool).endsWith(current),
  );
  const rows: Row[] = others.map(({ pool, login }) => ({ URL: pool, User: login, "Stratum Active": false }));
  if (current)
    rows.unshift({
      URL: current,
      User: dig(summary, "Stratum", "Current User"),
      Status: connected ? "Alive" : "Dead",
      "Stratum Active": connected,
      Accepted: dig(summary, "Session", "Accepted"),
      Rejected: dig(summary, "Session", "Rejected"),
      "Latency ms": latencyS === undefined ? undefined : latencyS * 1_000,
    });
  return readPools({ members: { POOLS: rows }, cut: false });
}
