import type { DuckDBValue } from "@duckdb/node-api";
import { type AuditEntry, auditEntrySchema } from "@hashwatt/protocol/access";
import { literal, type Session } from "../duck/session.js";
import { NO_CHANGES } from "./noChanges.js";
import { quoted } from "./sqlText.js";
import type { AuditBound, AuditQuery, AuditStore } from "./state.js";

const json = (value: DuckDBValue | undefined): unknown =>
  value === null || value === undefined ? null : JSON.parse(String(value));

/** The record of changes in the state file. */
export class AuditTable implements AuditStore {
  #next = 1;

  private constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  static async open(writer: Session, reader: Session): Promise<AuditTable> {
    const table = new AuditTable(writer, reader);
    const [row] = await reader.rows("SELECT coalesce(max(n), 0)::DOUBLE AS n FROM audit");
    table.#next = Number(row?.n) + 1;
    return table;
  }

  async add({ before, after, ...entry }: Omit<AuditEntry, "n">): Promise<void> {
    const { atMs, who, by, address, action, object, result } = entry;
    const values: DuckDBValue[] = [
      this.#next++,
      atMs,
      who,
      by,
      address,
      action,
      object,
      before && JSON.stringify(before),
      after && JSON.stringify(after),
      result,
    ];
    await this.writer.transaction((connection) =>
      connection.run(`INSERT INTO audit VALUES (${values.map((_, i) => `$${i + 1}`).join(", ")})`, values),
    );
  }

  async list({ fromMs, toMs, who, action, before, limit }: AuditQuery): Promise<AuditEntry[]> {
    const conditions = [
      fromMs !== undefined && `at_ms >= ${literal(fromMs)}`,
      toMs !== undefined && `at_ms < ${literal(toMs)}`,
      who !== undefined && `who = ${quoted(who)}`,
      action !== undefined &&
        (action.endsWith(".") ? `starts_with(action, ${quoted(action)})` : `action = ${quoted(action)}`),
      before !== undefined && `n < ${literal(before)}`,
    ].filter((condition) => condition !== false);
    const rows = await this.reader.rows(
      `SELECT * FROM audit ${conditions.length ? `WHERE ${conditions.join(" AND ")}` : ""} ORDER BY n DESC LIMIT ${literal(limit)}`,
    );
    return rows.map((row) =>
      auditEntrySchema.parse({
        ...row,
        n: Number(row.n),
        atMs: Number(row.at_ms),
        before: json(row.before),
        after: json(row.after),
      }),
    );
  }

  async trim({ fromMs, done, notDone, visits }: AuditBound): Promise<void> {
    const isVisit = `action IN (${NO_CHANGES.map(quoted).join(", ")})`;
    const surplus = (condition: string, kept: number) =>
      `n IN (SELECT n FROM audit WHERE ${condition} ORDER BY n DESC OFFSET ${literal(kept)})`;
    const gone = [
      `at_ms < ${literal(fromMs)}`,
      surplus(`result = 'done' AND NOT ${isVisit}`, done),
      surplus("result <> 'done'", notDone),
      surplus(`result = 'done' AND ${isVisit}`, visits),
    ];
    await this.writer.run(`DELETE FROM audit WHERE ${gone.join(" OR ")}`);
  }
}
