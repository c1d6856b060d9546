// How `npm start` shows the log lines of its programs.

const LEVELS = { 30: "info", 40: "warn", 50: "error", 60: "fatal" };
const QUIET = new Set(["level", "time", "pid", "hostname", "msg", "name", "part"]);

/**
 * What must not reach a terminal from a program's words: control characters of both sets, separators of lines, what turns the
 * direction of writing or is not seen.
 */
const STEERING =
  /[\p{Cc}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** A text of somebody else's as a terminal may have it. */
export const writtenOut = (text) =>
  text.replace(STEERING, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`);

/** Why the store that a server has just started on does not work yet, if its log line says that; undefined for any other. */
export function storeProblem(line) {
  if (!line.includes('"msg":"store does not work yet"')) return undefined;
  try {
    return writtenOut(String(JSON.parse(line).why));
  } catch {
    return undefined;
  }
}

/** One log line of a program as a person reads it; undefined for what is below info. */
export function readable(name, line) {
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    return writtenOut(`${name.padEnd(9)} ${line}`);
  }
  if (record === null || typeof record !== "object" || !(record.level >= 30)) return undefined;
  const fields = Object.entries(record)
    .filter(([key, value]) => !QUIET.has(key) && value !== undefined)
    .map(([key, value]) => {
      const text = value?.message ?? (typeof value === "object" ? JSON.stringify(value) : value);
      return `${key}=${String(text).slice(0, 600)}`;
    });
  const time = new Date(record.time ?? Date.now()).toISOString().slice(11, 19);
  return writtenOut(
    `${time} ${name.padEnd(9)} ${LEVELS[record.level] ?? record.level} ${record.msg ?? ""} ${fields.join(" ")}`.trimEnd(),
  );
}
