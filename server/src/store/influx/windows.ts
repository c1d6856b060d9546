import { rigTag } from "./fields.js";

/** A window of time, `toMs` not in it. */
export interface Window {
  fromMs: number;
  toMs: number;
}

/** What an instant in ms must lie between to be written in ns, as InfluxDB counts. */
const LAST_MS = 9_200_000_000_000;
/** Rigs that one statement names. */
const MAX_RIGS = 200;

const literal = (ms: number): string => `${Math.max(0, Math.min(LAST_MS, Math.ceil(ms)))}ms`;

/** The condition for a window; no point of ours lies before 1970. */
export const within = ({ fromMs, toMs }: Window): string =>
  `time >= ${literal(fromMs)} AND time < ${literal(toMs)}`;

/** The condition for some rigs. */
export const ofRigs = (rigs: readonly number[]): string =>
  `(${rigs.map((rig) => `rig = '${rigTag(rig)}'`).join(" OR ")})`;

/** Names of fields as a statement lists them. */
export const listed = (fields: readonly string[]): string => fields.map((name) => `"${name}"`).join(", ");

/** Rigs in groups that one statement may name, each once. */
export function groups(rigs: readonly number[]): number[][] {
  const all = [...new Set(rigs)].sort((a, b) => a - b);
  const parts: number[][] = [];
  for (let first = 0; first < all.length; first += MAX_RIGS) parts.push(all.slice(first, first + MAX_RIGS));
  return parts;
}

/** A window in pieces of at most `stepMs`, oldest first, cut at multiples of it. */
export function slices({ fromMs, toMs }: Window, stepMs: number): Window[] {
  const parts: Window[] = [];
  for (let at = fromMs; at < toMs; ) {
    const end = Math.min(toMs, (Math.floor(at / stepMs) + 1) * stepMs);
    parts.push({ fromMs: at, toMs: end });
    at = end;
  }
  return parts;
}

/** Runs `work` for every item, at most `most` at once; the results are in the order of the items. */
export async function inTurns<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}
