import { resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import type { ServerConfig } from "./config.js";
import { LostLineNotes } from "./lostLines.js";
import type { Refusals } from "./refusals.js";
import { BUCKET_MS } from "./rollup/row.js";
import type { LostLines } from "./store/influx/writer.js";
import type { StoreKind } from "./store/kinds.js";
import { type OpenStores, openStores } from "./store/registry.js";
import type { EventRecord } from "./store/state/state.js";

/** Setting that says which kind of store was last in use. */
const KIND = "store.kind";
const DAY_MS = 86_400_000;

/** Events on their way to whoever stores them; those that come before there is one wait. */
export class Events {
  #waiting: EventRecord[] | undefined = [];
  #take: (event: EventRecord) => void = (event) => this.#waiting?.push(event);

  constructor(private readonly clock: Pick<Clock, "nowMs">) {}

  /** Tells of something that has happened now. */
  tell(kind: string, text: string): void {
    this.#take({ atMs: this.clock.nowMs(), kind, text });
  }

  /** Who takes them from here on, and what has waited. */
  to(take: (event: EventRecord) => void): void {
    this.#take = take;
    for (const event of this.#waiting ?? []) take(event);
    this.#waiting = undefined;
  }
}

/** The open stores, and who tells of lines that their InfluxDB will not hold. */
export interface ConfiguredStores extends OpenStores {
  lost(lines: LostLines): void;
}

/** Opens the stores that a config names. What goes wrong in them later is told as events, and counted. Throws as `openStores`. */
export async function openConfigured(
  { dataDir, kind, influx, rawDays, rollupDays }: ServerConfig["store"],
  { clock, refusals, events }: { clock: Clock; refusals: Refusals; events: Events },
): Promise<ConfiguredStores> {
  const lostLines = new LostLineNotes(refusals, events, () => clock.nowMs());
  const lost = (lines: LostLines) => lostLines.note(lines);
  const stores = await openStores({
    dataDir: resolve(dataDir),
    kind,
    clock,
    report: (text) => events.tell("store-damage", text),
    influx: {
      config: influx,
      clock,
      keep: { rawDays, rollupDays },
      note: (text) => events.tell("store-note", text),
      lost,
    },
  });
  for (const text of stores.reports) events.tell("store-damage", text);
  try {
    const gone = await goneSamples(stores, { kind, rawDays, nowMs: clock.nowMs() });
    if (gone !== undefined) events.tell("store-damage", gone);
    await forgetOtherMarks(stores, kind);
  } catch (error) {
    await stores.close();
    throw error;
  }
  return { ...stores, lost };
}

/**
 * The sentence about raw samples that should be there and are not, with the time that they were of; undefined where none is
 * missed. What was rolled up of them stays.
 */
async function goneSamples(
  { telemetry, state }: OpenStores,
  { kind, rawDays, nowMs }: { kind: StoreKind; rawDays: number; nowMs: number },
): Promise<string | undefined> {
  // Another store, or another kind of it, is none whose samples were here.
  if (kind !== "duckdb" || (await state.setting(KIND)) !== kind || (await telemetry.span())) return undefined;
  const rigs = await state.rigs();
  const newest = await state.newestRollup(BUCKET_MS);
  const toMs = Math.max(
    ...rigs.map(({ lastSeenMs }) => lastSeenMs),
    newest === undefined ? 0 : newest + BUCKET_MS,
  );
  const firstMs = Math.min(...rigs.map(({ firstSeenMs }) => firstSeenMs), newest ?? Number.POSITIVE_INFINITY);
  const fromMs = Math.max(firstMs, nowMs - rawDays * DAY_MS);
  if (!(toMs >= fromMs)) return undefined;
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return `no raw samples are there, though rigs reported from ${from} until ${to} at least: those are gone; rollups, ledger and rigs stay, and agents send what they still hold`;
}

/**
 * Forgets how far streams are stored where another kind of store was in use since: what came meanwhile lies there, and a stream
 * that goes on would seem to have lost it.
 */
async function forgetOtherMarks({ telemetry, state }: OpenStores, kind: StoreKind): Promise<void> {
  const last = await state.setting(KIND);
  if (last === kind) return;
  if (last !== undefined) await telemetry.dropMarks(Number.MAX_SAFE_INTEGER);
  await state.putSetting(KIND, kind);
}
