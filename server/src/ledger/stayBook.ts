import type { KnownRig } from "../rollup/fold.js";
import { BUCKET_MS, type RollupRow } from "../rollup/row.js";
import type { Arrival, LedgerStore, Stay } from "../store/state/ledger.js";
import type { StateStore } from "../store/state/state.js";
import { SIGHTINGS_SETTING, type Sighting, Sightings } from "./sightings.js";
import { byRig, merged, newArrivals, staysOf, withArrival, withSighting } from "./stays.js";

/** Rows of rigs that are looked for in a gap at once. */
const GAP_ROWS = 24_000;
/** A gap is no longer than agents keep readings, with a day to spare. */
const MAX_GAP_MS = 7 * 86_400_000;

/** Arrivals of a rig at most: one that agents of two sites read at once would go to and fro with every batch that comes in late. */
const MAX_ARRIVALS = 400;

/** At which sites it changes over [fromMs, toMs) who stood there. */
export interface Move {
  sites: readonly string[];
  fromMs: number;
  toMs: number;
}

/** Where rigs stood when, brought up to date from time to time. */
export class StayBook {
  /** The same list until something in it changes, so that nobody need write it into a database again. */
  list: readonly Stay[] = [];
  /** Ends when the refresh asked for last does. */
  #refreshed: Promise<void> = Promise.resolve();

  constructor(
    private readonly state: Pick<StateStore, "rollups" | "setting"> & {
      ledger: Pick<LedgerStore, "arrivals" | "putArrivals">;
    },
    private readonly rigs: () => Iterable<KnownRig>,
    private readonly sightings = new Sightings(),
  ) {}

  /** Takes up what a former run has kept. Throws where that cannot be read. */
  async load(): Promise<void> {
    const { ledger } = this.state;
    this.#set(await ledger.arrivals(), []);
    const seen = await this.state.setting(SIGHTINGS_SETTING);
    if (seen !== undefined) this.sightings.restore(seen);
  }

  /**
   * Notes rigs that are new, have moved, or were seen elsewhere by late readings. `note` hears of these first, whenever there are any: once
   * a move is kept it is news no more, so that what follows from it has to be kept before. Throws what `note` throws, and nothing of
   * the moves is kept then. Calls run one after another.
   */
  refresh(note: (moves: readonly Move[]) => Promise<void>): Promise<void> {
    const refresh = () => this.#refresh(note);
    this.#refreshed = this.#refreshed.then(refresh, refresh);
    return this.#refreshed;
  }

