import { MAX_FANS } from "@hashwatt/protocol/sample";
import { boundedPowerW, boundedRpm, boundedSeconds, boundedThs, isUnitSuspect } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { asText, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { averageOf, boardsOf, ghs } from "./avalonBoards.js";
import { moduleFaults } from "./avalonFaults.js";
import { modeName, readProduct, readVersion } from "./avalonModels.js";
import { type AvalonModule, hasModules, modulesOf } from "./avalonTokens.js";
import { highest, hottestTempC } from "./boards.js";
import { averageRate, liveRate, rateOf } from "./cgminerDevices.js";
import {
  noReading,
  readMac,
  readPools,
  readShares,
  statusOf,
  withLatency,
  withPools,
} from "./cgminerParts.js";
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
import { uniqueFaults } from "./faultCodes.js";
import { tcp } from "./questions.js";

/** The commands that may carry the modules' tokens, in the order in which they are tried; then there is none. */
const SOURCES = ["stats", "estats", "litestats", "lcd"] as const;
type Source = (typeof SOURCES)[number];

/**
 * Canaan Avalon: a cgminer whose `stats` carry all of the rig in one text of `Key[value]` tokens for each MM module. `stats` and
 * `estats` say the same, `litestats` leaves out the chips; where no build of the three has the text, `summary` and `lcd` yield
 * what they can. One module is a rig with its boards. Several modules (7xx to 9xx behind one controller) are machines of
 * their own under one address: each is a row of the boards, under its module number, since that is what can be found on the rack.
 */
function avalonBy(source: Source): Dialect {
  return {
    id: "avalon",
    questions: [
      tcp(source),
      tcp("summary"),
      tcp("pools", { everyMs: MINUTELY_MS }),
      tcp("version", { everyMs: HOURLY_MS }),
    ],
    whenQuiet: [],
    claims: (seen) => claim(seen, source),
    learn: (facts, name, reply) =>
      name === source ? learnModules(facts, reply) : learnRest(facts, name, reply),
    decode: (replies, facts) => decode(replies, facts, source),
  };
}

/** The dialect for each source of the tokens; a rig has one of them. */
export const avalons: readonly Dialect[] = SOURCES.map(avalonBy);

function claim(seen: Seen, source: Source): Verdict {
  const version = rowsOf(seen.by.version, "VERSION")?.[0];
  const named =
    /^avalon/i.test(readText(version?.PROD, 60) ?? "") ||
    (rowsOf(seen.by.devdetails, "DEVDETAILS") ?? []).some(({ Driver }) => /^avalon/i.test(asText(Driver))) ||
    (rowsOf(seen.by.stats, "STATS") ?? []).some(({ ID }) => /^AV(?:A\d|ALON|\d)/.test(asText(ID)));
  for (const one of SOURCES) {
    const reply = seen.by[one];
    if (hasModules(reply)) return { kind: one === source ? "mine" : "not" };
    if (!seen.asked.has(one))
      return named && one === source ? { kind: "ask", question: tcp(one) } : { kind: "not" };
    // An answer that broke off may have held them, and the next command would tell it otherwise.
    if (!reply || reply.cut) return { kind: "not" };
  }
  return { kind: named && source === "lcd" ? "mine" : "not" };
}

const KIND = { algo: "SHA256", make: "Canaan" } as const;

function learnModules(facts: Facts, reply: Reply): Facts {
  const modules = modulesOf(reply);
  const first = modules[0];
  if (!first) return facts;
  const ver = readVersion(first.text("Ver"));
  const nominal =
    sumOf(modules, (one) => ghs(readPositive(one.number("GHSmm")))) ??
    (modules.length === 1 ? ver.ratedThs : undefined);
  const nominalThs = steady(facts.nominalThs, nominal);
  const serial = facts.serial ?? serialOf(first.text("DNA", 64));
  // With every reading, and nearly always nothing new.
  if (facts.make && facts.model === ver.model && facts.nominalThs === nominalThs && facts.serial === serial)
    return facts;
  return withFacts(facts, {
    ...KIND,
    model: ver.model,
    firmware: facts.firmware ?? ver.firmware,
    serial,
    nominalThs,
  });
}

/** What the chips can do at their clocks moves a little with every tuning step; it is told anew when it moves by 2 %. */
function steady(known: number | undefined, now: number | undefined): number | undefined {
  const ths = boundedThs(now, undefined);
  if (ths === undefined || known === undefined) return ths;
  return Math.abs(ths - known) > 0.02 * known ? ths : known;
}

/** `DNA` of some builds is blotted out or all zeros. */
const serialOf = (dna: string | undefined): string | undefined =>
  dna !== undefined && /^[0-9a-z_]{8,64}$/i.test(dna) && !/^0+$/.test(dna) ? dna : undefined;

function learnRest(facts: Facts, name: string, reply: Reply): Facts {
  switch (name) {
    case "version": {
      const row = rowsOf(reply, "VERSION")?.[0];
      if (!row) return facts;
      return withFacts(facts, {
        ...KIND,
        model: facts.model ?? readProduct(row),
        firmware: readText(row.VERSION, 200) ?? readText(row.LVERSION, 200) ?? readText(row.BVERSION, 200),
        apiVersion: readText(row.API, 64),
        mac: readMac(row.MAC),
        serial: serialOf(readText(row.DNA, 64)),
      });
    }
    case "pools":
      return withPools(facts, readPools(reply));
    default:
      return facts;
  }
}

function decode({ by, damaged }: Replies, facts: Facts, source: Source): Reading {
  for (const name of [source, "summary"]) if (damaged.has(name)) throw noReading(undefined, name, true);
  const modules = modulesOf(by[source]);
  const summary = rowsOf(by.summary, "SUMMARY")?.[0];
  const lcd = rowsOf(by.lcd, "LCD")?.[0];
  if (source !== "lcd" && !modules.length) throw noReading(by[source], source, false);
  const { nominalThs } = facts;
  const asleep = modules.length > 0 && modules.every(isAsleep);
  const working = !modules.length || !modules.every(isStopped);
  const live = liveOf(modules, summary, lcd);
  // Averages of hours go on after a rig was stopped.
  const averageThs = working
    ? (sumOf(modules, averageOf) ?? rateBy(averageRate, summary, lcd)?.ths)
    : undefined;
  if (live === undefined && averageThs === undefined && working)
    throw noReading(by.summary, "summary", false);
  const uptimeS = uptimeOf(by[source], modules, summary);
  const power = powerOf(modules);
  const faults = faultsOf(modules);
  const boards = boardsOf(modules, live?.ths === 0 || !working, nominalThs);
  const fans = modules.flatMap(fansOf).slice(0, MAX_FANS);
  const duties = modules.map((one) => one.number("FanR")).filter((duty) => duty !== undefined);
  return {
    status: statusOf({
      hashing: working && (live?.ths ?? averageThs ?? 0) > 0,
      asleep,
      faulty: Boolean(faults?.length),
      uptimeS,
    }),
    algo: KIND.algo,
    make: KIND.make,
    model: facts.model,
    firmware: facts.firmware,
    apiVersion: facts.apiVersion,
    dialect: "avalon",
    mac: facts.mac,
    serial: facts.serial,
    hostname: facts.hostname,
    nominalThs,
    targetThs: boundedThs(
      sumOf(modules, (one) => ghs(readPositive(one.number("GHSmm")))),
      nominalThs,
    ),
    hashrateThs: boundedThs(live?.ths, nominalThs),
    unitSuspect: isUnitSuspect(live?.ths, nominalThs),
    hashrateWindowS: live?.windowS,
    hashrateAvgThs: boundedThs(averageThs, nominalThs),
    powerW: power?.watts,
    powerSource: power?.source,
    powerLimitW: boundedPowerW(sumOf(modules, (one) => readPositive(one.number("MPO")))),
    powerMode: modules.length === 1 ? modeName(facts.model, modules[0]!.number("WORKMODE")) : undefined,
    inletTempC: hottestTempC(
      modules.map((one) => (one.has("Temp") ? one.number("Temp") : one.number("ITemp"))),
    ),
    outletTempC: hottestTempC(modules.map((one) => one.number("OTemp"))),
    boardTempC: highest(boards, "boardTempC"),
    chipTempC: hottestTempC(modules.map((one) => one.number("TMax"))) ?? highest(boards, "chipTempC"),
    fansRpm: fans.length ? fans : undefined,
    fanDutyRatio: duties.length ? Math.min(1, Math.max(0, Math.max(...duties) / 100)) : undefined,
    boards,
    shares: summary && readShares(summary),
    uptimeS,
    pools: withLatency(readPools(by.pools) ?? facts.pools ?? poolOn(lcd), modules[0]?.number("PING")),
    faults: faults?.length ? faults : undefined,
  };
}

/** The sum over all modules; undefined where one does not tell it. */
function sumOf(
  modules: readonly AvalonModule[],
  read: (module: AvalonModule) => number | undefined,
): number | undefined {
  let sum: number | undefined;
  for (const module of modules) {
    const value = read(module);
    if (value === undefined) return undefined;
    sum = (sum ?? 0) + value;
  }
  return sum;
}

/** `SoftOFF` is above 0 while the rig is told to stop; builds without it say no more than `In Idle`. */
function isAsleep(module: AvalonModule): boolean {
  const off = module.number("SoftOFF");
  return off === undefined ? isIdle(module) : off > 0;
}
const isIdle = (module: AvalonModule): boolean => /in idle/i.test(module.text("SYSTEMSTATU") ?? "");
const isStopped = (module: AvalonModule): boolean => isIdle(module) || isAsleep(module);

type Rate = { ths: number; windowS: number | undefined };
const rateBy = (read: (row: Row) => Rate | undefined, ...rows: (Row | undefined)[]): Rate | undefined => {
  for (const row of rows) {
    const rate = row && read(row);
    if (rate) return rate;
  }
  return undefined;
};

/** What it does now: the modules' word, else the shortest window of cgminer's, in the unit of its key. */
function liveOf(
  modules: readonly AvalonModule[],
  summary: Row | undefined,
  lcd: Row | undefined,
): Rate | undefined {
  const now = sumOf(modules, (one) => ghs(one.number("GHSspd")));
  if (now !== undefined) return { ths: now, windowS: undefined };
  return rateBy(liveRate, summary, lcd) ?? rateBy((row) => rateOf(row, ["5m", "15m"]), summary, lcd);
}

/** The pool in use as the display has it, where nothing else tells the pools. */
const poolOn = (lcd: Row | undefined): Reading["pools"] =>
  lcd &&
  readPools({
    members: {
      POOLS: [{ URL: lcd["Current Pool"], User: lcd.User, Status: "Alive", "Stratum Active": true }],
    },
    cut: false,
  });

/** How long the mining daemon runs. The module's own clock, which starts some seconds apart, stands in where it does not say. */
function uptimeOf(
  reply: Reply | undefined,
  modules: readonly AvalonModule[],
  summary: Row | undefined,
): number | undefined {
  for (const row of [...(rowsOf(reply, "STATS") ?? []), ...(rowsOf(reply, "LCD") ?? [])]) {
    const uptimeS = boundedSeconds(row.Elapsed);
    if (uptimeS !== undefined) return uptimeS;
  }
  return boundedSeconds(summary?.Elapsed) ?? boundedSeconds(modules[0]?.number("Elapsed"));
}

/** What of the power that goes into the supply comes out of it for the hash boards, where no more than that is told. */
const SUPPLY_EFFICIENCY = 0.93;

/**
 * Power at the wall: `WALLPOWER`, or the seventh of `PS`, which the supply measures; else from the fifth, what the hash boards
 * draw, over the supply's efficiency: an estimate (measured pairs lie between 0.91 and 0.945). `PS` is: error bits, supply of
 * the controller ×100 V, of the boards ×100 V, A, W, set voltage ×100, and W at the input on newer ones.
 */
function powerOf(
  modules: readonly AvalonModule[],
): { watts: number; source: "psu" | "firmware" } | undefined {
  let isMeasured = true;
  const sum = sumOf(modules, (one) => {
    const supply = one.list("PS");
    const wall = readPositive(one.number("WALLPOWER")) ?? readPositive(supply[6]);
    if (wall !== undefined) return wall;
    isMeasured = false;
    const boards = readPositive(supply[4]);
    return boards === undefined ? undefined : boards / SUPPLY_EFFICIENCY;
  });
  const watts = boundedPowerW(sum === undefined ? undefined : Math.round(sum * 10) / 10);
  return watts === undefined ? undefined : { watts, source: isMeasured ? "psu" : "firmware" };
}

function fansOf(module: AvalonModule): number[] {
  const fans: number[] = [];
  for (const key of ["Fan", "Fan1", "Fan2", "Fan3", "Fan4", "Fan5", "Fan6", "Fan7", "Fan8"]) {
    const rpm = boundedRpm(module.number(key));
    if (rpm !== undefined) fans.push(rpm);
  }
  return fans;
}

/** The faults of all modules; undefined where none tells any error field. */
function faultsOf(modules: readonly AvalonModule[]): Reading["faults"] {
  const lists = modules.map((one) =>
    moduleFaults(one, readVersion(one.text("Ver")).isOld, modules.length > 1 ? `MM${one.id}-` : ""),
  );
  const told = lists.filter((list) => list !== undefined);
  return told.length ? uniqueFaults(told.flat()) : undefined;
}
