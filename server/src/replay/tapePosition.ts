/** Where a replay is: it moves with the monotonic clock, `speed` ms for each, between two ends. */
export class TapePosition {
  #anchorMs: number;
  #anchorMonoMs: number;
  #playing = true;
  #speed: number;

  constructor(
    readonly fromMs: number,
    readonly toMs: number,
    speed: number,
    monoMs: number,
  ) {
    this.#anchorMs = fromMs;
    this.#anchorMonoMs = monoMs;
    this.#speed = speed;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Whether it moves: it does not where it was told to stand, and at the end. */
  isPlaying(monoMs: number): boolean {
    return this.#playing && this.at(monoMs) < this.toMs;
  }

  at(monoMs: number): number {
    const passedMs = this.#playing ? Math.max(0, monoMs - this.#anchorMonoMs) * this.#speed : 0;
    return Math.min(this.toMs, this.#anchorMs + passedMs);
  }

  /** Plays or stands, at another speed, from another place on: what is not given stays. */
  change(
    { playing, speed, atMs }: { playing?: boolean; speed?: number; atMs?: number },
    monoMs: number,
  ): void {
    const hereMs = this.at(monoMs);
    this.#anchorMs = Math.min(this.toMs, Math.max(this.fromMs, atMs ?? hereMs));
    this.#anchorMonoMs = monoMs;
    if (playing !== undefined) this.#playing = playing;
    if (speed !== undefined) this.#speed = speed;
  }
}
