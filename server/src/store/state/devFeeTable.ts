import { literal, type Session } from "../duck/session.js";
import { DEV_FEE_HOLDS_MS, type DevFeeRow, type DevFeeStore, firstShareMs } from "./devFees.js";

/** Rows in one INSERT. */
const ROWS = 500;

/** What firmwares were measured to take, in the state file. */
export class DevFeeTable implements DevFeeStore {
  #sinceMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  /** Reads since when shares are known; call it once before anything is asked. */
  async load(): Promise<void> {
    const [first] = await this.reader.rows(
      "SELECT min(from_ms)::DOUBLE AS since_ms FROM rig_dev_fees WHERE share IS NOT NULL",
    );
    if (first?.since_ms != null) this.#sinceMs = Number(first.since_ms);
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  async put(rows: readonly DevFeeRow[]): Promise<void> {
    if (!rows.length) return;
    await this.writer.transaction(async (connection) => {
      for (let first = 0; first < rows.length; first += ROWS) {
        const values = rows
          .slice(first, first + ROWS)
          .map(
            ({ rig, fromMs, share, sinceMs, toMs, acceptedDiff, devFeeDiff }) =>
              `(${[rig, fromMs].map(literal).join(", ")}, ${share === undefined ? "NULL" : share.toExponential()}, ${[sinceMs, toMs, acceptedDiff, devFeeDiff].map(literal).join(", ")})`,
          );
        await connection.run(`INSERT INTO rig_dev_fees VALUES ${values.join(",")}`);
      }
    });
    this.#sinceMs = Math.min(this.#sinceMs, firstShareMs(rows));
  }

  async since(fromMs: number): Promise<DevFeeRow[]> {
    const rows = await this.reader.rows(
      `SELECT rig, from_ms::DOUBLE AS from_ms, share, since_ms::DOUBLE AS since_ms, to_ms::DOUBLE AS to_ms, accepted_diff, dev_fee_diff
       FROM rig_dev_fees WHERE from_ms >= ${literal(fromMs)} ORDER BY rig, from_ms`,
    );
    return rows.map((row) => ({
      rig: Number(row.rig),
      fromMs: Number(row.from_ms),
      ...(row.share != null && { share: Number(row.share) }),
      sinceMs: Number(row.since_ms),
      toMs: Number(row.to_ms),
      acceptedDiff: Number(row.accepted_diff),
      devFeeDiff: Number(row.dev_fee_diff),
    }));
  }

  async drop(beforeMs: number): Promise<void> {
    await this.writer.changed(`DELETE FROM rig_dev_fees WHERE from_ms < ${literal(beforeMs)}`);
  }
}

/** The condition for shares that may count within [fromMs, toMs). */
export const devFeesWithin = (fromMs: number, toMs: number): string =>
  `share IS NOT NULL AND from_ms > ${literal(fromMs - DEV_FEE_HOLDS_MS)} AND from_ms < ${literal(toMs)}`;

/** Joins 5-minute rows `r` with the share that their rig's firmware was measured to take, as `dev_fee`. */
export const devFeeJoin = (fromMs: number, toMs: number) => ({
  column: `CASE WHEN r.start_ms < d.from_ms + ${DEV_FEE_HOLDS_MS} THEN d.share END AS dev_fee`,
  join: `ASOF LEFT JOIN (SELECT rig, from_ms, share FROM rig_dev_fees WHERE ${devFeesWithin(fromMs, toMs)}) d
      ON d.rig = r.rig AND d.from_ms <= r.start_ms`,
});
