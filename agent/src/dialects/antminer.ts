import { thsFromGhs } from "@hashwatt/protocol/units";
import { boundedSeconds, boundedThs, isUnitSuspect } from "../model/bounds.js";
import { modelPowerW } from "../model/power.js";
import type { Reading } from "../reading.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { readAntminerBoards, readAntminerFans } from "./antminerBoards.js";
import { highest } from "./boards.js";
import { noReading, readPools, readShares, statusOf, withoutCounters } from "./cgminerParts.js";
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

/** The row of `stats` with the version, and the row with the readings (undefined while the rig sleeps). */
function statsRows(reply: Reply | undefined): { version?: Row; readings?: Row } {
  let version: Row | undefined;
  let readings: Row | undefined;
  for (const row of rowsOf(reply, "STATS") ?? []) {
    if (row.Type !== undefined) version ??= row;
    if (row.Elapsed !== undefined || row.chain_acn1 !== undefined) readings ??= row;
  }
  return { version, readings };
}

const STATS = tcp("stats");

const typeOf = (row: Row | undefined): string | undefined => readText(row?.Type, 100);

/** Model letters of Antminers that mine SHA-256: S, T, R and V; the others hash in other units. */
const SHA256 = /^antminer\s+(?:s|t|r4|v9)/i;

/**
 * Bitmain's own firmware on S and T Antminers: `summary` has the whole rig, `stats` the boards in flat keys. `devs` is not
 * asked: it reports zeros on X19 and another unit on S21. Power is not reported but modelled; nor are MAC and serial over
 * this port. While the rig sleeps both sections are empty or all zero and `version` still answers.
 */
export const antminer: Dialect = {
  id: "bitmain-stock",
  questions: [
    tcp("summary"),
    STATS,
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
  ],
  whenQuiet: ["version"],
  login: { make: "antminer", vendorDefault: { username: "root", password: "root" } },

  claims(seen: Seen): Verdict {
    const type = typeOf(rowsOf(seen.by.version, "VERSION")?.[0]) ?? typeOf(statsRows(seen.by.stats).version);
    if (!type || !/^antminer\b/i.test(type)) return { kind: "not" };
    const foreign = foreignFirmware(seen.text);
    if (foreign) return { kind: "unsupported", what: `${foreign} (${type})` };
    if (!SHA256.test(type)) return { kind: "unsupported", what: `${type}, which does not mine SHA-256` };
    // VNish shows itself in stats alone on some builds.
    if (!seen.asked.has("stats")) return { kind: "ask", question: STATS };
    return { kind: "mine" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return row ? withFacts(facts, { ...identity(row), apiVersion: readText(row.API, 64) }) : facts;
      }
      case "stats": {
        const { version, readings } = statsRows(reply);
        const ideal = readPositive(readings?.total_rateideal);
        const nominalThs = ideal === undefined ? undefined : boundedThs(thsFromGhs(ideal), undefined);
        // With every reading, and nearly always nothing new.
        if (facts.model !== undefined && (nominalThs === undefined || nominalThs === facts.nominalThs))
          return facts;
        // What `version` says comes first; some builds answer stats alone.
        return withFacts(facts, {
          ...(facts.model === undefined && version && identity(version)),
          nominalThs,
        });
      }
      case "pools":
        return withFacts(facts, { pools: readPools(reply)?.map(withoutCounters) });
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    // A summary that was cut must not be made up from stats, whose figures differ in the last digits.
    if (damaged.has("summary")) throw noReading(undefined, "summary", true);
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    const { readings: stats } = statsRows(by.stats);
    const main = summary ?? stats;
    const pools = readPools(by.pools) ?? facts.pools;
    if (!main) {
      const emptied = rowsOf(by.summary, "SUMMARY") !== undefined || rowsOf(by.stats, "STATS") !== undefined;
      if (!emptied || damaged.has("stats") || facts.model === undefined)
        throw noReading(by.summary ?? by.stats, by.summary ? "summary" : "stats", damaged.has("stats"));
      const { make, model, firmware, apiVersion, nominalThs } = facts;
      const identity = {
        algo: "SHA256",
        make,
        model,
        firmware,
        apiVersion,
        nominalThs,
        dialect: antminer.id,
      };
      return powered({ status: "sleeping", ...identity, pools }, true);
    }

    const { nominalThs } = facts;
    const live = ghs(main["GHS 5s"]) ?? ghs(stats?.["GHS 5s"]);
    const average = ghs(main["GHS av"]);
    if (live === undefined && average === undefined) throw noReading(by.summary, "summary", false);
    const still = live === 0 || (live === undefined && average === 0);
    // Whether a rig without hashrate sleeps, and what one without a live figure hashes, is for stats to say.
    if (damaged.has("stats") && (still || live === undefined)) throw noReading(undefined, "stats", true);
    const boards = stats && readAntminerBoards(stats, nominalThs);
    const fansRpm = stats && readAntminerFans(stats);
    const uptimeS = boundedSeconds(main.Elapsed);
    const spins = fansRpm?.some((rpm) => rpm > 0) === true;
    const status = statusOf({
      hashing: !still,
      // All zero, the age of the daemon included, and no fan: the shape of sleep on X17 to X19.
      asleep: stats !== undefined && still && uptimeS === 0 && !spins && boards?.length === 0,
      faulty: false,
      uptimeS,
    });
    // One literal with every key: spreading costs more than all the decoding.
    const reading: Reading = {
      status,
      algo: "SHA256",
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: antminer.id,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateWindowS: live === undefined ? undefined : 5,
      hashrateAvgThs: boundedThs(average, nominalThs),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm,
      boards: boards?.length ? boards : undefined,
      shares: summary && readShares(summary),
      uptimeS,
      pools,
      powerW: undefined,
      powerSource: undefined,
    };
    return powered(reading, stats !== undefined || nominalThs !== undefined);
  },
};

function identity(row: Row): Partial<Facts> {
  const model = typeOf(row);
  return {
    algo: "SHA256",
    make: "Bitmain",
    model,
    // The build date is what tells one Bitmain firmware from the next; `Miner` is the hardware's.
    firmware: readText(row.CompileTime, 200) ?? readText(row.Miner, 200),
  };
}

function ghs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromGhs(rate);
}

/** Adds the modelled power. `binKnown`: the rig had its chance to say what it is rated for, which decides the bin. */
function powered(reading: Reading, binKnown: boolean): Reading {
  const powerW = binKnown ? modelPowerW(reading) : undefined;
  if (powerW !== undefined) {
    reading.powerW = powerW;
    reading.powerSource = "model";
  }
  return reading;
}
