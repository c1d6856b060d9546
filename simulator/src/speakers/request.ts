/** cgminer reads once, into a buffer of this size, and never again: what is longer is cut. */
export const MOST_REQUEST_BYTES = 4095;

/** A request as the rig's daemon understood it. `cut` and `silent` are what went wrong before there was a word. */
export type Request =
  | { kind: "command"; form: "json" | "text"; command: string; parameter?: string }
  | { kind: "invalid-json" }
  | { kind: "missing-command" }
  | { kind: "silent" };

/** Fleets are asked the same few questions over and over: what they were read as, by the keys that a build knows. */
const read = new WeakMap<readonly string[], Map<string, Request>>();
const parts = new Map<string, readonly string[]>();
const MOST_KEPT = 256;
const LONGEST_KEPT = 100;

/**
 * Reads what one `recv` brought. JSON only if the very first byte is `{`; any other start, a blank too, means text,
 * where nothing is trimmed and `|` begins the parameter. `keys` are the names under which this build looks for the command, a list
 * that is made once.
 */
export function parseRequest(bytes: Buffer, keys: readonly string[]): Request {
  if (bytes.length === 0) return { kind: "silent" };
  if (bytes.length > MOST_REQUEST_BYTES) return { kind: "invalid-json" };
  const text = bytes.toString("latin1");
  if (bytes.length > LONGEST_KEPT) return requestOf(text, keys);
  let known = read.get(keys);
  if (known === undefined) {
    known = new Map();
    read.set(keys, known);
  }
  return remembered(known, text, () => requestOf(text, keys));
}

/** What was made of a text before, or is made of it now. */
function remembered<T>(known: Map<string, T>, text: string, make: () => T): T {
  let made = known.get(text);
  if (made === undefined) {
    made = make();
    if (known.size >= MOST_KEPT) known.clear();
    known.set(text, made);
  }
  return made;
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
export function splitJoined(command: string): readonly string[] {
  const split = () => [...new Set(command.split("+").filter((part) => part !== ""))];
  return command.length > LONGEST_KEPT ? split() : remembered(parts, command, split);
}
