import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { quoted } from "./sqlText.js";

/** Names of sources that are kept; a source that names a new one for every figure must not fill the memory. */
const MAX_SOURCES = 20_000;
/** What stands for the name of a source beyond these. */
const UNNAMED = "a source whose name was not kept";

/** Names of the sources of rates as numbers. New ones are written within the transaction of the rows that use them. */
export class LedgerSources {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  #fresh: number[] = [];

  load(rows: readonly Record<string, DuckDBValue>[]): void {
    for (const { id, text } of rows) {
      this.#ids.set(String(text), Number(id));
      this.#texts.set(Number(id), String(text));
    }
  }

  /** The number of a name; undefined where there are too many. */
  idOf(text: string): number | undefined {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_SOURCES) return undefined;
    const id = this.#ids.size + 1;
    this.#ids.set(text, id);
    this.#texts.set(id, text);
    this.#fresh.push(id);
    return id;
  }

  textOf(id: DuckDBValue | undefined): string {
    return (typeof id === "number" ? this.#texts.get(id) : undefined) ?? UNNAMED;
  }

  async write(connection: DuckDBConnection): Promise<void> {
    if (!this.#fresh.length) return;
    const values = this.#fresh.map((id) => `(${id}, ${quoted(this.#texts.get(id)!)})`);
    await connection.run(`INSERT INTO ledger_sources VALUES ${values.join(",")}`);
  }

  committed(): void {
    this.#fresh = [];
  }

  rolledBack(): void {
    for (const id of this.#fresh) {
      this.#ids.delete(this.#texts.get(id)!);
      this.#texts.delete(id);
    }
    this.#fresh = [];
  }
}
