import type { Availability, RigAvailability, SiteAvailability } from "@hashwatt/protocol/availability";
import type { PlannedStops } from "../alerts/plannedStops.js";
import type { Window } from "../alerts/stopCalendar.js";
import { ServerError } from "../error.js";
import type { Fleet } from "../fleet/fleet.js";
import { rigId } from "../fleet/rigDetail.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { RigRecord, StateStore, Uptime } from "../store/state/state.js";
import { freeOf, partsOfTime, sumOfParts } from "./partsOfTime.js";

/** So long rows of five minutes are kept. */
const MOST_MS = 400 * 86_400_000;
const MOST_WORST = 20;

/** What it reads. */
export interface AvailabilityParts {
  state: Pick<StateStore, "uptimes">;
  fleet: Pick<Fleet, "views">;
  plannedStops: Pick<PlannedStops, "windows">;
  book: { isMuted(rig: number): boolean };
}

/** For how much of a range rigs were up, down, stopped as planned, or not read by anybody. */
export class Availabilities {
  readonly #parts: AvailabilityParts;

  constructor(parts: AvailabilityParts) {
    this.#parts = parts;
  }

  /** Of one rig. Throws ServerError `badRequest` for a range without a whole row; rejects with store codes. */
  async ofRig(record: RigRecord, asked: Window, nowMs: number): Promise<RigAvailability> {
    const range = wholeRows(asked, nowMs);
    const [of] = await this.#of([record], range);
    return { ...range, rig: rigId(record.rig), ...of! };
  }

  /** Of all rigs of a site that are meant to mine. Throws and rejects as {@link ofRig}. */
  async ofSite(site: string, asked: Window, nowMs: number): Promise<SiteAvailability> {
    const range = wholeRows(asked, nowMs);
    const records: RigRecord[] = [];
    let leftOut = 0;
    for (const { rig, record } of this.#parts.fleet.views()) {
      if (record.site !== site) continue;
      if (this.#parts.book.isMuted(rig)) leftOut++;
      else records.push(record);
    }
    const of = await this.#of(records, range);
    const worst = records
      .map((record, i) => ({ rig: rigId(record.rig), name: record.name, ...of[i]! }))
      .filter(({ downMs }) => downMs > 0)
      .sort((a, b) => b.downMs - a.downMs)
      .slice(0, MOST_WORST);
    return { ...range, site, rigs: records.length, leftOut, ...sumOfParts(of), worst };
  }

  /** In the order of the records. Rigs that are stopped in the same windows are asked for together. */
  async #of(records: readonly RigRecord[], range: Window): Promise<Availability[]> {
    const groups = new Map<string, { free: Window[]; records: RigRecord[] }>();
    for (const record of records) {
      const windows = this.#parts.plannedStops.windows(record, range);
      const key = JSON.stringify(windows);
      let group = groups.get(key);
      if (!group) {
        group = { free: freeOf(range, windows), records: [] };
        groups.set(key, group);
      }
      group.records.push(record);
    }
    const parts = new Map<number, Availability>();
    for (const { free, records: its } of groups.values()) {
      const rigs = its.map(({ rig }) => rig);
      const uptimes: ReadonlyMap<number, Uptime> = free.length
        ? await this.#parts.state.uptimes(rigs, free)
        : new Map();
      for (const { rig, firstSeenMs } of its)
        parts.set(rig, partsOfTime(range, firstSeenMs, free, uptimes.get(rig)));
    }
    return records.map(({ rig }) => parts.get(rig)!);
  }
}

/** As much of a range as rows can be there for: from and to whole buckets, the last of which is closed. */
function wholeRows({ fromMs, toMs }: Window, nowMs: number): Window {
  const closedMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS - BUCKET_MS;
  const range = {
    fromMs: Math.ceil(fromMs / BUCKET_MS) * BUCKET_MS,
    toMs: Math.min(closedMs, Math.floor(toMs / BUCKET_MS) * BUCKET_MS),
  };
  if (range.toMs <= range.fromMs)
    throw new ServerError("badRequest", "from: there is no whole stretch of five minutes in this range yet");
  if (range.toMs - range.fromMs > MOST_MS)
    throw new ServerError(
      "badRequest",
      "from: the range is longer than the 400 days for which rows are kept",
    );
  return range;
}
