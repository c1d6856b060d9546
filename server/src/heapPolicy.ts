import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const CALM_MS = 60_000;
/**
 * How much the old space may grow before it is collected again, percent. A reading outlives the nursery while it waits to be stored, so
 * that each of a fleet ends there: less holds less, and takes more CPU.
 */
const GROWING = 20;
/** Both halves of the nursery that answering histories may make of it. */
const ANSWERING_BYTES = 8 * 1024 * 1024;
/** The same of a flood into a store that is written to over a network. */
const WAITING_BYTES = 24 * 1024 * 1024;

const nurseryBytes = (): number =>
  getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ??
  Number.POSITIVE_INFINITY;

/**
 * How much memory the collector may take for speed. At a fleet's own pace a reading lives until the next one of its rig, so
 * a large nursery copies what survives it anyway and costs 30 MB for nothing, and so does an old space that may double before
 * it is collected. In a flood (a backlog that comes in) most readings die at once, and room halves the work of collecting.
 * A history is a few MB that live until it is sent, and in a nursery smaller than that is copied again and again.
 * Where readings wait for a store over a network they outlive any nursery, and an old space that is collected late fills with
 * those that are stored. V8 reads these settings at each collection.
 */
export class HeapPolicy {
  #floodMs: number | undefined;
  #answering = false;
  #full = false;

  /** `waits`: readings wait for a store over a network. */
  constructor(readonly waits = false) {}

  /** Settings for the pace of a fleet. To be applied before modules load: the nursery grows with them and does not shrink. */
  static small(): void {
    // Code between the interpreter's and the optimised is held for as long as it may be called.
    setFlagsFromString("--no-sparkplug");
    // A nursery of a few MB is not worth waking other threads for.
    setFlagsFromString("--no-parallel-scavenge");
    setFlagsFromString("--semi-space-growth-factor=1");
    setFlagsFromString(`--heap-growing-percent=${GROWING}`);
  }

  /** More arrives than one commit takes. */
  flood(nowMs: number): void {
    if (this.#floodMs === undefined) {
      setFlagsFromString("--semi-space-growth-factor=2");
      // Over a network the store is what is waited for, and the threads cost more than they spare.
      if (!this.waits) setFlagsFromString("--parallel-scavenge");
      setFlagsFromString(`--heap-growing-percent=${this.waits ? 30 : 0}`);
      this.#full = false;
    }
    this.#floodMs = nowMs;
    if (!this.waits || this.#full || nurseryBytes() < WAITING_BYTES) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    this.#full = true;
  }

  /** A history is about to be answered: the nursery may grow, but no further than a history needs. */
  answering(): void {
    if (this.#floodMs !== undefined) return;
    const grows = nurseryBytes() < ANSWERING_BYTES;
    if (grows !== this.#answering) setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
    this.#answering = grows;
  }

  /** To be called now and then: after a minute of calm the settings are those of a fleet's pace again. */
  calm(nowMs: number): void {
    if (this.#floodMs === undefined) {
      if (this.#answering) HeapPolicy.small();
      this.#answering = false;
      return;
    }
    if (nowMs - this.#floodMs < CALM_MS) return;
    this.#floodMs = undefined;
    this.#answering = false;
    HeapPolicy.small();
  }
}
