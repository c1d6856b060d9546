import { type Fault, MAX_FAULTS } from "@hashwatt/protocol/sample";
import { readNumber } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";
import { toFault, uniqueFaults } from "./faultCodes.js";

/** Codes whose meaning is narrower than their group's. After the WhatsMiner API manual and what other readers assert. */
const CODES: Record<number, string> = {
  110: "intake fan: speed is wrong",
  111: "exhaust fan: speed is wrong",
  120: "intake fan: speed off by more than 2,000 rpm",
  121: "exhaust fan: speed off by more than 2,000 rpm",
  130: "intake fan: speed off by more than 3,000 rpm",
  131: "exhaust fan: speed off by more than 3,000 rpm",
  140: "fan speed too high",
  200: "power supply not found",
  201: "power supply does not match the configuration",
  203: "power supply protects itself: surroundings too hot",
  206: "power supply: input voltage too low",
  207: "power supply: input current protection, bad mains",
  213: "power supply: input does not match output",
  218: "power supply: input below 230 V in high power mode",
  329: "control board temperature sensor does not answer",
  600: "surroundings too hot",
  610: "surroundings too hot for high power mode",
  701: "control board does not support the chip",
  710: "control board rebooted after an exception",
  2000: "no pool configured",
  2010: "all pools disabled",
  2030: "pool rejects too many shares",
  2310: "hashrate too low",
  2320: "hashrate too low",
  2330: "hashrate loss too high",
  2340: "hashrate loss too high",
};

/** Groups by the digits before the last; `{n}` is the last digit, a slot or a pool. */
const SLOTS: Record<number, string> = {
  30: "slot {n}: temperature sensor not found",
  32: "slot {n}: temperature cannot be read",
  35: "slot {n}: stopped, too hot",
  36: "slot {n}: hash board too hot",
  41: "slot {n}: EEPROM not found",
  42: "slot {n}: EEPROM cannot be read",
  43: "slot {n}: chip bin is wrong",
  51: "slot {n}: miner type is wrong",
  52: "slot {n}: chip bin is wrong",
  53: "slot {n}: hash board not found",
  54: "slot {n}: chip ids cannot be read",
  55: "slot {n}: bad chips",
  56: "slot {n}: out of balance",
  57: "slot {n}: chips do not answer",
  58: "slot {n}: reset failed",
  59: "slot {n}: frequency too low",
  202: "pool {n}: connection failed",
  501: "slot {n}: chip voltage too low",
  503: "slot {n}: chip temperatures differ too much",
  507: "slot {n}: coolant flow is wrong",
  511: "slot {n}: frequency was not reached in time",
  512: "slot {n}: too many CRC errors",
  513: "slot {n}: unstable",
};

/** What the leading digits mean where nothing narrower is known. */
const KINDS: Record<number, string> = {
  1: "fan",
  2: "power supply",
  3: "temperature",
  4: "hash board EEPROM",
  5: "hash board",
  6: "surroundings",
  7: "control board",
  8: "firmware checksum",
  9: "power rate",
  20: "pool",
  23: "hashrate",
  50: "coolant or chip voltage",
  51: "frequency",
};

/** The words for a WhatsMiner error code; undefined when not even its group is known. */
export function whatsminerFaultText(code: number): string | undefined {
  const known = CODES[code] ?? SLOTS[Math.floor(code / 10)]?.replace("{n}", `${code % 10}`);
  if (known) return known;
  // Six digits that do not begin with 1 are type, subtype and a value of three digits.
  const digits = String(code);
  const kind = digits.length === 6 && digits[0] !== "1" ? Number(digits.slice(0, 2)) : Math.floor(code / 100);
  return KINDS[kind] ?? (kind >= 80 ? "firmware or security" : undefined);
}

function fault(value: unknown): Fault | undefined {
  const code = readNumber(value);
  if (code === undefined || !Number.isInteger(code) || code <= 0 || code > 9_999_999) return undefined;
  const meaning = whatsminerFaultText(code);
  return toFault(`${code}`, meaning === undefined ? undefined : { meaning });
}

/**
 * The faults of `get_error_code`: a list of `{code: time}`, of codes, or of codes and times mixed, or an object with such
 * values. Undefined when the field is missing, an empty list when there is none.
 */
export function readFaultList(value: unknown): Fault[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const codes: unknown[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "object" && item !== null)
      codes.push(...Object.keys(item).filter((name) => name !== "reason"));
    // `{"0":"530"}` numbers the codes, `{"530":"2021-01-01 …"}` names the time of each.
    else if (!Array.isArray(value) && readNumber(item) === undefined) codes.push(key);
    else codes.push(item);
  }
  return uniqueFaults(codes.map(fault));
}

/** The faults of a `summary` row, `Error Code 0` and on; undefined when it has no `Error Code Count`. */
export function readSummaryFaults(row: Row): Fault[] | undefined {
  const count = readNumber(row["Error Code Count"]);
  if (count === undefined) return undefined;
  const faults: (Fault | undefined)[] = [];
  for (let i = 0; i < Math.min(count, MAX_FAULTS); i++) faults.push(fault(row[`Error Code ${i}`]));
  return uniqueFaults(faults);
}
