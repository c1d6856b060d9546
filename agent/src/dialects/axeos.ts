import { thsFromGhs, thsFromMhs } from "@hashwatt/protocol/units";
import {
  boundedCount,
  boundedMHz,
  boundedPowerW,
  boundedRpm,
  boundedSeconds,
  boundedTempC,
  boundedThs,
  boundedV,
  isUnitSuspect,
} from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { ownOf, readNumber, readPositive, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { noReading, readMac, statusOf } from "./cgminerParts.js";
import {
  type Dialect,
  type Facts,
  LOOK,
  type Replies,
  type Seen,
  type Verdict,
  withFacts,
} from "./dialect.js";
import { toFault } from "./faultCodes.js";
import { http } from "./questions.js";

const INFO = http("GET", "/api/system/info");

/** Board by ASIC, where the firmware does not name its device: one chip model was used on one board each. */
const BITAXES: Record<string, string> = {
  BM1397: "Bitaxe Max",
  BM1366: "Bitaxe Ultra",
  BM1368: "Bitaxe Supra",
  BM1370: "Bitaxe Gamma",
};

const OVERHEATED = toFault("overheat_mode", {
  meaning: "mining is stopped or throttled because chip or voltage regulator were too hot",
  cause:
    "a fan that stands, dust, a heat sink that sits loose, or more frequency and voltage than it can cool",
  fix: "let it cool down, check fan and heat sink, lower frequency and voltage, then save the settings, which clears the mode",
});

/**
 * AxeOS (ESP-Miner) on Bitaxe boards and its relatives (NerdAxe, NerdQAxe, Lucky Miner, BitForge): everything is one answer of
 * the web interface, without a login. Hashrates are GH/s; power is measured at the board's input, the adapter's loss is not in it.
 * The board's only sensor sits at the voltage regulator, which runs hotter than the chip by design: it is what board and rig
 * have for a board temperature, and stands as the supply's, whose limit is the one that the firmware has for it.
 */
export const axeos: Dialect = {
  id: "axeos",
  questions: [INFO],
  whenQuiet: [],

  claims(seen: Seen): Verdict {
    const info = seen.by[INFO.name];
    if (info) return isOurs(info.members) ? { kind: "mine" } : { kind: "not" };
    // There is no cgminer API on these boards, and a page of their own.
    if (!seen.asked.has(LOOK) || !seen.page || seen.text !== "" || seen.asked.has(INFO.name))
      return { kind: "not" };
    return { kind: "ask", question: INFO };
  },

  learn(facts: Facts, name: string, { members: info }: Reply): Facts {
    if (name !== INFO.name || !isOurs(info)) return facts;
    const asic = readText(info.ASICModel, 32);
    const device = readText(info.deviceModel, 60);
    return withFacts(facts, {
      algo: "SHA256",
      make: device && !/bitaxe/i.test(device) ? device.split(/[\s+]/, 1)[0] : "Bitaxe",
      model: device ?? (asic && (ownOf(BITAXES, asic) ?? `AxeOS ${asic}`)),
      firmware: readText(info.version, 200),
      apiVersion: readText(info.axeOSVersion, 64) ?? readText(info.version, 64),
      mac: readMac(info.macAddr),
      hostname: readText(info.hostname, 100),
      nominalThs: nominal(info),
    });
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const reply = by[INFO.name];
    const info = reply?.members;
    if (!info || !isOurs(info)) throw noReading(reply, INFO.name, damaged.has(INFO.name));
    const { nominalThs } = facts;
    const live = ghs(info.hashRate);
    // Its JSON has null for what is no number. Whether it hashes is not known then, and nothing else tells.
    if (live === undefined) throw noReading(reply, INFO.name, false);
    const overheated = info.overheat_mode === 1 || info.overheat_mode === true;
    const uptimeS = boundedSeconds(info.uptimeSeconds);
    const duty = readNumber(info.fanspeed);
    const fans = [info.fanrpm, info.fan2rpm, info.fanrpm2].map(boundedRpm).filter((rpm) => rpm !== undefined);
    const regulatorC = boundedTempC(info.vrTemp);
    const chipTempC = chipC(info);
    const powerW = boundedPowerW(readPositive(info.power));
    return {
      status: statusOf({
        hashing: live > 0,
        asleep: false,
        faulty: overheated,
        uptimeS,
      }),
      algo: "SHA256",
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: axeos.id,
      mac: facts.mac,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(live, nominalThs),
      unitSuspect: isUnitSuspect(live, nominalThs),
      hashrateAvgThs: boundedThs(ghs(info.hashRate_1h) ?? ghs(info.hashRate_10m), nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "psu",
      boardTempC: regulatorC,
      chipTempC,
      psuTempC: regulatorC,
      fansRpm: fans.length ? fans : undefined,
      fanDutyRatio: duty !== undefined && duty >= 0 && duty <= 100 ? duty / 100 : undefined,
      boards: [boardOf(info, live, nominalThs, chipTempC, regulatorC)],
      pools: poolsOf(info),
      shares: { accepted: boundedCount(info.sharesAccepted), rejected: boundedCount(info.sharesRejected) },
      uptimeS,
      faults: overheated ? [OVERHEATED] : undefined,
    };
  },
};

const isOurs = (info: Row): boolean =>
  typeof info.ASICModel === "string" && info.hashRate !== undefined && info.stratumURL !== undefined;

function ghs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromGhs(rate);
}

/** What the chips do at their clock: newer builds say it, others by cores times frequency, one hash a core and clock. */
function nominal(info: Row): number | undefined {
  const said = readPositive(info.expectedHashrate);
  if (said !== undefined) return boundedThs(thsFromGhs(said), undefined);
  const mhz = boundedMHz(info.frequency);
  const cores = readPositive(info.smallCoreCount);
  const chips = readPositive(info.asicCount) ?? 1;
  if (mhz === undefined || cores === undefined) return undefined;
  return boundedThs(thsFromMhs(mhz * cores * chips), undefined);
}

/** -1 while the chip has no power. Boards with two sensors tell the second as `temp2`. */
function chipC(info: Row): number | undefined {
  const sensors = [info.temp, info.temp2]
    .map((value) => (readNumber(value) === -1 ? undefined : boundedTempC(value)))
    .filter((tempC) => tempC !== undefined);
  return sensors.length ? Math.max(...sensors) : undefined;
}

function boardOf(
  info: Row,
  live: number,
  nominalThs: number | undefined,
  chipTempC: number | undefined,
  boardTempC: number | undefined,
): BoardReading {
  const mv = readPositive(info.coreVoltageActual) ?? readPositive(info.coreVoltage);
  return {
    slot: 0,
    hashrateThs: boundedThs(live, nominalThs),
    boardTempC,
    chipTempC,
    chips: boundedCount(readPositive(info.asicCount)),
    frequencyMHz: boundedMHz(info.frequency),
    voltageV: mv === undefined ? undefined : boundedV(mv / 1_000),
  };
}

function poolsOf(info: Row): Reading["pools"] {
  const onFallback = info.isUsingFallbackStratum === 1 || info.isUsingFallbackStratum === true;
  const pool = (url: unknown, port: unknown, user: unknown, active: boolean) => {
    const host = readText(url, 250);
    if (!host) return undefined;
    const at = readPositive(port);
    return {
      url: at === undefined || /:\d+$/.test(host) ? host : `${host}:${at}`,
      user: readText(user, 200),
      active,
      ...(active && {
        accepted: boundedCount(info.sharesAccepted),
        rejected: boundedCount(info.sharesRejected),
      }),
    };
  };
  const pools = [
    pool(info.stratumURL, info.stratumPort, info.stratumUser, !onFallback),
    pool(info.fallbackStratumURL, info.fallbackStratumPort, info.fallbackStratumUser, onFallback),
  ].filter((one) => one !== undefined);
  return pools.length ? pools : undefined;
}
