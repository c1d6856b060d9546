const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** What a zone's clocks and calendars show. `weekday`: 1 = Monday … 7 = Sunday. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
}

/** A stretch of time with one offset from UTC. */
interface Era {
  fromMs: number;
  toMs: number;
  offsetMs: number;
}

/** Tells how far a zone is ahead of UTC at an instant, in ms, whole minutes; undefined for a zone that it does not know. */
export type OffsetSource = (name: string) => ((atMs: number) => number) | undefined;

const zones = new Map<string, Zone>();
let source: OffsetSource = () => undefined;

/** Has zones ask `offsets` first, and the runtime for those that it does not know. To be called before the first zone is asked for. */
export function askZonesOf(offsets: OffsetSource): void {
  source = offsets;
}

/**
 * A zone of the IANA database, asked of the runtime's own unless {@link askZonesOf} names another. What is learned of its offsets is kept, so that a month of hours
 * costs additions. Expects times from 1970 on; offsets are whole minutes there.
 */
export class Zone {
  readonly name: string;
  readonly #ask: (atMs: number) => number;
  /** Sorted, by the week that was looked at. */
  readonly #weeks = new Map<number, Era[]>();

  private constructor(name: string) {
    this.name = name;
    this.#ask = source(name) ?? ofRuntime(name);
  }

  /** The zone of an IANA name such as Asia/Shanghai. Throws RangeError where there is none. */
  static of(name: string): Zone {
    let zone = zones.get(name);
    if (!zone) {
      zone = new Zone(name);
      zones.set(name, zone);
    }
    return zone;
  }

  /** How far the zone's clocks are ahead of UTC, ms. */
  offsetMs(atMs: number): number {
    const week = Math.floor(atMs / WEEK_MS);
    let eras = this.#weeks.get(week);
    if (!eras) {
      eras = this.#erasOf(week * WEEK_MS, (week + 1) * WEEK_MS);
      this.#weeks.set(week, eras);
    }
    return eras.find((era) => atMs < era.toMs)!.offsetMs;
  }

  /** The hour and minute that the clocks show, such as `07:05`. */
  clock(atMs: number): string {
    return new Date(atMs + this.offsetMs(atMs)).toISOString().slice(11, 16);
  }

  /** What the clocks show. */
  wall(atMs: number): WallTime {
    const shown = new Date(atMs + this.offsetMs(atMs));
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      weekday: shown.getUTCDay() || 7,
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
    };
  }

  /**
   * The instant at which the clocks show this; months and days beyond their range carry over, as in a Date. Of a time that
   * comes twice the first; for one that is skipped the instant at which the clocks are put on.
   */
  instant(year: number, month: number, day: number, hour = 0, minute = 0): number {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute);
    const before = this.offsetMs(asUtc - 24 * HOUR_MS);
    const after = this.offsetMs(asUtc + 24 * HOUR_MS);
    for (const offset of before >= after ? [before, after] : [after, before]) {
      const at = asUtc - offset;
      if (this.offsetMs(at) === offset) return at;
    }
    // Skipped: between what the old and the new offset make of it lies the moment of the change.
    return this.#changeIn(asUtc - Math.max(before, after), asUtc - Math.min(before, after));
  }

  /** The end of the clock hour that `atMs` lies in, or the moment within it at which the clocks are put on or back. */
  endOfHour(atMs: number): number {
    const offset = this.offsetMs(atMs);
    const end = Math.floor((atMs + offset) / HOUR_MS + 1) * HOUR_MS - offset;
    return this.offsetMs(end - 1) === offset ? end : this.#changeIn(atMs, end - 1);
  }

  #erasOf(fromMs: number, toMs: number): Era[] {
    const eras: Era[] = [];
    let at = fromMs;
    const last = this.#ask(toMs - MINUTE_MS);
    while (at < toMs) {
      const offsetMs = this.#ask(at);
      const end = offsetMs === last ? toMs : this.#changeIn(at, toMs - MINUTE_MS);
      eras.push({ fromMs: at, toMs: end, offsetMs });
      at = end;
    }
    return eras;
  }

  /** The first whole minute after `fromMs` with another offset; `toMs` has one. */
  #changeIn(fromMs: number, toMs: number): number {
    const old = this.#ask(fromMs);
    let [same, other] = [Math.floor(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
    while (other - same > 1) {
      const middle = (same + other) >> 1;
      if (this.#ask(middle * MINUTE_MS) === old) same = middle;
      else other = middle;
    }
    return other * MINUTE_MS;
  }
}

/** Throws RangeError for a zone that the runtime does not know. */
function ofRuntime(name: string): (atMs: number) => number {
  const form = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
    calendar: "gregory",
  });
  return (atMs) => {
    const shown: Record<string, number> = {};
    for (const { type, value } of form.formatToParts(atMs)) shown[type] = Number(value);
    const { year, month, day, hour, minute } = shown as unknown as WallTime;
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  };
}
