import { beginning, writtenOut } from "@hashwatt/protocol/plainText";
import type { RefusedRow } from "@hashwatt/protocol/register";
import { nearestName } from "../config/nearestName.js";
import { ServerError } from "../error.js";

/** Spreadsheets run a cell that begins so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const MAX_ERRORS = 5;
/** Of a value so much is said back. */
const MAX_QUOTED = 40;

const wrong = (message: string): ServerError => new ServerError("badRequest", message);

/** A row with the line that it begins in. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/** Rows of a file under their columns; `told` has no key for an empty cell. */
export interface CsvTable<Column extends string> {
  columns: Column[];
  rows: { line: number; told: Partial<Record<Column, string>> }[];
  /** Rows with more cells than there are columns. */
  refused: RefusedRow[];
}

/** What the reader of one kind of file must know. */
export interface CsvKind<Column extends string> {
  columns: readonly Column[];
  /** More rows take memory only until they are refused. */
  maxRows: number;
  /** What a row is, in the plural, for the message. */
  rows: string;
}

/**
 * Cells with the line that their row begins in; a quoted cell may hold separators, line ends and doubled quotes. Empty rows are
 * left out. Throws ServerError `badRequest` on more than `maxRows` rows below the first, and on a quote without an end.
 */
function cellsOf(text: string, separator: string, maxRows: number, what: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let [cell, quoted, line, began] = ["", false, 1, 1];
  const endRow = () => {
    cells.push(cell);
    if (cells.some((each) => each.trim() !== "")) rows.push({ line: began, cells });
    if (rows.length > maxRows + 1)
      throw wrong(`line ${began}: more than ${maxRows} ${what}; nothing was imported`);
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
export const quotedCell = (value: string): string => writtenOut(beginning(value, MAX_QUOTED));

/** What a cell says: without the apostrophe that keeps a spreadsheet from running it. */
const saidBy = (cell: string): string => {
  const text = cell.trim();
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
};

/**
 * Reads CSV with a line of column names first; separated by comma, semicolon or tab. Throws ServerError `badRequest` where the file is
 * empty, names a column that there is not, or one twice.
 */
export function readCsv<Column extends string>(
  text: string,
  { columns: known, maxRows, rows: what }: CsvKind<Column>,
): CsvTable<Column> {
  const body = text.replace(/^\uFEFF/, "");
  const separator = commonest([",", ";", "\t"], body.split("\n", 1)[0]!);
  const [titles, ...rows] = cellsOf(body, separator, maxRows, what);
  if (!titles) throw wrong(`the file is empty; its first line names columns: ${known.join(",")}`);
  const columns = titles.cells.map((cell) => saidBy(cell).toLowerCase());
  for (const [at, column] of columns.entries()) {
    if (columns.indexOf(column) < at) throw wrong(`line 1, column ${column}: stands there twice`);
    if ((known as readonly string[]).includes(column)) continue;
    const near = nearestName(column.slice(0, MAX_QUOTED), known);
    const hint = near ? `did you mean ${near}?` : `there are ${known.join(", ")}`;
    throw wrong(`line 1, column ${at + 1}: "${quotedCell(column)}" is no column; ${hint}`);
  }
  const refused: RefusedRow[] = [];
  const told = rows.flatMap(({ line, cells }) => {
    if (cells.length > columns.length) {
      refused.push({ line, message: `${cells.length} cells, but line 1 names ${columns.length} columns` });
      return [];
    }
    const said = Object.fromEntries(
      cells.flatMap((cell, at) => (saidBy(cell) === "" ? [] : [[columns[at]!, saidBy(cell)]])),
    ) as Partial<Record<Column, string>>;
    return [{ line, told: said }];
  });
  return { columns: columns as Column[], rows: told, refused };
}

/** The refusal of a file with rows that cannot be taken: the first of them by line and column, and how many more. */
export function refusalOf(refused: readonly RefusedRow[]): ServerError {
  const errors = refused
    .slice(0, MAX_ERRORS)
    .map(({ line, column, message }) =>
      column === undefined ? `line ${line}: ${message}` : `line ${line}, column ${column}: ${message}`,
    );
  const more = refused.length > MAX_ERRORS ? `; and ${refused.length - MAX_ERRORS} more` : "";
  return wrong(`${errors.join("; ")}${more}; nothing was imported`);
}

/** A cell that no spreadsheet runs. */
export function cellOf(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
