import { boundedPowerW, boundedSeconds, boundedThs, isUnitSuspect } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readNumber, readPositive } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { readAntminerBoards, readAntminerFans } from "./antminerBoards.js";
import { unitOfBoards } from "./bitmainAlgos.js";
import { readWebBoards, readWebFans, ths, webPowerW, webRowOf } from "./bitmainWebStats.js";
import { highest } from "./boards.js";
import { averageRate, liveRate } from "./cgminerDevices.js";
import { noReading, readPools, readSharesAndFee, statusOf } from "./cgminerParts.js";
import type { Facts, Replies } from "./dialect.js";
import { type Coolant, fansBeside, isHydro } from "./hydro.js";

/** The row of `stats` with the version, and the row with the readings (undefined while the rig sleeps). */
export function statsRows(reply: Reply | undefined): { version?: Row; readings?: Row } {
  let version: Row | undefined;
  let readings: Row | undefined;
  for (const row of rowsOf(reply, "STATS") ?? []) {
    if (row.Type !== undefined) version ??= row;
    if (row.Elapsed !== undefined || row.chain_acn1 !== undefined) readings ??= row;
  }
  return { version, readings };
}

/** What firmwares with Bitmain's keys differ in. */
export interface BitmainWays {
  dialect: string;
  /** TH/s of one unit under the keys `GHS …` and `chain_rate…`; undefined where these are no hashes a second. */
  toThs: number | undefined;
  /** The firmware says that it was told to stop. */
  asleep: boolean;
  /** The firmware says that it cannot go on. */
  faulty: boolean;
}

/**
 * Reads `summary`, `stats` and `pools` of a firmware that has Bitmain's keys, and of the web interface's `stats.cgi` what these do
 * not tell: the boards where `stats` is refused, and the power that newest builds estimate. Throws an AgentError where
 * these make no reading. What sleeps answers with empty sections, or with zeros throughout.
 */
export function readBitmain({ by, damaged }: Replies, facts: Facts, ways: BitmainWays): Reading {
  // A summary that was cut must not be made up from stats, whose figures differ in the last digits.
  if (damaged.has("summary")) throw noReading(undefined, "summary", true);
  const summary = rowsOf(by.summary, "SUMMARY")?.[0];
  const { readings: stats } = statsRows(by.stats);
  const main = summary ?? stats;
  const pools = readPools(by.pools) ?? facts.pools;
  if (!main) return sleeping({ by, damaged }, facts, ways, pools);

  const { nominalThs } = facts;
  const { toThs } = ways;
  const live = readNumber(main["GHS 5s"]) ?? readNumber(stats?.["GHS 5s"]);
  const average = readNumber(main["GHS av"]);
  // Builds for other algorithms may name another unit, and mean it.
  const named = live === undefined && average === undefined ? namedRates(main, stats) : undefined;
  if (live === undefined && average === undefined && !named) throw noReading(by.summary, "summary", false);
  const isLive = (live ?? named?.liveThs) !== undefined;
  const still = (live ?? named?.liveThs ?? average ?? named?.averageThs) === 0;
  // Whether a rig without hashrate sleeps, and what one without a live figure hashes, is for stats to say.
  if (damaged.has("stats") && (still || !isLive)) throw noReading(undefined, "stats", true);
  const coolant: Coolant | undefined = isHydro(facts.model)
    ? { inletTempC: undefined, outletTempC: undefined }
    : undefined;
  const web = webRowOf(by);
  const liveThs = toThs === undefined ? undefined : (named?.liveThs ?? ths(live, toThs));
  const averageThs = toThs === undefined ? undefined : (named?.averageThs ?? ths(average, toThs));
  const boardToThs =
    stats && toThs !== undefined && facts.algo !== "SHA256"
      ? unitOfBoards(stats, toThs, liveThs ?? averageThs ?? 0)
      : toThs;
  const boards = stats
    ? readAntminerBoards(stats, nominalThs, boardToThs, coolant)
    : web && readWebBoards(web, nominalThs, toThs, coolant);
  const fansRpm = fansBeside(facts.model, stats ? readAntminerFans(stats) : web && readWebFans(web));
  const powerW = web && !still ? webPowerW(web) : undefined;
  const uptimeS = boundedSeconds(main.Elapsed);
  const spins = fansRpm?.some((rpm) => rpm > 0) === true;
  // One literal with every key: spreading costs more than all the decoding.
  return {
    status: statusOf({
      hashing: !still,
      // All zero, the age of the daemon included, and no fan: the shape of sleep on X17 to X19.
      asleep:
        ways.asleep ||
        facts.asleep === true ||
        (stats !== undefined && still && uptimeS === 0 && !spins && boards?.length === 0),
      faulty: ways.faulty,
      uptimeS,
    }),
    algo: facts.algo,
    make: facts.make,
    model: facts.model,
    firmware: facts.firmware,
    apiVersion: facts.apiVersion,
    dialect: ways.dialect,
    mac: facts.mac,
    serial: facts.serial,
    hostname: facts.hostname,
    nominalThs,
    hashrateThs: boundedThs(liveThs, nominalThs),
    unitSuspect: isUnitSuspect(liveThs, nominalThs),
    hashrateWindowS: liveThs === undefined ? undefined : 5,
    hashrateAvgThs: boundedThs(averageThs, nominalThs),
    inletTempC: coolant?.inletTempC,
    outletTempC: coolant?.outletTempC,
    boardTempC: highest(boards, "boardTempC"),
    chipTempC: highest(boards, "chipTempC"),
    fansRpm,
    boards: boards?.length ? boards : undefined,
    shares: summary && readSharesAndFee(summary, by.pools),
    uptimeS,
    pools,
    faults: facts.faults,
    powerW,
    powerSource: powerW === undefined ? undefined : "firmware",
    powerMode: facts.powerMode,
    powerLimitW: facts.powerLimitW,
  };
}

