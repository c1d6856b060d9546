import type { LedgerSource } from "@hashwatt/protocol/ledger";
import { LEDGER_FACTORS } from "@hashwatt/protocol/ledger";
import { CELL_COLUMNS } from "../../economics/bookedSums.js";
import { addCell, cellFrom } from "../../economics/cellSums.js";
import { CELL_AMOUNTS, CELL_TIMES, type Cell } from "../../economics/ledgerCell.js";
import { HOUR_MS } from "../../rollup/row.js";
import type { LedgerQuery, LedgerSums } from "./ledger.js";
import { RangeCache } from "./rangeCache.js";

type Source = Omit<LedgerSource, "unit">;
type SiteQuery = Omit<LedgerQuery, "rigs">;

const DAY_MS = 24 * HOUR_MS;
/** A year of one site, or a month of a dozen: about 5 kB for each day and algorithm. */
const MAX_DAYS = 400;
const WIDTH = CELL_COLUMNS.length;

/** A site's 24 hours from an instant: rigs × ms of each, NaN where nothing was priced, and by algorithm the columns of its cells. */
interface Day {
  rigMs: Float64Array;
  algos: Map<string, Float64Array>;
}

/** What is read from the store. `sources` of parts of one length each. */
export interface SiteReads {
  sums(query: SiteQuery): Promise<LedgerSums[]>;
  spans(query: SiteQuery): Promise<Map<number, number>>;
  sources(site: string, fromMs: number, toMs: number, partMs: number): Promise<Source[][]>;
}

/** How a query is made of whole hours, which begin at its own minute of the hour, with a part of one before and after. */
interface Plan {
  fromMs: number;
  toMs: number;
}

/**
 * A site's ledger by hours, held in memory until they are priced anew: a month of it is neither read nor summed again for every
 * one who looks. What does not consist of hours is read.
 */
export class LedgerHours {
  readonly #days = new RangeCache<Day>(MAX_DAYS);
  readonly #sources = new RangeCache<Source[]>(MAX_DAYS);

  constructor(private readonly reads: SiteReads) {}

  /** The hours of the range are others. */
  touched(site: string, fromMs: number, toMs: number): void {
    this.#days.touched(site, fromMs, toMs);
    this.#sources.touched(site, fromMs, toMs);
  }

  async sums(query: SiteQuery): Promise<LedgerSums[]> {
    return [...(await this.each(query))];
  }

  /** The same, made one after another as they are taken: what a year of hours is made of need not be there all at once. */
  async each(query: SiteQuery): Promise<Iterable<LedgerSums>> {
    const plan = planOf(query);
    if (!plan) return this.reads.sums(query);
    const [ends, days] = await Promise.all([
      Promise.all(
        endsOf(query, plan).map(async ({ stretchMs, part }) =>
          (await this.reads.sums(part)).map((sum) => ({ ...sum, startMs: stretchMs })),
        ),
      ),
      this.#daysOf(query.site, plan),
    ]);
    return eachOf(query, plan, days, ends.flat());
  }

  async spans(query: SiteQuery): Promise<Map<number, number>> {
    const plan = planOf(query);
    if (!plan) return this.reads.spans(query);
    const [ends, days] = await Promise.all([
      Promise.all(
        endsOf(query, plan).map(async ({ stretchMs, part }) => ({
          stretchMs,
          isAfter: part.edges[0]! >= plan.toMs,
          spans: await this.reads.spans(part),
        })),
      ),
      this.#daysOf(query.site, plan),
    ]);
    // In order: what lies before the whole hours, these, and what lies after them.
    const spans = new Map<number, number>();
    const add = (startMs: number, ms: number) => spans.set(startMs, (spans.get(startMs) ?? 0) + ms);
    const addEnds = (isAfter: boolean) => {
      for (const end of ends)
        if (end.isAfter === isAfter) for (const ms of end.spans.values()) add(end.stretchMs, ms);
    };
    addEnds(false);
    for (const { day, hour, stretchMs } of hoursOf(query, plan, days)) {
      const ms = day.rigMs[hour]!;
      if (!Number.isNaN(ms)) add(stretchMs, ms);
    }
    addEnds(true);
    return spans;
  }

