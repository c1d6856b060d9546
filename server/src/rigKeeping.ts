import type { Clock } from "@hashwatt/protocol/time";
import { type Identities, PRESENT_MS } from "./identity/identities.js";
import type { CommitQueue } from "./intake/commitQueue.js";

/** What keeping rigs works on. */
export interface RigKeepingParts {
  identities: Identities;
  queue: Pick<CommitQueue, "commitIdentities">;
  /** Shows what identification has changed. */
  describe(): void;
  clock: Clock;
}

/** What an operator does to rigs as such. Each resolves when it is on disk, and throws ServerError `notFound` and `badRequest`. */
export class RigKeeping {
  readonly #parts: RigKeepingParts;

  constructor(parts: RigKeepingParts) {
    this.#parts = parts;
  }

  /** Two keys of one rig: `into` has the names and the history of both. */
  async merge(rig: number, into: number): Promise<void> {
    const { identities, clock } = this.#parts;
    identities.handovers.merge(rig, into, clock.nowMs(), PRESENT_MS);
    await this.#done();
  }

  /** What answers as a rig is another one from now on; resolves with its key. */
  async split(rig: number): Promise<number> {
    const { identities, clock } = this.#parts;
    const fresh = identities.handovers.split(rig, clock.nowMs());
    await this.#done();
    return fresh;
  }

  /** Takes a merge or split of `rig` back. */
  async undo(rig: number): Promise<void> {
    const { identities, clock } = this.#parts;
    identities.handovers.undo(rig, clock.nowMs(), PRESENT_MS);
    await this.#done();
  }

  async #done(): Promise<void> {
    this.#parts.describe();
    await this.#parts.queue.commitIdentities();
  }
}
