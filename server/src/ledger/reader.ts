import { scheduler } from "node:timers/promises";
import type {
  Ledger,
  LedgerFactor,
  LedgerFigures,
  LedgerRow,
  LedgerSites,
  LedgerSource,
  LedgerStep,
} from "@hashwatt/protocol/ledger";
import { Zone } from "@hashwatt/protocol/zone";
import type { Cell } from "../economics/ledgerCell.js";
import { ServerError } from "../error.js";
import type { TimeRange } from "../rates/slot.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { LedgerStore } from "../store/state/ledger.js";
import type { SiteRecord } from "../store/state/state.js";
import { addSums, ledgerFigures, ledgerRow } from "./figures.js";
import { jsonWithRows } from "./jsonWithRows.js";
import { type HeldRows, LedgerFold, type PartedRow, sumOf, withLoaded } from "./ledgerFold.js";
import type { Pricer } from "./pricer.js";
import { OwedLines, owedLines, type SiteCharges } from "./siteCharges.js";
import { hoursWithin, type Stretch, stretches } from "./stretches.js";

/** Rows of an answer, and stretches that the store is asked for at a time. */
const MAX_ROWS = 12_000;
const MAX_ASKED = 9_000;
const UTC = Zone.of("UTC");

/** What ledgers are read from. */
export interface ReaderParts {
  ledger: LedgerStore;
  pricer: Pick<Pricer, "pricedToMs" | "due" | "stays">;
  charges: SiteCharges;
  sites: { all(): Iterable<SiteRecord>; get(site: string): SiteRecord | undefined };
}

/** Whose ledger is asked for: a site's, or that of some of its rigs, with the name that they were asked by. */
export interface LedgerScope {
  site: string;
  rigs?: readonly number[];
  rig?: string;
  group?: string;
}

/** A ledger whose rows are made one after another; the rest is known when all of them were taken. */
interface Answer {
  rows(): Iterable<LedgerRow>;
  rest(): Omit<Ledger, "rows">;
}

/** What a factor is counted in. */
export function unitOf(kind: LedgerFactor, currency: string): string {
  switch (kind) {
    case "hashprice":
      return `${currency}/PH/day`;
    case "hashpriceBtc":
      return "BTC/PH/day";
    case "price":
      return `${currency}/kWh`;
    case "carbon":
    case "carbonMarket":
      return "kgCO2/kWh";
    case "poolFactor":
    case "overhead":
      return "factor";
  }
}

/** Answers what the ledger holds, in the zone of its site. */
export class LedgerReader {
  constructor(private readonly parts: ReaderParts) {}

  /** Rows of hours, days or months and their exact sums. Throws ServerError `notFound` for an unknown site, `badRequest` for too many rows. */
  async ledger(scope: LedgerScope, range: TimeRange, step: LedgerStep): Promise<Ledger> {
    const { rows, rest } = await this.#answer(scope, range, step);
    const all = [...rows()];
    return { ...rest(), rows: all };
  }

  /** The same as JSON. Its rows are never there all at once: a year by hour would be some 10 MB of them. */
  async ledgerJson(scope: LedgerScope, range: TimeRange, step: LedgerStep): Promise<Buffer> {
    const { rows, rest } = await this.#answer(scope, range, step);
    return jsonWithRows(rows(), rest);
  }