/** Rates under keys such as `MHS 5s`, TH/s; undefined where there is none. */
function namedRates(
  main: Row,
  stats: Row | undefined,
): { liveThs: number | undefined; averageThs: number | undefined } | undefined {
  const liveThs = liveRate(main)?.ths ?? (stats && liveRate(stats)?.ths);
  const averageThs = averageRate(main)?.ths ?? (stats && averageRate(stats)?.ths);
  return liveThs === undefined && averageThs === undefined ? undefined : { liveThs, averageThs };
}

function sleeping(
  { by, damaged }: Replies,
  facts: Facts,
  { dialect }: BitmainWays,
  pools: Reading["pools"],
): Reading {
  const emptied = rowsOf(by.summary, "SUMMARY") !== undefined || rowsOf(by.stats, "STATS") !== undefined;
  if (!emptied || damaged.has("stats") || facts.model === undefined)
    throw noReading(by.summary ?? by.stats, by.summary ? "summary" : "stats", damaged.has("stats"));
  const { algo, make, model, firmware, apiVersion, mac, serial, hostname, nominalThs } = facts;
  const identity = { algo, make, model, firmware, apiVersion, mac, serial, hostname, nominalThs };
  return { status: "sleeping", ...identity, dialect, pools };
}

/**
 * The sum of what the boards of a `stats` row draw, W, from keys such as `chain_power1`; undefined where a board with chips does
 * not tell it, and where all tell 0, as builds do that do not know.
 */
export function drawnOf(stats: Row, prefix: string): number | undefined {
  let sum = 0;
  for (let n = 1; n <= 16; n++) {
    const watts = readNumber(stats[`${prefix}${n}`]);
    if (watts !== undefined && watts > 0) sum += watts;
    else if (watts === undefined && readPositive(stats[`chain_acn${n}`]) !== undefined) return undefined;
  }
  return sum > 0 ? boundedPowerW(sum) : undefined;
}
