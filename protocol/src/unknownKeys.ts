import { z } from "zod";

/** Counts the keys of a value, at any depth, that a schema does not name. */
export type UnknownKeys = (value: unknown) => number;

/**
 * Makes a counter for a schema of objects, arrays and plain values. What lies below an unknown key is not counted, nor what
 * is not shaped as the schema says: that is for the schema itself to refuse.
 */
export function unknownKeysOf(schema: z.ZodType): UnknownKeys {
  return counterOf(schema) ?? (() => 0);
}

/** Undefined for what has no keys of its own, so that nothing is called for it. */
function counterOf(schema: z.ZodType): UnknownKeys | undefined {
  if (schema instanceof z.ZodOptional) return counterOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) {
    const element = counterOf(schema.element as z.ZodType);
    if (!element) return undefined;
    return (value) => {
      let unknown = 0;
      if (Array.isArray(value)) for (const item of value) unknown += element(item);
      return unknown;
    };
  }
  if (!(schema instanceof z.ZodObject)) return undefined;
  const known = new Map<string, UnknownKeys | undefined>();
  for (const [key, child] of Object.entries(schema.shape as Record<string, z.ZodType>))
    known.set(key, counterOf(child));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return 0;
    let unknown = 0;
    for (const key in value) {
      if (!known.has(key)) unknown++;
      else unknown += known.get(key)?.((value as Record<string, unknown>)[key]) ?? 0;
    }
    return unknown;
  };
}
