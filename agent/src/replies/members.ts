import type { Row } from "./reply.js";

/** A member of a member … of an object; undefined where the way ends early. */
export function dig(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const key of path) {
    at = rowOf(at)?.[key];
    if (at === undefined || at === null) return undefined;
  }
  return at;
}

/** An object; undefined for what is none. */
export const rowOf = (value: unknown): Row | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : undefined;

/** The objects of a list; undefined for what is none. */
export const listOf = (value: unknown): Row[] | undefined =>
  Array.isArray(value) ? value.map(rowOf).filter((row) => row !== undefined) : undefined;
