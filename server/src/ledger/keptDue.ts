import type { StateStore } from "../store/state/state.js";
import { type BusyHours, Due } from "./due.js";

/** Setting that holds the hours that are to be priced anew. */
export const DUE_SETTING = "ledger.due";

/** Hours that wait, kept in the state file: what is noted there comes before the rows that make it wait. */
export class KeptDue extends Due {
  #saving: Promise<void> = Promise.resolve();
  #saved = 0;
  /** What is being priced or looked at: still to be done after a crash. */
  busy: BusyHours | undefined;

  constructor(private readonly state: Pick<StateStore, "setting" | "putSetting">) {
    super();
  }

  /** Takes up what a former run left; false where that cannot be read. */
  async load(): Promise<boolean> {
    const text = await this.state.setting(DUE_SETTING);
    return text === undefined || this.restore(text);
  }

  /** Something is noted that is not on disk. */
  get isUnsaved(): boolean {
    return this.#saved < this.noted;
  }

  /** Puts back what was being done. */
  putBack(): void {
    if (this.busy) this.add(this.busy.site, this.busy.what, this.busy.fromMs, this.busy.toMs);
    this.busy = undefined;
  }

  /** Writes down what is noted and not on disk. */
  async saveNoted(): Promise<void> {
    if (this.isUnsaved) await this.save();
  }

  /** Writes down what waits; calls run one after another. */
  save(): Promise<void> {
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(async () => {
        const { noted } = this;
        await this.state.putSetting(DUE_SETTING, this.text(this.busy));
        this.#saved = noted;
      });
    return this.#saving;
  }
}
