import { statfs } from "node:fs/promises";
import type { Logger } from "pino";
import type { ServerFacts } from "./facts.js";

/** How much room there is on the disk of a folder. */
export class DiskWatch {
  #room: ServerFacts["disk"];
  #isFailing = false;

  /** `folder`: undefined for a server that keeps nothing. */
  constructor(
    private readonly folder: string | undefined,
    private readonly log: Pick<Logger, "warn">,
  ) {
    if (folder === undefined) this.#room = "none";
  }

  /** As it was found by the last look; not known before the first, nor while the disk does not tell. */
  get room(): ServerFacts["disk"] {
    return this.#room;
  }

  /** Looks at the disk. What fails is said once, until it works again; never rejects. */
  async look(): Promise<void> {
    if (this.folder === undefined) return;
    try {
      const { bavail, bsize, blocks } = await statfs(this.folder);
      // A file system that does not know its own size tells 0.
      this.#room = blocks > 0 ? { freeBytes: bavail * bsize, totalBytes: blocks * bsize } : undefined;
      this.#isFailing = false;
    } catch (error) {
      this.#room = undefined;
      if (!this.#isFailing) this.log.warn({ err: error }, "room on the disk is not known");
      this.#isFailing = true;
    }
  }
}