  async #answer(scope: LedgerScope, range: TimeRange, step: LedgerStep): Promise<Answer> {
    const { ledger, pricer } = this.parts;
    const record = this.site(scope.site);
    const { site, zone, currency } = record;
    const unitMs = scope.rigs ? HOUR_MS : BUCKET_MS;
    const fromMs = Math.ceil(range.fromMs / unitMs) * unitMs;
    const toMs = Math.max(fromMs, Math.floor(range.toMs / unitMs) * unitMs);
    const rows = stretches(Zone.of(zone), step, fromMs, toMs, MAX_ROWS);
    if (!rows)
      throw new ServerError(
        "badRequest",
        `step: the range has more than ${MAX_ROWS} rows; ask for a longer step`,
      );
    // Asked for at once: the store works on the next while one is decoded here.
    const [{ fold, owed }, sources] = await Promise.all([
      this.#fold(scope, zone, rows, { fromMs, toMs }),
      ledger.sources(site, fromMs, toMs),
    ]);
    const pricedToMs = pricer.pricedToMs(site);
    return {
      *rows() {
        for (const { row, figures } of fold.rows()) {
          const { startMs, endMs } = row;
          const partial = row.partial || pricedToMs === undefined || endMs > pricedToMs;
          yield ledgerRow({ startMs, endMs, partial }, figures);
        }
      },
      rest: () => ({
        ...named(scope),
        site,
        zone,
        currency,
        step,
        fromMs,
        toMs,
        pricedToMs: pricedToMs ?? null,
        due: pricer.due(site, { fromMs, toMs }),
        totals: fold.totals(),
        siteLines: owed.lines.map((line) => ({ ...line, amountMicro: owed.shareOf(line) })),
        sources: withUnits(sources, currency),
        notes: this.#notes(scope, record, { fromMs, toMs }),
      }),
    };
  }

  /** The totals of every site over a range, and sums by currency. */
  async sitesTotals(range: TimeRange): Promise<LedgerSites> {
    const fromMs = Math.ceil(range.fromMs / BUCKET_MS) * BUCKET_MS;
    const toMs = Math.max(fromMs, Math.floor(range.toMs / BUCKET_MS) * BUCKET_MS);
    const whole = toMs > fromMs ? [{ startMs: fromMs, endMs: toMs, partial: false }] : [];
    const byCurrency = new Map<
      string,
      {
        sums: Map<string, Cell>;
        spanMs: number;
        lines: number | null;
        loaded: number | null;
        loadedMs: number;
      }
    >();
    const sites: LedgerSites["sites"] = [];
    for (const { site, name, zone, currency } of this.parts.sites.all()) {
      const { fold } = await this.#fold({ site }, zone, whole, { fromMs, toMs });
      const totals = fold.totals();
      // Years of hours of one site are enough in one go.
      await scheduler.yield();
      const pricedToMs = this.parts.pricer.pricedToMs(site) ?? null;
      sites.push({ site, name, zone, currency, pricedToMs, totals });
      const held = byCurrency.get(currency) ?? {
        sums: new Map(),
        spanMs: 0,
        lines: null,
        loaded: null,
        loadedMs: 0,
      };
      addSums(held.sums, fold.sums);
      held.spanMs += totals.coverage.spanMs;
      held.lines = sumOf([held.lines, totals.siteLinesMicro]);
      held.loaded = sumOf([held.loaded, totals.loadedProfitMicro]);
      held.loadedMs += totals.coverage.loadedMs;
      byCurrency.set(currency, held);
    }
    return {
      fromMs,
      toMs,
      sites,
      byCurrency: [...byCurrency].map(([currency, { sums, spanMs, lines, loaded, loadedMs }]) => {
        return { currency, totals: withLoaded(ledgerFigures(sums, spanMs, lines), loaded, loadedMs) };
      }),
    };
  }

  /** Throws ServerError `notFound`. */
  site(site: string): SiteRecord {
    const record = this.parts.sites.get(site);
    if (!record) throw new ServerError("notFound", `There is no site "${site}"; see /api/totals`);
    return record;
  }

  /** What is booked for one stretch, without the site's own lines. */
  async booked(scope: LedgerScope, { fromMs, toMs }: TimeRange): Promise<LedgerFigures> {
    const whole = [{ startMs: fromMs, endMs: toMs, partial: false }];
    return new LedgerFold(undivided(whole), await this.#held(scope, whole, toMs)).totals();
  }

  /** The same with these, and what is owed. */
  async owed(scope: LedgerScope, range: TimeRange): Promise<{ totals: LedgerFigures; owed: OwedLines }> {
    const whole = [{ startMs: range.fromMs, endMs: range.toMs, partial: false }];
    const { fold, owed } = await this.#fold(scope, this.site(scope.site).zone, whole, range);
    return { totals: fold.totals(), owed };
  }

  /**
   * Rows of a range, with the site's own lines. Where there are any, rows are put together from hours, so that what is known of some of
   * them comes to the same with every step.
   */
  async #fold(
    scope: LedgerScope,
    zone: string,
    rows: readonly Stretch[],
    range: TimeRange,
  ): Promise<{ fold: LedgerFold; owed: OwedLines }> {
    const owed = scope.rigs ? OwedLines.NONE : await owedLines(this.parts, scope.site, range);
    const parted = owed.lines.length ? byHours(Zone.of(zone), rows, owed.within) : undivided(rows);
    const all = parted.flatMap(({ parts }) => parts);
    return { fold: new LedgerFold(parted, await this.#held(scope, all, range.toMs), owed), owed };
  }

  /** What the store holds of stretches that follow each other. */
  async #held(scope: LedgerScope, all: PartedRow["parts"], toMs: number): Promise<HeldRows> {
    const { ledger } = this.parts;
    const { site, rigs } = scope;
    const held: HeldRows[] = [];
    for (let at = 0, end = 0; at < all.length; at = end) {
      // Hours apart from what is longer: a year of them is held in memory, and many years are not.
      const isHour = lastsAnHour(all[at]!);
      do end++;
      while (end < all.length && end - at < MAX_ASKED && lastsAnHour(all[end]!) === isHour);
      const asked = all.slice(at, end);
      const query = { site, edges: asked.map(({ startMs }) => startMs), toMs: all[end]?.startMs ?? toMs };
      const [sums, spans] = await Promise.all([
        ledger.eachSum({ ...query, ...(rigs && { rigs }) }),
        rigs ? this.#rigSpans(site, rigs, asked, query.toMs) : ledger.spans(query),
      ]);
      held.push({ sums, spans });
    }
    const [first, ...others] = held;
    if (first && !others.length) return first;
    return {
      sums: eachOf(held.map(({ sums }) => sums)),
      spans: new Map(held.flatMap(({ spans }) => [...spans])),
    };
  }

  /** Rigs × time for which they are expected at the site and hours are priced. */
  async #rigSpans(
    site: string,
    rigs: readonly number[],
    rows: PartedRow["parts"],
    toMs: number,
  ): Promise<Map<number, number>> {
    const { ledger, pricer } = this.parts;
    const wanted = new Set(rigs);
    const own = pricer.stays.filter((stay) => stay.site === site && wanted.has(stay.rig));
    const gone = own.filter((stay) => stay.gone).map(({ rig }) => rig);
    const edges = rows.map(({ startMs }) => startMs);
    const hours = await ledger.rigHours({ site, rigs: gone, edges, toMs });
    const begun = await ledger.span(site);
    const endMs = Math.floor((pricer.pricedToMs(site) ?? 0) / HOUR_MS) * HOUR_MS;
    const spans = new Map<number, number>();
    for (const row of rows) {
      let ms = (hours.get(row.startMs) ?? 0) * HOUR_MS;
      for (const stay of own) {
        if (stay.gone) continue;
        const from = Math.max(row.startMs, stay.knownFromMs, begun?.fromMs ?? row.endMs);
        ms += Math.max(0, Math.min(row.endMs, stay.toMs, endMs) - from);
      }
      spans.set(row.startMs, ms);
    }
    return spans;
  }

  #notes({ rigs, rig, site }: LedgerScope, { zone }: SiteRecord, { fromMs, toMs }: TimeRange): string[] {
    const notes: string[] = [];
    if (rigs && [fromMs, toMs].some((ms) => Zone.of(zone).offsetMs(ms) % HOUR_MS !== 0))
      notes.push(
        `rigs are kept by hours of ${UTC.name}, which are none of ${zone}: each belongs to the hour, day or month that it begins in`,
      );
    if (rig !== undefined)
      for (const stay of this.parts.pricer.stays)
        if (rigs?.includes(stay.rig) && stay.site !== site && stay.fromMs < toMs && stay.toMs > fromMs)
          notes.push(
            `${rig} stood at site ${stay.site} for a part of this time; that part is in its ledger there`,
          );
    return notes;
  }
}

/** Rows that are their own parts. */
const undivided = (rows: readonly Stretch[]): PartedRow[] => rows.map((row) => ({ row, parts: [row] }));

/** Rows in parts of hours of a zone where something is owed. */
const byHours = (zone: Zone, rows: readonly Stretch[], within: TimeRange): PartedRow[] =>
  rows.map((row) => ({ row, parts: hoursWithin(zone, row, within) }));

const lastsAnHour = ({ startMs, endMs }: PartedRow["parts"][number]): boolean => endMs - startMs <= HOUR_MS;

function* eachOf<T>(all: readonly Iterable<T>[]): Generator<T> {
  for (const each of all) yield* each;
}

export const named = ({ rig, group }: LedgerScope): { rig?: string; group?: string } => ({
  ...(rig !== undefined && { rig }),
  ...(group !== undefined && { group }),
});

export const withUnits = (sources: readonly Omit<LedgerSource, "unit">[], currency: string): LedgerSource[] =>
  sources.map((source) => ({ ...source, unit: unitOf(source.kind, currency) }));
