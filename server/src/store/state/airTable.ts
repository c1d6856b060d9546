import { literal, type Session } from "../duck/session.js";
import { quoted } from "./sqlText.js";
import type { AirQuery, AirRow, AirStore } from "./state.js";

/** Rows in one INSERT. */
const ROWS = 500;

/** History of the air in the state file. */
export class AirTable implements AirStore {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async put(rows: readonly AirRow[]): Promise<void> {
    const key = ({ startMs, stepMs, site, meter }: AirRow) =>
      `${literal(startMs)}, ${literal(stepMs)}, ${quoted(site)}, ${quoted(meter)}`;
    const kept = [...new Map(rows.map((row) => [key(row), row])).values()];
    if (!kept.length) return;
    await this.writer.transaction(async (connection) => {
      for (let first = 0; first < kept.length; first += ROWS) {
        const part = kept.slice(first, first + ROWS);
        const starts = part.map(({ startMs }) => startMs);
        await connection.run(
          `DELETE FROM air WHERE start_ms BETWEEN ${literal(Math.min(...starts))} AND ${literal(Math.max(...starts))}
           AND (start_ms, step_ms, site, meter) IN (${part.map((row) => `(${key(row)})`).join(",")})`,
        );
        const values = part.map((row) => {
          const { place, unit, coveredMs, min, mean, max } = row;
          return `(${key(row)}, ${quoted(place)}, ${quoted(unit)}, ${[coveredMs, min, mean, max].map(literal).join(", ")})`;
        });
        await connection.run(`INSERT INTO air VALUES ${values.join(",")}`);
      }
    });
  }

  async rows({ site, meter, fromMs, toMs, stepMs, foldMs = stepMs }: AirQuery): Promise<AirRow[]> {
    const of = meter === undefined ? "" : `AND meter = ${quoted(meter)}`;
    const start = foldMs === stepMs ? "start_ms" : `(start_ms // ${literal(foldMs)}) * ${literal(foldMs)}`;
    const rows = await this.reader.rows(
      `SELECT meter, ${start} AS start_ms, last(place ORDER BY a.start_ms) AS place, last(unit ORDER BY a.start_ms) AS unit,
         sum(covered_ms) AS covered_ms, min(low) AS low, max(high) AS high,
         CASE WHEN sum(covered_ms) > 0 THEN sum(mean * covered_ms) / sum(covered_ms) ELSE first(mean ORDER BY a.start_ms) END AS mean
       FROM air a WHERE a.start_ms >= ${literal(fromMs)} AND a.start_ms < ${literal(toMs)} AND step_ms = ${literal(stepMs)}
         AND site = ${quoted(site)} ${of} GROUP BY meter, ${start} ORDER BY meter, 2`,
    );
    return rows.map((row) => ({
      site,
      meter: String(row.meter),
      place: String(row.place) as AirRow["place"],
      unit: String(row.unit) as AirRow["unit"],
      startMs: Number(row.start_ms),
      stepMs: foldMs,
      coveredMs: Number(row.covered_ms),
      min: Number(row.low),
      mean: Number(row.mean),
      max: Number(row.high),
    }));
  }

  async drop(stepMs: number, beforeMs: number): Promise<void> {
    await this.writer.changed(
      `DELETE FROM air WHERE step_ms = ${literal(stepMs)} AND start_ms < ${literal(beforeMs)}`,
    );
  }
}
