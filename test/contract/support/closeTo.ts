import { expect } from "vitest";

interface Leeway {
  /** The actual answer may have further keys, as a later version's does. */
  more?: boolean;
  /** Relative difference of two numbers; what sums in another order may have unless given. */
  tolerance?: number;
}

function difference(a: unknown, b: unknown, path: string, leeway: Leeway): string | undefined {
  const { more = false, tolerance = 1e-9 } = leeway;
  if (typeof a === "number" && typeof b === "number") {
    const size = Math.max(1, Math.abs(a), Math.abs(b));
    return Math.abs(a - b) <= tolerance * size ? undefined : `${path}: ${a} is not ${b}`;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return `${path}: ${a.length} entries, not ${b.length}`;
    for (let i = 0; i < a.length; i++) {
      const found = difference(a[i], b[i], `${path}[${i}]`, leeway);
      if (found) return found;
    }
    return undefined;
  }
  if (a && b && typeof a === "object" && typeof b === "object") {
    const keys = new Set([...(more ? [] : Object.keys(a)), ...Object.keys(b)]);
    for (const key of keys) {
      const found = difference(
        (a as Record<string, unknown>)[key],
        (b as Record<string, unknown>)[key],
        `${path}.${key}`,
        leeway,
      );
      if (found) return found;
    }
    return undefined;
  }
  return Object.is(a, b) ? undefined : `${path}: ${String(a)} is not ${String(b)}`;
}

/** Asserts that two answers are the same but for the last digits of their numbers. */
export function closeTo(actual: unknown, wanted: unknown, leeway: Leeway = {}): void {
  expect(difference(actual, wanted, "answer", leeway)).toBeUndefined();
}
