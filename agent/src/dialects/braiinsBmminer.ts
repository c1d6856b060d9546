import { boundedThs } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import { type Reply, rowsOf } from "../replies/reply.js";
import { algoOf, unitOf } from "./bitmainAlgos.js";
import { readBitmain, statsRows } from "./bitmainReading.js";
import { fansOf, LAN, lanMac, makeOf } from "./braiins.js";
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
import { tcp } from "./questions.js";

const STATS = tcp("stats");

/** Boards that it ran on, by the platform in its name: `braiins-am1-s9`, `bOS_am1-s9-20190124-0_d3cc7c87`. */
const PLATFORMS: Record<string, string> = {
  "am1-s9": "Antminer S9",
  "dm1-g9": "DragonMint T1",
  "dm1-g19": "DragonMint T1",
  "dm1-g29": "DragonMint T1",
};

const NAME = /\b(?:braiins-|bos_)([a-z]+\d+-[a-z]+\d+)/i;

/**
 * Braiins OS before BOSminer (2018 and 2019): a fork of Bitmain's bmminer with its answers, and the boards' voltages in V. It
 * names itself after the platform, never after the model. It tells no power.
 */
export const braiinsBmminer: Dialect = {
  id: "braiins-bmminer",
  questions: [
    tcp("summary"),
    STATS,
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS }),
    LAN,
  ],
  whenQuiet: ["version"],

  claims(seen: Seen): Verdict {
    if (!Object.values(seen.by).some((reply) => nameOf(reply) !== undefined)) return { kind: "not" };
    if (!seen.asked.has("stats")) return { kind: "ask", question: STATS };
    const { readings } = statsRows(seen.by.stats);
    return { kind: readings?.chain_acn1 === undefined ? "not" : "mine" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version":
        return withFacts(facts, {
          ...identityOf(reply),
          apiVersion: readText(rowsOf(reply, "VERSION")?.[0]?.API, 64),
        });
      case "stats": {
        const { readings } = statsRows(reply);
        const ideal = readPositive(readings?.total_rateideal);
        const known = facts.model === undefined ? withFacts(facts, identityOf(reply)) : facts;
        const toThs = unitOf(readings, SHA256);
        const nominalThs =
          ideal === undefined || toThs === undefined ? undefined : boundedThs(ideal * toThs, undefined);
        return withFacts(known, { nominalThs });
      }
      case "pools":
        return withPools(facts, readPools(reply));
      case LAN.name:
        return withFacts(facts, { mac: lanMac(reply) });
      default:
        return facts.model === undefined ? withFacts(facts, identityOf(reply)) : facts;
    }
  },

  decode(replies: Replies, facts: Facts): Reading {
    const reading = readBitmain(replies, facts, {
      dialect: braiinsBmminer.id,
      toThs: unitOf(statsRows(replies.by.stats).readings, SHA256),
      asleep: false,
      faulty: false,
    });
    if (reading.fansRpm) reading.fansRpm = fansOf(reading.fansRpm, facts.model);
    return reading;
  },
};

const SHA256 = algoOf("Antminer S9");

/** The platform and build in an answer's description, or in the rows that tell the version. */
function nameOf(reply: Reply | undefined): { platform: string; build: string } | undefined {
  if (!reply) return undefined;
  const version = rowsOf(reply, "VERSION")?.[0] ?? statsRows(reply).version;
  const description = rowsOf(reply, "STATUS")?.[0]?.Description;
  for (const value of [version?.Miner, version?.BMMiner, version?.CGMiner, description, version?.Type]) {
    const text = readText(value, 200);
    const platform = text && NAME.exec(text)?.[1];
    if (platform) return { platform: platform.toLowerCase(), build: text.replace(/^(?:bm|cg)miner\s+/i, "") };
  }
  return undefined;
}

function identityOf(reply: Reply): Partial<Facts> {
  const name = nameOf(reply);
  if (!name) return {};
  const model = PLATFORMS[name.platform];
  return { algo: "SHA256", make: makeOf(model), model, firmware: name.build };
}
