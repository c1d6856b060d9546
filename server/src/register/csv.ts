import { beginning, writtenOut } from "@hashwatt/protocol/plainText";
import {
  EXPECTED_NAMES,
  type ExpectedRig,
  expectedRigSchema,
  REGISTER_COLUMNS,
  type RefusedRow,
} from "@hashwatt/protocol/register";
import { nearestName } from "../config/nearestName.js";
import { ServerError } from "../error.js";
import { MAX_ENTRIES } from "./register.js";

/** Spreadsheets run a cell that begins so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const MAX_ERRORS = 5;
/** More rows are no register, and would only take memory until that is found out. */
const MAX_ROWS = MAX_ENTRIES;
/** Of a value so much is said back. */
const MAX_QUOTED = 40;

const wrong = (message: string): ServerError => new ServerError("badRequest", message);

interface Row {
  line: number;
  cells: string[];
}

/** Cells with the line that their row begins in; a quoted cell may hold separators, line ends and doubled quotes. */
function rowsOf(text: string, separator: string): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let [cell, quoted, line, began] = ["", false, 1, 1];
  const endRow = () => {
    cells.push(cell);
    if (cells.some((each) => each.trim() !== "")) rows.push({ line: began, cells });
    if (rows.length > MAX_ROWS + 1)
      throw wrong(`line ${began}: more than ${MAX_ROWS} rigs; nothing was imported`);
    [cells, cell, began] = [[], "", line + 1];
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') cell += text[++at];
      else if (char === '"') quoted = false;
      else cell += char;
      if (char === "\n") line++;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === separator) {
      cells.push(cell);
      cell = "";
    } else if (char === "\n") {
      endRow();
      line++;
    } else if (char !== "\r") cell += char;
  }
  if (quoted) throw wrong(`line ${began}: a quote that begins there has no end`);
  endRow();
  return rows;
}

/** The first of the characters that a text has most of. */
function commonest(characters: readonly [string, ...string[]], text: string): string {
  const counts = characters.map((character) => text.split(character).length);
  return characters[counts.indexOf(Math.max(...counts))]!;
}

/** The beginning of what a file says, for a message. */
const quoted = (value: string): string => writtenOut(beginning(value, MAX_QUOTED));

/** What a cell says: without the apostrophe that keeps a spreadsheet from running it. */
const saidBy = (cell: string): string => {
  const text = cell.trim();
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
};

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
  if (!refused.length) return rigs.map(({ rig }) => rig);
  const errors = refused
    .slice(0, MAX_ERRORS)
    .map(({ line, column, message }) =>
      column === undefined ? `line ${line}: ${message}` : `line ${line}, column ${column}: ${message}`,
    );
  const more = refused.length > MAX_ERRORS ? `; and ${refused.length - MAX_ERRORS} more` : "";
  throw wrong(`${errors.join("; ")}${more}; nothing was imported`);
}

/** The same with every row that cannot be taken. Throws ServerError `badRequest` where the file has no rows that can be told apart. */
export function readRegisterCsv(text: string): RegisterRows {
  const body = text.replace(/^\uFEFF/, "");
  const head = body.split("\n", 1)[0]!;
  const separator = commonest([",", ";", "\t"], head);
  const [titles, ...rows] = rowsOf(body, separator);
  if (!titles) throw wrong(`the file is empty; its first line names columns: ${REGISTER_COLUMNS.join(",")}`);
  const columns = titles.cells.map((cell) => saidBy(cell).toLowerCase());
  for (const [at, column] of columns.entries()) {
    if (columns.indexOf(column) < at) throw wrong(`line 1, column ${column}: stands there twice`);
    if ((REGISTER_COLUMNS as readonly string[]).includes(column)) continue;
    const near = nearestName(column.slice(0, MAX_QUOTED), REGISTER_COLUMNS);
    const hint = near ? `did you mean ${near}?` : `there are ${REGISTER_COLUMNS.join(", ")}`;
    throw wrong(`line 1, column ${at + 1}: "${quoted(column)}" is no column; ${hint}`);
  }
  const refused: RefusedRow[] = [];
  const rigs = rows.flatMap(({ line, cells }) => {
    if (cells.length > columns.length) {
      const message = `${cells.length} cells, but line 1 names ${columns.length} columns`;
      refused.push({ line, message });
      return [];
    }
    const told: Record<string, string> = Object.fromEntries(
      cells.flatMap((cell, at) => (saidBy(cell) === "" ? [] : [[columns[at]!, saidBy(cell)]])),
    );
    const parsed = expectedRigSchema.safeParse(told);
    if (parsed.success) {
      if (EXPECTED_NAMES.some((name) => parsed.data[name] !== undefined)) return [{ line, rig: parsed.data }];
      refused.push({ line, message: `names no rig; fill in one of ${EXPECTED_NAMES.join(", ")}` });
    } else
      for (const { path, message } of parsed.error.issues) {
        const column = String(path[0]);
        refused.push({ line, column, message: `"${quoted(told[column] ?? "")}" ${message}` });
      }
    return [];
  });
  return { rigs, refused };
}

/** A cell that no spreadsheet runs. */
function cellOf(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A register as CSV that {@link parseRegisterCsv} reads back. */
export const registerCsv = (rigs: Iterable<ExpectedRig>): string =>
  [
    REGISTER_COLUMNS.join(","),
    ...Array.from(rigs, (rig) => REGISTER_COLUMNS.map((column) => cellOf(rig[column] ?? "")).join(",")),
  ]
    .join("\r\n")
    .concat("\r\n");
