import { STATUSES } from "@hashwatt/protocol/sample";
import { UNREACHABLE } from "../../rollup/hold.js";
import { BOARD_NUMBERS } from "../parts.js";
import type { RawRow, StoredSample } from "../store.js";
import type { InfluxSeries } from "./client.js";
import { BOARD, FANS, RIG, RIG_FIELDS } from "./fields.js";
import type { Influx } from "./influx.js";
import { addRawRows, boardOf, Columns, RAW_FIELDS, rigOf, sampleOf, sortedRows } from "./rows.js";
import { groups, inTurns, listed, ofRigs, slices, type Window, within } from "./windows.js";

const DAY_MS = 86_400_000;
/** InfluxDB 3 reads about three days of files for a statement: no window is asked for in one piece that is longer. */
const SLICE_MS = DAY_MS;
/** A window is read in pieces of so long where that lets two of them be read at once. */
const SHORT_SLICE_MS = DAY_MS / 4;
/** Statements under way for one question. */
const AT_ONCE = 2;
/** A reading may be stamped so much later than now. */
const AHEAD_MS = 600_000;
/** Rigs that are looked for one by one further back; more are looked for all at once. */
const FEW_RIGS = 1_000;

/** Nothing older is looked for where a database keeps for ever. */
const FOR_EVER_MS = 3_660 * DAY_MS;

/** What reading stands on. */
export interface ReaderOptions {
  influx: Influx;
  database: string;
  /** Nothing older is held; it changes as the InfluxDB is found to keep longer than the config says. */
  keepMs: () => number;
  nowMs: () => number;
}

/** Reads samples back, by portable InfluxQL in slices of a day at most. Nothing but numbers and names of ours is in a statement. */
export class InfluxReader {
  constructor(private readonly options: ReaderOptions) {}

  /** The part of a window in which something can lie. */
  held({ fromMs, toMs }: Window): Window {
    const { keepMs, nowMs } = this.options;
    const backMs = Math.min(keepMs(), FOR_EVER_MS) + DAY_MS;
    return { fromMs: Math.max(fromMs, nowMs() - backMs), toMs: Math.min(toMs, nowMs() + AHEAD_MS) };
  }