  async sources(site: string, fromMs: number, toMs: number): Promise<Source[]> {
    const firstMs = Math.floor(fromMs / DAY_MS) * DAY_MS;
    const endMs = Math.ceil(toMs / DAY_MS) * DAY_MS;
    if (endMs - firstMs > MAX_DAYS * DAY_MS || toMs <= fromMs) return this.#read(site, fromMs, toMs);
    const days = await this.#sources.parts(site, firstMs, endMs, DAY_MS, (from, to) =>
      this.reads.sources(site, from, to, DAY_MS),
    );
    const parts = await Promise.all(
      days.map((day, i) => {
        const startMs = Math.max(fromMs, firstMs + i * DAY_MS);
        const stopMs = Math.min(toMs, firstMs + (i + 1) * DAY_MS);
        // A day that begins or ends within the range does so whatever the range cuts off of it.
        return day.every((source) => source.fromMs >= startMs && source.toMs <= stopMs)
          ? day
          : this.#sources.one(site, startMs, stopMs, () => this.#read(site, startMs, stopMs));
      }),
    );
    return merged(parts.flat());
  }

  async #read(site: string, fromMs: number, toMs: number): Promise<Source[]> {
    const [sources] = toMs > fromMs ? await this.reads.sources(site, fromMs, toMs, toMs - fromMs) : [];
    return merged(sources ?? []);
  }

  #daysOf(site: string, { fromMs, toMs }: Plan): Promise<Day[]> {
    const [firstMs, endMs] = [dayOf(fromMs), dayOf(toMs - 1) + DAY_MS];
    return this.#days.parts(site, firstMs, endMs, DAY_MS, async (from, to) => {
      const edges = Array.from({ length: (to - from) / HOUR_MS }, (_, i) => from + i * HOUR_MS);
      const query = { site, edges, toMs: to };
      const [sums, spans] = await Promise.all([this.reads.sums(query), this.reads.spans(query)]);
      return daysFrom(from, to, sums, spans);
    });
  }
}

/** The days begin at the minute of the hour that the query's hours begin at. */
const dayOf = (ms: number): number => {
  const phase = ms % HOUR_MS;
  return Math.floor((ms - phase) / DAY_MS) * DAY_MS + phase;
};

/** Undefined where a query does not consist of whole hours, or of more than are held. */
function planOf({ edges, toMs }: SiteQuery): Plan | undefined {
  const [first, second] = edges;
  if (first === undefined) return undefined;
  const phase = (second ?? first) % HOUR_MS;
  for (let i = 1; i < edges.length; i++) if (edges[i]! % HOUR_MS !== phase) return undefined;
  const fromMs = Math.ceil((first - phase) / HOUR_MS) * HOUR_MS + phase;
  const endMs = Math.floor((toMs - phase) / HOUR_MS) * HOUR_MS + phase;
  return endMs > fromMs && endMs - fromMs <= (MAX_DAYS - 2) * DAY_MS ? { fromMs, toMs: endMs } : undefined;
}

/** The queries of what lies before and after the whole hours, each with the stretch that it belongs to. */
function endsOf({ site, edges, toMs }: SiteQuery, plan: Plan): { stretchMs: number; part: SiteQuery }[] {
  const [first, last] = [edges[0]!, edges.at(-1)!];
  const end = (stretchMs: number, fromMs: number, untilMs: number) => ({
    stretchMs,
    part: { site, edges: [fromMs], toMs: untilMs },
  });
  return [
    ...(first < plan.fromMs ? [end(first, first, plan.fromMs)] : []),
    ...(plan.toMs < toMs ? [end(last, plan.toMs, toMs)] : []),
  ];
}

/** Every hour of a plan with the stretch that it lies in. */
function* hoursOf({ edges }: SiteQuery, plan: Plan, days: readonly Day[]) {
  const firstMs = dayOf(plan.fromMs);
  let stretch = 0;
  for (let at = plan.fromMs; at < plan.toMs; at += HOUR_MS) {
    while (stretch + 1 < edges.length && edges[stretch + 1]! <= at) stretch++;
    const hours = (at - firstMs) / HOUR_MS;
    yield { day: days[Math.floor(hours / 24)]!, hour: hours % 24, stretchMs: edges[stretch]! };
  }
}

