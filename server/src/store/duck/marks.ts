import type { DuckDBConnection } from "@duckdb/node-api";
import type { StreamMark } from "../store.js";
import { literal } from "./session.js";

const keyOf = ({ site, agent, stream }: StreamMark): string => `${site}/${agent}/${stream}`;

/** A mark with the number of its row. */
export interface HeldMark extends StreamMark {
  id: number;
}

/** Reads every stream's mark. */
export async function readMarks(connection: DuckDBConnection): Promise<HeldMark[]> {
  const reader = await connection.runAndReadAll(
    "SELECT id, site, agent, stream, seq::DOUBLE AS seq, updated_ms::DOUBLE AS updated_ms, lost::DOUBLE AS lost FROM streams ORDER BY id",
  );
  return reader.getRowObjects().map((row) => ({
    id: Number(row.id),
    site: String(row.site),
    agent: String(row.agent),
    stream: String(row.stream),
    seq: Number(row.seq),
    updatedMs: Number(row.updated_ms),
    lost: Number(row.lost),
  }));
}

/** Writes marks beside samples. It knows which streams have a row, so that a commit needs one UPDATE for all of them. */
export class StreamMarks {
  readonly #ids = new Map<string, number>();
  #fresh: string[] = [];
  #nextId = 1;

  /** Takes over what a file holds. */
  load(marks: readonly HeldMark[]): void {
    this.#ids.clear();
    this.#fresh = [];
    for (const mark of marks) {
      this.#ids.set(keyOf(mark), mark.id);
      this.#nextId = Math.max(this.#nextId, mark.id + 1);
    }
  }

  /**
   * Prepares marks inside the caller's transaction and returns the statements that move them there; of several of one
   * stream the last counts.
   */
  async prepare(connection: DuckDBConnection, marks: readonly StreamMark[]): Promise<string> {
    const moved = new Map<number, StreamMark>();
    for (const mark of marks) {
      const key = keyOf(mark);
      const id = this.#ids.get(key);
      if (id !== undefined) {
        moved.set(id, mark);
        continue;
      }
      const fresh = this.#nextId++;
      this.#ids.set(key, fresh);
      this.#fresh.push(key);
      await connection.run("INSERT INTO streams VALUES ($1, $2, $3, $4, 0, 0, 0)", [
        fresh,
        mark.site,
        mark.agent,
        mark.stream,
      ]);
      moved.set(fresh, mark);
    }
    if (moved.size === 0) return "";
    // Up to two are the usual case, and a third cheaper than the join.
    if (moved.size <= 2)
      return [...moved]
        .map(
          ([id, { seq, updatedMs, lost }]) =>
            `UPDATE streams SET seq = ${literal(seq)}, updated_ms = ${literal(updatedMs)}, lost = ${literal(lost)} WHERE id = ${id};`,
        )
        .join(" ");
    const rows = [...moved].map(
      ([id, { seq, updatedMs, lost }]) =>
        `(${id}, ${literal(seq)}, ${literal(updatedMs)}::BIGINT, ${literal(lost)})`,
    );
    return `UPDATE streams SET seq = v.seq, updated_ms = v.updated_ms, lost = v.lost
      FROM (VALUES ${rows.join(",")}) v(id, seq, updated_ms, lost) WHERE streams.id = v.id;`;
  }

  committed(): void {
    this.#fresh = [];
  }

  rolledBack(): void {
    for (const key of this.#fresh) this.#ids.delete(key);
    this.#fresh = [];
  }
}
