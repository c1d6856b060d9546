import type { AlertCare } from "../../alerts/delivery/alertCare.js";
import { literal, type Session } from "../duck/session.js";
import { putMessage } from "./notificationTable.js";
import { quoted } from "./sqlText.js";
import type { AlertCareStore, KeptCares } from "./state.js";

/** Rows in one statement. */
const ROWS = 500;

/** What is done about alerts, in the state file. */
export class AlertCareTable implements AlertCareStore {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async of(ids: readonly string[]): Promise<AlertCare[]> {
    const found: AlertCare[] = [];
    for (let first = 0; first < ids.length; first += ROWS) {
      const part = ids.slice(first, first + ROWS);
      const rows = await this.reader.rows(
        `SELECT care FROM alert_care WHERE id IN (${part.map(quoted).join(",")}) ORDER BY id`,
      );
      found.push(...rows.map(({ care }) => JSON.parse(String(care)) as AlertCare));
    }
    return found;
  }

  async keep({ cares, notifications, atMs }: KeptCares): Promise<void> {
    if (!cares.length && !notifications.length) return;
    const last = [...new Map(cares.map((care) => [care.id, care])).values()];
    const messages = [...new Map(notifications.map((each) => [each.id, each])).values()];
    await this.writer.transaction(async (connection) => {
      for (let first = 0; first < last.length; first += ROWS) {
        const part = last.slice(first, first + ROWS);
        await connection.run(
          `DELETE FROM alert_care WHERE id IN (${part.map(({ id }) => quoted(id)).join(",")})`,
        );
        const values = part.map(
          (care) => `(${quoted(care.id)}, ${literal(atMs)}, ${quoted(JSON.stringify(care))})`,
        );
        await connection.run(`INSERT INTO alert_care VALUES ${values.join(",")}`);
      }
      for (const message of messages) await putMessage(connection, message);
    });
  }

  async trim(beforeMs: number): Promise<void> {
    await this.writer.run(`DELETE FROM alert_care WHERE changed_ms < ${literal(beforeMs)}`);
  }
}
