/**
 * Since when the server hears its agents without a break. It does not while the broker is away; nor while the store takes
 * nothing, for then nothing is acknowledged, and an agent without acknowledgements keeps what it reads to itself.
 */
export class Hearing {
  #store = true;
  sinceMs: number;

  /** @param broker whether there is nothing to connect to first */
  constructor(
    private broker: boolean,
    nowMs: number,
  ) {
    this.sinceMs = broker ? nowMs : Number.POSITIVE_INFINITY;
  }

  /** The connection to the broker is up, or gone. */
  connected(broker: boolean, nowMs: number): void {
    this.broker = broker;
    this.#look(nowMs, true);
  }

  /** To be told again and again whether the store works. */
  storing(works: boolean, nowMs: number): void {
    const before = this.#store;
    this.#store = works;
    this.#look(nowMs, before !== works);
  }

  #look(nowMs: number, changed: boolean): void {
    if (changed) this.sinceMs = this.broker && this.#store ? nowMs : Number.POSITIVE_INFINITY;
  }
}
