import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./program.js";

/** A time line that began with `startMs` and runs `speed` times as fast as the real one. */
export class Timeline {
  readonly #realMs = Date.now();
  constructor(
    readonly startMs: number,
    readonly speed: number,
  ) {}

  nowMs(): number {
    return this.startMs + (Date.now() - this.#realMs) * this.speed;
  }

  /** Until so long after the start. */
  async until(offsetMs: number): Promise<void> {
    const waitMs = (this.startMs + offsetMs - this.nowMs()) / this.speed;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  async pass(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms / this.speed));
  }

  /** What makes a Node program live on it. */
  get nodeArgs(): string[] {
    const url = pathToFileURL(join(root, "test/support/otherTime.mjs"));
    url.searchParams.set("realMs", `${this.#realMs}`);
    url.searchParams.set("otherMs", `${this.startMs}`);
    url.searchParams.set("speed", `${this.speed}`);
    return ["--import", url.href];
  }
}
