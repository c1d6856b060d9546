import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { TimeRange } from "../../rates/slot.js";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "../../rollup/row.js";
import { DirtyRanges, type Range } from "../dirtyRanges.js";
import type { StateStore } from "../state/state.js";
import type { Influx } from "./influx.js";
import { isLedger, LEDGER, mirrorLines, RIG_LEDGER_HOURS } from "./mirrorLines.js";
import { MIRROR_SETTING, readSaved } from "./mirrorSetting.js";
import { keyOf, voidLines } from "./mirrorVoids.js";
import type { WantedDatabase } from "./wanted.js";
import type { LostLines } from "./writer.js";

const STEP_MS = 5_000;
/** After a failure it is tried again so late at most. */
const MAX_REST_MS = 60_000;
/** Rows of one write at least, where there are so many: steps of few rigs go together. */
const ROWS_TOGETHER = 2_000;
/** Steps of one write at most. */
const MAX_STEPS = 288;
/** What is written is taken out of the setting so often at most; after a crash it is written once more. */
const SAVE_MS = 10_000;
/** So long a write under way may take when the server ends. */
const CLOSE_MS = 1_000;

/** What the mirror stands on. */
export interface MirrorOptions {
  influx: Pick<Influx, "url" | "databases" | "takeAbsent" | "write" | "query" | "close">;
  state: Pick<
    StateStore,
    "rollups" | "siteRollups" | "newestRollup" | "oldestRollup" | "ledger" | "setting" | "putSetting"
  >;
  /** All rigs and sites. */
  rigs: () => Iterable<{ rig: number; site: string }>;
  sites: () => Iterable<{ site: string }>;
  /** Hears of rows that the InfluxDB holds not and will not hold. */
  lost: (lines: LostLines) => void;
  /** Whether it is known from elsewhere that the InfluxDB does not work at present. */
  isAway?: () => boolean;
  clock: Clock;
  log: Logger;
}

/** Rows of one kind and step length, and where they go. */
interface Tier {
  name: string;
  stepMs: number;
  database: Readonly<WantedDatabase>;
  dirty: DirtyRanges;
  /** The database was found missing: none of the rows that were written before is there. */
  lost?: boolean;
}

/**
 * Keeps the rollup rows of the state file and the hours of its ledger in an InfluxDB too, for other tools. Which steps have changed is in the state file
 * before their rows are, so that neither an outage nor a crash leaves a hole; of the rows themselves it holds only those that
 * are being written. The newest steps go first.
 */
export class RollupMirror {
  readonly #tiers: readonly Tier[];
  readonly #target: string;
  /** Steps that are being written: still to be done after a crash. */
  #busy: { tier: Tier; range: Range } | undefined;
  #running: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #savedMs = Number.NEGATIVE_INFINITY;
  /** The setting holds steps that are written. */
  #unsaved = false;
  /** Steps that were put in so far, and how many of them the setting knows. */
  #noted = 0;
  #saved = 0;
  /** Writes to the state that are under way, and who waits for their end. */
  #writes = 0;
  readonly #waiting: (() => void)[] = [];
  #timer: Timer | undefined;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** It was away for others too when the last write failed. */
  #wasAway = false;
  #closed = false;
  /** Why the last write failed; undefined while it works. */
  problem: string | undefined;