  /** Rows of all or of some rigs, by rig and time, with `fields` alone; the others read as not reported. */
  async rows(
    window: Window & { rigs?: readonly number[] },
    fields: readonly string[] = RAW_FIELDS,
  ): Promise<RawRow[]> {
    const whole = this.held(window);
    const conditions = window.rigs ? groups(window.rigs).map((rigs) => ` AND ${ofRigs(rigs)}`) : [""];
    const sliceMs =
      whole.toMs - whole.fromMs > SHORT_SLICE_MS && conditions.length === 1 ? SHORT_SLICE_MS : SLICE_MS;
    const asked = conditions.flatMap((condition) =>
      slices(whole, sliceMs).map((slice) => `${within(slice)}${condition}`),
    );
    const parts = await inTurns(asked, AT_ONCE, async (where) => {
      const byRig = new Map<number, RawRow[]>();
      const statement = `SELECT ${listed(fields)} FROM ${RIG} WHERE ${where} GROUP BY rig`;
      for await (const series of this.#parts(statement)) addRawRows(series, byRig);
      return byRig;
    });
    const all = new Map<number, RawRow[]>();
    for (const part of parts)
      for (const [rig, rows] of part) {
        const known = all.get(rig);
        if (known) for (const row of rows) known.push(row);
        else all.set(rig, rows);
      }
    return sortedRows(all);
  }

  /** How many readings lie in a window. */
  async count(window: Window): Promise<number> {
    const counts = await inTurns(slices(this.held(window), SLICE_MS), AT_ONCE, async (slice) => {
      const [series] = await this.#query(`SELECT count(intervalMs) FROM ${RIG} WHERE ${within(slice)}`);
      return series === undefined ? 0 : Number(series.values[0]?.[new Columns(series).at("count")]);
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Starts of the steps of a window that hold a reading, ascending. */
  async steps(window: Window, stepMs: number): Promise<number[]> {
    const parts = await inTurns(slices(this.held(window), Math.max(stepMs, SLICE_MS)), AT_ONCE, (slice) =>
      this.#query(
        `SELECT count(intervalMs) FROM ${RIG} WHERE ${within(slice)} GROUP BY time(${stepMs}ms) fill(none)`,
      ),
    );
    const starts = new Set<number>();
    for (const series of parts.flat()) {
      const timeAt = new Columns(series).at("time");
      for (const row of series.values) starts.add(Number(row[timeAt]));
    }
    return [...starts].sort((a, b) => a - b);
  }

  /** First and last instant of what is held; undefined when nothing is. */
  async span(): Promise<Window | undefined> {
    const end = async (of: "first" | "last", windows: readonly Window[]): Promise<number | undefined> => {
      for (const window of windows) {
        const [series] = await this.#query(`SELECT ${of}(intervalMs) FROM ${RIG} WHERE ${within(window)}`);
        const atMs = series?.values[0]?.[new Columns(series).at("time")];
        if (typeof atMs === "number") return atMs;
      }
      return undefined;
    };
    const back = await this.#back();
    const toMs = await end("last", back);
    const fromMs = toMs === undefined ? undefined : await end("first", back.reverse());
    return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  }

  /** Everything held, newest first: the last two days, then what is older, day by day where the InfluxDB reads no more at once. */
  async #back(): Promise<Window[]> {
    const { flavour } = await this.options.influx.ready();
    const all = this.held({ fromMs: 0, toMs: Number.POSITIVE_INFINITY });
    const recent = { fromMs: Math.max(all.fromMs, all.toMs - 2 * DAY_MS), toMs: all.toMs };
    const older = { fromMs: all.fromMs, toMs: recent.fromMs };
    return [recent, ...(flavour === "3" ? slices(older, SLICE_MS).reverse() : [older])];
  }

  /** When rigs last gave a reading that is not "unreachable", by its stamp or its arrival, whichever is earlier. */
  async answered(rigs: readonly number[], window: Window): Promise<Map<number, number>> {
    const answered = new Map<number, number>();
    const asked = groups(rigs).flatMap((group) =>
      slices(this.held(window), SLICE_MS).flatMap((slice) =>
        // A stamp that lies before the arrival counts as it is; one that lies behind it counts as the arrival.
        ["lagMs >= 0", "lagMs < 0"].map(
          (lag) =>
            `SELECT last(lagMs) FROM ${RIG} WHERE ${within(slice)} AND ${ofRigs(group)} AND status <> '${STATUSES[UNREACHABLE]}' AND ${lag} GROUP BY rig`,
        ),
      ),
    );
    for (const series of (await inTurns(asked, AT_ONCE, (statement) => this.#query(statement))).flat()) {
      const columns = new Columns(series);
      for (const row of series.values) {
        const rig = rigOf(series, columns, row);
        const [atMs, lagMs] = [row[columns.at("time")], row[columns.at("last")]];
        if (rig === undefined || typeof atMs !== "number" || typeof lagMs !== "number") continue;
        answered.set(rig, Math.max(answered.get(rig) ?? Number.NEGATIVE_INFINITY, atMs + Math.min(lagMs, 0)));
      }
    }
    return answered;
  }

  /**
   * The latest reading of every rig, boards and fans included, by rig. `known` are the rigs that may have one: those without
   * one in the last two days are looked for further back.
   */
  async latest(known: readonly number[]): Promise<StoredSample[]> {
    const fields = await this.rigFields();
    const found = new Map<number, StoredSample>();
    for (const window of await this.#back()) {
      const missing = known.filter((rig) => !found.has(rig));
      if (found.size && !missing.length) break;
      const conditions =
        found.size && missing.length <= FEW_RIGS
          ? groups(missing).map((rigs) => ` AND ${ofRigs(rigs)}`)
          : [""];
      const parts = await inTurns(conditions, AT_ONCE, (condition) =>
        this.#latestWithin(`${within(window)}${condition}`, fields),
      );
      for (const stored of parts.flat()) if (!found.has(stored.rig)) found.set(stored.rig, stored);
    }
    return [...found.values()].sort((a, b) => a.rig - b.rig);
  }

  async #latestWithin(where: string, fields: readonly string[]): Promise<StoredSample[]> {
    const found = new Map<number, StoredSample>();
    // One selector and plain fields: the fields are those of the point that the selector has chosen.
    const others = fields.filter((name) => name !== "intervalMs");
    const rigs = `SELECT last(intervalMs), ${listed(others)} FROM ${RIG} WHERE ${where} GROUP BY rig`;
    for await (const series of this.#parts(rigs)) {
      const columns = new Columns(series);
      for (const row of series.values) {
        const stored = sampleOf(series, columns, row);
        if (stored && stored.sample.atMs >= (found.get(stored.rig)?.sample.atMs ?? 0))
          found.set(stored.rig, stored);
      }
    }
    if (!found.size) return [];
    const boards = `SELECT last(slot), ${listed(BOARD_NUMBERS.slice(1))} FROM ${BOARD} WHERE ${where} GROUP BY rig, board`;
    for await (const series of this.#parts(boards)) {
      const columns = new Columns(series);
      for (const row of series.values) {
        const sample = found.get(rigOf(series, columns, row) ?? -1)?.sample;
        const board = boardOf(columns, row);
        // A board that the latest reading lacks is missing, whatever it was before.
        if (sample && board && row[columns.at("time")] === sample.atMs)
          sample.boards = [...(sample.boards ?? []), board];
      }
    }
    for (const { sample } of found.values()) sample.boards?.sort((a, b) => a.slot - b.slot);
    return [...found.values()];
  }

  /** Which of our fields there are: what no rig reports costs time to ask for. */
  async rigFields(): Promise<string[]> {
    const ours = new Set([...RIG_FIELDS, ...FANS]);
    const held = (await this.#query(`SHOW FIELD KEYS FROM ${RIG}`)).flatMap((series) => {
      const at = new Columns(series).at("fieldKey");
      return series.values.map((row) => String(row[at]));
    });
    const known = new Set(held.filter((name) => ours.has(name)));
    // What every reading has is asked for even where there is none yet.
    return [...ours].filter((name) => known.has(name) || name === "status" || name === "lagMs");
  }

  async *#parts(statement: string): AsyncGenerator<InfluxSeries> {
    yield* this.options.influx.queryParts(this.options.database, statement);
  }

  #query(statement: string): Promise<InfluxSeries[]> {
    return this.options.influx.query(this.options.database, statement);
  }
}
