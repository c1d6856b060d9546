import {
  EXPECTED_NAMES,
  type ExpectedRig,
  expectedRigSchema,
  REGISTER_COLUMNS,
  type RefusedRow,
} from "@hashwatt/protocol/register";
import { cellOf, quotedCell, readCsv, refusalOf } from "../csv/csvRows.js";
import { MAX_ENTRIES } from "./register.js";

/** The rows of a register as CSV: those that say what a rig is, and those that cannot be taken. */
export interface RegisterRows {
  rigs: { line: number; rig: ExpectedRig }[];
  refused: RefusedRow[];
}

/**
 * Reads a register as CSV, with a line of column names first; separated by comma, semicolon or tab. Throws ServerError
 * `badRequest` that names lines and columns; nothing of such a file is taken.
 */
export function parseRegisterCsv(text: string): ExpectedRig[] {
  const { rigs, refused } = readRegisterCsv(text);
  if (refused.length) throw refusalOf(refused);
  return rigs.map(({ rig }) => rig);
}

/** The same with every row that cannot be taken. Throws ServerError `badRequest` where the file has no rows that can be told apart. */
export function readRegisterCsv(text: string): RegisterRows {
  const table = readCsv(text, { columns: REGISTER_COLUMNS, maxRows: MAX_ENTRIES, rows: "rigs" });
  const refused: RefusedRow[] = [...table.refused];
  const rigs = table.rows.flatMap(({ line, told }) => {
    const parsed = expectedRigSchema.safeParse(told);
    if (parsed.success) {
      if (EXPECTED_NAMES.some((name) => parsed.data[name] !== undefined)) return [{ line, rig: parsed.data }];
      refused.push({ line, message: `names no rig; fill in one of ${EXPECTED_NAMES.join(", ")}` });
    } else
      for (const { path, message } of parsed.error.issues) {
        const column = String(path[0]);
        refused.push({
          line,
          column,
          message: `"${quotedCell(told[column as keyof typeof told] ?? "")}" ${message}`,
        });
      }
    return [];
  });
  refused.sort((a, b) => a.line - b.line);
  return { rigs, refused };
}

/** A register as CSV that {@link parseRegisterCsv} reads back. */
export const registerCsv = (rigs: Iterable<ExpectedRig>): string =>
  [
    REGISTER_COLUMNS.join(","),
    ...Array.from(rigs, (rig) => REGISTER_COLUMNS.map((column) => cellOf(rig[column] ?? "")).join(",")),
  ]
    .join("\r\n")
    .concat("\r\n");
