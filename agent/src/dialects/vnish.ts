import { boundedPowerW, boundedTempC, boundedThs } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { algoOf, type BitmainAlgo, unitOf, unitOfRating } from "./bitmainAlgos.js";
import { drawnOf, readBitmain, statsRows } from "./bitmainReading.js";
import { readMac, readPools, withPools } from "./cgminerParts.js";
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

const STATS = tcp("stats");
const INFO = http("GET", "/api/v1/info", { everyMs: HOURLY_MS });
const PERF = http("GET", "/api/v1/perf-summary", { everyMs: 300_000 });
const SETTINGS = http("GET", "/api/v1/settings", { everyMs: HOURLY_MS });
/** What the web interface alone tells and seldom changes. */
export const WEB_FACTS = [INFO, PERF, SETTINGS];

/** `Antminer S21 Pro (Vnish 1.2.7)`: model and firmware in one. */
const TYPE = /^(antminer\s+.*?)\s*\(\s*vnish\s+([^)]+?)\s*\)$/i;

/**
 * VNish (AnthillOS) 0.9 and 1.x on Antminers: Bitmain's keys over the cgminer API, with the consumption of each board in W on newer
 * builds, which together are the firmware's estimate for the rig. `version` is unknown to it, so that `stats` tells what it is.
 * Tuning hashes at a reduced rate and is no outage. The web interface tells MAC, preset and limits, and asks for no login.
 */
export const vnish: Dialect = {
  id: "vnish",
  questions: [tcp("summary"), STATS, tcp("pools", { everyMs: MINUTELY_MS }), ...WEB_FACTS],
  whenQuiet: [],

  claims(seen: Seen): Verdict {
    if (!/vnish|anthill/.test(seen.text)) return { kind: "not" };
    // Newer builds refuse `version`, as few others do; what they are stands in stats.
    if (!seen.asked.has("stats")) return { kind: "ask", question: STATS };
    const isBitmain = statsRows(seen.by.stats).readings !== undefined || rowsOf(seen.by.summary, "SUMMARY");
    if (isBitmain) return { kind: "mine" };
    const type = readText(rowsOf(seen.by.version, "VERSION")?.[0]?.Type, 100);
    return { kind: "unsupported", what: type === undefined ? "VNish" : `VNish (${type})` };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const { members } = reply;
    switch (name) {
      case "version":
      case "stats": {
        const row = name === "version" ? rowsOf(reply, "VERSION")?.[0] : statsRows(reply).version;
        const { readings } = statsRows(reply);
        const who = row && identity(row);
        const ideal = readPositive(readings?.total_rateideal);
        const toThs =
          ideal === undefined
            ? undefined
            : unitOfRating(ideal, readings, bitmainOf(facts.model ?? who?.model));
        return withFacts(facts, {
          ...who,
          nominalThs:
            ideal === undefined || toThs === undefined ? undefined : boundedThs(ideal * toThs, undefined),
        });
      }
      case "pools":
        return withPools(facts, readPools(reply));
      case INFO.name: {
        const system = members.system as Row | undefined;
        const network = system?.network_status as Row | undefined;
        return withFacts(facts, {
          firmware: readText(members.fw_version, 200),
          mac: readMac(network?.mac),
          hostname: readText(network?.hostname, 100),
          serial: known(members.serial),
        });
      }
      case PERF.name: {
        const preset = readText((members.current_preset as Row | undefined)?.name, 64);
        // A preset is named after the watts that it is for.
        return withFacts(facts, {
          powerMode: preset,
          powerLimitW: preset && /^\d+$/.test(preset) ? boundedPowerW(readPositive(preset)) : undefined,
        });
      }
      case SETTINGS.name: {
        const misc = (members.miner as Row | undefined)?.misc as Row | undefined;
        // Above it the firmware restarts: a limit of the chips, and no point of resuming.
        return withFacts(facts, { chipLimitC: boundedTempC(misc?.restart_temp) });
      }
      default:
        return facts;
    }
  },

  decode(replies: Replies, facts: Facts): Reading {
    const { readings: stats } = statsRows(replies.by.stats);
    const state = readText(stats?.state, 40);
    const reading = readBitmain(replies, facts, {
      dialect: vnish.id,
      toThs: unitOf(stats, bitmainOf(facts.model)),
      asleep: state === "stopped" || state === "shutting-down",
      faulty: state === "failure",
    });
    reading.chipLimitC = facts.chipLimitC;
    const powerW = stats && drawnOf(stats, "chain_consumption");
    if (powerW !== undefined) {
      reading.powerW = powerW;
      reading.powerSource = "firmware";
    }
    return reading;
  },
};

const known = (value: unknown): string | undefined => {
  const text = readText(value, 100);
  return text === "N/A" ? undefined : text;
};

/** What the model hashes; of a name that tells nothing, SHA-256 as most. */
export const bitmainOf = (model: string | undefined): BitmainAlgo =>
  algoOf(model) ?? { algo: "SHA256", toThs: 1e-3 };

/** Model and firmware of a name that holds both; undefined for no name. */
export function identityOfType(type: string | undefined): Partial<Facts> | undefined {
  if (type === undefined) return undefined;
  const parts = TYPE.exec(type);
  const model = parts?.[1] ?? type;
  return { algo: bitmainOf(model).algo, make: "Bitmain", model, firmware: parts?.[2] };
}

function identity(row: Row): Partial<Facts> {
  const told = identityOfType(readText(row.Type, 100));
  return {
    algo: told?.algo ?? "SHA256",
    make: "Bitmain",
    model: told?.model,
    firmware: told?.firmware ?? readText(row.CompileTime, 200),
    apiVersion: readText(row.API, 64),
  };
}
