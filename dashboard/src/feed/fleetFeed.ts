import type { FleetColumns } from "@hashwatt/protocol/http";
import type { FleetDelta } from "@hashwatt/protocol/live";
import type { Stop } from "../time.js";
import { FleetTable } from "./fleetTable.js";
import { Cell, type Flush, type Readable } from "./readable.js";

/** The fleet as components watch it: all of its structure, or single rigs, each told at most once a frame. */
export class FleetFeed {
  readonly table = new FleetTable();
  /** Grows when rigs come, go or change their name, model or place; 0 until the first snapshot. */
  readonly structure: Readable<number>;
  readonly #structure: Cell<number>;
  readonly #flush: Flush;
  readonly #touched = new Set<number>();
  readonly #byRig = new Map<number, Set<() => void>>();
  readonly #onRigs = new Set<(rigs: ReadonlySet<number>) => void>();

  constructor(flush: Flush) {
    this.#flush = flush;
    this.#structure = new Cell(0, flush);
    this.structure = this.#structure;
  }

  /** Takes a snapshot. */
  load(snapshot: FleetColumns): void {
    this.table.load(snapshot);
    for (const rig of this.table.rig) this.#touched.add(rig);
    this.#structure.set(this.#structure.get() + 1);
    this.#flush(this.#notify);
  }

  /** Takes the changes of one frame of the server. */
  apply(delta: FleetDelta): void {
    if (this.table.apply(delta, this.#touched)) this.#structure.set(this.#structure.get() + 1);
    this.#flush(this.#notify);
  }

  /** Watches one rig's row. */
  subscribeRig(rig: number, onChange: () => void): Stop {
    let listeners = this.#byRig.get(rig);
    if (!listeners) {
      listeners = new Set();
      this.#byRig.set(rig, listeners);
    }
    listeners.add(onChange);
    return () => {
      listeners.delete(onChange);
      if (listeners.size === 0 && this.#byRig.get(rig) === listeners) this.#byRig.delete(rig);
    };
  }

  /** Watches everything: gets the rigs that changed since the frame before, in a set that is valid during the call only. */
  subscribeRigs(onRigs: (rigs: ReadonlySet<number>) => void): Stop {
    this.#onRigs.add(onRigs);
    return () => this.#onRigs.delete(onRigs);
  }

  #notify = (): void => {
    for (const listener of this.#onRigs) listener(this.#touched);
    if (this.#byRig.size > 0)
      for (const rig of this.#touched) for (const listener of this.#byRig.get(rig) ?? []) listener();
    this.#touched.clear();
  };
}
