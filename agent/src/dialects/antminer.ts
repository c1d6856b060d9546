import { boundedThs } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import { outcomeOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import { algoOf, unitOf, unitOfRating } from "./bitmainAlgos.js";
import { readBitmain, statsRows } from "./bitmainReading.js";
import { BITMAIN_LOGIN, CONF, learnBitmainWeb, SYSTEM_INFO, WEB_SUMMARY } from "./bitmainWeb.js";
import { WEB_STATS_NAME, webPowerW, webRowOf, webStats } from "./bitmainWebStats.js";
import { readPools, withPools } from "./cgminerParts.js";
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
 * not asked: it reports zeros on X19 and another unit on S21. MAC, name, serial, faults and work mode are told by the web
 * interface alone, and power by that of the newest builds; what tells none is modelled. While the rig sleeps both sections are
 * empty or all zero and `version` still answers. `webStatsMs`: how often the web interface is asked for its readings.
 */
function stock(webStatsMs: number): Dialect {
  const dialect: Dialect = {
    id: "bitmain-stock",
    questions: [
      tcp("summary"),
      STATS,
      tcp("pools", { everyMs: MINUTELY_MS }),
      tcp("version", { everyMs: HOURLY_MS }),
      SYSTEM_INFO,
      WEB_SUMMARY,
      CONF,
      webStats(webStatsMs),
    ],
    whenQuiet: ["version", CONF.name],
    login: BITMAIN_LOGIN,
    becomes: ({ tellsPower }) => (tellsPower && webStatsMs > 0 ? antminerWithWeb : undefined),

    claims(seen: Seen): Verdict {
      const type =
        typeOf(rowsOf(seen.by.version, "VERSION")?.[0]) ?? typeOf(statsRows(seen.by.stats).version);
      if (!type || !/^antminer\b/i.test(type)) return { kind: "not" };
      const foreign = foreignFirmware(seen.text);
      if (foreign) return { kind: "not" };
      const refused = seen.by.stats !== undefined && outcomeOf(seen.by.stats)?.ok === false;
      if (refused !== (webStatsMs === 0)) return { kind: "not" };
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
          const nominalThs = nominalOf(readings, readings?.total_rateideal, facts.model ?? typeOf(version));
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
          return withPools(facts, readPools(reply));
        case WEB_STATS_NAME: {
          const row = webRowOf({ [name]: reply });
          if (!row) return facts;
          return withFacts(facts, {
            tellsPower: webPowerW(row) === undefined ? undefined : true,
            ...(facts.nominalThs === undefined && {
              nominalThs: nominalOf(row, row.rate_ideal, facts.model),
            }),
          });
        }
        default:
          return learnBitmainWeb(facts, name, reply);
      }
    },

    decode(replies: Replies, facts: Facts): Reading {
      const { readings: stats } = statsRows(replies.by.stats);
      const toThs = unitOf(stats ?? webRowOf(replies.by), algoOf(facts.model));
      return readBitmain(replies, facts, { dialect: dialect.id, toThs, asleep: false, faulty: false });
    },
  };
  return dialect;
}

/** Stock firmware by the cgminer API; the web interface is looked into now and then. */
export const antminer = stock(HOURLY_MS);

/** Stock firmware whose boards or power the web interface alone tells, so that it is asked for them with every reading. */
export const antminerWithWeb = stock(0);

/** What it is rated for, TH/s, by a row of readings that says its unit. */
function nominalOf(row: Row | undefined, value: unknown, model: string | undefined): number | undefined {
  const ideal = readPositive(value);
  const toThs = ideal === undefined ? undefined : unitOfRating(ideal, row, algoOf(model));
  return ideal === undefined || toThs === undefined ? undefined : boundedThs(ideal * toThs, undefined);
}

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
