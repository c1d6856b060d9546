import { isOverloaded, saidIn } from "./failure.js";
import type { HttpAnswer } from "./http.js";

/** A line that was given up, and why. */
export interface RefusedLine {
  line: string;
  why: string;
}

/**
 * What an InfluxDB has done with a body of line protocol. `stored`: all of it. `partial`: all but what it names in `refused`,
 * and `dropped` more that it only counts. `refused`: nothing, for the sake of the lines that it names, if it names any.
 * `tooLarge`, `missing`: nothing, for its size or for want of the database. `failed`: nothing that one could rely on;
 * `overload` says that it has nothing to do with the lines.
 */
export type WriteVerdict =
  | { kind: "stored" }
  | { kind: "partial"; refused: RefusedLine[]; dropped: number; why: string }
  | { kind: "refused"; refused: RefusedLine[]; why: string }
  | { kind: "tooLarge" }
  | { kind: "missing" }
  | { kind: "failed"; overload: boolean };

/** InfluxDB 3 says so in place of counting what it dropped. */
interface LineError {
  line_number?: number;
  error_message?: string;
}

/**
 * Judges the answer to a write of `lines`, as each version means it: InfluxDB 1.x says 400 and 2.x 422 for points that it
 * dropped while it stored the others; 1.x also for lines that it could not parse, for which 2.x refuses the whole body; 3
 * says 400 and lists the lines that it left out.
 */
export function judgeWrite(
  { status, body }: Pick<HttpAnswer, "status" | "body">,
  lines: readonly string[],
): WriteVerdict {
  if (status < 300) return { kind: "stored" };
  if (status === 413) return { kind: "tooLarge" };
  if (status === 404) return { kind: "missing" };
  if (status !== 400 && status !== 422)
    return { kind: "failed", overload: isOverloaded(status) || status < 500 || OVERLOAD.test(body) };
  const why = saidIn(body);
  const listed = listedLines(body, lines);
  const refused = listed.length ? listed : quotedLines(body, lines);
  if (!/partial write/i.test(why)) return { kind: "refused", refused, why };
  const dropped = Number(/dropped=(\d+)/.exec(body)?.[1] ?? 0);
  // One that neither names nor counts what it left out has left out one at least.
  const atLeast = refused.length ? 0 : 1;
  return { kind: "partial", refused, dropped: Math.max(atLeast, dropped - refused.length), why };
}

/** What a 500 says when the server, and no line, is at fault: InfluxDB 1.x has no better status for it. */
const OVERLOAD =
  /time-?out|max-memory|no space|closed|hinted handoff|retention policy not found|shutting down/i;

/** The lines that InfluxDB 3 lists by number, counted from 1. */
function listedLines(body: string, lines: readonly string[]): RefusedLine[] {
  let data: unknown;
  try {
    ({ data } = JSON.parse(body) as { data?: unknown });
  } catch {
    return [];
  }
  const errors = (Array.isArray(data) ? data : data === undefined ? [] : [data]) as LineError[];
  return errors.flatMap(({ line_number, error_message = "" }) => {
    const line = lines[(line_number ?? 0) - 1];
    return line === undefined ? [] : [{ line, why: error_message }];
  });
}

/** The lines that InfluxDB 1.x and 2.x quote: `unable to parse 'line': why`, one a row. */
function quotedLines(body: string, lines: readonly string[]): RefusedLine[] {
  let said = body;
  try {
    const { error, message } = JSON.parse(body) as { error?: string; message?: string };
    said = error ?? message ?? body;
  } catch {
    // Plain text is what it is.
  }
  const known = new Set(lines);
  return [...said.matchAll(/unable to parse '(.*)': ([^\n]*)/g)].flatMap(([, line = "", why = ""]) =>
    known.has(line) ? [{ line, why: why.replace(/ dropped=\d+$/, "") }] : [],
  );
}
