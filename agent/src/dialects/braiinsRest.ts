import { MAX_FANS, type RigStatus } from "@hashwatt/protocol/sample";
import {
  boundedCount,
  boundedMHz,
  boundedRpm,
  boundedSeconds,
  boundedThs,
  boundedV,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { dig, listOf, rowOf } from "../replies/members.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { jsonOf, type Reply, type Row } from "../replies/reply.js";
import { highest, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { API_VERSION, claim, fansOf, limitsOf, makeOf, modelOf, readApiVersion } from "./braiins.js";
import { errorsSince, timeOf } from "./braiinsFaults.js";
import { degrees, find, ths, watts } from "./braiinsWrapped.js";
import { noReading, readMac, readPools, statusOf, withPools } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  HOURLY_MS,
  MINUTELY_MS,
  type Replies,
  type Seen,
  withFacts,
} from "./dialect.js";
import { http } from "./questions.js";

const get = (path: string, everyMs = 0) => http("GET", `/api/v1/${path}`, { everyMs });
const STATS = get("miner/stats");
const BOARDS = get("miner/hw/hashboards");
const DETAILS = get("miner/details");
const COOLING = get("cooling/state");
const POOLS = get("pools", MINUTELY_MS);
const TUNER = get("performance/tuner-state", MINUTELY_MS);
const CONFIG = get("configuration/miner", MINUTELY_MS);
const ERRORS = get("miner/errors", MINUTELY_MS);
const NETWORK = get("network", HOURLY_MS);

/** `miner/details.status`, after MinerStatus of braiins/bos-plus-api. */
const PAUSED = 3;
const SUSPENDED = 4;

/**
 * Braiins OS from 25.07 on by its REST API, behind the login of the web interface. Numbers come wrapped in their unit. Rated is
 * what the sticker says, aimed at what the clocks that are set make. Power is the firmware's estimate; its limit is what was
 * configured, which dynamic scaling may go below.
 */
export const braiinsRest: Dialect = {
  id: "braiins-rest",
  questions: [STATS, BOARDS, DETAILS, COOLING, POOLS, TUNER, CONFIG, ERRORS, NETWORK, API_VERSION],
  whenQuiet: [ERRORS.name],
  login: {
    make: "braiins",
    vendorDefault: { username: "root", password: "" },
    token: {
      request: (username, password) => http("POST", "/api/v1/auth/login", { body: { username, password } }),
      header({ members }) {
        const token = readText(members.token, 4_000);
        return token === undefined ? undefined : ["authorization", token];
      },
    },
  },

  claims: (seen: Seen) => claim(seen, "rest"),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const { members } = reply;
    switch (name) {
      case DETAILS.name: {
        const { miner_identity: identity, sticker_hashrate: sticker } = members;
        const model = modelOf(dig(identity, "miner_model")) ?? modelOf(dig(identity, "name"));
        return withFacts(facts, {
          model,
          ...(model !== undefined && { make: makeOf(model) }),
          firmware: readText(dig(members, "bos_version", "current"), 200),
          hostname: readText(members.hostname, 100),
          mac: readMac(members.mac_address),
          serial: readText(members.serial_number, 100),
          nominalThs: boundedThs(ths(sticker) || undefined, undefined),
        });
      }
      case NETWORK.name:
        return withFacts(facts, {
          mac: readMac(members.mac_address),
          hostname: readText(members.hostname, 100),
        });
      case API_VERSION.name:
        return withFacts(facts, { apiVersion: readApiVersion(reply) });
      case TUNER.name:
        return withFacts(facts, tunerFacts(members, facts));
      case CONFIG.name: {
        const tuner = rowOf(members.tuner);
        const byPower = tuner?.enabled !== false && tuner?.tuner_mode !== 2;
        return withFacts(facts, {
          powerLimitW: byPower ? watts(tuner?.power_target) : undefined,
          chipLimitC: degrees(find(members, "hot_temperature", 5)),
        });
      }
      case ERRORS.name: {
        const errors = listOf(members.errors);
        return errors ? withFacts(facts, { errors: errors.slice(-MOST_ERRORS) }) : facts;
      }
      case POOLS.name:
        return withPools(facts, poolsOf(reply));
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[STATS.name];
    const stats = reply?.members;
    const mined = rowOf(stats?.miner_stats);
    if (!stats || !mined || damaged.has(STATS.name))
      throw noReading(reply, STATS.name, damaged.has(STATS.name));
    const rates = rowOf(mined.real_hashrate);
    const live = liveOf(rates);
    const average = ths(rates?.since_restart);
    const details = by[DETAILS.name]?.members;
    const hashing = live?.ths ?? average;
    if (hashing === undefined) throw noReading(reply, STATS.name, false);
    const targetThs = boundedThs(ths(mined.nominal_hashrate) || undefined, undefined);
    // What has no sticker is rated at nothing else than what its clocks make.
    const nominalThs = facts.nominalThs ?? (details && targetThs);
    // Whether it was told to stop is for this answer to say.
    if (hashing === 0 && damaged.has(DETAILS.name)) throw noReading(undefined, DETAILS.name, true);
    const boards = boardsOf(by[BOARDS.name], nominalThs);
    const cooling = by[COOLING.name]?.members;
    const fans = listOf(cooling?.fans) ?? [];
    const rpm = fans.map((fan) => boundedRpm(fan.rpm)).filter((one) => one !== undefined);
    const duty = readNumber(fans[0]?.target_speed_ratio);
    const uptimeS = boundedSeconds(details?.bosminer_uptime_s) ?? boundedSeconds(details?.system_uptime_s);
    const faults = details ? errorsSince(facts.errors ?? [], startOf(stats, facts, uptimeS)) : [];
    const powerW = watts(dig(stats, "power_stats", "approximated_consumption"));
    const limits = limitsOf(facts.chipLimitC, boards);
    return {
      status: stateOf(details, hashing > 0, faults.length > 0, uptimeS),
      algo: "SHA256",
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: braiinsRest.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      targetThs,
      hashrateThs: boundedThs(live?.ths, nominalThs),
      unitSuspect: isUnitSuspect(live?.ths, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "firmware",
      powerLimitW: facts.powerLimitW,
      powerMode: facts.powerMode,
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      boardLimitC: limits.boardLimitC,
      chipLimitC: limits.chipLimitC,
      // How many of the slots it has is told by its model.
      fansRpm:
        facts.model === undefined && !details ? undefined : fansOf(rpm.slice(0, MAX_FANS), facts.model),
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 1 ? duty : undefined,
      boards,
      shares: {
        accepted: boundedCount(dig(stats, "pool_stats", "accepted_shares")),
        rejected: boundedCount(dig(stats, "pool_stats", "rejected_shares")),
        stale: boundedCount(dig(stats, "pool_stats", "stale_shares")),
      },
      uptimeS,
      pools: poolsOf(by[POOLS.name]) ?? facts.pools,
      faults: faults.length ? faults : undefined,
    };
  },
};

/** So many of the errors that a rig keeps are looked through. */
const MOST_ERRORS = 200;

const WINDOWS = [
  ["last_5s", 5],
  ["last_15s", 15],
  ["last_30s", 30],
  ["last_1m", 60],
] as const;

function liveOf(rates: Row | undefined): { ths: number; windowS: number } | undefined {
  for (const [key, windowS] of WINDOWS) {
    const rate = ths(rates?.[key]);
    if (rate !== undefined) return { ths: rate, windowS };
  }
  return undefined;
}

function boardsOf(reply: Reply | undefined, nominalThs: number | undefined): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  for (const row of listOf(reply?.members.hashboards) ?? []) {
    const slot = readSlot(row.id);
    if (slot === undefined) continue;
    const boardTempC = degrees(row.board_temp);
    const hertz = readPositive(dig(row.current_frequency, "hertz"));
    boards.push({
      slot,
      hashrateThs: boundedThs(liveOf(rowOf(dig(row, "stats", "real_hashrate")))?.ths, nominalThs),
      nominalThs: boundedThs(ths(dig(row, "stats", "nominal_hashrate")) || undefined, nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(degrees(dig(row, "highest_chip_temp", "temperature")), boardTempC),
      chips: boundedCount(row.chips_count),
      frequencyMHz: hertz === undefined ? undefined : boundedMHz(hertz / 1e6),
      voltageV: boundedV(dig(row.current_voltage, "volt")),
      serial: readText(row.serial_number, 100),
    });
  }
  return inSlots(boards);
}

/** The pools of all groups, in order. */
function poolsOf(reply: Reply | undefined): Reading["pools"] {
  const groups = reply && listOf(jsonOf(reply));
  if (!groups) return undefined;
  const rows = groups.flatMap((group) =>
    (listOf(group.pools) ?? []).map((pool) => ({
      URL: pool.url,
      User: pool.user,
      Status: pool.alive === true ? "Alive" : pool.alive === false ? "Dead" : undefined,
      "Stratum Active": pool.active,
      Accepted: dig(pool, "stats", "accepted_shares"),
      Rejected: dig(pool, "stats", "rejected_shares"),
      Stale: dig(pool, "stats", "stale_shares"),
    })),
  );
  return readPools({ members: { POOLS: rows }, cut: false });
}

/** Mode and limit of `tuner-state`, whose only member of `mode_state` is named after the mode. */
function tunerFacts({ mode_state: modes }: Row, facts: Facts): Partial<Facts> {
  for (const [name, state] of Object.entries(rowOf(modes) ?? {})) {
    const mode = /^(power|hashrate)/i.exec(name)?.[1]?.toLowerCase();
    if (!mode) continue;
    const configured = watts(dig(state, "profile", "target"));
    return {
      powerMode: `${mode} target`,
      // Where scaling has lowered it, the configuration tells better.
      powerLimitW: configured ?? facts.powerLimitW ?? watts(dig(state, "current_target")),
    };
  }
  return {};
}

/** What went wrong within so long counts as recent where a rig does not tell how long it has been running, s. */
const RECENT_S = 3_600;

/**
 * When the mining program was started, by the rig's own clock (epoch s): its uptime before the latest thing that it puts a time
 * to. Errors of before have been dealt with, or they come again. Without an uptime those of the last hour count.
 */
function startOf(stats: Row, { errors }: Facts, uptimeS: number | undefined): number {
  let nowS = readNumber(dig(stats, "pool_stats", "last_share_time", "seconds")) ?? 0;
  for (const error of errors ?? []) nowS = Math.max(nowS, timeOf(error) ?? 0);
  return nowS - (uptimeS ?? RECENT_S);
}

/** What it is doing; a rig that suspended itself did so for a reason, one that was paused was told to. */
function stateOf(
  details: Row | undefined,
  hashing: boolean,
  faulty: boolean,
  uptimeS: number | undefined,
): RigStatus {
  const status = readNumber(details?.status);
  return statusOf({ hashing, asleep: status === PAUSED, faulty: faulty || status === SUSPENDED, uptimeS });
}
