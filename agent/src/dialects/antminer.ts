import { boundedThs } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { algoOf, unitOf } from "./bitmainAlgos.js";
import { readBitmain, statsRows } from "./bitmainReading.js";
import { BITMAIN_LOGIN, CONF, learnBitmainWeb, SYSTEM_INFO, WEB_SUMMARY } from "./bitmainWeb.js";
import { readPools, withoutCounters } from "./cgminerParts.js";
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

const STATS = tcp("stats");

const typeOf = (row: Row | undefined): string | undefined => readText(row?.Type, 100);

/**
 * Bitmain's own firmware on Antminers of every algorithm: `summary` has the whole rig, `stats` the boards in flat keys. `devs` is
 * not asked: it reports zeros on X19 and another unit on S21. Power is not reported; MAC, name, serial, faults and
 * work mode are told by the web interface alone. While the rig sleeps both sections are empty or all zero and `version` still
 * answers.
 */
export const antminer: Dialect = {
  id: "bitmain-stock",
  questions: [
    tcp("summary"),
    STATS,
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
    SYSTEM_INFO,
    WEB_SUMMARY,
    CONF,
  ],
  whenQuiet: ["version", CONF.name],
  login: BITMAIN_LOGIN,

  claims(seen: Seen): Verdict {
    const type = typeOf(rowsOf(seen.by.version, "VERSION")?.[0]) ?? typeOf(statsRows(seen.by.stats).version);
    if (!type || !/^antminer\b/i.test(type)) return { kind: "not" };
    const foreign = foreignFirmware(seen.text);
    if (foreign) return { kind: "not" };
    if (!algoOf(type)) return { kind: "unsupported", what: `${type}, whose algorithm is not known` };
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
        const model = facts.model ?? typeOf(version);
        const toThs = ideal === undefined ? undefined : unitOf(readings, algoOf(model));
        const nominalThs =
          ideal === undefined || toThs === undefined ? undefined : boundedThs(ideal * toThs, undefined);
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
        return learnBitmainWeb(facts, name, reply);
    }
  },

  decode(replies: Replies, facts: Facts): Reading {
    const { readings: stats } = statsRows(replies.by.stats);
    const toThs = unitOf(stats, algoOf(facts.model));
    return readBitmain(replies, facts, {
      dialect: antminer.id,
      toThs,
      asleep: false,
      faulty: false,
    });
  },
};

function identity(row: Row): Partial<Facts> {
  const model = typeOf(row);
  return {
    algo: algoOf(model)?.algo,
    make: "Bitmain",
    model,
    // The build date is what tells one Bitmain firmware from the next; `Miner` is the hardware's.
    firmware: readText(row.CompileTime, 200) ?? readText(row.Miner, 200),
  };
}
