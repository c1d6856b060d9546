import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromGhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { dig, listOf, rowOf } from "../replies/members.js";
import { asText, ownOf, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { jsonOf, type Reply, type Row } from "../replies/reply.js";
import { highest, hottestTempC, inSlots, readSlot } from "./boards.js";
import { noReading, readMac, readPools, statusOf, withPools } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  HOURLY_MS,
  LOOK,
  MINUTELY_MS,
  type Replies,
  type Seen,
  type Verdict,
  withFacts,
} from "./dialect.js";
import { toFault, uniqueFaults } from "./faultCodes.js";
import { http } from "./questions.js";

const get = (path: string, everyMs = 0) => http("GET", `/api/v1/${path}`, { everyMs });
const MINING = get("mining");
const TELEMETRY = get("telemetry");
const COOLING = get("cooling");
const HARDWARE = get("hardware");
const POOLS = get("pools", MINUTELY_MS);
const ERRORS = get("errors", MINUTELY_MS);
const SYSTEM = get("system", HOURLY_MS);
const NETWORK = get("network", HOURLY_MS);

/**
 * Proto rigs (block/proto-fleet) by the REST API of their control board. `mining` has the whole rig, GH/s and W; `telemetry` each
 * board and supply, every value beside its unit. Power is what the supplies draw, where all of them tell it.
 */
export const proto: Dialect = {
  id: "proto",
  questions: [MINING, TELEMETRY, COOLING, HARDWARE, POOLS, ERRORS, SYSTEM, NETWORK],
  whenQuiet: [ERRORS.name],
  login: {
    make: "proto",
    token: {
      request: (_username, password) => http("POST", "/api/v1/auth/login", { body: { password } }),
      header({ members }) {
        const token = readText(members.access_token, 4_000);
        return token === undefined ? undefined : ["authorization", `Bearer ${token}`];
      },
    },
  },

  claims(seen: Seen): Verdict {
    if (seen.by[SYSTEM.name])
      return { kind: systemOf(seen.by[SYSTEM.name])?.manufacturer === "Proto" ? "mine" : "not" };
    const { page } = seen;
    const isUnknown =
      page && page.realm === undefined && page.status !== 401 && !seen.httpOnApi && !seen.by.version;
    if (!isUnknown || !seen.asked.has(LOOK) || seen.asked.has(SYSTEM.name)) return { kind: "not" };
    return { kind: "ask", question: SYSTEM };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case MINING.name: {
        const ghs = readPositive(miningOf(reply)?.ideal_hashrate_ghs);
        return ghs === undefined
          ? facts
          : withFacts(facts, { nominalThs: boundedThs(thsFromGhs(ghs), undefined) });
      }
      case SYSTEM.name: {
        const system = systemOf(reply);
        return withFacts(facts, {
          algo: "SHA256",
          make: readText(system?.manufacturer, 60),
          model: readText(system?.product_name, 100) ?? readText(system?.model, 100),
          firmware: readText(dig(system, "os", "version"), 200),
          hostname: readText(dig(system, "os", "hostname"), 200),
          serial: readText(system?.cb_sn, 100),
        });
      }
      case NETWORK.name: {
        const network = reply.members["network-info"];
        return withFacts(facts, {
          mac: readMac(dig(network, "mac")),
          hostname: readText(dig(network, "hostname"), 200),
        });
      }
      case ERRORS.name: {
        const errors = listOf(jsonOf(reply)) ?? listOf(reply.members.errors);
        return errors ? withFacts(facts, { faults: uniqueFaults(errors.map(faultOf)) }) : facts;
      }
      case POOLS.name:
        return withPools(facts, poolsOf(reply));
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const mining = miningOf(by[MINING.name]);
    if (!mining || damaged.has(MINING.name))
      throw noReading(by[MINING.name], MINING.name, damaged.has(MINING.name));
    const live = ghs(mining.hashrate_ghs);
    const average = ghs(mining.average_hashrate_ghs);
    const hashing = live ?? average;
    if (hashing === undefined) throw noReading(by[MINING.name], MINING.name, false);
    const { nominalThs } = facts;
    const uptimeS = boundedSeconds(mining.mining_uptime_s);
    const state = asText(mining.status);
    // The slots stand in `hardware` alone.
    const boards = damaged.has(HARDWARE.name)
      ? undefined
      : boardsOf(by[TELEMETRY.name], by[HARDWARE.name], nominalThs);
    const supplies = listOf(by[TELEMETRY.name]?.members.psus);
    const drawnW = sumOf(supplies?.map((supply) => readPositive(dig(supply, "power", "input"))));
    const estimateW = boundedPowerW(readPositive(mining.power_usage_watts));
    // The two differ, and half of an answer is no reason to change over.
    const powerW = boundedPowerW(drawnW) ?? (damaged.has(TELEMETRY.name) ? undefined : estimateW);
    const cooling = rowOf(by[COOLING.name]?.members["cooling-status"]);
    const rpm = listOf(cooling?.fans)
      ?.map((fan) => boundedRpm(fan.rpm))
      .filter((one) => one !== undefined);
    const duty = readNumber(cooling?.speed_percentage);
    return {
      status:
        hashing === 0 && /^(?:poweringon|uninitialized)$/i.test(state)
          ? "starting"
          : statusOf({
              hashing: hashing > 0,
              asleep: /^(?:stopped|curtailed|poweringoff)$/i.test(state),
              faulty: state === "Error" || Boolean(facts.faults?.length),
              uptimeS,
            }),
      algo: "SHA256",
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      dialect: proto.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource:
        powerW === undefined ? undefined : boundedPowerW(drawnW) === undefined ? "firmware" : "psu",
      powerLimitW: boundedPowerW(readPositive(mining.power_target_watts)),
      boardTempC: highest(boards, "boardTempC"),
      psuTempC: supplies && hottestTempC(supplies.map((supply) => dig(supply, "temperature", "hotspot"))),
      fansRpm: rpm?.length ? rpm.slice(0, MAX_FANS) : undefined,
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 100 ? duty / 100 : undefined,
      boards,
      uptimeS,
      pools: poolsOf(by[POOLS.name]) ?? facts.pools,
      faults: facts.faults?.length ? facts.faults : undefined,
    };
  },
};