  async #refresh(note: (moves: readonly Move[]) => Promise<void>): Promise<void> {
    const { ledger } = this.state;
    const held = await ledger.arrivals();
    const known = byRig(held);
    const changed = new Map<number, readonly Arrival[]>();
    const moves = new Map<string, Move>();
    const moved = (own: readonly Arrival[], site: string, fromMs: number, toMs: number) => {
      const sites = [...new Set([site, ...own.map((arrival) => arrival.site)])];
      moves.set(`${sites} ${fromMs} ${toMs}`, { sites, fromMs, toMs });
    };
    for (const fresh of newArrivals(this.rigs(), known)) {
      const own = known.get(fresh.rig) ?? [];
      changed.set(fresh.rig, withArrival(own, fresh));
      if (own.length) moved(own, fresh.site, fresh.sinceMs, Number.POSITIVE_INFINITY);
    }
    const seen = this.sightings.list();
    const elsewhere = new Map<number, Sighting[]>();
    for (const sighting of seen) {
      const { rig, site, fromMs, toMs } = sighting;
      const own = changed.get(rig) ?? known.get(rig);
      if (!own || own.length >= MAX_ARRIVALS) continue;
      const after = withSighting(own, sighting);
      if (sameArrivals(own, after)) continue;
      changed.set(rig, after);
      elsewhere.set(rig, [...(elsewhere.get(rig) ?? []), sighting]);
      moved(own, site, fromMs, toMs);
    }
    for (const { rig, fromMs, toMs } of await this.#gaps(changed, elsewhere)) {
      const own = changed.get(rig)!;
      changed.set(rig, merged(own.filter(({ sinceMs }) => sinceMs !== fromMs)));
      moved(own, own[0]!.site, fromMs, toMs);
    }
    if (moves.size) await note([...moves.values()]);
    const all = [...changed.values()].flat();
    await ledger.putArrivals(all);
    this.#set(all.length ? await ledger.arrivals() : held, seen);
  }

  /** What lies between a sighting and the next stay at its site, and has no reading of the rig: nothing says that it was away. */
  async #gaps(
    changed: ReadonlyMap<number, readonly Arrival[]>,
    seen: ReadonlyMap<number, readonly Sighting[]>,
  ): Promise<{ rig: number; fromMs: number; toMs: number }[]> {
    const gaps = new Map<string, { fromMs: number; toMs: number; rigs: number[] }>();
    for (const [rig, sightings] of seen) {
      const own = changed.get(rig)!;
      for (const [i, { sinceMs: fromMs }] of own.entries()) {
        const next = own[i + 1];
        if (!next || next.sinceMs - fromMs > MAX_GAP_MS) continue;
        if (!sightings.some(({ site, toMs }) => toMs === fromMs && site === next.site)) continue;
        const gap = gaps.get(`${fromMs} ${next.sinceMs}`) ?? { fromMs, toMs: next.sinceMs, rigs: [] };
        gaps.set(`${fromMs} ${next.sinceMs}`, gap);
        gap.rigs.push(rig);
      }
    }
    const empty: { rig: number; fromMs: number; toMs: number }[] = [];
    for (const { fromMs, toMs, rigs } of gaps.values()) {
      const most = Math.max(1, Math.floor((GAP_ROWS * BUCKET_MS) / (toMs - fromMs)));
      for (let first = 0; first < rigs.length; first += most) {
        const some = rigs.slice(first, first + most);
        const rows = await this.state.rollups({ fromMs, toMs, stepMs: BUCKET_MS, rigs: some });
        // One without a reading of its own holds what was read before.
        const there = new Set(rows.flatMap((row) => (row.samples > 0 ? [row.rig] : [])));
        for (const rig of some) if (!there.has(rig)) empty.push({ rig, fromMs, toMs });
      }
    }
    return empty;
  }

  #set(arrivals: readonly Arrival[], takenUp: readonly Sighting[]): void {
    const stays = staysOf(this.rigs(), arrivals);
    const isOther = !sameStays(stays, this.list);
    if (isOther) this.list = stays;
    if (isOther || takenUp.length) this.sightings.settle(stays, takenUp);
  }

  /** How many rigs have ever stood at a site. */
  count(site: string): number {
    return this.list.reduce((count, stay) => count + (stay.site === site ? 1 : 0), 0);
  }

  /** Whether there are 5-minute rows before an instant of a rig that it does not know. */
  lacks(rows: readonly RollupRow[], beforeMs: number): boolean {
    return rows.some(
      ({ rig, startMs, stepMs }) => stepMs === BUCKET_MS && startMs < beforeMs && !this.sightings.knows(rig),
    );
  }

  /** The sites and starts of 5-minute rows before an instant. */
  *placesOf(rows: readonly RollupRow[], beforeMs: number): Iterable<{ site: string; startMs: number }> {
    const starts = new Map<number, number[]>();
    for (const { rig, startMs, stepMs } of rows) {
      if (stepMs !== BUCKET_MS || startMs >= beforeMs) continue;
      const own = starts.get(rig);
      if (own) own.push(startMs);
      else starts.set(rig, [startMs]);
    }
    if (!starts.size) return;
    for (const { rig, site, fromMs, toMs } of this.list)
      for (const startMs of starts.get(rig) ?? [])
        if (startMs >= fromMs && startMs < toMs) yield { site, startMs };
  }
}

const sameArrivals = (a: readonly Arrival[], b: readonly Arrival[]): boolean =>
  a.length === b.length &&
  a.every(({ site, sinceMs }, i) => b[i]!.site === site && b[i]!.sinceMs === sinceMs);

function sameStays(a: readonly Stay[], b: readonly Stay[]): boolean {
  return (
    a.length === b.length &&
    a.every((stay, i) => {
      const { rig, site, fromMs, toMs, algo, gone, knownFromMs } = b[i]!;
      return (
        stay.rig === rig &&
        stay.site === site &&
        stay.fromMs === fromMs &&
        stay.toMs === toMs &&
        stay.algo === algo &&
        stay.gone === gone &&
        stay.knownFromMs === knownFromMs
      );
    })
  );
}
