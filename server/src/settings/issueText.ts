import { z } from "zod";
import { nearestName } from "../config/nearestName.js";

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a block of keys",
  int: "a whole number",
};

const at = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    body,
  );

const meant = (value: unknown, names: readonly string[]): string => {
  const near = typeof value === "string" ? nearestName(value, names) : undefined;
  return near === undefined ? "" : `; did you mean ${near}?`;
};

/** What is wrong with a body, in words that say what to write. What a schema says in words of its own stays as it is. */
export function issueText(issue: z.core.$ZodIssue, schema: z.ZodType, body: unknown): string {
  const value = at(body, issue.path);
  const { message } = issue;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = issue.path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
      return `${message}${meant(issue.keys[0], known)}`;
    }
    case "invalid_value": {
      if (!message.startsWith("Invalid ")) return message;
      const names = issue.values.map(String);
      return names.length === 1
        ? `must be ${names[0]}`
        : `must be one of ${names.join(", ")}${meant(value, names)}`;
    }
    case "invalid_union": {
      const expected = /^Invalid discriminator value\. Expected (.*)$/.exec(message)?.[1];
      const names = expected?.match(/[^' |]+/g) ?? [];
      return names.length ? `must be one of ${names.join(", ")}${meant(value, names)}` : message;
    }
    case "too_small":
      if (!message.startsWith("Too small: expected number")) return message;
      return `${String(value)} must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      if (!message.startsWith("Too big: expected number")) return message;
      return `${String(value)} must be at most ${issue.maximum}`;
    case "invalid_type": {
      if (!message.startsWith("Invalid input: expected")) return message;
      const what = KINDS[issue.expected] ?? issue.expected;
      return value === undefined ? `is missing: it must be ${what}` : `must be ${what}`;
    }
    default:
      return message;
  }
}
