import { z } from "zod";

/** Says yes only to a value that the schema accepts as it is: nothing to strip, to default or to explain. */
export type QuickCheck = (value: unknown) => boolean;

/**
 * Makes a predicate of a schema of objects, arrays, numbers, strings, booleans and enums. Where it says yes, `schema.parse(value)`
 * would succeed with an equal value; a no proves nothing, since unknown keys and absent values are for the schema itself to
 * judge. It is some ten times quicker than a parse, which has to copy and to remember what was wrong. Throws on a schema
 * that holds anything else.
 */
export function quickCheck(schema: z.ZodType): QuickCheck {
  for (const { check } of definitions(schema))
    if (!KNOWN_CHECKS.has(check as string)) throw new TypeError(`no quick check of ${String(check)}`);
  if (schema instanceof z.ZodOptional) return quickCheck(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNumber) return numberCheck(schema);
  if (schema instanceof z.ZodString) return stringCheck(schema);
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === "boolean";
  if (schema instanceof z.ZodEnum) {
    const options = new Set<unknown>(schema.options);
    return (value) => options.has(value);
  }
  if (schema instanceof z.ZodArray) return arrayCheck(schema);
  if (schema instanceof z.ZodObject) return objectCheck(schema);
  throw new TypeError(`no quick check of a ${schema.def.type}`);
}

function numberCheck(schema: z.ZodNumber): QuickCheck {
  const { minValue, maxValue } = schema;
  const min = minValue ?? Number.NEGATIVE_INFINITY;
  const max = maxValue ?? Number.POSITIVE_INFINITY;
  // Bounds compare false with NaN; an infinite number is refused by every schema of numbers.
  if (schema.format?.includes("int"))
    return (value) =>
      typeof value === "number" && value >= min && value <= max && Number.isSafeInteger(value);
  return (value) => typeof value === "number" && value >= min && value <= max && Number.isFinite(value);
}

function stringCheck(schema: z.ZodString): QuickCheck {
  const patterns = checksOf(schema, "string_format").map((check) => check.pattern as RegExp);
  const { minLength, maxLength } = schema;
  const min = minLength ?? 0;
  const max = maxLength ?? Number.POSITIVE_INFINITY;
  return (value) => {
    if (typeof value !== "string" || value.length < min || value.length > max) return false;
    // No closure is made: each text of each reading is asked.
    for (const pattern of patterns) if (!pattern.test(value)) return false;
    return true;
  };
}

function arrayCheck(schema: z.ZodArray): QuickCheck {
  const element = quickCheck(schema.element as z.ZodType);
  const [most] = checksOf(schema, "max_length").map((check) => check.maximum as number);
  const max = most ?? Number.POSITIVE_INFINITY;
  return (value) => {
    if (!Array.isArray(value) || value.length > max) return false;
    for (const item of value) if (!element(item)) return false;
    return true;
  };
}

function objectCheck(schema: z.ZodObject): QuickCheck {
  const checks: Record<string, QuickCheck> = Object.create(null) as Record<string, QuickCheck>;
  const required: string[] = [];
  for (const [key, value] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    checks[key] = quickCheck(value);
    if (!(value instanceof z.ZodOptional)) required.push(key);
  }
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const record = value as Record<string, unknown>;
    for (const key in record) {
      const check = checks[key];
      if (check === undefined || !check(record[key])) return false;
    }
    for (const key of required) if (record[key] === undefined) return false;
    return true;
  };
}

const KNOWN_CHECKS = new Set([
  "greater_than",
  "less_than",
  "number_format",
  "min_length",
  "max_length",
  "string_format",
]);

const definitions = (schema: z.ZodType): Record<string, unknown>[] =>
  (schema.def.checks ?? []).map((check) => check._zod.def as unknown as Record<string, unknown>);

const checksOf = (schema: z.ZodType, kind: string): Record<string, unknown>[] =>
  definitions(schema).filter((def) => def.check === kind);