const systemOf = (reply: Reply | undefined): Row | undefined => rowOf(reply?.members["system-info"]);
const miningOf = (reply: Reply | undefined): Row | undefined => rowOf(reply?.members["mining-status"]);

function ghs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromGhs(rate);
}

/** The sum; undefined when there is none, or one of them does not tell. */
function sumOf(values: readonly (number | undefined)[] | undefined): number | undefined {
  if (!values?.length) return undefined;
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

const TERA: Record<string, number> = { "TH/s": 1, "GH/s": 1e-3, "MH/s": 1e-6 };

/** TH/s of `{unit, value}`. */
function ths(value: unknown): number | undefined {
  const rate = readNumber(dig(value, "value"));
  const factor = ownOf(TERA, asText(dig(value, "unit")));
  return rate === undefined || factor === undefined ? undefined : rate * factor;
}

/** Boards that `telemetry` tells of, each with what `hardware` says of it; the rated hashrate is shared, boards being of one kind. */
function boardsOf(
  telemetry: Reply | undefined,
  hardware: Reply | undefined,
  nominalThs: number | undefined,
): BoardReading[] | undefined {
  const rows = listOf(telemetry?.members.hashboards);
  if (!rows) return undefined;
  const known = listOf(dig(hardware?.members["hardware-info"], "hashboards-info")) ?? [];
  const boards: BoardReading[] = [];
  for (const row of rows) {
    const serial = readText(row.serial_number, 100);
    const index = readSlot(row.index);
    const info =
      known.find((one) => serial !== undefined && one.hb_sn === serial) ??
      known.find((one) => index !== undefined && readSlot(one.port) === index);
    const slot = readSlot(info?.slot) ?? index;
    if (slot === undefined) continue;
    const voltageV = readPositive(dig(row, "voltage", "value"));
    const chips = boundedCount(readPositive(info?.mining_asic_count));
    boards.push({
      slot,
      hashrateThs: boundedThs(ths(row.hashrate), nominalThs),
      nominalThs: nominalThs === undefined ? undefined : boundedThs(nominalThs / rows.length, nominalThs),
      boardTempC: boundedTempC(dig(row, "temperature", "average")),
      chips,
      // What the board is built with: the API does not count those that answer.
      chipsExpected: chips,
      voltageV: voltageV !== undefined && voltageV <= 1_000 ? voltageV : undefined,
      serial: serial ?? readText(info?.hb_sn, 100),
    });
  }
  return inSlots(boards);
}

/** Pools in the order of their priority; in use is the first that is active. */
function poolsOf(reply: Reply | undefined): Reading["pools"] {
  const pools = listOf(reply?.members.pools);
  if (!pools) return undefined;
  const used = pools.find((pool) => pool.status === "Active");
  const rows = pools.map((pool) => ({
    URL: pool.url,
    User: pool.user,
    Status: /^(?:active|idle)$/i.test(asText(pool.status)) ? "Alive" : pool.status,
    "Stratum Active": pool === used,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
  }));
  return readPools({ members: { POOLS: rows }, cut: false });
}

function faultOf(error: Row) {
  const code = readText(error.error_code, 64) ?? readText(error.code, 64);
  const own = readText(error.message, 250);
  if (code === undefined && own === undefined) return undefined;
  const source = readText(error.source, 32);
  const slot = readSlot(error.slot);
  const where = source === undefined ? "" : ` (${source}${slot === undefined ? "" : ` ${slot}`})`;
  return toFault(code ?? source ?? "error", undefined, own === undefined ? undefined : `${own}${where}`);
}
