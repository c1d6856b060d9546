import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedThs,
  boundedV,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { dig, listOf, rowOf } from "../replies/members.js";
import { asText, readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, hottestTempC, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { claim, dataOf, fansOf, IDENTITY, LAN, lanMac, makeOf, modelOf, versionOf } from "./braiins.js";
import { messageFault } from "./braiinsFaults.js";
import { noReading, readPools, statusOf, withPools } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  HOURLY_MS,
  MINUTELY_MS,
  type Replies,
  type Seen,
  STARTING_S,
  withFacts,
} from "./dialect.js";
import { uniqueFaults } from "./faultCodes.js";
import { graphql, tcp } from "./questions.js";

// Each asks only what all builds have; what some lack stands apart, since one unknown field costs the whole answer.
const SYSTEM = graphql(
  "system",
  "{ bos { uptime { durationS } } bosminer { info { fans { name rpm } summary { power { approxConsumptionW limitW } } workSolver { nominalMhs realHashrate { mhs5S } } } } }",
);
const BOARDS = graphql(
  "boards",
  "{ bosminer { info { workSolver { childSolvers { name nominalMhs realHashrate { mhs5S } hwDetails { chips frequencyMhz voltageV } temperatures { name degreesC } } } } } }",
);
const POOLS = graphql(
  "pools",
  "{ bosminer { info { poolGroups { name pools { active status url user shares { acceptedSolutions rejectedSolutions } } } } } }",
  { everyMs: MINUTELY_MS },
);
const TUNING = graphql(
  "tuning",
  "{ bosminer { config { ... on BosminerConfig { autotuning { mode powerTarget } } } } }",
  { everyMs: MINUTELY_MS },
);
const EVENTS = graphql("events", "{ events { appeals { kind timestamp message } } }", {
  everyMs: MINUTELY_MS,
});
const MODEL = graphql("model", "{ bosminer { info { modelName } } }", { everyMs: HOURLY_MS });
const SERIALS = graphql(
  "serials",
  "{ bosminer { info { workSolver { childSolvers { name hwDetails { hbSerialNumber } } } } } }",
  { everyMs: HOURLY_MS },
);

/**
 * Braiins OS 21.09 to 25.05 by the GraphQL of its web interface, which is open to read; of its cgminer API `version` is asked
 * alone. Hashrates are MH/s. `nominalMhs` is what the clocks that are set make; power is the firmware's estimate, which may
 * exceed the limit. While mining is stopped there is no `workSolver`.
 */
export const braiinsGraphql: Dialect = {
  id: "braiins-graphql",
  questions: [
    SYSTEM,
    BOARDS,
    POOLS,
    TUNING,
    EVENTS,
    IDENTITY,
    MODEL,
    SERIALS,
    LAN,
    tcp("version", { everyMs: HOURLY_MS, joins: false }),
  ],
  whenQuiet: [EVENTS.name],

  claims: (seen: Seen) => claim(seen, "graphql"),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const data = dataOf(reply);
    switch (name) {
      case SYSTEM.name: {
        const mhs = readPositive(dig(data, "bosminer", "info", "workSolver", "nominalMhs"));
        return mhs === undefined
          ? facts
          : withFacts(facts, { nominalThs: boundedThs(thsFromMhs(mhs), undefined) });
      }
      case IDENTITY.name:
        return withFacts(facts, {
          firmware: versionOf(reply),
          hostname: readText(dig(data, "bos", "hostname"), 100),
        });
      case MODEL.name: {
        const model = modelOf(dig(data, "bosminer", "info", "modelName"));
        return model === undefined ? facts : withFacts(facts, { model, make: makeOf(model) });
      }
      case SERIALS.name:
        return withFacts(facts, { boardSerials: serialsOf(data) });
      case TUNING.name: {
        const tuning = dig(data, "bosminer", "config", "autotuning");
        return withFacts(facts, {
          powerLimitW: boundedPowerW(readPositive(dig(tuning, "powerTarget"))),
          powerMode: readText(dig(tuning, "mode"), 64)?.toLowerCase().replaceAll("_", " "),
        });
      }
      case EVENTS.name: {
        const appeals = listOf(dig(data, "events", "appeals"));
        return appeals ? withFacts(facts, { faults: faultsOf(appeals) }) : facts;
      }
      case POOLS.name:
        return withPools(facts, poolsOf(reply));
      case LAN.name:
        return withFacts(facts, { mac: lanMac(reply) });
      case "version":
        return withFacts(facts, { apiVersion: readText(rowsOf(reply, "VERSION")?.[0]?.API, 64) });
      default:
        return facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const system = dataOf(by[SYSTEM.name]);
    const info = rowOf(dig(system, "bosminer", "info"));
    const bos = rowOf(system?.bos);
    // A rig whose mining program stands still answers for itself all the same.
    if (!system || (!info && !bos) || damaged.has(SYSTEM.name))
      throw noReading(by[SYSTEM.name], SYSTEM.name, damaged.has(SYSTEM.name));
    const solver = rowOf(info?.workSolver);
    const live = mhs(dig(solver, "realHashrate", "mhs5S"));
    if (solver && live === undefined) throw noReading(by[SYSTEM.name], SYSTEM.name, false);
    const { nominalThs, model } = facts;
    const uptimeS = boundedSeconds(dig(bos, "uptime", "durationS"));
    const boards = boardsOf(by[BOARDS.name], nominalThs, facts.boardSerials);
    const rpm = listOf(info?.fans)
      ?.map((fan) => boundedRpm(fan.rpm))
      .filter((one) => one !== undefined);
    const powerW = boundedPowerW(readPositive(dig(info, "summary", "power", "approxConsumptionW")));
    return {
      status: statusOf({
        hashing: live !== undefined && live > 0,
        asleep: !solver && (uptimeS === undefined || uptimeS >= STARTING_S),
        faulty: Boolean(facts.faults?.length),
        uptimeS,
      }),
      algo: "SHA256",
      make: facts.make,
      model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: braiinsGraphql.id,
      mac: facts.mac,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateWindowS: live === undefined ? undefined : 5,
      powerW,
      powerSource: powerW === undefined ? undefined : "firmware",
      powerLimitW: boundedPowerW(readPositive(dig(info, "summary", "power", "limitW"))) ?? facts.powerLimitW,
      powerMode: facts.powerMode,
      inletTempC: waterOf(by[BOARDS.name], /^water.?inlet$/i),
      outletTempC: waterOf(by[BOARDS.name], /^water.?outlet$/i),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm: rpm && fansOf(rpm.slice(0, MAX_FANS), model),
      boards,
      uptimeS,
      pools: poolsOf(by[POOLS.name]) ?? facts.pools,
      faults: facts.faults?.length ? facts.faults : undefined,
    };
  },
};

