import { MAX_FANS } from "@hashwatt/protocol/sample";
import { boundedCount, boundedMHz, boundedRpm, boundedTempC, boundedThs } from "../model/bounds.js";
import type { BoardReading } from "../reading.js";
import { readNumber, readPositive } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";
import { addCoolant, type Coolant, hydroTemps } from "./hydro.js";

/** Stock firmware lists chains and fans 1 to 16 in flat keys; spelling them once saves work at every reading. */
const SLOTS = Array.from({ length: 16 }, (_, index) => {
  const n = index + 1;
  return {
    slot: n,
    chips: `chain_acn${n}`,
    rate: `chain_rate${n}`,
    hwErrors: `chain_hw${n}`,
    pcb: [`temp_pcb${n}`, `temp${n}`] as const,
    // `temp2_n` is a chip at the inlet, `temp3_n` one at the outlet; `tempn` is the board.
    chip: [`temp_chip${n}`, `temp2_${n}`, `temp3_${n}`] as const,
    pic: `temp_pic${n}`,
    frequency: [`freq${n}`, `freq_avg${n}`] as const,
    ideal: `chain_rateideal${n}`,
    // Of VNish in mV, of the first Braiins OS in V.
    milliVolt: `chain_vol${n}`,
    volt: `voltage${n}`,
    fan: `fan${n}`,
  };
});

/** Up to here a slot may be missing between others; what is listed beyond is listed without a gap. */
const LISTED = 8;

/** The highest of the sensors in `keys`: numbers, or lists such as `"73-45-64-65"`. Undefined when none reads. */
function hottest(row: Row, keys: readonly string[]): number | undefined {
  let most: number | undefined;
  for (const key of keys) {
    const value = row[key];
    if (value === undefined || value === 0) continue;
    const tempC = typeof value === "string" ? hottestOf(value) : boundedTempC(value);
    if (tempC !== undefined && (most === undefined || tempC > most)) most = tempC;
  }
  return most;
}

const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/** The highest plausible number of a list that minus signs separate; a minus where a number should begin is its sign. */
function hottestOf(list: string): number | undefined {
  let most: number | undefined;
  let start = 0;
  let whole = 0;
  let plain = true;
  for (let at = 0; at <= list.length; at++) {
    const code = at < list.length ? list.charCodeAt(at) : MINUS;
    if (code >= ZERO && code <= NINE) {
      whole = whole * 10 + code - ZERO;
      continue;
    }
    if (code !== MINUS || (at === start && at < list.length)) {
      plain = false;
      continue;
    }
    const tempC = boundedTempC(plain && at > start ? whole : list.slice(start, at));
    if (tempC !== undefined && (most === undefined || tempC > most)) most = tempC;
    start = at + 1;
    whole = 0;
    plain = true;
  }
  return most;
}

/**
 * The hash boards of a stock Antminer's `stats` row, in order of their slot. A slot without chips and without a temperature
 * is empty and yields no row; one whose chips are gone but whose sensors answer is a board with 0 chips. A chip that claims
 * to be cooler than its own board is a sensor fault and is left out. `coolant` is given for a rig that water cools, and gathers what
 * the boards say of it.
 */
export function readAntminerBoards(
  row: Row,
  nominalThs: number | undefined,
  toThs: number | undefined,
  coolant?: Coolant,
): BoardReading[] {
  const boards: BoardReading[] = [];
  for (const keys of SLOTS) {
    if (row[keys.chips] === undefined && row[keys.rate] === undefined && row[keys.pcb[0]] === undefined) {
      if (keys.slot < LISTED) continue;
      break;
    }
    const chips = boundedCount(row[keys.chips]);
    const rate = readNumber(row[keys.rate]);
    const water = coolant && hydroTemps(row[keys.pcb[0]], row[keys.chip[0]], row[keys.pic]);
    if (water) addCoolant(coolant, water);
    const boardTempC = water ? water.boardTempC : hottest(row, keys.pcb);
    let chipTempC = water ? water.chipTempC : hottest(row, keys.chip);
    if (!chips && boardTempC === undefined && chipTempC === undefined && !(rate && rate > 0)) continue;
    if (chipTempC !== undefined && boardTempC !== undefined && chipTempC < boardTempC) chipTempC = undefined;
    boards.push({
      slot: keys.slot,
      hashrateThs:
        rate === undefined || toThs === undefined ? undefined : boundedThs(rate * toThs, nominalThs),
      boardTempC,
      chipTempC,
      chips,
      hwErrors: boundedCount(row[keys.hwErrors]),
      frequencyMHz: boundedMHz(row[keys.frequency[0]]) ?? boundedMHz(row[keys.frequency[1]]),
      voltageV: voltsOf(row[keys.milliVolt], row[keys.volt]),
      nominalThs: idealOf(row[keys.ideal], nominalThs, toThs),
    });
  }
  return boards;
}

function voltsOf(milliVolt: unknown, volt: unknown): number | undefined {
  if (milliVolt === undefined && volt === undefined) return undefined;
  const mv = readPositive(milliVolt);
  const volts = mv === undefined ? readPositive(volt) : mv / 1_000;
  return volts !== undefined && volts < 1_000 ? volts : undefined;
}

function idealOf(
  value: unknown,
  nominalThs: number | undefined,
  toThs: number | undefined,
): number | undefined {
  const ideal = value === undefined ? undefined : readPositive(value);
  return ideal === undefined || toThs === undefined ? undefined : boundedThs(ideal * toThs, nominalThs);
}

/**
 * Fan speeds in the order of their connectors. The firmware lists more connectors than the rig has: those that turn count,
 * and of those that stand as many as `fan_num` says are missing. Undefined when there is none.
 */
export function readAntminerFans(row: Row): number[] | undefined {
  const told: number[] = [];
  let turning = 0;
  for (const { slot, fan } of SLOTS) {
    const value = row[fan];
    if (value === undefined) {
      if (slot < LISTED) continue;
      break;
    }
    const rpm = boundedRpm(value);
    if (rpm === undefined) continue;
    told.push(rpm);
    if (rpm > 0) turning++;
  }
  if (turning === told.length) return turning > 0 ? told : undefined;
  const expected = readNumber(row.fan_num);
  let missing = expected !== undefined && expected <= MAX_FANS ? expected - turning : 0;
  const fans = told.filter((rpm) => rpm > 0 || missing-- > 0);
  return fans.length > 0 ? fans : undefined;
}
