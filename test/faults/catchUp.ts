import type { World } from "./world.js";

const EVERY_MS = 500;

/** Watches how long an agent is behind while the server answers: what an operator sees as "catching up". */
export class CatchUp {
  longestMs = 0;
  #sinceMs: number | undefined;
  #asking = false;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly world: World) {
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { agents } = await this.world.get<{ agents: { behindMs: number | null }[] }>("/api/totals");
      const nowMs = performance.now();
      if (agents.some(({ behindMs }) => behindMs !== null)) this.#sinceMs ??= nowMs;
      else this.#sinceMs = undefined;
      if (this.#sinceMs !== undefined) this.longestMs = Math.max(this.longestMs, nowMs - this.#sinceMs);
    } catch {
      // A server that is away answers nothing; being behind is counted from when it is back.
      this.#sinceMs = undefined;
    } finally {
      this.#asking = false;
    }
  }
}
