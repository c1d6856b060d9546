import { beginning, plainText } from "@hashwatt/protocol/plainText";

/**
 * A number out of what a firmware sends: a number, or text such as `"13495.96"`, `"3250 W"`, `"18,500.5"`, `"65%"`.
 * Undefined for anything else: NaN, Infinity, `"-"`, `""`, two numbers in one text, a comma that groups no thousands.
 */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length > 40 || value.length === 0) return undefined;
  if (PLAIN.test(value)) return Number(value);
  const match = NUMBER_AND_UNIT.exec(value);
  if (!match) return undefined;
  const digits = match[1]!.includes(",") ? match[1]!.replaceAll(",", "") : match[1]!;
  const number = Number(digits);
  return Number.isFinite(number) ? number : undefined;
}

// What most firmwares send, and what costs least.
const PLAIN = /^-?\d{1,15}(?:\.\d{1,15})?$/;
// A unit holds no digit (bar superscripts), else `"73 / 80"` and dates would pass for their first number.
const NUMBER_AND_UNIT =
  /^\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d{1,3})?)\s*(?![\d.,:-])[^\d,/]{0,12}$/;

/** A number above 0, for fields in which a firmware writes 0 for what it does not know. */
export function readPositive(value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/**
 * Plain text (no control characters, nothing unseen), without quotes and blanks around it, at most `max` characters; undefined
 * when nothing is left.
 */
export function readText(value: unknown, max: number): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  if (CLEAN.test(value)) return value.length > max ? value.slice(0, max).trimEnd() : value;
  const text = beginning(unquoted(plainText(value)), max).trimEnd();
  return text && text !== "-" ? text : undefined;
}

/**
 * A text, number or truth as text to compare with, "" for all else. Never throws: `String` does where a stranger's object has a
 * `toString` of its own.
 */
export const asText = (value: unknown): string =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : "";

/** What a table holds under a stranger's word; nothing for `constructor` and what else every object has. */
export const ownOf = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;

/** Without quotes and blanks around it. A pattern for those at the end would take quadratic time over many in the middle. */
function unquoted(text: string): string {
  let end = text.length;
  while (end > 0 && AROUND.test(text[end - 1]!)) end--;
  return text.slice(0, end).replace(/^[\s'"]+/, "");
}

const AROUND = /[\s'"]/;
// Most texts need no work.
const CLEAN = /^[A-Za-z0-9](?:[ -~]*[!#-&(-~])?$/;
