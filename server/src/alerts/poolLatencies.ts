import { checked } from "@hashwatt/protocol/checked";
import { z } from "zod";
import { isSha256 } from "../economics/figures.js";
import type { RigView } from "../fleet/rigView.js";
import type { PoolLatency } from "./facts.js";

const MINUTE_MS = 60_000;
/** So long a way is measured before it is known what is usual. */
const USUAL_AFTER_MS = 60 * MINUTE_MS;
/** What is usual is a mean over about a day; what is twice that moves it over about a week. */
const OVER_MS = 24 * 60 * MINUTE_MS;
const NOT_USUAL = 2;
const SLOW_MS = 7 * OVER_MS;
/** After a longer silence the time between two looks says nothing of the way. */
const LONGEST_MS = 5 * MINUTE_MS;
const MAX_POOLS = 2_000;

/** By pool: what is usual, over how much time that is known, and when it was last looked at. */
const savedSchema = z
  .array(z.tuple([z.string(), z.number().min(0), z.number().min(0), z.number()]))
  .max(MAX_POOLS);

interface Usual {
  ms: number;
  knownMs: number;
  atMs: number;
}

interface Told {
  ms: number[];
  revenuePerH: number | undefined;
}

/** How far each pool is from the rigs of a site that work for it, by what their firmwares say, and how far it usually is. */
export class PoolLatencies {
  readonly #usual = new Map<string, Usual>();
  #told = new Map<string, Told>();

  /** Forgets what was told, to count anew. */
  begin(): void {
    this.#told = new Map();
  }

  /** Counts a rig that answers and works for the pool of `key`. */
  add(key: string, { reading, figures, algo }: RigView): void {
    const ms = reading?.poolLatencyMs;
    let told = this.#told.get(key);
    if (!told) {
      told = { ms: [], revenuePerH: undefined };
      this.#told.set(key, told);
    }
    if (ms !== undefined) told.ms.push(ms);
    // Shares go stale by the time between blocks, which is known of one network.
    if (figures.revenuePerH !== undefined && isSha256(algo))
      told.revenuePerH = (told.revenuePerH ?? 0) + figures.revenuePerH;
  }

  /** The way to a pool, once all rigs are counted; undefined where no rig tells it. */
  of(key: string, nowMs: number): PoolLatency | undefined {
    const told = this.#told.get(key);
    // Of a pool that no rig tells its way to, only what is earned there was summed up.
    if (!told?.ms.length) return undefined;
    const ms = median(told.ms);
    return {
      ms,
      rigs: told.ms.length,
      usualMs: this.#learn(key, ms, nowMs),
      revenuePerH: told.revenuePerH,
    };
  }

  /** What is usual, as text that outlives a process. */
  text(): string {
    return JSON.stringify([...this.#usual].map(([key, { ms, knownMs, atMs }]) => [key, ms, knownMs, atMs]));
  }

  /** Takes back what {@link text} gave. Returns false for a text that is none: what is usual is then learned anew. */
  restore(text: string): boolean {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return false;
    }
    const told = checked(savedSchema, json);
    if (!told.success) return false;
    for (const [key, ms, knownMs, atMs] of told.data) this.#usual.set(key, { ms, knownMs, atMs });
    return true;
  }

  /** Takes a way in, and returns what is usual without it. */
  #learn(key: string, ms: number, nowMs: number): number | undefined {
    let usual = this.#usual.get(key);
    if (!usual) {
      if (this.#usual.size >= MAX_POOLS) this.#usual.clear();
      usual = { ms, knownMs: 0, atMs: nowMs };
      this.#usual.set(key, usual);
      return undefined;
    }
    const before = usual.knownMs >= USUAL_AFTER_MS ? usual.ms : undefined;
    const sinceMs = nowMs - usual.atMs;
    usual.atMs = nowMs;
    if (sinceMs > 0 && sinceMs <= LONGEST_MS) {
      usual.knownMs += sinceMs;
      const strange = before !== undefined && ms > NOT_USUAL * before;
      usual.ms += ((ms - usual.ms) * sinceMs) / (strange ? SLOW_MS : Math.min(OVER_MS, usual.knownMs));
    }
    return before;
  }
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
