import { setFlagsFromString } from "node:v8";

const CALM_MS = 60_000;

/**
 * How much memory the collector may take for speed. At a fleet's own pace a reading lives until the next one of its rig, so
 * a large nursery copies what survives it anyway and costs 30 MB for nothing, and so does an old space that may double before
 * it is collected. In a flood (a backlog that comes in) most readings die at once, and room halves the work of collecting.
 * V8 reads these settings at each collection.
 */
export class HeapPolicy {
  #floodMs: number | undefined;

  /** Settings for the pace of a fleet. To be applied before modules load: the nursery grows with them and does not shrink. */
  static small(): void {
    setFlagsFromString("--semi-space-growth-factor=1");
    setFlagsFromString("--heap-growing-percent=30");
  }

  static #large(): void {
    setFlagsFromString("--semi-space-growth-factor=2");
    setFlagsFromString("--heap-growing-percent=0");
  }

  /** More arrives than one commit takes. */
  flood(nowMs: number): void {
    if (this.#floodMs === undefined) HeapPolicy.#large();
    this.#floodMs = nowMs;
  }

  /** To be called now and then: after a minute of calm the settings are those of a fleet's pace again. */
  calm(nowMs: number): void {
    if (this.#floodMs === undefined || nowMs - this.#floodMs < CALM_MS) return;
    this.#floodMs = undefined;
    HeapPolicy.small();
  }
}
