// How `npm start` shows the log lines of its programs.

const LEVELS = { 30: "info", 40: "warn", 50: "error", 60: "fatal" };
const QUIET = new Set(["level", "time", "pid", "hostname", "msg", "name", "part"]);

/** One log line of a program as a person reads it; undefined for what is below info. */
export function readable(name, line) {
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    return `${name.padEnd(9)} ${line}`;
  }
  if (record === null || typeof record !== "object" || !(record.level >= 30)) return undefined;
  const fields = Object.entries(record)
    .filter(([key, value]) => !QUIET.has(key) && value !== undefined)
    .map(([key, value]) => {
      const text = value?.message ?? (typeof value === "object" ? JSON.stringify(value) : value);
      return `${key}=${String(text).slice(0, 600)}`;
    });
  const time = new Date(record.time ?? Date.now()).toISOString().slice(11, 19);
  return `${time} ${name.padEnd(9)} ${LEVELS[record.level] ?? record.level} ${record.msg ?? ""} ${fields.join(" ")}`.trimEnd();
}
