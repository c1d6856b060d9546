import { z } from "zod";

/** Keys of a config that hold a secret, by their paths; `[]` stands for the entries of a list. */
export function secretKeys(schema: unknown, at = ""): string[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return secretKeys(schema.unwrap(), at);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => secretKeys(option, at));
  if (schema instanceof z.ZodArray) return secretKeys(schema.element, `${at}[]`);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, inner]) =>
      secretKeys(inner, at ? `${at}.${key}` : key),
    );
  // A secret is the one text that is turned into something that does not print itself.
  if (!(schema instanceof z.ZodPipe)) return [];
  const told = schema.safeParse(
    /webhook|[uU]rl$/.test(at) ? "https://example.com/0123456789abcdef" : "0123456789abcdef",
  );
  return told.success && JSON.stringify(told.data)?.includes('"***"') ? [at] : [];
}
