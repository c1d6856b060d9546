import type { Evidence, Sample } from "@hashwatt/protocol/sample";

/** Different texts kept; beyond it a text stays as it came. */
const MAX_TEXTS = 20_000;

/** One copy of texts that most rigs of a fleet share: pools, models, firmware. As they arrive, each rig has its own. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < MAX_TEXTS) this.#texts.set(text, text);
    return text;
  }

  /** Puts the shared copies into a description that nobody else holds. */
  evidence(told: Evidence): Evidence {
    for (const key of ["make", "model", "firmware", "apiVersion", "dialect", "algo"] as const)
      if (told[key] !== undefined) told[key] = this.of(told[key]);
    let user: string | undefined;
    for (const pool of told.pools ?? []) {
      pool.url = this.of(pool.url);
      // A rig's worker is its own, and the same at each of its pools.
      if (pool.user !== user) user = pool.user;
      else if (user !== undefined) pool.user = user;
      if (pool.status !== undefined) pool.status = this.of(pool.status);
    }
    return told;
  }

  /** As {@link evidence}. */
  sample(told: Sample): void {
    if (told.pool !== undefined) told.pool = this.of(told.pool);
  }
}
