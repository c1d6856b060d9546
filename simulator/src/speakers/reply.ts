import { numberText } from "./numberText.js";

/** One object of a reply. A key that is undefined is not sent. */
export type Row = Record<string, string | number | boolean | object | undefined>;

/**
 * An object of a reply that is JSON already. One of a hundred keys is written down so in a fraction of the time that it takes to be
 * made as an object and printed.
 */
export type RowText = string;

/** The object of a row. */
export const rowOf = (row: Row | RowText): Row => (typeof row === "string" ? (JSON.parse(row) as Row) : row);

/** Whether a text stands in JSON as it is: printable ASCII without quotes and backslashes. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 34 || code === 92) return false;
  }
  return true;
}

/** A text as JSON. */
export const quoted = (text: string): string => (isPlain(text) ? `"${text}"` : JSON.stringify(text));

/** Rows as a list of JSON. */
function printed(rows: readonly (Row | RowText)[]): string {
  let text = "";
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Row | RowText;
    text += `${i === 0 ? "" : ","}${typeof row === "string" ? row : JSON.stringify(row)}`;
  }
  return text;
}

/** A daemon's answer to one command, before it is put into JSON or text. */
export interface Section {
  status: { letter: "S" | "I" | "E"; code: number; message: string; description?: string | undefined };
  /** The list's key and its objects; an error has none. */
  list?: { key: string; rows: readonly (Row | RowText)[] };
}

/** cgminer's codes for what cannot be answered. */
export function refusal(code: 14 | 23 | 24 | 45, message: string, description?: string): Section {
  return { status: { letter: "E", code, message, description } };
}

/** `{"STATUS":[…],"SUMMARY":[…],"id":1}`; `whenS` is the rig's clock in seconds. */
export function toObject(section: Section, whenS: number): Record<string, unknown> {
  const { letter, code, message, description } = section.status;
  return {
    STATUS: [{ STATUS: letter, When: whenS, Code: code, Msg: message, Description: description }],
    ...(section.list && { [section.list.key]: section.list.rows.map(rowOf) }),
    id: 1,
  };
}

/** The same as JSON. */
function toJson({ status, list }: Section, whenS: number): string {
  const { letter, code, message, description } = status;
  const says = description === undefined ? "" : `,"Description":${quoted(description)}`;
  const head = `{"STATUS":"${letter}","When":${numberText(whenS)},"Code":${code},"Msg":${quoted(message)}${says}}`;
  return `{"STATUS":[${head}],${list ? `"${list.key}":[${printed(list.rows)}],` : ""}"id":1}`;
}

/** Text escapes since API 1.7: what would be read as structure gets a backslash. */
function escaped(value: string | number | boolean | object): string {
  return (typeof value === "object" ? JSON.stringify(value) : String(value)).replace(/[|,=\\]/g, "\\$&");
}

function pairs(row: Row): string[] {
  return Object.entries(row).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escaped(value)}`],
  );
}

/** Lists whose objects begin with the list's name; the others begin with an index of their own (`ASC=0`, `POOL=0`). */
const NAMED_IN_TEXT = new Set(["SUMMARY", "VERSION"]);

/** `STATUS=S,When=…,Code=11,…|SUMMARY,Elapsed=…|`. */
export function toText(section: Section, whenS: number): string {
  const { letter, code, message, description } = section.status;
  const status = pairs({ STATUS: letter, When: whenS, Code: code, Msg: message, Description: description });
  const rows = (section.list?.rows ?? []).map(rowOf).map((row) => {
    const named = NAMED_IN_TEXT.has(section.list?.key ?? "") ? [section.list?.key as string] : [];
    return [...named, ...pairs(row)].join(",");
  });
  return [status.join(","), ...rows].map((part) => `${part}|`).join("");
}

/** The answer to a joined request: `{"summary":[{…}],"stats":[{…}],"id":1}` or `CMD=summary|…|CMD=stats|…`. */
export function joined(sections: readonly [string, Section][], form: "json" | "text", whenS: number): string {
  if (form === "text")
    return sections.map(([command, section]) => `CMD=${command}|${toText(section, whenS)}`).join("");
  // Whole numbers come first in an object: nobody asks for such a command, and who does is answered as JSON would have it.
  if (sections.some(([command]) => /^\d+$/.test(command) || command === "id")) {
    const bodies = sections.map(([command, section]) => [command, [toObject(section, whenS)]] as const);
    return JSON.stringify({ ...Object.fromEntries(bodies), id: 1 });
  }
  let text = "{";
  for (const [command, section] of sections) text += `${quoted(command)}:[${toJson(section, whenS)}],`;
  return `${text}"id":1}`;
}

/** One section in the form in which it was asked for. */
export function rendered(section: Section, form: "json" | "text", whenS: number): string {
  return form === "text" ? toText(section, whenS) : toJson(section, whenS);
}

/** Two decimals, as cgminer prints rates. */
export function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One decimal, as temperatures are printed. */
export function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
