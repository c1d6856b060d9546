import { boundedSeconds, boundedThs } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { ownOf, readText } from "../replies/readNumber.js";
import { outcomeOf, type Reply, rowsOf } from "../replies/reply.js";
import { highest } from "./boards.js";
import { averageRate, boardsOf, devicesOf, fansOf, liveRate, sumOf } from "./cgminerDevices.js";
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
import { foreignFirmware } from "./foreignFirmwares.js";
import { tcp } from "./questions.js";

const DEVS = tcp("devs");
const QUESTIONS = [
  tcp("summary"),
  DEVS,
  tcp("pools", { everyMs: MINUTELY_MS }),
  tcp("version", { everyMs: HOURLY_MS }),
  // Which algorithm it mines; a build without the command does not say.
  tcp("coin", { everyMs: HOURLY_MS, joins: false }),
];

/** How cgminer and its forks name themselves in `STATUS.Description` of every answer: `bfgminer 3.2.0`. */
const NAME = /^(cgminer|bfgminer|sgminer|cpuminer|ccminer)\s+v?([\w.+-]+)/i;

/**
 * cgminer and bfgminer on a computer, with graphics cards, USB sticks and FPGA boards: each device stands in `devs` under `GPU`,
 * `PGA` or `ASC` with counters of its own, in JSON or, before API 1.7, in text alone. Nothing tells power. Hashrates are in the
 * unit that their key names; of which algorithm only `coin` tells, on newer builds.
 */
export const cgminer: Dialect = {
  id: "cgminer",
  questions: QUESTIONS,
  whenQuiet: [],
  claims(seen: Seen): Verdict {
    const verdict = judge(seen);
    if (verdict.kind !== "last") return verdict;
    const devices = devicesOf(seen.by.devs) ?? [];
    // Cards and FPGA boards are in no rig that comes as a box; sticks of ASICs are told by a name as short as their driver's.
    const isPc = devices.some(({ kind }) => kind === "GPU" || kind === "PGA");
    return isPc ? { kind: "mine" } : { kind: "not" };
  },
  learn: (facts, name, reply) => learn(facts, name, reply, programOf(reply)),
  decode: (replies, facts) => decode(cgminer.id, replies, facts),
};

/** Reads of any rig with a cgminer API what is standard, where no other dialect knows it. */
export const generic: Dialect = {
  id: "generic",
  isStopgap: true,
  questions: QUESTIONS,
  whenQuiet: [],
  claims: judge,
  // The program that mines is no word on what firmware it came with.
  learn: (facts, name, reply) => learn(facts, name, reply, undefined),
  decode: (replies, facts) => decode(generic.id, replies, facts),
};

function judge(seen: Seen): Verdict {
  if (seen.text === "") return { kind: "not" };
  const answers = Object.values(seen.by).filter((reply) => reply !== undefined);
  const speaks = answers.some(
    (reply) => reply.members.STATUS !== undefined && outcomeOf(reply) !== undefined,
  );
  if (!speaks) return { kind: "not" };
  // Whoever else may know it has looked at these three.
  if (!seen.asked.has("stats")) return { kind: "not" };
  if (!seen.asked.has("devs")) return { kind: "ask", question: DEVS };
  const reads =
    (rowsOf(seen.by.summary, "SUMMARY") ?? []).some((row) => liveRate(row) ?? averageRate(row)) ||
    (devicesOf(seen.by.devs) ?? []).some(({ liveThs, averageThs }) => (liveThs ?? averageThs) !== undefined);
  if (!reads) return { kind: "not" };
  const foreign = foreignFirmware(seen.text);
  const name = answers.map(describe).find((text) => text !== undefined);
  return { kind: "last", what: foreign ?? name ?? "a cgminer API" };
}

const describe = (reply: Reply): string | undefined =>
  readText(rowsOf(reply, "STATUS")?.[0]?.Description, 80);

function programOf(reply: Reply): string | undefined {
  const told = NAME.exec(describe(reply) ?? "");
  return told ? `${told[1]!.toLowerCase()} ${told[2]}` : undefined;
}

function learn(facts: Facts, name: string, reply: Reply, program: string | undefined): Facts {
  switch (name) {
    case "version": {
      const row = rowsOf(reply, "VERSION")?.[0];
      return withFacts(facts, {
        firmware: program ?? readText(row?.CompileTime, 200),
        apiVersion: readText(row?.API, 64),
        model: readText(row?.Type, 100) ?? readText(row?.PROD, 100),
      });
    }
    case "pools":
      return withPools(facts, readPools(reply));
    case "coin":
      return withFacts(facts, { algo: algoOf(readText(rowsOf(reply, "COIN")?.[0]?.["Hash Method"], 32)) });
    default:
      return facts.firmware === undefined && program ? withFacts(facts, { firmware: program }) : facts;
  }
}

/** cgminer's names of algorithms as everybody writes them. */
const ALGOS: Record<string, string> = { sha256: "SHA256", scrypt: "Scrypt" };
const algoOf = (method: string | undefined): string | undefined =>
  method && (ownOf(ALGOS, method.toLowerCase()) ?? method);

function decode(dialect: string, { by, damaged }: Replies, facts: Facts): Reading {
  if (damaged.has("summary")) throw noReading(undefined, "summary", true);
  const summary = rowsOf(by.summary, "SUMMARY")?.[0];
  const devices = devicesOf(by.devs);
  if (!summary && damaged.has("devs")) throw noReading(undefined, "devs", true);
  // A summary of zeros over devices that hash is one that was never filled in (BW 2.90), its counters among it.
  const isEmpty = (summary && liveRate(summary)?.ths) === 0 && (sumOf(devices, "liveThs") ?? 0) > 0;
  const live = summary && !isEmpty ? liveRate(summary) : undefined;
  const liveThs = live?.ths ?? sumOf(devices, "liveThs");
  const averageThs =
    (summary && !isEmpty ? averageRate(summary)?.ths : undefined) ?? sumOf(devices, "averageThs");
  if (liveThs === undefined && averageThs === undefined)
    throw noReading(by.summary ?? by.devs, by.summary ? "summary" : "devs", false);
  const uptimeS = boundedSeconds(summary?.Elapsed);
  const boards = boardsOf(devices, liveThs ?? averageThs);
  return {
    status: statusOf({ hashing: (liveThs ?? averageThs) !== 0, asleep: false, faulty: false, uptimeS }),
    algo: facts.algo,
    make: facts.make,
    model: facts.model,
    firmware: facts.firmware,
    apiVersion: facts.apiVersion,
    dialect,
    hashrateThs: boundedThs(liveThs, undefined),
    hashrateWindowS: live?.windowS,
    hashrateAvgThs: boundedThs(averageThs, undefined),
    boardTempC: highest(boards, "boardTempC"),
    fansRpm: fansOf(devices),
    boards,
    shares: (summary && !isEmpty ? readShares(summary) : undefined) ?? sharesOf(devices),
    uptimeS,
    pools: readPools(by.pools) ?? facts.pools,
    notes: facts.notes,
  };
}

function sharesOf(devices: ReturnType<typeof devicesOf>): Reading["shares"] {
  const accepted = sumOf(devices, "accepted");
  return accepted === undefined ? undefined : { accepted, rejected: sumOf(devices, "rejected") };
}
