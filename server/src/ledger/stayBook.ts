import type { KnownRig } from "../rollup/fold.js";
import { BUCKET_MS, type RollupRow } from "../rollup/row.js";
import type { LedgerStore, Stay } from "../store/state/ledger.js";
import { newArrivals, staysOf } from "./stays.js";

/** From where to where a rig moved, and since when it is there. */
export interface Move {
  sites: readonly string[];
  sinceMs: number;
}

/** Where rigs stood when, brought up to date from time to time. */
export class StayBook {
  /** The same list until something in it changes, so that nobody need write it into a database again. */
  list: readonly Stay[] = [];

  constructor(
    private readonly ledger: Pick<LedgerStore, "arrivals" | "putArrivals">,
    private readonly rigs: () => Iterable<KnownRig>,
  ) {}

  /**
   * Notes rigs that are new or have moved. `note` hears of these first, whenever there are any: once a move is kept it is news no more,
   * so that what follows from it has to be kept before. Throws what `note` throws, and nothing of the moves is kept then.
   */
  async refresh(note: (moves: readonly Move[]) => Promise<void>): Promise<void> {
    const arrivals = await this.ledger.arrivals();
    const fresh = newArrivals(this.rigs(), arrivals);
    const moves = fresh.flatMap(({ rig, site, sinceMs }) => {
      const former = arrivals.findLast((arrival) => arrival.rig === rig);
      return former ? [{ sites: [former.site, site], sinceMs }] : [];
    });
    if (moves.length) await note(moves);
    await this.ledger.putArrivals(fresh);
    const stays = staysOf(this.rigs(), fresh.length ? await this.ledger.arrivals() : arrivals);
    if (!sameStays(stays, this.list)) this.list = stays;
  }

  /** How many rigs have ever stood at a site. */
  count(site: string): number {
    return this.list.reduce((count, stay) => count + (stay.site === site ? 1 : 0), 0);
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
