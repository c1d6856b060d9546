import { readMarks, StreamMarks } from "../duck/marks.js";
import { literal, type Session } from "../duck/session.js";
import type { StreamMark } from "../store.js";
import type { TouchedBucket } from "./state.js";

/**
 * Marks of streams, and when the 5-minute buckets last got a sample: for a telemetry store that cannot commit them with its
 * samples. Not part of an export: a mark that is older than what its agent has been told is worse than none.
 */
export class StreamTable {
  readonly #marks = new StreamMarks();
  /** What the table holds of each bucket. */
  readonly #touched = new Map<number, number>();

  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  /** Reads what is held; call it once before the first use. */
  async open(): Promise<void> {
    await this.writer.alone(async (connection) => this.#marks.load(await readMarks(connection)));
    const columns = await this.writer.columns(
      "SELECT start_ms::DOUBLE AS start_ms, received_ms::DOUBLE AS received_ms FROM touched",
    );
    for (const [i, startMs] of (columns.start_ms ?? []).entries())
      this.#touched.set(Number(startMs), Number(columns.received_ms![i]));
  }

  async marks(): Promise<StreamMark[]> {
    return (await this.reader.alone(readMarks)).map(({ id: _row, ...mark }) => mark);
  }

  async put(marks: readonly StreamMark[], buckets: readonly TouchedBucket[]): Promise<void> {
    const later = buckets.filter(
      ({ startMs, receivedMs }) => (this.#touched.get(startMs) ?? -1) < receivedMs,
    );
    if (!marks.length && !later.length) return;
    await this.writer
      .transactionEndingWith(async (connection) => {
        const moved = await this.#marks.prepare(connection, marks);
        const touched = later.map(({ startMs, receivedMs }) =>
          this.#touched.has(startMs)
            ? `UPDATE touched SET received_ms = ${literal(receivedMs)} WHERE start_ms = ${literal(startMs)};`
            : `INSERT INTO touched VALUES (${literal(startMs)}, ${literal(receivedMs)});`,
        );
        return [moved, ...touched].join(" ");
      })
      .then(
        () => {
          this.#marks.committed();
          for (const { startMs, receivedMs } of later) this.#touched.set(startMs, receivedMs);
        },
        (cause) => {
          this.#marks.rolledBack();
          throw cause;
        },
      );
  }

  async drop(beforeMs: number): Promise<void> {
    await this.writer.transaction(async (connection) => {
      await connection.run(`DELETE FROM streams WHERE updated_ms < ${literal(beforeMs)}`);
      await connection.run(`DELETE FROM touched WHERE received_ms < ${literal(beforeMs)}`);
      this.#marks.load(await readMarks(connection));
    });
    for (const [startMs, receivedMs] of this.#touched)
      if (receivedMs < beforeMs) this.#touched.delete(startMs);
  }

  /** From memory, which holds what the table does. */
  bucketsSince(receivedMs: number): number[] {
    return [...this.#touched]
      .filter(([, lastMs]) => lastMs >= receivedMs)
      .map(([startMs]) => startMs)
      .sort((a, b) => a - b);
  }
}
