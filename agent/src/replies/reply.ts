import { beginning } from "@hashwatt/protocol/plainText";
import { AgentError } from "../agentError.js";
import { readLooseObject } from "./looseJson.js";
import { readNumber, readText } from "./readNumber.js";
import { readTextReply } from "./textReply.js";

/** One row of a section, keys as the firmware spells them. */
export type Row = Record<string, unknown>;

/**
 * A reply that was read. `cut`: its end is missing; what stands in `members` is whole all the same. `value` is set where a web
 * interface answers with something else than an object: a list, a number, text.
 */
export interface Reply {
  members: Record<string, unknown>;
  cut: boolean;
  value?: unknown;
}

/** The STATUS of a reply: `ok` unless the letter is E or F. Codes: 14 invalid command, 24 missing `command`, 45 denied. */
export interface Outcome {
  ok: boolean;
  code?: number;
  message?: string;
}

/**
 * Reads what a rig sent: JSON, JSON with the faults of old firmwares, or cgminer's text form. A reply that breaks off yields
 * the members that are whole. Throws an {@link AgentError}: `garbled`, `truncated` when no member is whole, `http` when a web server
 * answers, `rejected` when a proxy answers that the daemon does not.
 */
export function parseReply(text: string, nul: boolean): Reply {
  if (text.charCodeAt(0) === OPEN_BRACE) {
    try {
      return { members: JSON.parse(text), cut: false };
    } catch {
      // Repaired below.
    }
  }
  const loose = readLooseObject(text);
  if (loose) {
    if (loose.cut && Object.keys(loose.members).length === 0)
      throw new AgentError("truncated", `the reply breaks off after ${text.length} characters`);
    return loose;
  }
  const sections = readTextReply(text, nul);
  if (sections) return sections;
  // The words of a proxy before the mining daemon: nothing is damaged, there is nobody behind it.
  if (/^socket connect failed/i.test(text)) throw new AgentError("rejected", `its API says ${excerpt(text)}`);
  if (/^HTTP\/1\./.test(text)) throw new AgentError("http", "its API port speaks HTTP");
  throw new AgentError("garbled", `cannot be read: ${excerpt(text)}`);
}

const OPEN_BRACE = 123;

/**
 * Reads the body of a web interface's answer: any JSON, with the faults that {@link parseReply} bears. `cut`: it broke off.
 * Throws `garbled` or `truncated`.
 */
export function parseBody(text: string, cut: boolean): Reply {
  try {
    const value: unknown = JSON.parse(text);
    return isRow(value) ? { members: value, cut: false } : { members: {}, cut: false, value };
  } catch {
    return parseReply(text, !cut);
  }
}

/** The whole JSON value of a reply. */
export const jsonOf = (reply: Reply | undefined): unknown =>
  reply && (reply.value === undefined ? reply.members : reply.value);

/** The first words of a reply, fit for a log line. */
export function excerpt(text: string): string {
  return JSON.stringify(readText(beginning(text, 80), 80) ?? "");
}

/** What a reply says of itself; STATUS may be a list, an object or a bare letter. Undefined when it says nothing. */
export function outcomeOf(reply: Reply): Outcome | undefined {
  const { members } = reply;
  const status = members.STATUS;
  let row: Row | undefined;
  if (typeof status === "string") row = members;
  else if (Array.isArray(status)) row = status[0];
  else row = status as Row | undefined;
  if (!isRow(row) || typeof row.STATUS !== "string") return undefined;
  return {
    ok: row.STATUS !== "E" && row.STATUS !== "F",
    code: readNumber(row.Code),
    message: readText(row.Msg, 200),
  };
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The rows of a section, also where a firmware sends one object for a list; undefined when the reply has no such section. */
export function rowsOf(reply: Reply | undefined, section: string): Row[] | undefined {
  const value = reply?.members[section];
  if (Array.isArray(value)) return value.every(isRow) ? value : value.filter(isRow);
  return isRow(value) ? [value] : undefined;
}

/** The object in `Msg` of a btminer `get_*` reply; undefined when there is none. */
export function msgOf(reply: Reply | undefined): Row | undefined {
  const msg = reply?.members.Msg;
  return isRow(msg) ? msg : undefined;
}

/** One command's part of a joined reply (`summary+stats`), which is a one-element list or an object; undefined when absent. */
export function partOf(reply: Reply, command: string): Reply | undefined {
  const value = reply.members[command];
  const part = Array.isArray(value) ? value[0] : value;
  return isRow(part) ? { members: part, cut: false } : undefined;
}
