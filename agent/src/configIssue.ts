import { z } from "zod";
import { nearestName } from "./nearestName.js";

/** One line for the first thing that is wrong with a config: where, what was expected, and the nearest name of a key. */
export function explain(error: z.ZodError, schema: z.ZodType): string {
  const issue = error.issues[0]!;
  const path = issue.path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const near = nearestName(key, keysAt(issue.path, schema));
    return `unknown key ${path ? `${path}.` : ""}${key}${near ? `; did you mean ${near}?` : ""}`;
  }
  return `${path || "the config"}: ${issue.message}`;
}

function keysAt(path: readonly PropertyKey[], from: z.ZodType): string[] {
  let schema: unknown = from;
  const open = () => {
    while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) schema = schema.unwrap();
  };
  for (const part of path) {
    open();
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = schema.shape[String(part)];
  }
  open();
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
