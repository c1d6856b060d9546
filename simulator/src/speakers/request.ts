/** cgminer reads once, into a buffer of this size, and never again: what is longer is cut. */
export const MOST_REQUEST_BYTES = 4095;

/** A request as the rig's daemon understood it. `cut` and `silent` are what went wrong before there was a word. */
export type Request =
  | { kind: "command"; form: "json" | "text"; command: string; parameter?: string }
  | { kind: "invalid-json" }
  | { kind: "missing-command" }
  | { kind: "silent" };

/** Fleets are asked the same few questions over and over. */
const read = new Map<string, Request>();
const MOST_KEPT = 256;
const LONGEST_KEPT = 100;

/**
 * Reads what one `recv` brought. JSON only if the very first byte is `{`; any other start, a blank too, means text,
 * where nothing is trimmed and `|` begins the parameter. `keys` are the names under which this build looks for the command.
 */
export function parseRequest(bytes: Buffer, keys: readonly string[]): Request {
  if (bytes.length === 0) return { kind: "silent" };
  if (bytes.length > MOST_REQUEST_BYTES) return { kind: "invalid-json" };
  const text = bytes.toString("latin1");
  if (bytes.length > LONGEST_KEPT) return requestOf(text, keys);
  const key = `${keys.length === 1 ? keys[0] : keys.join()} ${text}`;
  let request = read.get(key);
  if (request === undefined) {
    request = requestOf(text, keys);
    if (read.size >= MOST_KEPT) read.clear();
    read.set(key, request);
  }
  return request;
}

function requestOf(text: string, keys: readonly string[]): Request {
  if (!text.startsWith("{")) {
    const bar = text.indexOf("|");
    if (bar < 0) return { kind: "command", form: "text", command: text };
    return { kind: "command", form: "text", command: text.slice(0, bar), parameter: text.slice(bar + 1) };
  }
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { kind: "invalid-json" };
  }
  const command = keys.map((key) => parsed[key]).find((value) => typeof value === "string");
  if (command === undefined) return { kind: "missing-command" };
  const { parameter } = parsed;
  // A number is taken as well as a text.
  if (typeof parameter !== "string" && typeof parameter !== "number")
    return { kind: "command", form: "json", command };
  return { kind: "command", form: "json", command, parameter: String(parameter) };
}

/** The commands of `summary+devs`, each once; blanks between the plus signs are dropped. */
export function splitJoined(command: string): string[] {
  return [...new Set(command.split("+").filter((part) => part !== ""))];
}
