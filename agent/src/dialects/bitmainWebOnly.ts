import { boundedSeconds, boundedThs, isUnitSuspect } from "../model/bounds.js";
import type { Reading } from "../reading.js";
import { dig } from "../replies/members.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, rowsOf } from "../replies/reply.js";
import { algoOf, unitOf, unitOfRating } from "./bitmainAlgos.js";
import { statsRows } from "./bitmainReading.js";
import {
  BITMAIN_LOGIN,
  CONF,
  learnBitmainWeb,
  readWebPools,
  SYSTEM_INFO,
  WEB_POOLS,
  WEB_SUMMARY,
} from "./bitmainWeb.js";
import {
  readWebBoards,
  readWebFans,
  ths,
  WEB_STATS_NAME,
  webPowerW,
  webRowOf,
  webStats,
} from "./bitmainWebStats.js";
import { highest } from "./boards.js";
import { noReading, statusOf, withoutCounters } from "./cgminerParts.js";
import { type Dialect, type Facts, type Replies, type Seen, type Verdict, withFacts } from "./dialect.js";
import { foreignFirmware } from "./foreignFirmwares.js";
import { type Coolant, fansBeside, isHydro } from "./hydro.js";

/**
 * Bitmain's own firmware by its web interface alone, where the cgminer API is closed or its program does not run. It knows no
 * shares of the whole rig; once an hour it is looked whether the API has opened.
 */
export const bitmainWebOnly: Dialect = {
  id: "bitmain-web",
  isStopgap: true,
  questions: [webStats(0), WEB_POOLS, WEB_SUMMARY, SYSTEM_INFO, CONF],
  whenQuiet: [CONF.name, WEB_SUMMARY.name],
  login: BITMAIN_LOGIN,

  claims({ by, page, text, httpOnApi }: Seen): Verdict {
    // What the cgminer API names is read by that.
    const isNamed =
      rowsOf(by.version, "VERSION")?.[0]?.Type !== undefined || statsRows(by.stats).version !== undefined;
    const isOurs = /^antminer/.test(page?.realm ?? "") && !isNamed && !httpOnApi && !foreignFirmware(text);
    return { kind: isOurs ? "mine" : "not" };
  },

  learn(facts: Facts, name: string, reply: Reply): Facts {
    const known = learnBitmainWeb(facts, name, reply);
    switch (name) {
      case WEB_STATS_NAME: {
        const info = reply.members.INFO;
        const row = webRowOf({ [name]: reply });
        const model = readText(dig(info, "type"), 100) ?? known.model;
        const rated = readPositive(row?.rate_ideal);
        const ideal = rated === undefined ? undefined : ths(rated, unitOfRating(rated, row, algoOf(model)));
        return withFacts(known, {
          algo: algoOf(model)?.algo,
          make: "Bitmain",
          model,
          firmware: readText(dig(info, "CompileTime"), 200),
          apiVersion: readText(dig(reply.members.STATUS, "api_version"), 64),
          nominalThs: boundedThs(ideal, undefined),
        });
      }
      case SYSTEM_INFO.name:
        return known.model === undefined
          ? withFacts(known, { model: readText(reply.members.minertype, 100) })
          : known;
      case WEB_POOLS.name:
        return withFacts(known, { pools: readWebPools(reply)?.map(withoutCounters) });
      default:
        return known;
    }
  },

  decode({ by, damaged }: Replies, facts: Facts): Reading {
    const row = webRowOf(by);
    if (!row || damaged.has(WEB_STATS_NAME))
      throw noReading(by[WEB_STATS_NAME], WEB_STATS_NAME, damaged.has(WEB_STATS_NAME));
    const { nominalThs } = facts;
    const toThs = unitOf(row, algoOf(facts.model));
    const live = readNumber(row.rate_5s);
    const average = readNumber(row.rate_avg);
    const hashing = live ?? average;
    if (hashing === undefined) throw noReading(by[WEB_STATS_NAME], WEB_STATS_NAME, false);
    const coolant: Coolant | undefined = isHydro(facts.model)
      ? { inletTempC: undefined, outletTempC: undefined }
      : undefined;
    const boards = readWebBoards(row, nominalThs, toThs, coolant);
    const uptimeS = boundedSeconds(row.elapsed);
    const powerW = hashing > 0 ? webPowerW(row) : undefined;
    return {
      status: statusOf({
        hashing: hashing > 0,
        asleep: facts.asleep === true,
        faulty: Boolean(facts.faults?.length),
        uptimeS,
      }),
      algo: facts.algo,
      make: facts.make,
      model: facts.model,
      firmware: facts.firmware,
      apiVersion: facts.apiVersion,
      dialect: bitmainWebOnly.id,
      mac: facts.mac,
      serial: facts.serial,
      hostname: facts.hostname,
      nominalThs,
      hashrateThs: boundedThs(ths(live, toThs), nominalThs),
      unitSuspect: isUnitSuspect(ths(live, toThs), nominalThs),
      hashrateWindowS: live === undefined ? undefined : 5,
      hashrateAvgThs: boundedThs(ths(average, toThs), nominalThs),
      powerW,
      powerSource: powerW === undefined ? undefined : "firmware",
      powerMode: facts.powerMode,
      inletTempC: coolant?.inletTempC,
      outletTempC: coolant?.outletTempC,
      boardTempC: highest(boards, "boardTempC"),
      chipTempC: highest(boards, "chipTempC"),
      fansRpm: fansBeside(facts.model, readWebFans(row)),
      boards,
      uptimeS,
      pools: readWebPools(by[WEB_POOLS.name]) ?? facts.pools,
      faults: facts.faults?.length ? facts.faults : undefined,
    };
  },
};
