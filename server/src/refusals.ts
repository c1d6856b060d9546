import type { Health } from "@hashwatt/protocol/http";
import { beginning, writtenOut } from "@hashwatt/protocol/plainText";

const MAX_TEXT = 300;
const MAX_KINDS = 64;

/** Counts what was refused, by kind, with the latest text of each, so that every refusal is explainable. */
export class Refusals {
  readonly #byKind = new Map<string, { count: number; last: string; lastMs: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes one refusal (or `count` of the same). `text` says what was wrong; it may hold what came from outside. */
  note(kind: string, text: string, count = 1): void {
    let entry = this.#byKind.get(kind);
    if (!entry) {
      if (this.#byKind.size >= MAX_KINDS) return;
      entry = { count: 0, last: "", lastMs: 0 };
      this.#byKind.set(kind, entry);
    }
    entry.count += count;
    entry.last = beginning(writtenOut(beginning(text, MAX_TEXT)), MAX_TEXT);
    entry.lastMs = this.#nowMs();
  }

  count(kind: string): number {
    return this.#byKind.get(kind)?.count ?? 0;
  }

  list(): Health["refusals"] {
    return [...this.#byKind].map(([kind, entry]) => ({ kind, ...entry }));
  }
}
