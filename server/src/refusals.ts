import type { Health } from "@hashwatt/protocol/http";

const MAX_TEXT = 300;
const MAX_KINDS = 64;
const PRINTABLE = /[^\x20-\x7e\u00a0-\uffff]/g;

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
    entry.last = text.slice(0, MAX_TEXT).replace(PRINTABLE, "?");
    entry.lastMs = this.#nowMs();
  }

  count(kind: string): number {
    return this.#byKind.get(kind)?.count ?? 0;
  }

  list(): Health["refusals"] {
    return [...this.#byKind].map(([kind, entry]) => ({ kind, ...entry }));
  }
}
