import type { SpoolRecord } from "./record.js";

/** Records that the disk refused, in order; when full the oldest go, and the places they leave are remembered. */
export class MemoryQueue {
  #records: SpoolRecord[] = [];
  #bytes = 0;

  /** @param maxBytes bound of the bodies held */
  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get records(): readonly SpoolRecord[] {
    return this.#records;
  }

  /** Adds a record; returns the oldest ones that had to go for it. */
  push(record: SpoolRecord): SpoolRecord[] {
    this.#records.push(record);
    this.#bytes += weightOf(record);
    let over = 0;
    while (this.#bytes > this.maxBytes && over < this.#records.length - 1)
      this.#bytes -= weightOf(this.#records[over++]!);
    return over ? this.#records.splice(0, over) : [];
  }

  /** The oldest record, or undefined. */
  peek(): SpoolRecord | undefined {
    return this.#records[0];
  }

  /** Takes the oldest record off. */
  shift(): void {
    const record = this.#records.shift();
    if (record) this.#bytes -= weightOf(record);
  }

  /** Forgets what is acknowledged. */
  free(stream: string, seq: number): void {
    if (!this.#records.length) return;
    this.#records = this.#records.filter((record) => record.stream !== stream || record.seq > seq);
    this.#bytes = this.#records.reduce((sum, record) => sum + weightOf(record), 0);
  }
}

/** A record costs its body and about as much again in small objects as its header on disk. */
const weightOf = (record: SpoolRecord): number => record.body.length + 256;
