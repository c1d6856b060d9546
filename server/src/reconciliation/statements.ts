import { checked } from "@hashwatt/protocol/checked";
import type { StatementImport } from "@hashwatt/protocol/reconciliation";
import type { z } from "zod";
import type { TimeRange } from "../rates/slot.js";
import type { DocumentChange, DocumentStore, StoredDocument } from "../store/state/documents.js";
import { type Payout, payoutKey, payoutSchema } from "./payout.js";
import { settled } from "./toldTwice.js";
import {
  billKey,
  type MeterDay,
  meterDayKey,
  type UtilityBill,
  utilityDocumentSchema,
} from "./utilityBill.js";

export type Imported = Pick<StatementImport, "added" | "changed" | "same">;

/** Payouts as a pool's API told them of days that a file has corrected since; they count for nothing. */
const CORRECTED = "correctedPayout";

/** Several read and then change: each waits for the one before, by the documents that they are of. */
const turns = new WeakMap<DocumentStore, Promise<unknown>>();

/** One statement to be kept under its key. */
interface Kept {
  kind: "payout" | "bill" | typeof CORRECTED;
  id: string;
  body: Payout | UtilityBill | MeterDay;
}

/**
 * What pools paid and utilities billed, as documents of a site. What is imported twice is there once: the same key is the same statement, and
 * changes it where it says something else.
 */
export class Statements {
  constructor(
    private readonly documents: DocumentStore,
    private readonly nowMs: () => number,
  ) {}

  /** Payouts of a site that begin in a range; of the whole time without one. */
  async payouts(site: string, range?: TimeRange): Promise<Payout[]> {
    return (await this.#read("payout", site, payoutSchema)).filter(within(range));
  }

  /** Bills and days of the utility's meter that begin in a range. */
  async utility(site: string, range?: TimeRange): Promise<{ bills: UtilityBill[]; days: MeterDay[] }> {
    const all = await this.#read("bill", site, utilityDocumentSchema);
    return {
      bills: all.filter((each) => each.kind === "bill").filter(within(range)),
      days: all
        .filter((each) => each.kind === "meterDay")
        .filter((day) => within(range)({ fromMs: day.startMs })),
    };
  }

  /**
   * Keeps payouts; `dryRun` only says what that would change. What a file and a pool's API both tell is there once. Throws ServerError
   * `badRequest` where it is not clear whose a file's are.
   */
  putPayouts(site: string, payouts: readonly Payout[], dryRun = false): Promise<Imported> {
    return this.#inTurn(async () => {
      const before = await this.#read(CORRECTED, site, payoutSchema);
      const done = settled(payouts, await this.payouts(site), before);
      const kept = done.put.map((body): Kept => ({ kind: "payout", id: payoutKey(body), body }));
      const of = (kind: Kept["kind"]) => (body: Payout) => ({ kind, site, id: payoutKey(body), body });
      const counts = await this.#put(site, kept, dryRun, {
        replacing: done.replacing,
        drop: [...done.drop.map(of("payout")), ...done.forget.map(of(CORRECTED))],
        beside: done.corrected.map(of(CORRECTED)),
      });
      return { ...counts, same: counts.same + done.same };
    });
  }

  putBills(site: string, bills: readonly UtilityBill[], dryRun = false): Promise<Imported> {
    return this.#put(
      site,
      bills.map((body) => ({ kind: "bill", id: billKey(body), body })),
      dryRun,
    );
  }

  /** Keeps days of interval data; what is new fills and replaces intervals of a day that is kept in steps of the same length. */
  putMeterDays(site: string, days: readonly MeterDay[], dryRun = false): Promise<Imported> {
    return this.#inTurn(async () => {
      const held = new Map((await this.utility(site)).days.map((day) => [meterDayKey(day), day]));
      const merged = days.map((day): Kept => {
        const before = held.get(meterDayKey(day));
        const energyWh =
          before?.stepMs === day.stepMs
            ? day.energyWh.map((wh, at) => wh ?? before.energyWh[at] ?? null)
            : day.energyWh;
        return { kind: "bill", id: meterDayKey(day), body: { ...day, energyWh } };
      });
      return this.#put(site, merged, dryRun);
    });
  }

  #inTurn<T>(put: () => Promise<T>): Promise<T> {
    const done = (turns.get(this.documents) ?? Promise.resolve()).then(put);
    turns.set(
      this.documents,
      done.catch(() => undefined),
    );
    return done;
  }

  async #put(
    site: string,
    kept: readonly Kept[],
    dryRun: boolean,
    {
      replacing = new Set(),
      drop = [],
      beside = [],
    }: {
      replacing?: ReadonlySet<string>;
      drop?: NonNullable<DocumentChange["drop"]>;
      /** Kept with it, and not counted. */
      beside?: readonly Omit<StoredDocument, "changedMs">[];
    } = {},
  ): Promise<Imported> {
    const held = new Map<string, string>();
    for (const kind of new Set(kept.map((each) => each.kind)))
      for (const { site: of, id, body } of await this.documents.all(kind))
        if (of === site) held.set(`${kind} ${id}`, JSON.stringify(body));
    const counts: Imported = { added: 0, changed: 0, same: 0 };
    const changedMs = this.nowMs();
    const put: StoredDocument[] = [];
    for (const { kind, id, body } of kept) {
      const before = held.get(`${kind} ${id}`);
      const anew = replacing.has(id) ? "changed" : "added";
      const becomes = before === undefined ? anew : before === JSON.stringify(body) ? "same" : "changed";
      counts[becomes]++;
      if (becomes !== "same") put.push({ kind, site, id, body, changedMs });
    }
    for (const document of beside) put.push({ ...document, changedMs });
    if (put.length + drop.length > 0 && !dryRun) await this.documents.change({ put, drop });
    return counts;
  }

  async #read<S extends z.ZodType>(kind: string, site: string, schema: S): Promise<z.output<S>[]> {
    return (await this.documents.all(kind)).flatMap((document) => {
      if (document.site !== site) return [];
      const parsed = checked(schema, document.body);
      return parsed.success ? [parsed.data] : [];
    });
  }
}

const within =
  (range: TimeRange | undefined) =>
  ({ fromMs }: { fromMs: number }): boolean =>
    !range || (fromMs >= range.fromMs && fromMs < range.toMs);
