import { literal, literals, type Session } from "../duck/session.js";
import type { EventRecord } from "./state.js";

/** Events kept; the oldest make room when the file is opened, and when it is trimmed. */
const MAX_EVENTS = 100_000;

/** Events in the state file. */
export class EventTable {
  #next = 1;

  private constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  static async open(writer: Session, reader: Session): Promise<EventTable> {
    const table = new EventTable(writer, reader);
    const [row] = await writer.rows("SELECT coalesce(max(n), 0)::DOUBLE AS n FROM events");
    table.#next = Number(row?.n) + 1;
    await table.trim();
    return table;
  }

  async trim(): Promise<void> {
    await this.writer.run(`DELETE FROM events WHERE n < ${this.#next - MAX_EVENTS}`);
  }

  async add({ atMs, kind, site, rig, text }: EventRecord): Promise<void> {
    const values = [atMs, this.#next++, kind, site ?? null, rig ?? null, text];
    await this.writer.transaction((connection) =>
      connection.run("INSERT INTO events VALUES ($1, $2, $3, $4, $5, $6)", values),
    );
  }

  async since(sinceMs: number, limit: number, rigs?: readonly number[]): Promise<EventRecord[]> {
    const of = rigs ? `AND rig IN (${literals(rigs)})` : "";
    const rows = await this.reader.rows(
      `SELECT * FROM events WHERE at_ms >= ${literal(sinceMs)} ${of} ORDER BY at_ms DESC, n DESC LIMIT ${literal(limit)}`,
    );
    return rows.map(({ at_ms, kind, site, rig, text }) => ({
      atMs: Number(at_ms),
      kind: String(kind),
      ...(site !== null && { site: String(site) }),
      ...(rig !== null && { rig: Number(rig) }),
      text: String(text),
    }));
  }
}
