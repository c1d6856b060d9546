import type { BreakEven } from "@hashwatt/protocol/breakEven";
import type {
  Ledger,
  LedgerExplanation,
  LedgerFigures,
  LedgerSites,
  LedgerStep,
} from "@hashwatt/protocol/ledger";
import { ServerError } from "../error.js";
import type { Fleet } from "../fleet/fleet.js";
import { rigOfId } from "../fleet/rigDetail.js";
import type { Handovers } from "../identity/handovers.js";
import type { RigIndex } from "../identity/rigIndex.js";
import type { TimeRange } from "../rates/slot.js";
import type { FleetRegister } from "../register/fleetRegister.js";
import { BUCKET_MS } from "../rollup/row.js";
import { breakEvenLadder } from "./breakEvenLadder.js";
import { explain } from "./explain.js";
import type { FactorSlots } from "./factorSlots.js";
import { GROUP_KINDS, parseGroup, rigsOfGroup } from "./groups.js";
import { LedgerReader, type LedgerScope, type ReaderParts } from "./reader.js";
import { shareOf } from "./siteCharges.js";

/** Whom somebody asks about, as they said it. */
export interface AskedScope {
  site?: string | undefined;
  rig?: string | undefined;
  group?: string | undefined;
}

/** What the ledger is asked through. */
export interface LedgerServiceParts extends ReaderParts {
  rates: FactorSlots;
  index: Pick<RigIndex, "record" | "records">;
  handovers: Pick<Handovers, "joined">;
  fleet: Pick<Fleet, "views">;
  register: Pick<FleetRegister, "of">;
  /** Hears of a question whose answer is large. */
  asked?: () => void;
}

/** Answers questions about the ledger by the names that people use. Throws ServerError `notFound` and `badRequest`. */
export class LedgerService {
  readonly #reader: LedgerReader;

  constructor(private readonly parts: LedgerServiceParts) {
    this.#reader = new LedgerReader(parts);
  }

  async ledger(asked: AskedScope, range: TimeRange, step: LedgerStep): Promise<Ledger> {
    return this.#reader.ledger(this.scope(asked), range, step);
  }

  /** The same as JSON. */
  async ledgerJson(asked: AskedScope, range: TimeRange, step: LedgerStep): Promise<Buffer> {
    this.parts.asked?.();
    return this.#reader.ledgerJson(this.scope(asked), range, step);
  }

  /** The ledger of a site ends here; undefined where nothing is priced yet. */
  pricedToMs(site: string): number | undefined {
    return this.parts.pricer.pricedToMs(site);
  }

  /** What is booked over the whole 5 minutes of a range, without the site's own lines: many ranges cost little each. */
  async booked(asked: AskedScope, { fromMs, toMs }: TimeRange): Promise<LedgerFigures> {
    const from = Math.ceil(fromMs / BUCKET_MS) * BUCKET_MS;
    const range = { fromMs: from, toMs: Math.max(from, Math.floor(toMs / BUCKET_MS) * BUCKET_MS) };
    return this.#reader.booked(this.scope(asked), range);
  }

  /** The same beside all of the site's own lines of the range, as far as it may reach: what a bill is compared with. */
  async billed(asked: AskedScope, range: TimeRange): Promise<Pick<Ledger, "totals" | "siteLines">> {
    const { site } = this.scope(asked);
    const lines = await this.parts.charges.lines(site, range);
    return {
      totals: await this.booked({ site }, range),
      siteLines: lines.map((line) => ({ ...line, amountMicro: shareOf(line, range) })),
    };
  }

  async sites(range: TimeRange): Promise<LedgerSites> {
    return this.#reader.sitesTotals(range);
  }

  async explain(asked: AskedScope, range: TimeRange): Promise<LedgerExplanation> {
    this.parts.asked?.();
    return explain({ ...this.parts, reader: this.#reader }, this.scope(asked), range);
  }

  /** What the rigs of a site are worth at the rates of now, by model and together. */
  breakEven(site: string | undefined, nowMs: number): BreakEven {
    const record = this.#reader.site(this.#siteOf(site));
    return breakEvenLadder(record, this.parts.fleet.views(), this.parts.rates, nowMs);
  }

  /** Whom a question means. */
  scope({ site, rig, group }: AskedScope): LedgerScope {
    if (rig !== undefined && group !== undefined)
      throw new ServerError("badRequest", "group: ask for a rig or for a group, not for both");
    if (rig !== undefined) {
      const key = rigOfId(rig);
      const record = key === undefined ? undefined : this.parts.index.record(key);
      if (!record)
        throw new ServerError(
          "notFound",
          `There is no rig "${rig}"; rigs are named r1, r2, …, see /api/fleet`,
        );
      const rigs = [record.rig, ...this.parts.handovers.joined(record.rig)];
      return { site: this.#reader.site(site ?? record.site).site, rigs, rig };
    }
    const known = this.#siteOf(site);
    if (group === undefined) return { site: known };
    const parsed = parseGroup(group);
    if (!parsed)
      throw new ServerError(
        "badRequest",
        `group: "${group}" names none; write one of ${GROUP_KINDS.join(", ")}, a colon and its name, such as rack:A3`,
      );
    const { index, register } = this.parts;
    const rigs = rigsOfGroup(parsed, index.records(), (record) => register.of(record));
    if (!rigs.length) throw new ServerError("notFound", `group: no rig is in "${group}"`);
    return { site: known, rigs, group };
  }

  #siteOf(site: string | undefined): string {
    if (site !== undefined) return this.#reader.site(site).site;
    const [only, ...others] = [...this.parts.sites.all()];
    if (!only || others.length)
      throw new ServerError("badRequest", "site: say which; /api/ledger/sites has all");
    return only.site;
  }
}
