import type { Clock, Timer } from "@hashwatt/protocol/time";

/** Where a bar is drawn: a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const DRAW_MS = 200;
const CELLS = 24;

/** A bar of how far a scan is, at the foot of a terminal; on anything else nothing is drawn. */
export class ProgressBar implements Disposable {
  readonly #total: number;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #timer: Timer | undefined;
  #shown = false;
  done = 0;
  found = 0;

  constructor(total: number, terminal: Terminal, clock: Clock) {
    this.#total = total;
    this.#terminal = terminal;
    this.#clock = clock;
    this.#startMs = clock.monoMs();
    this.#timer = terminal.isTTY ? clock.every(DRAW_MS, () => this.#draw()) : undefined;
  }

  /** Takes the bar away while `print` writes a line of its own. */
  above(print: () => void): void {
    this.#clear();
    print();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#clear();
  }

  #clear(): void {
    if (this.#shown) this.#terminal.write("\r\x1b[K");
    this.#shown = false;
  }

  #draw(): void {
    const ratio = this.#total ? this.done / this.#total : 1;
    const took = this.#clock.monoMs() - this.#startMs;
    const left = ratio > 0 ? `, ${Math.ceil((took * (1 / ratio - 1)) / 1_000)} s left` : "";
    const bar = "#".repeat(Math.floor(ratio * CELLS)).padEnd(CELLS, ".");
    const count = (n: number) => n.toLocaleString("en");
    const line = `[${bar}] ${count(this.done)} of ${count(this.#total)} addresses, ${count(this.found)} found${left}`;
    this.#terminal.write(`\r\x1b[K${line.slice(0, (this.#terminal.columns ?? 80) - 1)}`);
    this.#shown = true;
  }
}
