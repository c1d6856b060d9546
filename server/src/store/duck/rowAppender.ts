import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  INTEGER,
} from "@duckdb/node-api";

/** Rows that DuckDB takes at once. */
const CHUNK_ROWS = 2_048;
/** Sets of present columns that get a chunk of their own; further ones share one and pay for their nulls. */
const MAX_SHAPES = 8;

/** Empties an appender that is given up: DuckDB writes what it still holds when the collector takes it. */
export function dropRows(appender: DuckDBAppender): void {
  try {
    appender.clear();
  } catch {
    // One whose database is gone has nowhere to write to.
  }
}

/** Rows of one shape on their way to DuckDB: one array per present value. */
interface Shape {
  present: number[];
  atMs: Float64Array;
  rig: Int32Array;
  values: Float64Array[];
  rows: number;
  chunk: DuckDBDataChunk;
  /** Marks that absent values must be written row by row. */
  mixed: boolean;
}

/**
 * Appends rows of (BIGINT ms, INTEGER rig, DOUBLE…) to a table through chunks that live as long as the appender: a fresh
 * chunk per batch is memory that the collector does not see. Rows are grouped by which values they have, and each group
 * has a chunk whose other columns were set to NULL once, because a null mask costs more per value than the value.
 * Rows of one flush may be stored in another order than they came.
 */
export class RowAppender {
  readonly #shapes = new Map<number, Shape>();
  readonly #all: number[];
  #appender: DuckDBAppender | undefined;
  /** The appender has rows that are not flushed. */
  #held = false;

  constructor(
    private readonly table: string,
    /** DOUBLE columns after the first two; at most 52, since a set of them is a number. */
    private readonly valueCount: number,
    private readonly maxShapes = MAX_SHAPES,
  ) {
    this.#all = Array.from({ length: valueCount }, (_, i) => i);
  }

  /** Opens the way on a connection; a former one is given up with what it held. */
  async attach(connection: DuckDBConnection): Promise<void> {
    this.clear();
    this.#appender = await connection.createAppender(this.table);
  }

  /** Takes one row; NaN in `row` is NULL. Rejects nothing: errors come with {@link flush}. */
  add(atMs: number, rig: number, row: Float64Array): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < this.valueCount; i++) {
      const value = row[i]!;
      // biome-ignore lint/suspicious/noSelfCompare: NaN is the one value that differs from itself, and this is the hot loop
      if (value === value) {
        if (i < 26) low |= 1 << i;
        else high |= 1 << (i - 26);
      }
    }
    const shape = this.#shape(low + high * 0x4000000, row);
    const at = shape.rows;
    shape.atMs[at] = atMs;
    shape.rig[at] = rig;
    const { present, values } = shape;
    for (let i = 0; i < present.length; i++) values[i]![at] = row[present[i]!]!;
    shape.rows = at + 1;
    if (shape.rows === CHUNK_ROWS) this.#write(shape);
  }

  /** Hands everything to DuckDB, within whatever transaction its connection is in. */
  flush(): void {
    for (const shape of this.#shapes.values()) if (shape.rows > 0) this.#write(shape);
    if (this.#held) this.#appender!.flushSync();
    this.#held = false;
  }

  /** Forgets rows that were not flushed. */
  clear(): void {
    if (this.#appender) dropRows(this.#appender);
    this.#held = false;
    for (const shape of this.#shapes.values()) shape.rows = 0;
  }

  #shape(key: number, row: Float64Array): Shape {
    const known = this.#shapes.get(key);
    if (known) return known;
    if (this.#shapes.size < this.maxShapes) {
      const present = this.#all.filter((i) => !Number.isNaN(row[i]));
      return this.#create(key, present, false);
    }
    return this.#shapes.get(-1) ?? this.#create(-1, this.#all, true);
  }

  #create(key: number, present: number[], mixed: boolean): Shape {
    const chunk = DuckDBDataChunk.create([BIGINT, INTEGER, ...this.#all.map(() => DOUBLE)], CHUNK_ROWS);
    if (!mixed) {
      const nulls = new Array<null>(CHUNK_ROWS).fill(null);
      for (const i of this.#all) if (!present.includes(i)) chunk.setColumnValues(2 + i, nulls);
    }
    const shape: Shape = {
      present,
      atMs: new Float64Array(CHUNK_ROWS),
      rig: new Int32Array(CHUNK_ROWS),
      values: present.map(() => new Float64Array(CHUNK_ROWS)),
      rows: 0,
      chunk,
      mixed,
    };
    this.#shapes.set(key, shape);
    return shape;
  }

  #write(shape: Shape): void {
    const { chunk, rows, present } = shape;
    shape.rows = 0;
    if (shape.mixed) chunk.reset();
    chunk.rowCount = rows;
    const at = chunk.getColumnVector(0);
    for (let i = 0; i < rows; i++) at.setItem(i, BigInt(shape.atMs[i]!));
    at.flush();
    const rig = chunk.getColumnVector(1);
    for (let i = 0; i < rows; i++) rig.setItem(i, shape.rig[i]!);
    rig.flush();
    for (const [index, column] of present.entries()) {
      const vector = chunk.getColumnVector(2 + column);
      const values = shape.values[index]!;
      for (let i = 0; i < rows; i++) {
        const value = values[i]!;
        vector.setItem(i, Number.isNaN(value) ? null : value);
      }
      vector.flush();
    }
    this.#held = true;
    this.#appender!.appendDataChunk(chunk);
  }
}
