import { type Fault, MAX_FAULTS } from "@hashwatt/protocol/sample";
import { readNumber, readText } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";
import { type FaultMeaning, toFault, uniqueFaults } from "./faultCodes.js";
import { CHIPS, CODES, FIRMWARE, KINDS, SLOTS, SUBSTANDARD, substandard } from "./whatsminerCodes.js";

/** What a WhatsMiner error code says; undefined when not even its group is known. */
export function whatsminerFault(code: number): FaultMeaning | undefined {
  const known = CODES[code];
  if (known) return known;
  const digits = String(code);
  // Six digits that do not begin with 1 are type, subtype and a value of three digits.
  const isLong = digits.length === 6 && digits[0] !== "1";
  const type = isLong ? Number(digits.slice(0, 2)) : Math.floor(code / 100);
  const subtype = isLong ? digits[2]! : String(Math.floor(code / 10) % 10);
  const value = isLong ? Number(digits.slice(3)) : code % 10;
  // Three digits say 52x: a board in slot x. Four and six say 52, then slot and chip.
  if (code >= 1_000) {
    const chip = CHIPS[type];
    if (chip) return named(chip, subtype, value);
    const what = type === 85 ? SUBSTANDARD[value] : undefined;
    if (what) return substandard(`test of level ${subtype}: ${what} below standard`);
  }
  const slot = isLong ? undefined : SLOTS[Math.floor(code / 10)];
  if (slot) return named(slot, String(code % 10), undefined);
  return KINDS[type] ?? (type >= 80 ? FIRMWARE : undefined);
}

const named = (known: FaultMeaning, n: string, c: number | undefined): FaultMeaning => ({
  ...known,
  meaning: known.meaning.replace("{n}", n).replace("{c}", `${c}`),
});

/** A fault by its code, with what the firmware adds to it (API 3). */
function fault(value: unknown, reason?: string): Fault | undefined {
  const code = readNumber(value);
  if (code === undefined || !Number.isInteger(code) || code <= 0 || code > 9_999_999) return undefined;
  const known = whatsminerFault(code);
  if (!reason) return toFault(`${code}`, known);
  const meaning = known ? `${known.meaning} (${reason})` : reason;
  return toFault(`${code}`, { ...known, meaning });
}

/**
 * The faults of `get_error_code`: a list of `{code: time}`, of codes, or of codes and times mixed, or an object with such
 * values; API 3 adds a `reason` to each. Undefined when the field is missing, an empty list when there is none.
 */
export function readFaultList(value: unknown): Fault[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const faults: (Fault | undefined)[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "object" && item !== null) {
      const reason = readText((item as Row).reason, 200);
      for (const name of Object.keys(item)) if (name !== "reason") faults.push(fault(name, reason));
    }
    // `{"0":"530"}` numbers the codes, `{"530":"2021-01-01 …"}` names the time of each.
    else if (!Array.isArray(value) && readNumber(item) === undefined) faults.push(fault(key));
    else faults.push(fault(item));
  }
  return uniqueFaults(faults);
}

/** The faults of a `summary` row, `Error Code 0` and on; undefined when it has no `Error Code Count`. */
export function readSummaryFaults(row: Row): Fault[] | undefined {
  const count = readNumber(row["Error Code Count"]);
  if (count === undefined) return undefined;
  const faults: (Fault | undefined)[] = [];
  for (let i = 0; i < Math.min(count, MAX_FAULTS); i++) faults.push(fault(row[`Error Code ${i}`]));
  return uniqueFaults(faults);
}