function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

const solversOf = (data: Row | undefined): Row[] | undefined =>
  listOf(dig(data, "bosminer", "info", "workSolver", "childSolvers"));

function boardsOf(
  reply: Reply | undefined,
  nominalThs: number | undefined,
  serials: Facts["boardSerials"],
): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  for (const solver of solversOf(dataOf(reply)) ?? []) {
    const slot = readSlot(solver.name);
    if (slot === undefined) continue;
    const nominal = mhs(readPositive(solver.nominalMhs));
    const boardTempC = tempOf(solver, /board/i);
    boards.push({
      slot,
      hashrateThs: boundedThs(mhs(dig(solver, "realHashrate", "mhs5S")), nominalThs),
      nominalThs: boundedThs(nominal, nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(tempOf(solver, /chip/i), boardTempC),
      chips: boundedCount(dig(solver, "hwDetails", "chips")),
      frequencyMHz: boundedMHz(dig(solver, "hwDetails", "frequencyMhz")),
      voltageV: boundedV(dig(solver, "hwDetails", "voltageV")),
      serial: serials?.[slot],
    });
  }
  return inSlots(boards);
}

/** Sensors are named `Board` and `Chip`, later `Max Board`, then `MAX_BOARD`. */
const tempOf = (solver: Row, name: RegExp): number | undefined =>
  hottestTempC(
    (listOf(solver.temperatures) ?? [])
      .filter((sensor) => name.test(asText(sensor.name)))
      .map((sensor) => sensor.degreesC),
  );

/** The coolant of rigs that water cools; air has sensors named `INLET` and `OUTLET`, which are of each board. */
const waterOf = (reply: Reply | undefined, name: RegExp): number | undefined =>
  hottestTempC((solversOf(dataOf(reply)) ?? []).map((solver) => tempOf(solver, name)));

function serialsOf(data: Row | undefined): Facts["boardSerials"] {
  const serials: Record<number, string> = {};
  for (const solver of solversOf(data) ?? []) {
    const slot = readSlot(solver.name);
    const serial = readText(dig(solver, "hwDetails", "hbSerialNumber"), 100);
    if (slot !== undefined && serial !== undefined) serials[slot] = serial;
  }
  return Object.keys(serials).length ? serials : undefined;
}

/** The pools of all groups, in order. */
function poolsOf(reply: Reply | undefined): Reading["pools"] {
  const groups = listOf(dig(dataOf(reply), "bosminer", "info", "poolGroups"));
  if (!groups) return undefined;
  const rows = groups.flatMap((group) =>
    (listOf(group.pools) ?? []).map((pool) => ({
      URL: pool.url,
      User: pool.user,
      Status: alive(pool.status),
      "Stratum Active": pool.active,
      Accepted: dig(pool, "shares", "acceptedSolutions"),
      Rejected: dig(pool, "shares", "rejectedSolutions"),
    })),
  );
  return readPools({ members: { POOLS: rows }, cut: false });
}

/** `ALIVE`, and `Running` of early builds, as others write it. */
const alive = (status: unknown): unknown =>
  /^(?:alive|running|active)$/i.test(asText(status)) ? "Alive" : status;

/** What the web interface shows as errors and warnings; hints are none. */
const faultsOf = (appeals: readonly Row[]) =>
  uniqueFaults(
    appeals
      .filter((appeal) => /error|warn/i.test(asText(appeal.kind)))
      .map((appeal) => messageFault(readText(appeal.message, 300))),
  );
