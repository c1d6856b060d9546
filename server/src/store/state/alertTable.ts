import type { AlertView } from "@hashwatt/protocol/http";
import { storedAlert } from "../../alerts/storedAlert.js";
import { literal, type Session } from "../duck/session.js";
import { quoted } from "./sqlText.js";

/** Alerts in one statement. */
const AT_ONCE = 500;

/** Alerts in the state file. */
export class AlertTable {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async put(alerts: readonly AlertView[]): Promise<void> {
    const kept = [...new Map(alerts.map((alert) => [alert.id, alert])).values()];
    await this.writer.transaction(async (connection) => {
      // Ten thousand can fire at once, and the acknowledgement of their readings waits: a statement for each takes seconds.
      for (let first = 0; first < kept.length; first += AT_ONCE) {
        const part = kept.slice(first, first + AT_ONCE);
        await connection.run(
          `DELETE FROM alerts WHERE id IN (${part.map(({ id }) => quoted(id)).join(",")})`,
        );
        const rows = part.map((alert) => {
          const endMs = alert.resolvedMs === null ? "NULL" : literal(alert.resolvedMs);
          return `(${quoted(alert.id)}, ${literal(alert.pendingMs)}, ${endMs}, ${quoted(JSON.stringify(alert))})`;
        });
        await connection.run(`INSERT INTO alerts VALUES ${rows.join(",")}`);
      }
    });
  }

  async since(sinceMs: number): Promise<AlertView[]> {
    const rows = await this.reader.rows(
      `SELECT alert FROM alerts WHERE resolved_ms IS NULL OR resolved_ms >= ${literal(sinceMs)} ORDER BY pending_ms DESC, id`,
    );
    return rows.map(({ alert }) => storedAlert(String(alert)));
  }

  async drop(beforeMs: number): Promise<void> {
    await this.writer.run(`DELETE FROM alerts WHERE resolved_ms < ${literal(beforeMs)}`);
  }
}
