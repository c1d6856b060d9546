import { z } from "zod";

const DIGITS = /^-?\d+(\.\d+)?$/;
/** A date with time and zone; without a zone it could mean any instant of more than a day. */
const ISO = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** The furthest instant from 1970 that a date can tell, ms. */
const MAX_INSTANT_MS = 8.64e15;

function toMs(text: string): number {
  if (DIGITS.test(text)) return Number(text);
  const day = ISO.exec(text)?.[1];
  if (day === undefined) return Number.NaN;
  const midnight = new Date(`${day}T00:00:00Z`);
  // The 30th of February would be read as a day of March.
  if (!Number.isFinite(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return Number.NaN;
  return Date.parse(text);
}

/** The query of an endpoint that takes no parameter. */
export const noQuery = z.strictObject({});

/** A query parameter that is an instant: epoch ms, or ISO 8601 with a zone. */
export const instant = z
  .string()
  .max(40)
  .refine(
    (text) => Number.isFinite(toMs(text)),
    "is neither epoch ms nor an ISO 8601 time with a zone, such as 2026-11-26T00:00:00Z",
  )
  .transform(toMs)
  .refine(
    (ms) => Math.abs(ms) <= MAX_INSTANT_MS,
    "is beyond any date, which ends at 8,640,000,000,000,000 ms",
  );

/** A query parameter that is a duration in ms, from one second to 31 days. */
export const durationMs = z
  .string()
  .max(16)
  .refine((text) => DIGITS.test(text), "is no number of ms")
  .transform(Number)
  .refine((ms) => ms >= 1_000 && ms <= 31 * 86_400_000, "must lie between 1,000 ms and 31 days");

/** A query parameter that is a whole number within bounds. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .max(10)
    .refine((text) => /^\d+$/.test(text), "is no whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must lie between ${min} and ${max}`);

/** A query parameter that lists fields, separated by commas; all of them when it is left out. */
export const fields = <T extends string>(known: readonly T[]) =>
  z
    .string()
    .max(1_000)
    .transform((text, context) => {
      const names = [...new Set(text.split(",").filter(Boolean))];
      const wrong = names.find((name) => !(known as readonly string[]).includes(name));
      if (wrong !== undefined || !names.length) {
        context.addIssue({
          code: "custom",
          message: `${wrong === undefined ? "names no field" : `knows no "${wrong}"`}; there are ${known.join(", ")}`,
        });
        return z.NEVER;
      }
      return names as T[];
    })
    .optional();
