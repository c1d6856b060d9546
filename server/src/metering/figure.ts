import type { MeterUnit } from "../config/meters.js";

/** Longest message of a meter that is looked at, bytes; Tasmota's with many channels are below 2 kB. */
export const MAX_METER_BYTES = 16_384;
const TO_CANONICAL: Record<MeterUnit, (value: number) => number> = {
  W: (value) => value,
  kW: (value) => value * 1_000,
  Wh: (value) => value / 1_000,
  kWh: (value) => value,
  C: (value) => value,
  F: (value) => ((value - 32) * 5) / 9,
  ratio: (value) => value,
  percent: (value) => value / 100,
};

/**
 * The figure in a meter's message, as the device writes it: the message itself where `path` is undefined, else what lies there in
 * its JSON; a list is summed, as of the phases of one meter. Undefined where there is no finite number.
 */
export function figureIn(payload: Buffer, path: string | undefined): number | undefined {
  if (payload.length > MAX_METER_BYTES) return undefined;
  const text = payload.toString("utf8").trim();
  if (path === undefined) return numberOf(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return numberOf(down(value, path.split(/[.[\]]+/).filter(Boolean)));
}

/** A figure in W, kWh, °C or 0–1. */
export const canonical = (figure: number, unit: MeterUnit, multiplier: number): number =>
  TO_CANONICAL[unit](figure * multiplier);

function down(value: unknown, keys: readonly string[]): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if (key === "*") {
    for (const each of Object.values(value)) {
      const found = down(each, rest);
      if (numberOf(found) !== undefined) return found;
    }
    return undefined;
  }
  return Object.hasOwn(value, key) ? down((value as Record<string, unknown>)[key], rest) : undefined;
}

/** A number, or the sum of a list of them; a list within a list is none of a meter's. */
function numberOf(value: unknown): number | undefined {
  if (!Array.isArray(value)) return oneOf(value);
  let sum = 0;
  for (const each of value) {
    const number = oneOf(each);
    if (number === undefined) return undefined;
    sum += number;
  }
  return value.length ? sum : undefined;
}

function oneOf(value: unknown): number | undefined {
  const number =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
