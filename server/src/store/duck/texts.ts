import type { DuckDBConnection } from "@duckdb/node-api";

/** Different texts kept; beyond it a new text is not stored, and reads as not reported. */
const MAX_TEXTS = 50_000;

/**
 * Small dictionary for texts that repeat (algorithms, pools, power modes), so that rows hold numbers. New texts are
 * written within the transaction of the rows that use them.
 */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  readonly #fresh: number[] = [];

  /** Reads the dictionary of a file. */
  async load(connection: DuckDBConnection): Promise<void> {
    this.#ids.clear();
    this.#texts.clear();
    this.#fresh.length = 0;
    const reader = await connection.runAndReadAll("SELECT id, text FROM texts");
    for (const row of reader.getRowObjects()) {
      this.#ids.set(String(row.text), Number(row.id));
      this.#texts.set(Number(row.id), String(row.text));
    }
  }

  /** The number of a text; NaN for none, and for a new one when the dictionary is full. */
  idOf(text: string | undefined): number {
    if (text === undefined) return Number.NaN;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_TEXTS) return Number.NaN;
    const id = this.#ids.size + 1;
    this.#ids.set(text, id);
    this.#texts.set(id, text);
    this.#fresh.push(id);
    return id;
  }

  /** The number of a text that rows may hold; undefined when no row can. */
  lookup(text: string): number | undefined {
    return this.#ids.get(text);
  }

  textOf(id: number | null): string | undefined {
    return id === null ? undefined : this.#texts.get(id);
  }

  /** Writes new texts inside the caller's transaction. */
  async write(connection: DuckDBConnection): Promise<void> {
    for (const id of this.#fresh)
      await connection.run("INSERT INTO texts VALUES ($1, $2)", [id, this.#texts.get(id)!]);
  }

  /** New texts are on disk. */
  committed(): void {
    this.#fresh.length = 0;
  }

  /** New texts are not on disk: their numbers are free again. */
  rolledBack(): void {
    for (const id of this.#fresh) {
      this.#ids.delete(this.#texts.get(id)!);
      this.#texts.delete(id);
    }
    this.#fresh.length = 0;
  }
}