  constructor(private readonly options: MirrorOptions) {
    const { fiveMinutes, hours } = options.influx.databases;
    this.#target = `${options.influx.url} ${hours.name}`;
    this.#tiers = [
      tierOf(String(BUCKET_MS), BUCKET_MS, fiveMinutes),
      tierOf(String(HOUR_MS), HOUR_MS, hours),
      tierOf(LEDGER, HOUR_MS, hours),
      tierOf(RIG_LEDGER_HOURS, HOUR_MS, hours),
    ];
  }

  /** Takes up what a former run left; for an InfluxDB that it did not write to, that is every row there is. */
  async load(): Promise<void> {
    const saved = await readSaved(this.options.state);
    for (const tier of this.#tiers) {
      const ranges = saved?.target === this.#target ? saved.dirty[tier.name] : undefined;
      if (!ranges) await this.#addAll(tier);
      else for (const [fromMs, toMs] of ranges) tier.dirty.add(fromMs, toMs);
    }
    await this.#save();
  }

  async #addAll({ name, stepMs, dirty }: Tier): Promise<void> {
    const { state, sites } = this.options;
    if (isLedger(name)) {
      for (const { site } of sites()) {
        const span = await state.ledger.span(site);
        // The hour that is open comes when it is over.
        if (span) dirty.add(floorHour(span.fromMs), floorHour(span.toMs));
      }
      return;
    }
    const [oldest, newest] = [await state.oldestRollup(stepMs), await state.newestRollup(stepMs)];
    if (oldest !== undefined && newest !== undefined) dirty.add(oldest, newest + stepMs);
  }

  start(): void {
    this.#timer = this.options.clock.every(STEP_MS, () => void this.step());
  }

  /** Steps that are yet to be written. */
  get pending(): number {
    return this.#tiers.reduce((sum, { dirty }) => sum + dirty.size, 0) + (this.#busy ? 1 : 0);
  }

  /**
   * Has rows written to the state by `write`, once it is noted on disk that they are to be mirrored. Rejects when they cannot
   * be noted, or as `write` does.
   */
  async around(
    rigs: readonly RollupRow[],
    sites: readonly SiteRollupRow[],
    write: () => Promise<void>,
  ): Promise<void> {
    const steps = [...rigs, ...sites].map(({ stepMs, startMs }) => [String(stepMs), startMs] as const);
    await this.#around(steps, write);
  }

  /** The same for hours of a ledger that are priced, or priced anew: whole ones from `fromMs` to before `toMs`. */
  async aroundLedger({ fromMs, toMs }: TimeRange, write: () => Promise<void>): Promise<void> {
    const steps: [string, number][] = [];
    for (let at = floorHour(fromMs); at < toMs; at += HOUR_MS)
      steps.push([LEDGER, at], [RIG_LEDGER_HOURS, at]);
    await this.#around(steps, write);
  }

  async #around(
    steps: readonly (readonly [tier: string, startMs: number])[],
    write: () => Promise<void>,
  ): Promise<void> {
    this.#writes++;
    try {
      await this.#note(steps);
      await write();
    } finally {
      this.#writes--;
      if (this.#writes === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  async #note(steps: readonly (readonly [tier: string, startMs: number])[]): Promise<void> {
    for (const [name, startMs] of steps) {
      const { dirty, stepMs } = this.#tiers.find((tier) => tier.name === name) ?? {};
      if (!dirty || !stepMs || dirty.has(startMs)) continue;
      dirty.add(startMs, startMs + stepMs);
      this.#noted++;
    }
    // One that somebody else has put in may not be on disk yet.
    if (this.#saved < this.#noted) await this.#save();
  }

  /** Writes what is due, newest first; a call while one runs joins it. Never rejects. */
  step(): Promise<void> {
    this.#running ??= this.#step().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Waits for the write under way and keeps what is left for the next run. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    const { clock, influx } = this.options;
    // One that gives no answer is not waited for: what is not written now is due at the next start.
    using _cut = clock.after(CLOSE_MS, () => influx.close());
    await this.#running;
    await this.#save().catch((error: unknown) => this.options.log.warn({ err: error }, "mirror not saved"));
  }

  async #step(): Promise<void> {
    const { clock, log, isAway } = this.options;
    // What others find back is tried at once.
    const isBack = this.#wasAway && isAway?.() === false;
    if (clock.monoMs() < this.#restUntilMs && !isBack) return;
    try {
      while (await this.#round()) if (clock.monoMs() - this.#savedMs > SAVE_MS) await this.#save();
      // What is written for good need not be written again after a crash.
      if (this.#unsaved && !this.#closed) await this.#save();
      this.#works();
    } catch (error) {
      if (this.#busy) this.#busy.tier.dirty.add(...this.#busy.range);
      this.#busy = undefined;
      const why = error instanceof Error ? error.message : String(error);
      if (this.problem !== why) log.error({ why }, "rollups not mirrored");
      this.problem = why;
      this.#wasAway = isAway?.() ?? false;
      this.#restUntilMs = clock.monoMs() + Math.min(MAX_REST_MS, STEP_MS * 2 ** this.#failures++);
    }
  }

  /** Writes the newest steps of each length; false when there was nothing to write. */
  async #round(): Promise<boolean> {
    let wrote = false;
    for (const tier of this.#tiers) {
      // What is noted and not yet in the state must not be taken for done.
      while (this.#writes > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#closed) return false;
      if (this.options.influx.takeAbsent(tier.database.name))
        for (const other of this.#tiers) other.lost ||= other.database === tier.database;
      if (tier.lost) {
        await this.#addAll(tier);
        await this.#save();
        tier.lost = false;
      }
      tier.dirty.dropBefore(this.options.clock.nowMs() - tier.database.keepMs);
      const rigs = [...this.options.rigs()];
      const each = tier.name === LEDGER ? [...this.options.sites()].length : rigs.length;
      const steps = Math.ceil(ROWS_TOGETHER / Math.max(1, each));
      const range = tier.dirty.takeNewest(Math.min(MAX_STEPS, steps));
      if (!range) continue;
      wrote = this.#unsaved = true;
      this.#busy = { tier, range };
      await this.#write(tier, range, rigs);
      this.#busy = undefined;
      this.#works();
    }
    return wrote;
  }

  #works(): void {
    if (this.problem !== undefined) this.options.log.info("rollups are mirrored again");
    this.problem = undefined;
    this.#failures = 0;
    this.#wasAway = false;
  }

  async #write(
    { name, stepMs, database }: Tier,
    [fromMs, toMs]: Range,
    rigs: readonly { rig: number; site: string }[],
  ): Promise<void> {
    const { influx, lost, state } = this.options;
    let lines: string[] = [];
    const written = new Set<string>();
    const write = async (most: number) => {
      if (lines.length <= most) return;
      for (const gone of await influx.write(database.name, lines)) lost(gone);
      lines = [];
    };
    // The same for both: of a site that is removed meanwhile nothing is taken out.
    const known = Array.from(this.options.sites());
    const source = { state, sites: () => known };
    for await (const part of mirrorLines(source, name, { fromMs, toMs, stepMs }, rigs)) {
      for (const line of part) {
        lines.push(line);
        written.add(keyOf(line));
      }
      await write(ROWS_TOGETHER);
    }
    const ask = (statement: string) => influx.query(database.name, statement);
    const moved = movedRigs(await state.ledger.arrivals());
    const sites = new Set(known.map(({ site }) => site));
    lines.push(...(await voidLines(ask, name, { fromMs, toMs }, { written, moved, sites })));
    await write(0);
  }

  /** Writes down what is not yet in the InfluxDB; calls run one after another. */
  #save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#saveNow());
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    const dirty: Record<string, Range[]> = {};
    for (const tier of this.#tiers) {
      const all = new DirtyRanges(tier.stepMs);
      for (const range of tier.dirty.ranges) all.add(...range);
      if (this.#busy?.tier === tier) all.add(...this.#busy.range);
      dirty[tier.name] = all.ranges;
    }
    const noted = this.#noted;
    this.#unsaved = this.#busy !== undefined;
    await this.options.state.putSetting(MIRROR_SETTING, JSON.stringify({ target: this.#target, dirty }));
    this.#saved = noted;
    this.#savedMs = this.options.clock.monoMs();
  }
}

const tierOf = (name: string, stepMs: number, database: WantedDatabase): Tier => ({
  name,
  stepMs,
  database,
  dirty: new DirtyRanges(stepMs),
});
/** Rigs that have stood at more than one site. */
const movedRigs = (arrivals: readonly { rig: number }[]): number[] => {
  const seen = new Set<number>();
  const again = arrivals.filter(({ rig }) => seen.size === seen.add(rig).size);
  return [...new Set(again.map(({ rig }) => rig))];
};
const floorHour = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
