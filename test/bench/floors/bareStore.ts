import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  UTINYINT,
} from "@duckdb/node-api";
import type { Sample } from "@hashwatt/protocol/sample";

const CHUNK_ROWS = 2_048;
const SCALARS = 12;

/** One table that is appended to column by column, through one chunk that is used again and again. */
class BareTable {
  private readonly appender: DuckDBAppender;
  private readonly chunk: DuckDBDataChunk;
  private readonly columns: (number | bigint | null)[][];
  private constructor(appender: DuckDBAppender, types: ConstructorParameters<typeof Array>[0][]) {
    this.appender = appender;
    this.chunk = DuckDBDataChunk.create(types as never);
    this.columns = types.map(() => []);
  }
  static async open(connection: DuckDBConnection, name: string, types: unknown[]): Promise<BareTable> {
    return new BareTable(await connection.createAppender(name), types as never);
  }
  add(row: (number | bigint | null)[]): void {
    for (let i = 0; i < row.length; i++) this.columns[i]!.push(row[i]!);
    if (this.columns[0]!.length === CHUNK_ROWS) this.write();
  }
  private write(): void {
    const rows = this.columns[0]!.length;
    if (!rows) return;
    this.chunk.reset();
    this.chunk.rowCount = rows;
    for (let i = 0; i < this.columns.length; i++) {
      this.chunk.setColumnValues(i, this.columns[i]!);
      this.columns[i]!.length = 0;
    }
    this.appender.appendDataChunk(this.chunk);
  }
  flush(): void {
    this.write();
    this.appender.flushSync();
  }
}

/** The barest store of samples: two tables, no schema check, no marks, no identity but a number per handle. */
export class BareStore {
  private readonly rigs = new Map<string, number>();
  private constructor(
    readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly samples: BareTable,
    private readonly boards: BareTable,
  ) {}

  static async open(path: string): Promise<BareStore> {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    const scalars = Array.from({ length: SCALARS }, (_, i) => `v${i} DOUBLE`).join(", ");
    await connection.run(
      `CREATE TABLE IF NOT EXISTS samples (rig INTEGER, ts BIGINT, status UTINYINT, ${scalars})`,
    );
    await connection.run(
      `CREATE TABLE IF NOT EXISTS boards (rig INTEGER, ts BIGINT, slot UTINYINT, ${Array.from({ length: 7 }, (_, i) => `v${i} DOUBLE`).join(", ")})`,
    );
    return new BareStore(
      instance,
      connection,
      await BareTable.open(connection, "samples", [
        INTEGER,
        BIGINT,
        UTINYINT,
        ...Array.from({ length: SCALARS }, () => DOUBLE),
      ]),
      await BareTable.open(connection, "boards", [
        INTEGER,
        BIGINT,
        UTINYINT,
        ...Array.from({ length: 7 }, () => DOUBLE),
      ]),
    );
  }

  /** Number of a handle, given at first sight. */
  rigOf(handle: string): number {
    let rig = this.rigs.get(handle);
    if (rig === undefined) {
      rig = this.rigs.size + 1;
      this.rigs.set(handle, rig);
    }
    return rig;
  }

  add(sample: Sample): number {
    const rig = this.rigOf(sample.rig);
    const at = BigInt(Math.trunc(sample.atMs));
    this.samples.add([
      rig,
      at,
      0,
      sample.hashrateThs ?? null,
      sample.hashrateAvgThs ?? null,
      sample.powerW ?? null,
      sample.powerLimitW ?? null,
      sample.inletTempC ?? null,
      sample.boardTempC ?? null,
      sample.chipTempC ?? null,
      sample.fansRpm?.[0] ?? null,
      sample.shares?.accepted ?? null,
      sample.shares?.rejected ?? null,
      sample.uptimeS ?? null,
      sample.pollMs ?? null,
    ]);
    if (sample.boards)
      for (const board of sample.boards)
        this.boards.add([
          rig,
          at,
          board.slot,
          board.hashrateThs ?? null,
          board.boardTempC ?? null,
          board.chipTempC ?? null,
          board.chips ?? null,
          board.hwErrors ?? null,
          board.frequencyMHz ?? null,
          board.voltageV ?? null,
        ]);
    return rig;
  }

  /** Commits what was added. */
  flush(): void {
    this.samples.flush();
    this.boards.flush();
  }
}
