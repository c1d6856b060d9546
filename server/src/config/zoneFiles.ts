import { readFileSync } from "node:fs";
import type { OffsetSource } from "@hashwatt/protocol/zone";

const FOLDER = "/usr/share/zoneinfo";
/** Names of regions and places. `right/` counts leap seconds, and names without a region are mostly old abbreviations. */
const NAME = /^(?!posix\/|right\/)[A-Za-z]+(\/[A-Za-z0-9_+-]+)+$|^UTC$/;
const HEADER_BYTES = 44;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Where an offset begins to hold, in s since 1970, and the offset in s. */
interface Change {
  atS: number;
  offsetS: number;
}

/**
 * Offsets of zones as the system's zone files tell them (TZif, RFC 9636). The runtime's own table costs 8 MB of memory as soon as
 * the first zone is asked for; it is what serves where a file is missing or of another kind than is known here.
 */
export function zoneFiles(folder = FOLDER): OffsetSource {
  return (name) => {
    if (!NAME.test(name)) return undefined;
    try {
      return parseZone(readFileSync(`${folder}/${name}`));
    } catch {
      // Whatever keeps it from being read, and where it is cut off, the runtime knows the zone or says that there is none.
      return undefined;
    }
  };
}

function parseZone(bytes: Buffer): ((atMs: number) => number) | undefined {
  if (bytes.length < 2 * HEADER_BYTES || bytes.toString("latin1", 0, 4) !== "TZif" || bytes[4]! < 0x32)
    return undefined;
  // The first block has times of 32 bits, for readers of old.
  const old = countsAt(bytes, 0);
  const header = HEADER_BYTES + lengthOf(old, 4);
  const counts = countsAt(bytes, header);
  const { leaps, times, types } = counts;
  if (leaps > 0 || types === 0) return undefined;
  const body = header + HEADER_BYTES;
  const kinds = body + times * 9;
  const offsetOf = (type: number): number => bytes.readInt32BE(kinds + type * 6);
  const changes: Change[] = Array.from({ length: times }, (_, i) => ({
    atS: Number(bytes.readBigInt64BE(body + i * 8)),
    offsetS: offsetOf(bytes[body + times * 8 + i]!),
  }));
  const rule = parseRule(bytes.toString("latin1", body + lengthOf(counts, 8)).trim());
  if (!rule) return undefined;
  const first = offsetOf(0);
  return (atMs) => {
    const atS = Math.floor(atMs / 1_000);
    const last = changes.at(-1);
    const offsetS = !last || atS >= last.atS ? rule(atS) : (before(changes, atS)?.offsetS ?? first);
    return Math.floor(offsetS / 60) * 60_000;
  };
}

function countsAt(bytes: Buffer, header: number) {
  const [utc, standard, leaps, times, types, chars] = [0, 1, 2, 3, 4, 5].map((i) =>
    bytes.readUInt32BE(header + 20 + i * 4),
  ) as [number, number, number, number, number, number];
  return { utc, standard, leaps, times, types, chars };
}

/** Bytes of a block whose times take so many each. */
const lengthOf = (
  { utc, standard, leaps, times, types, chars }: ReturnType<typeof countsAt>,
  timeBytes: number,
): number => times * (timeBytes + 1) + types * 6 + chars + leaps * (timeBytes + 4) + standard + utc;

/** The last change at or before an instant. */
function before(changes: readonly Change[], atS: number): Change | undefined {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.atS <= atS) low = middle + 1;
    else high = middle;
  }
  return changes[low - 1];
}

const ABBREVIATION = "(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)";
const CLOCK = "[+-]?\\d+(?::\\d+){0,2}";
const RULE = new RegExp(
  `^${ABBREVIATION}(${CLOCK})(?:${ABBREVIATION}(${CLOCK})?,([^,/]+)(?:/(${CLOCK}))?,([^,/]+)(?:/(${CLOCK}))?)?$`,
);

/** What holds behind the last change that a file lists: the TZ text of POSIX, such as `EST5EDT,M3.2.0,M11.1.0`. */
function parseRule(text: string): ((atS: number) => number) | undefined {
  const found = RULE.exec(text);
  if (!found) return undefined;
  const [, west, summerWest, from, fromClock, to, toClock] = found;
  // POSIX counts to the west.
  const standard = -secondsOf(west!);
  if (from === undefined || to === undefined) return () => standard;
  const summer = summerWest === undefined ? standard + HOUR_S : -secondsOf(summerWest);
  const [begins, ends] = [dayOf(from), dayOf(to)];
  if (!begins || !ends) return undefined;
  const [fromS, toS] = [fromClock, toClock].map((clock) => secondsOf(clock ?? "2")) as [number, number];
  return (atS) => {
    const year = new Date((atS + standard) * 1_000).getUTCFullYear();
    const start = begins(year) + fromS - standard;
    const end = ends(year) + toS - summer;
    const isSummer = start < end ? atS >= start && atS < end : atS >= start || atS < end;
    return isSummer ? summer : standard;
  };
}

function secondsOf(clock: string): number {
  const [hours, minutes = 0, seconds = 0] = clock.replace(/^[+-]/, "").split(":").map(Number) as [
    number,
    number?,
    number?,
  ];
  return (clock.startsWith("-") ? -1 : 1) * (hours * HOUR_S + minutes * 60 + seconds);
}

/** The start of a rule's day in a year, in s as its clocks count: `M3.2.0` is the second Sunday of March, `5` the last. */
function dayOf(rule: string): ((year: number) => number) | undefined {
  const found = /^M(\d+)\.(\d)\.(\d)$/.exec(rule);
  if (!found) return undefined;
  const [month, week, weekday] = found.slice(1).map(Number) as [number, number, number];
  return (year) => {
    const firstMs = Date.UTC(year, month - 1, 1);
    const days = (Date.UTC(year, month, 1) - firstMs) / 1_000 / DAY_S;
    const day = ((weekday - new Date(firstMs).getUTCDay() + 7) % 7) + 7 * (week - 1);
    return firstMs / 1_000 + (day < days ? day : day - 7) * DAY_S;
  };
}
