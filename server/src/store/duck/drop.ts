import { EXTRAS_HOLD_MS } from "./heldExtras.js";
import { literal, type Session } from "./session.js";

/** One piece of a deletion: so much data time goes in one transaction, ms. */
const DROP_SLICE_MS = 3_600_000;
/** Every table of rows with a time, and how long a row counts beyond its own, ms. */
const TABLES: readonly (readonly [string, number])[] = [
  ["samples", 0],
  ["extras", EXTRAS_HOLD_MS],
  ["boards", 0],
  ["fans", 0],
  ["board_minutes", 0],
  ["fan_minutes", 0],
  ["last_boards", 0],
  ["last_fans", 0],
  ["faults", 0],
];

/** Deletes rows older than `beforeMs`, piece by piece beside commits; returns how many samples went. */
export async function dropBefore(session: Session, beforeMs: number): Promise<number> {
  let dropped = 0;
  for (const [table, holdMs] of TABLES)
    for (;;) {
      // Asked anew each time: between a stray old row and the rest may lie years.
      const [row] = await session.rows(`SELECT min(ts)::DOUBLE AS low FROM ${table}`);
      if (row?.low == null || Number(row.low) >= beforeMs - holdMs) break;
      const to = Math.min(Number(row.low) + DROP_SLICE_MS, beforeMs - holdMs);
      const gone = await session.changed(`DELETE FROM ${table} WHERE ts < ${literal(to)}`);
      if (table === "samples") dropped += gone;
    }
  return dropped;
}
