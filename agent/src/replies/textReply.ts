import { asText, readText } from "./readNumber.js";
import type { Row } from "./reply.js";

/** Sections whose name in text mode is that of one row, and the name that the JSON form gives the list. */
const LISTS: Record<string, string> = { ASC: "DEVS", PGA: "DEVS", GPU: "DEVS", POOL: "POOLS" };

/** Sections of one row: nothing follows it. */
const SINGLE = new Set(["SUMMARY", "VERSION", "CONFIG", "COIN"]);

/**
 * Reads cgminer's text form, `STATUS=S,Code=11,…|SUMMARY,Elapsed=5,…|`, into the shape of the JSON form: one list of rows per
 * section, and one object per command behind `CMD=`. Of a duplicate key the first value counts. Without the closing NUL
 * nobody knows whether a row follows, unless there can be but one or the status counts them (`Msg=3 GPU(s) - 16 PGA(s)`): the
 * rows of the last section are left out then and `cut` says so. Undefined when the text is no such reply.
 */
export function readTextReply(
  text: string,
  nul: boolean,
): { members: Record<string, unknown>; cut: boolean } | undefined {
  if (!/^(?:STATUS|CMD)=/.test(text)) return undefined;
  const sections = split(text, "|");
  // What follows the last `|` was not finished.
  sections.pop();
  const top: Record<string, unknown> = {};
  let rows: Record<string, Row[]> = top as Record<string, Row[]>;
  let last = "";
  for (const section of sections) {
    const pairs = split(section, ",", true);
    const [head = "", ...rest] = pairs;
    const [name = "", value] = pair(head);
    if (!name || name === "__proto__") continue;
    if (name === "CMD") {
      rows = {};
      if (value && value !== "__proto__") top[value] = [rows];
      continue;
    }
    const row: Row = {};
    if (value !== undefined) row[name] = value;
    for (const item of rest) {
      const [key, text] = pair(item);
      if (key && key !== "__proto__" && text !== undefined && !Object.hasOwn(row, key)) row[key] = text;
    }
    last = LISTS[name] ?? name;
    // The status letter and its code stand in one row, as in the JSON form.
    if (!Array.isArray(rows[last])) rows[last] = [];
    rows[last]!.push(row);
  }
  const cut = !nul && !isWhole(text, rows, last);
  if (cut && last && last !== "STATUS") delete rows[last];
  return { members: top, cut };
}

/** Whether the last section has all of its rows. */
function isWhole(text: string, rows: Record<string, Row[]>, last: string): boolean {
  if (!text.endsWith("|")) return false;
  const status = rows.STATUS?.[0];
  // Nothing follows a refusal.
  if (SINGLE.has(last) || (last === "STATUS" && /^[EF]$/.test(asText(status?.STATUS)))) return true;
  const counts = readText(status?.Msg, 200)?.matchAll(/(\d+) [A-Z][A-Za-z]+\(s\)/g);
  if (!counts) return false;
  const told = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  return told > 0 && told === rows[last]?.length;
}

/**
 * Splits at `separator` where no backslash stands before it; escapes stay. `whole`: what stands in square brackets holds
 * together (`MM ID0=Ver[x] SYSTEMSTATU[Work: In Work, Hash Board: 3 ]` of an Avalon); a bracket that nothing closes is text.
 */
function split(text: string, separator: string, whole = false): string[] {
  // Nearly always there is nothing to look at twice.
  if (!text.includes("\\") && !(whole && text.includes("["))) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  // No bracket closes beyond here.
  const last = whole ? text.lastIndexOf("]") : -1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "[" && at < last) at = text.indexOf("]", at);
    else if (char === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function pair(item: string): [string, string | undefined] {
  if (!item.includes("\\")) {
    const at = item.indexOf("=");
    return at < 0 ? [item.trim(), undefined] : [item.slice(0, at).trim(), item.slice(at + 1)];
  }
  for (let at = 0; at < item.length; at++) {
    if (item[at] === "\\") at++;
    else if (item[at] === "=") return [unescaped(item.slice(0, at)).trim(), unescaped(item.slice(at + 1))];
  }
  return [unescaped(item).trim(), undefined];
}

const unescaped = (text: string): string => text.replace(/\\(.)/gs, "$1");
