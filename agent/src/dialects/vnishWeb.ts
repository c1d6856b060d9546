import { MAX_BOARDS, MAX_FANS } from "@hashwatt/protocol/sample";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedTempC,
  boundedThs,
  boundedV,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { dig, listOf, rowOf } from "../replies/members.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { unitOf } from "./bitmainAlgos.js";
import { ths } from "./bitmainWebStats.js";
import { highest, hottestTempC, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { noReading, readPools, statusOf, withoutCounters } from "./cgminerParts.js";
import { type Dialect, type Facts, type Replies, type Seen, type Verdict, withFacts } from "./dialect.js";
import { fansBeside } from "./hydro.js";
import { http } from "./questions.js";
import { bitmainOf, identityOfType, vnish, WEB_FACTS } from "./vnish.js";

const SUMMARY = http("GET", "/api/v1/summary");

/** What it was told to do, and what keeps it from mining. */
const ASLEEP = /^(?:stopped|paused|idle|shutting[-_]down)$/;
const FAULTY = /^(?:failure|failed|broken)$/;
const STARTING = /^(?:starting|restarting|initializing|auto[-_]tuning)$/;

/**
 * VNish (AnthillOS) by its web interface, open to read, where the cgminer API is closed: so it is while mining is stopped, which is
 * no outage. Once an hour it is looked whether the API has opened. Power is what the firmware estimates.
 */
export const vnishWeb: Dialect = {
  id: "vnish-web",
  isStopgap: true,
  questions: [SUMMARY, ...WEB_FACTS],
  whenQuiet: [],

  claims: ({ page, text, httpOnApi }: Seen): Verdict => ({
    kind: /anthillos|vnish/.test(page?.text ?? "") && text === "" && !httpOnApi ? "mine" : "not",
  }),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    if (name !== SUMMARY.name) return vnish.learn(facts, name, reply);
    const miner = rowOf(reply.members.miner);
    const ideal = readPositive(miner?.hr_nominal);
    const pools = poolsOf(miner);
    const type = identityOfType(readText(miner?.miner_type, 100));
    return withFacts(facts, {
      ...type,
      firmware: facts.firmware ?? type?.firmware,
      nominalThs: boundedThs(ths(ideal, unit(miner, type?.model ?? facts.model)), undefined),
      pools: pools?.map(withoutCounters),
    });
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[SUMMARY.name];
    const miner = rowOf(reply?.members.miner);
    const state = asText(dig(miner, "miner_status", "miner_state"));
    if (!miner || state === "" || damaged.has(SUMMARY.name))
      throw noReading(reply, SUMMARY.name, damaged.has(SUMMARY.name));
    const { nominalThs, model } = facts;
    const toThs = unit(miner, model);
    const live = ths(readNumber(miner.hr_realtime), toThs);
    const average = ths(readNumber(miner.hr_average), toThs);
    const hashing = (live ?? average ?? 0) > 0 && !ASLEEP.test(state);
    const boards = boardsOf(miner, nominalThs, toThs);
    const fans = (listOf(dig(miner, "cooling", "fans")) ?? [])
      .map(({ rpm }) => boundedRpm(rpm))
      .filter((rpm) => rpm !== undefined);
    const duty = readNumber(dig(miner, "cooling", "fan_duty"));
    const powerW = hashing ? boundedPowerW(readPositive(miner.power_consumption)) : undefined;
    return {
      status:
        !hashing && STARTING.test(state)
          ? "starting"
          : statusOf({ hashing, asleep: ASLEEP.test(state), faulty: FAULTY.test(state), uptimeS: undefined }),
      algo: facts.algo,
      make: facts.make,
      model,
      firmware: facts.firmware,
      dialect: vnishWeb.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateAvgThs: boundedThs(average, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "firmware",
      powerMode: facts.powerMode,
      powerLimitW: facts.powerLimitW,
      inletTempC: waterOf(miner, "inlet_water_temp"),
      outletTempC: waterOf(miner, "outlet_water_temp"),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      chipLimitC: facts.chipLimitC,
      fansRpm: fans.length ? fansBeside(model, fans.slice(0, MAX_FANS)) : undefined,
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 100 ? duty / 100 : undefined,
      boards,
      pools: poolsOf(miner) ?? facts.pools,
    };
  },
};

/** TH/s of one unit of `hr_…`, which are GH/s on SHA-256 and by their size elsewhere. */
const unit = (miner: Row | undefined, model: string | undefined): number | undefined =>
  unitOf(
    { rate_5s: miner?.hr_realtime, rate_avg: miner?.hr_average, rate_ideal: miner?.hr_nominal },
    bitmainOf(model),
  );

function boardsOf(
  miner: Row,
  nominalThs: number | undefined,
  toThs: number | undefined,
): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  for (const chain of (listOf(miner.chains) ?? []).slice(0, MAX_BOARDS)) {
    const slot = readSlot(chain.id);
    if (slot === undefined) continue;
    const boardTempC = boundedTempC(dig(chain, "pcb_temp", "max"));
    const mv = readPositive(chain.voltage);
    boards.push({
      slot,
      hashrateThs: boundedThs(ths(readNumber(chain.hashrate_rt), toThs), nominalThs),
      nominalThs: boundedThs(ths(readPositive(chain.hashrate_ideal), toThs), nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(boundedTempC(dig(chain, "chip_temp", "max")), boardTempC),
      chips: chipsOf(rowOf(chain.chip_statuses)),
      hwErrors: boundedCount(chain.hw_errors),
      frequencyMHz: boundedMHz(chain.frequency),
      voltageV: mv === undefined ? undefined : boundedV(mv / 1_000),
    });
  }
  return inSlots(boards);
}

/** Chips by their health, together; undefined where none are counted. */
function chipsOf(statuses: Row | undefined): number | undefined {
  let chips = 0;
  for (const count of Object.values(statuses ?? {})) chips += boundedCount(count) ?? 0;
  return chips > 0 ? boundedCount(chips) : undefined;
}

const waterOf = (miner: Row, key: string): number | undefined =>
  hottestTempC((listOf(miner.chains) ?? []).map((chain) => chain[key]));

function poolsOf(miner: Row | undefined): Reading["pools"] {
  const pools = listOf(miner?.pools);
  return (
    pools &&
    readPools({
      members: {
        POOLS: pools.map((pool) => ({
          URL: pool.url,
          User: pool.user,
          Type: /devfee/i.test(asText(pool.pool_type)) ? 1 : 0,
          Status: /^(?:active|working)$/.test(asText(pool.status)) ? "Alive" : pool.status,
          "Stratum Active": pool.status === "active",
          Accepted: pool.accepted,
          Rejected: pool.rejected,
          Stale: pool.stale,
          "Difficulty Accepted": pool.diffa,
          "Latency ms": pool.ping,
        })),
      },
      cut: false,
    })
  );
}
