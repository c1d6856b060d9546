import { SimulatorError } from "./errors.js";
import { nearest } from "./nearest.js";

/** A word that can be set, what it means and what is allowed. */
export interface Parameter {
  /** `duration`: ms in code, "20m" in text. `count`: a whole number. */
  kind: "number" | "count" | "duration" | "text";
  /** What holds when nothing is said; undefined: nothing. */
  default: number | string | undefined;
  least?: number;
  most?: number;
  unit?: string;
  says: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;
export type Value = number | string | undefined;
export type Values = Readonly<Record<string, Value>>;

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads "90s", "20m" or "1h30m" as ms; undefined for what is none. */
export function durationOf(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.trim()) return undefined;
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit as string] as number),
    0,
  );
}

/** The same the other way round: "1h30m". Below a second in ms. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  let left = Math.round(ms / 1000) * 1000;
  const parts = ["d", "h", "m", "s"].map((unit) => {
    const each = UNITS_MS[unit] as number;
    const count = Math.floor(left / each);
    left -= count * each;
    return count > 0 ? `${count}${unit}` : "";
  });
  return parts.join("");
}

/** What may stand in a parameter's place, in words. */
export function allowed({ kind, least, most, unit }: Parameter): string {
  if (kind === "text") return "text";
  if (kind === "duration") return "a time like 90s, 20m or 2h";
  const range =
    least === undefined && most === undefined ? "" : ` from ${least ?? "any"} to ${most ?? "any"}`;
  return `a ${kind === "count" ? "whole number" : "number"}${range}${unit ? ` (${unit})` : ""}`;
}

function bad(word: string, message: string): SimulatorError {
  return new SimulatorError("bad-scenario", message, { word });
}

function checkedValue(name: string, parameter: Parameter, given: unknown): Value {
  const { kind, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = parameter;
  const refuse = () =>
    bad(name, `${name}: ${JSON.stringify(given)} is not allowed; allowed: ${allowed(parameter)}`);
  if (kind === "text") {
    if (typeof given !== "string" && typeof given !== "number") throw refuse();
    return String(given);
  }
  if (kind === "duration") {
    const ms = typeof given === "string" ? durationOf(given) : undefined;
    if (ms === undefined) throw refuse();
    return ms;
  }
  const number = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof number !== "number" || !Number.isFinite(number) || number < least || number > most)
    throw refuse();
  if (kind === "count" && !Number.isInteger(number)) throw refuse();
  return number;
}

/** The values of all parameters: the given ones, else the defaults. Throws `bad-scenario`, naming the word and what is allowed. */
export function valuesOf(parameters: Parameters, given: Readonly<Record<string, unknown>>): Values {
  const known = Object.keys(parameters);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    if (known.length === 0) throw bad(name, `"${name}" cannot be set: there is nothing to set`);
    throw bad(
      name,
      `"${name}" cannot be set: did you mean "${nearest(name, known)}"? Allowed: ${known.join(", ")}`,
    );
  }
  return Object.fromEntries(
    known.map((name) => {
      const parameter = parameters[name] as Parameter;
      const value = given[name];
      return [name, value === undefined ? parameter.default : checkedValue(name, parameter, value)];
    }),
  );
}

/** A numeric value of which the parameter has a default. */
export const numberOf = (values: Values, name: string): number => values[name] as number;
/** The same of a text. */
export const textOf = (values: Values, name: string): string => values[name] as string;
