import type { DuckDBConnection } from "@duckdb/node-api";
import type { Session } from "../duck/session.js";
import { quoted } from "./sqlText.js";
import type { QueuedNotification } from "./state.js";

/** Replaces one message by its id, within the caller's transaction. */
export async function putMessage(connection: DuckDBConnection, message: QueuedNotification): Promise<void> {
  const { id, notifier, body, createdMs, dueMs, attempts, failed } = message;
  await connection.run(`DELETE FROM notifications WHERE id = ${quoted(id)}`);
  await connection.run(
    "INSERT INTO notifications (id, notifier, body, created_ms, due_ms, attempts, failed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [
      id,
      notifier,
      JSON.stringify(body),
      createdMs,
      Math.round(dueMs),
      attempts,
      failed ? JSON.stringify(failed) : null,
    ],
  );
}

/** Messages that wait to be delivered, and those that failed, in the state file. */
export class NotificationTable {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async put(message: QueuedNotification): Promise<void> {
    await this.writer.transaction((connection) => putMessage(connection, message));
  }

  async all(): Promise<QueuedNotification[]> {
    const rows = await this.reader.rows("SELECT * FROM notifications ORDER BY created_ms, id");
    return rows.map((row) => ({
      id: String(row.id),
      notifier: String(row.notifier),
      body: JSON.parse(String(row.body)),
      createdMs: Number(row.created_ms),
      dueMs: Number(row.due_ms),
      attempts: Number(row.attempts),
      ...(row.failed !== null && { failed: JSON.parse(String(row.failed)) }),
    }));
  }
}
