import type { StateStore } from "./state/state.js";

/** An instant before which something is gone for good, kept as a setting so that a restart knows it. */
export class GoneBefore {
  #atMs = Number.NEGATIVE_INFINITY;
  /** What the state store holds of it. */
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly state: Pick<StateStore, "setting" | "putSetting">,
    private readonly key: string,
  ) {}

  /** Epoch ms; −Infinity: all is there. */
  get atMs(): number {
    return this.#atMs;
  }

  /** Reads what a former run has said. */
  async load(): Promise<void> {
    const held = Number(await this.state.setting(this.key));
    if (held > 0) this.#atMs = this.#saidMs = held;
  }

  /** Moves it on, never back; counts at once and for {@link say}. */
  raise(toMs: number): void {
    this.#atMs = Math.max(this.#atMs, toMs);
  }

  /** Has the state store hold it; what it holds already is not written. */
  async say(): Promise<void> {
    const atMs = this.#atMs;
    if (atMs <= this.#saidMs) return;
    await this.state.putSetting(this.key, String(Math.floor(atMs)));
    this.#saidMs = atMs;
  }
}
