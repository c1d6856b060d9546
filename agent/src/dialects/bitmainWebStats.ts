import { MAX_BOARDS, MAX_FANS } from "@hashwatt/protocol/sample";
import { boundedCount, boundedMHz, boundedPowerW, boundedRpm, boundedThs } from "../model/bounds.js";
import type { BoardReading } from "../reading.js";
import { listOf } from "../replies/members.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { hottestTempC, inSlots, plausibleChipC, readSlot } from "./boards.js";
import { addCoolant, type Coolant, hydroTemps } from "./hydro.js";
import { http } from "./questions.js";

/** Asks the web interface of X17 and later for its readings, every so many ms. */
export const webStats = (everyMs: number) => http("GET", "/cgi-bin/stats.cgi", { everyMs });
export const WEB_STATS_NAME = webStats(0).name;

/** The row of readings of `stats.cgi` among the answers of a reading; undefined where it tells none. */
export const webRowOf = (by: Readonly<Record<string, Reply | undefined>>): Row | undefined =>
  rowsOf(by[WEB_STATS_NAME], "STATS")?.find((row) => row.rate_5s !== undefined || row.chain !== undefined);

/** What newest builds say that the rig draws, W; others do not tell it. */
export const webPowerW = (row: Row): number | undefined =>
  boundedPowerW(readPositive(row.watt) ?? readPositive(row.power));

/**
 * The boards of `stats.cgi`. It counts them from 0, the cgminer API and the stickers from 1: they are numbered as those do. One
 * without chips and without a temperature is not there.
 */
export function readWebBoards(
  row: Row,
  nominalThs: number | undefined,
  toThs: number | undefined,
  coolant: Coolant | undefined,
): BoardReading[] | undefined {
  const boards: BoardReading[] = [];
  const chains = (listOf(row.chain) ?? []).slice(0, MAX_BOARDS);
  for (const [place, chain] of chains.entries()) {
    const index = readSlot(chain.index) ?? place;
    const chips = boundedCount(chain.asic_num);
    const water = coolant && hydroTemps(chain.temp_pcb, chain.temp_chip, chain.temp_pic);
    if (water) addCoolant(coolant, water);
    const boardTempC = water ? water.boardTempC : hottestOf(chain.temp_pcb);
    const chipTempC = water ? water.chipTempC : hottestOf(chain.temp_chip);
    const rate = ths(readNumber(chain.rate_real), toThs);
    if (!chips && boardTempC === undefined && chipTempC === undefined && !rate) continue;
    boards.push({
      slot: index + 1,
      hashrateThs: boundedThs(rate, nominalThs),
      nominalThs: boundedThs(ths(readPositive(chain.rate_ideal), toThs), nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(chipTempC, boardTempC),
      chips,
      hwErrors: boundedCount(chain.hw),
      frequencyMHz: boundedMHz(chain.freq_avg),
      serial: readText(chain.sn, 100),
    });
  }
  return inSlots(boards);
}

/** Fans in their order; undefined where there is none. */
export function readWebFans(row: Row): number[] | undefined {
  const fans = (Array.isArray(row.fan) ? row.fan : []).map(boundedRpm).filter((rpm) => rpm !== undefined);
  return fans.length ? fans.slice(0, MAX_FANS) : undefined;
}

const hottestOf = (list: unknown): number | undefined =>
  Array.isArray(list) ? hottestTempC(list) : undefined;

/** TH/s of a rate in the rig's unit. */
export const ths = (rate: number | undefined, toThs: number | undefined): number | undefined =>
  rate === undefined || toThs === undefined ? undefined : rate * toThs;
