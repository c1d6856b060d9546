/** What stands in the place of a secret that is told. */
const MASK = "***";

type Body = Record<string, unknown>;
const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A body with the values of secret keys hidden. Keys are those of the body itself. */
export function masked(body: unknown, secrets: readonly string[]): unknown {
  if (!isObject(body) || !secrets.length) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, secrets.includes(key) ? MASK : value]),
  );
}

/** A body whose hidden secrets are those of the body before; one that is not known there stays hidden. */
export function unmasked(body: unknown, before: unknown, secrets: readonly string[]): unknown {
  if (!isObject(body) || !secrets.length) return body;
  const held = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      secrets.includes(key) && value === MASK && typeof held[key] === "string" ? held[key] : value,
    ]),
  );
}

/** Whether a body says of a secret only that there is one. */
export const isMasked = (body: unknown, secret: string): boolean => isObject(body) && body[secret] === MASK;
