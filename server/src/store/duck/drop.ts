import { literal, type Session } from "./session.js";

/** One piece of a deletion: so much data time goes in one transaction, ms. */
const DROP_SLICE_MS = 3_600_000;
/** Every table of rows with a time. */
const TABLES = [
  "samples",
  "extras",
  "boards",
  "fans",
  "board_minutes",
  "fan_minutes",
  "last_boards",
  "last_fans",
  "faults",
];

/** Deletes rows older than `beforeMs`, piece by piece beside commits; returns how many samples went. */
export async function dropBefore(session: Session, beforeMs: number): Promise<number> {
  let dropped = 0;
  for (const table of TABLES)
    for (;;) {
      // Asked anew each time: between a stray old row and the rest may lie years.
      const [row] = await session.rows(`SELECT min(ts)::DOUBLE AS low FROM ${table}`);
      if (row?.low == null || Number(row.low) >= beforeMs) break;
      const to = Math.min(Number(row.low) + DROP_SLICE_MS, beforeMs);
      const gone = await session.changed(`DELETE FROM ${table} WHERE ts < ${literal(to)}`);
      if (table === "samples") dropped += gone;
    }
  return dropped;
}