/** Sums of stretches by start and algorithm; `ends` are those of the parts of hours. */
function* eachOf(
  query: SiteQuery,
  plan: Plan,
  days: readonly Day[],
  ends: readonly LedgerSums[],
): Generator<LedgerSums> {
  let startMs = query.edges[0]!;
  const cells = new Map<string, Cell>();
  const add = (algo: string, cell: Cell): void => {
    const held = cells.get(algo);
    if (held) addCell(held, cell);
    else cells.set(algo, cell);
  };
  const addEnds = () => {
    for (const end of ends) if (end.startMs === startMs) add(end.algo, end.sums);
  };
  function* next(ms: number): Generator<LedgerSums> {
    if (cells.size === 1) for (const [algo, sums] of cells) yield { startMs, algo, sums };
    else for (const algo of [...cells.keys()].sort()) yield { startMs, algo, sums: cells.get(algo)! };
    cells.clear();
    startMs = ms;
    addEnds();
  }
  addEnds();
  for (const { day, hour, stretchMs } of hoursOf(query, plan, days)) {
    if (stretchMs !== startMs) yield* next(stretchMs);
    for (const [algo, columns] of day.algos) {
      const cell = cellAt(columns, hour);
      if (cell) add(algo, cell);
    }
  }
  // The last stretch may have no whole hour.
  const lastMs = query.edges.at(-1)!;
  if (lastMs !== startMs) yield* next(lastMs);
  yield* next(Number.POSITIVE_INFINITY);
}

function daysFrom(
  fromMs: number,
  toMs: number,
  sums: readonly LedgerSums[],
  spans: ReadonlyMap<number, number>,
): Day[] {
  const days = Array.from(
    { length: (toMs - fromMs) / DAY_MS },
    (): Day => ({ rigMs: new Float64Array(24).fill(Number.NaN), algos: new Map() }),
  );
  const placeOf = (startMs: number) => {
    const hours = (startMs - fromMs) / HOUR_MS;
    return { day: days[Math.floor(hours / 24)]!, hour: hours % 24 };
  };
  for (const [startMs, ms] of spans) {
    const { day, hour } = placeOf(startMs);
    day.rigMs[hour] = ms;
  }
  for (const { startMs, algo, sums: cell } of sums) {
    const { day, hour } = placeOf(startMs);
    const columns = day.algos.get(algo) ?? new Float64Array(24 * WIDTH).fill(Number.NaN);
    day.algos.set(algo, columns);
    let at = hour * WIDTH;
    for (const name of CELL_AMOUNTS) columns[at++] = cell[name] ?? Number.NaN;
    for (const name of CELL_TIMES) columns[at++] = cell[name];
  }
  return days;
}

/** Times are known of every cell that there is. */
function cellAt(columns: Float64Array, hour: number): Cell | undefined {
  const at = hour * WIDTH;
  return Number.isNaN(columns[at + CELL_AMOUNTS.length]!) ? undefined : cellFrom(columns, at);
}

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));
const most = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));

/** Sources of neighbouring stretches as those of all of them: by factor, those of other algorithms last, each by its first use. */
function merged(parts: readonly Source[]): Source[] {
  const bySource = new Map<string, Source>();
  for (const part of parts) {
    const key = `${part.kind} ${part.algo ?? ""} ${part.source}`;
    const held = bySource.get(key);
    bySource.set(
      key,
      held
        ? {
            ...held,
            fromMs: Math.min(held.fromMs, part.fromMs),
            toMs: Math.max(held.toMs, part.toMs),
            oldestAsOfMs: least(held.oldestAsOfMs, part.oldestAsOfMs),
            newestAsOfMs: most(held.newestAsOfMs, part.newestAsOfMs),
            min: Math.min(held.min, part.min),
            max: Math.max(held.max, part.max),
          }
        : part,
    );
  }
  // Those of other algorithms by the names of their series: of pools before those of revenue.
  const rank = ({ kind, algo }: Source) =>
    algo === undefined ? LEDGER_FACTORS.indexOf(kind) : kind === "poolFactor" ? 98 : 99;
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...bySource.values()].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      order(a.algo ?? "", b.algo ?? "") ||
      a.fromMs - b.fromMs ||
      order(a.source, b.source),
  );
}
