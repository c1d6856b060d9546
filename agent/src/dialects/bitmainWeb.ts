import type { Fault } from "@hashwatt/protocol/sample";
import type { Reading } from "../reading.js";
import { readNumber, readText } from "../replies/readNumber.js";
import { type Reply, rowsOf } from "../replies/reply.js";
import { readMac, readPools } from "./cgminerParts.js";
import { type Facts, HOURLY_MS, MINUTELY_MS, type WebLogin, withFacts } from "./dialect.js";
import { toFault, uniqueFaults } from "./faultCodes.js";
import { http } from "./questions.js";

/** Bitmain's web interface is slow and single-threaded; what it tells seldom changes. */
const RARELY_MS = 300_000;

export const SYSTEM_INFO = http("GET", "/cgi-bin/get_system_info.cgi", { everyMs: HOURLY_MS });
/** X17 and later: what the firmware thinks of rate, network, fans and temperature. */
export const WEB_SUMMARY = http("GET", "/cgi-bin/summary.cgi", { everyMs: RARELY_MS });
export const WEB_POOLS = http("GET", "/cgi-bin/pools.cgi", { everyMs: MINUTELY_MS });
export const CONF = http("GET", "/cgi-bin/get_miner_conf.cgi", { everyMs: HOURLY_MS });

/** Documented for a new rig of Bitmain's and of those who kept its web interface. */
export const BITMAIN_LOGIN: WebLogin = {
  make: "antminer",
  vendorDefault: { username: "root", password: "root" },
};

/** Takes from an answer of the web interface what it tells; `facts` itself when that is nothing. */
export function learnBitmainWeb(facts: Facts, name: string, reply: Reply): Facts {
  const { members } = reply;
  switch (name) {
    case SYSTEM_INFO.name:
      return withFacts(facts, {
        mac: readMac(members.macaddr),
        hostname: readText(members.hostname, 100),
        serial: readText(members.serinum, 100),
      });
    case WEB_SUMMARY.name: {
      const rows = rowsOf(reply, "SUMMARY")?.[0]?.status;
      return Array.isArray(rows) ? withFacts(facts, { faults: uniqueFaults(rows.map(faultOf)) }) : facts;
    }
    case CONF.name: {
      // 1: told to sleep. X17 to X19 have the first key, older and newer builds the second.
      const mode = readNumber(members["bitmain-work-mode"]) ?? readNumber(members["miner-mode"]);
      // Low power (3) lowers clock and voltage; only normal (0) is what the rig is rated for.
      const powerMode = mode === 0 ? "normal" : mode === 3 ? "low" : mode === 1 ? "sleep" : undefined;
      return mode === undefined ? facts : withFacts(facts, { asleep: mode === 1, powerMode });
    }
    default:
      return facts;
  }
}

const MEANING: Record<string, { meaning: string; cause: string; fix: string }> = {
  rate: {
    meaning: "hashrate below what the firmware expects",
    cause: "a board or chips that do not hash, heat, or weak power",
    fix: "compare the boards: chips, temperature and rate; look into the rig's log",
  },
  network: {
    meaning: "no pool or no network",
    cause: "a wrong pool address, a firewall, or a cable",
    fix: "check the pool's URL and user, then whether the rig reaches it",
  },
  fans: {
    meaning: "a fan is missing or too slow",
    cause: "a plug, dust, or a worn bearing",
    fix: "find the fan with the lowest speed, clean or replace it",
  },
  temp: {
    meaning: "too hot, or a temperature that cannot be read",
    cause: "warm intake, blocked air, a fan, or a dead sensor",
    fix: "check intake and fans; a sensor that reads 0 or 255 means a board for repair",
  },
};

/** One line of `status`: `{type, status: "s" | "e", code, msg}`. */
function faultOf(row: unknown): Fault | undefined {
  const { type, status, code, msg } = (row ?? {}) as Record<string, unknown>;
  const kind = readText(type, 32);
  if (status !== "e" || kind === undefined) return undefined;
  const number = readNumber(code);
  return toFault(number ? `${kind} ${number}` : kind, MEANING[kind], readText(msg, 300));
}

/** The pools of `pools.cgi`, which has the words of the cgminer API in other spellings. Undefined without the section. */
export function readWebPools(reply: Reply | undefined): Reading["pools"] {
  const rows = rowsOf(reply, "POOLS");
  if (!rows) return undefined;
  return readPools({
    members: {
      POOLS: rows.map((pool) => ({
        URL: pool.url,
        User: pool.user,
        Status: pool.status,
        Accepted: pool.accepted,
        Rejected: pool.rejected,
        Stale: pool.stale,
        "Difficulty Accepted": pool.diffa,
        "Difficulty Rejected": pool.diffr,
      })),
    },
    cut: false,
  });
}
