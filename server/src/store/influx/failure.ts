import { ServerError } from "../../error.js";

/** What was asked of an InfluxDB, for a sentence about why it failed. */
export interface Asked {
  /** Where it is. */
  url: string;
  what: "write" | "read" | "make";
  /** Database or bucket; absent for what concerns none. */
  database?: string;
}

const OVERLOADED = new Set([408, 425, 429, 502, 503, 504]);

/** What an answer says, of the shapes that the flavours use: `{error}`, `{message}`, or plain text. At most 300 characters. */
export function saidIn(body: string): string {
  let said: unknown = body;
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    said = error ?? message ?? body;
  } catch {
    // No JSON: the text itself is what it says.
  }
  const line = String(said).replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/**
 * The error of an answer that is none of ours to handle: what to do about it in one line. Retryable but for what InfluxDB
 * refuses as it stands; `again` makes that retryable too, where what stands in the way is in the InfluxDB.
 */
export function failure(
  { url, what, database }: Asked,
  status: number,
  body: string,
  again = false,
): ServerError {
  const said = saidIn(body);
  const name = database === undefined ? "" : ` "${database}"`;
  const answer = `${status}${said && `: ${said}`}`;
  const failed = (code: "storeDenied" | "storeMissing" | "storeFailed", text: string, retryable = true) =>
    new ServerError(code, `InfluxDB at ${url} ${text} (${answer})`, { retryable });
  if (status === 401)
    return failed(
      "storeDenied",
      `does not know us: correct token, or username and password, in store.influx`,
    );
  if (status === 403)
    return failed(
      "storeDenied",
      `lets us not ${what}${name}: give this token or user the permission to ${what} it`,
    );
  if (isMissing(status, said))
    return failed(
      "storeMissing",
      `has no${name}, or lets us not see it: create it, or allow the token or user to read it`,
    );
  if (OVERLOADED.has(status)) return failed("storeFailed", "is overloaded or not ready");
  if (/no space left/i.test(said))
    return failed(
      "storeFailed",
      `has no room left on its disk: free some, and start it anew if it goes on refusing, as 1.x does`,
    );
  if (status >= 500) return failed("storeFailed", `failed to ${what}${name}: see its log`);
  return failed("storeFailed", `refused to ${what}${name}`, again);
}

/** Whether an answer says that the database is not there. InfluxQL says so with status 200 (1.x, 2.x) or 400 (3). */
const isMissing = (status: number, said: string): boolean =>
  status === 404 || /^(database|bucket|retention policy) .*not found|^database not found/i.test(said);

/** Whether a status says to try again later, whatever was sent. */
export const isOverloaded = (status: number): boolean => OVERLOADED.has(status);

/** The error of a connection that did not come about or broke. */
export function unreachable(url: string, cause: unknown): ServerError {
  const { code, message } = cause as { code?: string; message?: string };
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME/.test(code ?? "");
  const way = certificate
    ? "name the authority that signed its certificate in store.influx.caFile"
    : "start it, or correct store.influx.url";
  return new ServerError(
    "storeUnreachable",
    `no answer from InfluxDB at ${url} (${code ?? message}): ${way}`,
    {
      cause,
      retryable: true,
    },
  );
}

/** Whether a kept connection was found closed: the server may have ended it for being idle, and a new one may work. */
export const isCut = (cause: unknown): boolean =>
  ["ECONNRESET", "EPIPE"].includes((cause as { code?: string }).code ?? "");
