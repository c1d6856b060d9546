const PLAIN = /^[A-Za-z\u00c0-\u024f\u4e00-\u9fff][\w \-./%()\u00c0-\u024f\u4e00-\u9fff]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|~)$/i;

function scalar(value: unknown): string {
  if (typeof value === "string")
    return PLAIN.test(value) && !WORDS.test(value) && !value.endsWith(" ") ? value : JSON.stringify(value);
  return value === undefined ? "null" : JSON.stringify(value);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isShort = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((each) => typeof each !== "object") &&
  JSON.stringify(value).length < 60;

/** What JSON can hold as YAML: one key a line, short lists in one. Any YAML reader gives the same value back. */
export function toYaml(value: unknown, indent = 0): string {
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.length === 0) return `${pad}[]`;
    return value
      .map((each) =>
        isObject(each) && Object.keys(each).length > 0
          ? `${pad}- ${toYaml(each, indent + 2).trimStart()}`
          : `${pad}- ${flow(each)}`,
      )
      .join("\n");
  }
  if (!isObject(value)) return `${pad}${scalar(value)}`;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return `${pad}{}`;
  return entries
    .map(([key, each]) => {
      const name = scalar(key);
      if (
        (Array.isArray(each) && each.length > 0 && !isShort(each)) ||
        (isObject(each) && Object.keys(each).length > 0)
      )
        return `${pad}${name}:\n${toYaml(each, indent + 2)}`;
      return `${pad}${name}: ${flow(each)}`;
    })
    .join("\n");
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  return isObject(value) ? JSON.stringify(value) : scalar(value);
}
