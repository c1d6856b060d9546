import { plainText } from "@hashwatt/protocol/plainText";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";

/** Stands where a text that must be there was nothing but characters that are no text. */
const NOTHING = "\ufffd";

const EVIDENCE = [
  "serial",
  "hostname",
  "make",
  "model",
  "firmware",
  "apiVersion",
  "dialect",
  "algo",
] as const;

const FAULT = ["text", "cause", "fix"] as const;

/**
 * Makes the texts of a description that nobody else holds plain ({@link plainText}): whoever shows or stores them later, in a
 * page, a table, a topic or a line of a database, has nothing but text. One of which nothing is left is unknown.
 */
export function makeEvidencePlain(told: Evidence): Evidence {
  told.address = plainText(told.address) || NOTHING;
  for (const key of EVIDENCE)
    if (told[key] !== undefined) {
      const plain = plainText(told[key]);
      if (plain) told[key] = plain;
      else delete told[key];
    }
  for (const board of told.boardSerials ?? []) board.serial = plainText(board.serial) || NOTHING;
  for (const pool of told.pools ?? []) {
    pool.url = plainText(pool.url) || NOTHING;
    if (pool.user !== undefined) pool.user = plainText(pool.user) || NOTHING;
    if (pool.status !== undefined) pool.status = plainText(pool.status) || NOTHING;
  }
  for (const note of told.notes ?? []) {
    note.code = plainText(note.code) || NOTHING;
    if (note.text !== undefined) note.text = plainText(note.text) || NOTHING;
  }
  return told;
}

/** As {@link makeEvidencePlain}, of a reading. */
export function makeSamplePlain(told: Sample): void {
  if (told.algo !== undefined) told.algo = plainText(told.algo) || NOTHING;
  if (told.powerMode !== undefined) told.powerMode = plainText(told.powerMode) || NOTHING;
  if (told.pool !== undefined) told.pool = plainText(told.pool) || NOTHING;
  if (told.faults)
    for (const fault of told.faults) {
      fault.code = plainText(fault.code) || NOTHING;
      for (const key of FAULT) if (fault[key] !== undefined) fault[key] = plainText(fault[key]) || NOTHING;
    }
}
