import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { listOf } from "../replies/members.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { outcomeOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { claim, descriptionOf, fansOf, LAN, lanMac, limitsOf, makeOf, modelOf } from "./braiins.js";
import { averageRate, devicesOf, liveRate, sumOf } from "./cgminerDevices.js";
import { noReading, readPools, readSharesAndFee, statusOf, withPools } from "./cgminerParts.js";
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
import { toFault, uniqueFaults } from "./faultCodes.js";
import { tcp } from "./questions.js";

/**
 * BOSminer, the mining program of Braiins OS from 2019 to 2021, over its extended cgminer API, and BOSer after it where its web
 * interface is closed. `stats` is all zeros and `devs` has no temperatures: `temps`, `fans`, `devdetails` and `tunerstatus`
 * have the rest, each by the number of the hash chain, 1 to 3 or 6 to 8. A chain that is not there is in none of them. The
 * power is the tuner's estimate; what was paused answers `devdetails` with "Unavailable".
 */
export const bosminer: Dialect = {
  id: "bosminer",
  questions: [
    tcp("summary"),
    tcp("devs"),
    tcp("temps"),
    tcp("fans"),
    tcp("devdetails"),
    tcp("tunerstatus"),
    tcp("pools", { everyMs: MINUTELY_MS }),
    tcp("version", { everyMs: HOURLY_MS, joins: false }),
    tcp("tempctrl", { everyMs: HOURLY_MS, joins: false }),
    LAN,
  ],
  whenQuiet: ["devdetails"],

  claims: (seen: Seen) => claim(seen, "bosminer"),

  learn(facts: Facts, name: string, reply: Reply): Facts {
    switch (name) {
      case "version": {
        const row = rowsOf(reply, "VERSION")?.[0];
        return withFacts(facts, { ...named(reply), apiVersion: readText(row?.API, 64) });
      }
      case "devdetails": {
        if (facts.model !== undefined) return facts;
        const model = modelOf(rowsOf(reply, "DEVDETAILS")?.find((row) => row.Model)?.Model);
        return withFacts(facts, { ...named(reply), model, ...(model && { make: makeOf(model) }) });
      }
      case "devs": {
        const nominalThs = nominalOf(rowsOf(reply, "DEVS"));
        return withFacts(facts, { ...(facts.firmware === undefined && named(reply)), nominalThs });
      }
      case "tempctrl":
        return withFacts(facts, { chipLimitC: boundedTempC(rowsOf(reply, "TEMPCTRL")?.[0]?.Hot) });
      case "pools":
        return withPools(facts, readPools(reply));
      case LAN.name:
        return withFacts(facts, { mac: lanMac(reply) });
      default:
        return facts.firmware === undefined ? withFacts(facts, named(reply)) : facts;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    if (damaged.has("summary")) throw noReading(undefined, "summary", true);
    const summary = rowsOf(by.summary, "SUMMARY")?.[0];
    const devs = devicesOf(by.devs);
    const { nominalThs, model } = facts;
    // Half of the boards would pass for all of them.
    const boards = damaged.has("devs") ? undefined : boardsOf(by, nominalThs);
    const live = summary && liveRate(summary);
    const liveThs = live?.ths ?? sumOf(devs, "liveThs");
    const averageThs = (summary && averageRate(summary)?.ths) ?? sumOf(devs, "averageThs");
    const hashingThs = liveThs ?? averageThs;
    if (hashingThs === undefined && !boards)
      throw noReading(by.summary ?? by.devs, "summary", damaged.has("devs"));
    // Whether it was told to stop is for this answer to say.
    if (!hashingThs && damaged.has("devdetails")) throw noReading(undefined, "devdetails", true);
    const uptimeS = boundedSeconds(summary?.Elapsed);
    const paused = /unavailable/i.test((by.devdetails && outcomeOf(by.devdetails)?.message) ?? "");
    const tuner = rowsOf(by.tunerstatus, "TUNERSTATUS")?.[0];
    const faults = faultsOf(tuner);
    // 0 while it is paused, and where there is no tuner.
    const powerW = boundedPowerW(readPositive(tuner?.ApproximateMinerPowerConsumption));
    const limits = limitsOf(facts.chipLimitC, boards);
    return {
      // A rig that tells temperatures and no hashrate has only begun to.
      status:
        hashingThs === undefined
          ? "starting"
          : statusOf({
              hashing: hashingThs > 0,
              asleep: paused && (uptimeS === undefined || uptimeS >= STARTING_S),
              faulty: faults.length > 0,
              uptimeS,
            }),
      algo: "SHA256",
      make: facts.make,
      model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: bosminer.id,
      mac: facts.mac,
      nominalThs,
      hashrateThs: boundedThs(liveThs, nominalThs),
      unitSuspect: isUnitSuspect(liveThs, nominalThs),
      hashrateWindowS: live?.windowS,
      hashrateAvgThs: boundedThs(averageThs, nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "firmware",
      powerLimitW: boundedPowerW(readPositive(tuner?.PowerLimit)),
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      boardLimitC: limits.boardLimitC,
      chipLimitC: limits.chipLimitC,
      // How many of the slots it has is told by its model.
      fansRpm: model === undefined && damaged.has("devdetails") ? undefined : readFans(by.fans, model),
      boards,
      shares: summary && readSharesAndFee(summary, by.pools),
      uptimeS,
      pools: readPools(by.pools) ?? facts.pools,
      faults: faults.length ? faults : undefined,
    };
  },
};

const named = (reply: Reply): Partial<Facts> => ({ firmware: descriptionOf(reply)?.build });

/** What the boards' frequencies make together; undefined unless each says it. */
function nominalOf(rows: readonly Row[] | undefined): number | undefined {
  if (!rows?.length) return undefined;
  let sum = 0;
  for (const row of rows) {
    const mhs = readPositive(row["Nominal MHS"]);
    if (mhs === undefined) return undefined;
    sum += mhs;
  }
  return boundedThs(thsFromMhs(sum), undefined);
}

function boardsOf(by: Replies["by"], nominalThs: number | undefined): BoardReading[] | undefined {
  const devs = bySlot(rowsOf(by.devs, "DEVS"));
  const temps = bySlot(rowsOf(by.temps, "TEMPS"));
  const details = bySlot(rowsOf(by.devdetails, "DEVDETAILS"));
  const boards: BoardReading[] = [];
  for (const slot of new Set([...devs.keys(), ...temps.keys(), ...details.keys()])) {
    const dev = devs.get(slot);
    const detail = details.get(slot);
    const boardTempC = boundedTempC(temps.get(slot)?.Board);
    const rate = dev && rateOf(dev);
    boards.push({
      slot,
      hashrateThs: boundedThs(rate, nominalThs),
      nominalThs: nominalOf(dev && [dev]),
      boardTempC,
      chipTempC: plausibleChipC(boundedTempC(temps.get(slot)?.Chip), boardTempC),
      chips: boundedCount(detail?.Chips),
      hwErrors: boundedCount(dev?.["Hardware Errors"]),
      frequencyMHz: mhz(detail?.Frequency),
      voltageV: volts(detail?.Voltage),
    });
  }
  return inSlots(boards);
}

/**
 * What a board hashes, TH/s: its average since the start, as check_cgminer takes it, since what one board does in five seconds
 * scatters by several percent. One that has come to a stand says so by its short window, whatever it did before.
 */
function rateOf(dev: Row): number | undefined {
  const live = liveRate(dev)?.ths;
  return live === 0 ? 0 : (averageRate(dev)?.ths ?? live);
}

function bySlot(rows: readonly Row[] | undefined): Map<number, Row> {
  const all = new Map<number, Row>();
  for (const row of rows ?? []) {
    const slot = readSlot(row.ID);
    if (slot !== undefined && !all.has(slot)) all.set(slot, row);
  }
  return all;
}

function mhz(hertz: unknown): number | undefined {
  const hz = readNumber(hertz);
  return hz === undefined ? undefined : boundedMHz(hz / 1e6);
}

function volts(value: unknown): number | undefined {
  const v = readPositive(value);
  return v !== undefined && v <= 1_000 ? v : undefined;
}

function readFans(reply: Reply | undefined, model: string | undefined): number[] | undefined {
  const rpm = rowsOf(reply, "FANS")
    ?.map((row) => boundedRpm(row.RPM))
    .filter((one) => one !== undefined);
  return rpm && fansOf(rpm.slice(0, MAX_FANS), model);
}

/** Boards that the tuner gave up, in its own words. */
function faultsOf(tuner: Row | undefined) {
  return uniqueFaults(
    (listOf(tuner?.TunerChainStatus) ?? []).map((chain) => {
      const own = readText(chain.Status, 200);
      if (!own || !/\b(?:err(?:or)?|fail\w*|dead)\b/i.test(own)) return undefined;
      const slot = readSlot(chain.HashchainIndex);
      const where = slot === undefined ? "" : ` (board ${slot})`;
      return toFault(`tuner${slot === undefined ? "" : `-${slot}`}`, {
        meaning: `the tuner gave up${where}: ${own}`,
        cause: "a board that does not hash steadily at the target that is set",
        fix: "let it tune anew; if it comes back, lower the power target or have the board looked at",
      });
    }),
  );
}
