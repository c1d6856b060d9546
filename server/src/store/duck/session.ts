import type { DuckDBConnection, DuckDBResult, DuckDBValue } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { duckError, isInvalidated } from "./error.js";
import type { Needs } from "./room.js";

/** The columns of an answer by name; each is an array of one value per row. */
export type Columns = Record<string, readonly DuckDBValue[]>;

/** Writes a number into SQL text, where it takes part in pruning by zone maps; a parameter does not. Throws on NaN. */
export function literal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number for a query`);
  return String(value);
}

/** A list for `IN (…)`; an empty one matches nothing. */
export const literals = (values: readonly number[]): string =>
  values.length ? values.map(literal).join(",") : "NULL";

/** `expression` as a DOUBLE that is NaN where it is NULL: reading a column without a null mask is ten times faster. */
export const bare = (expression: string): string => `coalesce(${expression}, 'nan'::DOUBLE)`;

/** The number behind {@link bare}; NaN is null. */
export const known = (value: DuckDBValue | undefined): number | null =>
  typeof value !== "number" || Number.isNaN(value) ? null : value;

/** What a session needs of its file: `ready` opens it anew after DuckDB has given it up. */
export interface SessionFile {
  readonly path: string;
  ready(): Promise<void>;
  /** A command of a session begins, and has ended: it gets the memory it may need. */
  begin(connection: DuckDBConnection, needs: Needs): Promise<void>;
  end(connection: DuckDBConnection, needs: Needs): Promise<void>;
  giveUp(): void;
}

/**
 * One connection whose commands run one after another, so that a transaction is never interleaved. When DuckDB gives the
 * database up after a failed write, the command rejects and the next one opens the file anew.
 */
export class Session {
  #tail: Promise<unknown> = Promise.resolve();
  #working: Promise<unknown> | undefined;
  #closed = false;

  constructor(
    /** Replaced when the file is opened anew. */
    public connection: DuckDBConnection,
    private readonly file: SessionFile,
    private readonly needs: Needs,
  ) {}

  /** Runs `work` alone on the connection. Rejects with a ServerError. */
  alone<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      if (this.#closed) throw new ServerError("storeClosed", `${this.file.path} is closed`);
      await this.file.ready();
      const working = this.#work(work);
      this.#working = working.catch(() => undefined);
      return working;
    });
    this.#tail = turn.catch(() => undefined);
    return turn.catch((cause) => {
      if (isInvalidated(cause)) this.file.giveUp();
      throw duckError(cause, this.file.path);
    });
  }

  async #work<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    try {
      await this.file.begin(this.connection, this.needs);
      return await work(this.connection);
    } finally {
      await this.file.end(this.connection, this.needs);
    }
  }

  /** Waits for the command that DuckDB works on. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Runs `work` inside a transaction; rolls back when it rejects. */
  transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    let result: T;
    return this.transactionEndingWith(async (connection) => {
      result = await work(connection);
      return "";
    }).then(() => result);
  }

  /** As {@link transaction}; `work` returns its last statements, which go in one round with the commit. */
  transactionEndingWith(work: (connection: DuckDBConnection) => Promise<string>): Promise<void> {
    return this.alone(async (connection) => {
      await connection.run("BEGIN");
      try {
        await connection.run(`${await work(connection)} COMMIT`);
      } catch (cause) {
        // The first error is the one to tell; after it a rollback can only fail because DuckDB has done it already.
        await connection.run("ROLLBACK").catch(() => undefined);
        throw cause;
      }
    });
  }

  /** Runs `work` inside a transaction that is rolled back at its end, whether it works or not. */
  rolledBack(work: (connection: DuckDBConnection) => Promise<unknown>): Promise<void> {
    return this.alone(async (connection) => {
      await connection.run("BEGIN");
      try {
        await work(connection);
      } catch (cause) {
        await connection.run("ROLLBACK").catch(() => undefined);
        throw cause;
      }
      await connection.run("ROLLBACK");
    });
  }

  run(sql: string, values?: DuckDBValue[]): Promise<unknown> {
    return this.alone((connection) => connection.run(sql, values));
  }

  /** Rows changed by a DELETE, INSERT or UPDATE. */
  changed(sql: string): Promise<number> {
    return this.alone(async (connection) => (await connection.run(sql)).rowsChanged);
  }

  columns(sql: string, values?: DuckDBValue[]): Promise<Columns> {
    return this.alone(async (connection) => {
      const reader = await connection.runAndReadAll(sql, values);
      return reader.getColumnsObject();
    });
  }

  /**
   * Gives an answer of DOUBLE columns to `take` piece by piece, NaN where one is NULL. The arrays are used again for the
   * next piece.
   */
  numbers(sql: string, take: (columns: readonly Float64Array[], rows: number) => void): Promise<void> {
    return this.alone(async (connection) => {
      await takeNumbers(await connection.run(sql), take);
    });
  }

  /** The rows of a small answer as objects. */
  async rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, DuckDBValue>[]> {
    return this.alone(async (connection) => {
      const reader = await connection.runAndReadAll(sql, values);
      return reader.getRowObjects();
    });
  }

  /** Waits for what runs, then disconnects. */
  async close(): Promise<void> {
    await this.#tail;
    if (this.#closed) return;
    this.#closed = true;
    this.connection.disconnectSync();
  }
}

/** Gives an answer of columns of numbers to `take` piece by piece, as {@link Session.numbers} does. */
export async function takeNumbers(
  result: DuckDBResult,
  take: (columns: readonly Float64Array[], rows: number) => void,
): Promise<void> {
  const columns: Float64Array[] = [];
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
    const rows = chunk.rowCount;
    for (let c = 0; c < chunk.columnCount; c++) {
      const vector = chunk.getColumnVector(c);
      const held = columns[c];
      const into = held && held.length >= rows ? held : new Float64Array(rows);
      for (let i = 0; i < rows; i++) into[i] = (vector.getItem(i) as number | null) ?? Number.NaN;
      columns[c] = into;
    }
    take(columns, rows);
  }
}
