import type {
  ExpectedRig,
  RefusedRow,
  RegisterEntry,
  RegisterImport,
  RegisterPreview,
  RegisterView,
  UnexpectedRig,
} from "@hashwatt/protocol/register";
import type { Clock } from "@hashwatt/protocol/time";
import type { AlertBook } from "../alerts/book.js";
import { ServerError } from "../error.js";
import type { Fleet } from "../fleet/fleet.js";
import { rigId } from "../fleet/rigDetail.js";
import type { RigView } from "../fleet/rigView.js";
import type { RigRecord, StateStore } from "../store/state/state.js";
import type { RegisterRows } from "./csv.js";
import { type Expected, REGISTER_SETTING, Register } from "./register.js";

/** As much of a file as is shown before it is imported. */
const MAX_SHOWN = 500;

/** What the register works with. */
export interface FleetRegisterParts {
  fleet: Pick<Fleet, "view" | "views">;
  book: Pick<AlertBook, "mute" | "unmute" | "isMuted" | "worst">;
  state: Pick<StateStore, "setting" | "putSetting">;
  sites: { all(): Iterable<{ site: string }> };
  /** Hears of rigs that are alarmed about no more, or again. */
  changed(rig: number): void;
  /** Hears that the register is another: rigs may stand elsewhere. */
  edited?(): void;
  clock: Pick<Clock, "nowMs">;
}

/** What is to be changed of an entry; null takes a value away. */
export type EntryChange = { [K in keyof ExpectedRig]?: ExpectedRig[K] | null };

/** The register of expected rigs beside the fleet as it is: who is missing, who is not expected, and who is to raise no alarm. */
export class FleetRegister {
  readonly #parts: FleetRegisterParts;
  readonly #register = new Register();
  #saving: Promise<unknown> = Promise.resolve();

  private constructor(parts: FleetRegisterParts) {
    this.#parts = parts;
  }

  /** Takes up what was kept. Throws ServerError `storeDamaged` and store codes. */
  static async open(parts: FleetRegisterParts): Promise<FleetRegister> {
    const opened = new FleetRegister(parts);
    const saved = await parts.state.setting(REGISTER_SETTING);
    if (saved !== undefined) opened.#register.restore(saved);
    opened.#judgeAll();
    return opened;
  }

  /** Adds or changes what is expected; see {@link Register.put}. */
  async put(rigs: readonly ExpectedRig[]): Promise<RegisterImport> {
    for (const { site } of rigs) {
      const why = this.#whyNoSite(site);
      if (why !== undefined) throw new ServerError("badRequest", why);
    }
    return this.#keep(() => this.#register.put(rigs, this.#onlySite()));
  }

  /** What {@link put} would make of the rows of a file, every row that it would refuse included. Changes nothing. */
  preview({ rigs, refused: unread }: RegisterRows): RegisterPreview {
    const refused: RefusedRow[] = [...unread];
    const counts = { added: 0, changed: 0, same: 0 };
    const rows: RegisterPreview["rows"] = [];
    const outcomes = this.#register.plan(
      rigs.map(({ rig }) => rig),
      this.#onlySite(),
    );
    for (const [i, outcome] of outcomes.entries()) {
      const { line, rig } = rigs[i]!;
      const noSite = this.#whyNoSite(rig.site);
      if (noSite !== undefined) refused.push({ line, column: "site", message: noSite });
      else if ("refused" in outcome) {
        const { refused: why, sameAs } = outcome;
        refused.push({
          line,
          message: sameAs === undefined ? why : `is the same rig as line ${rigs[sameAs]!.line}: ${why}`,
        });
      } else {
        const { becomes, n } = outcome;
        counts[becomes]++;
        if (rows.length < MAX_SHOWN)
          rows.push({ line, becomes, ...(becomes !== "added" && { id: `e${n}` }), rig });
      }
    }
    refused.sort((a, b) => a.line - b.line);
    const refusedRows = new Set(refused.map(({ line }) => line)).size;
    return { ...counts, refusedRows, refused: refused.slice(0, MAX_SHOWN), rows };
  }

  /** Where a rig stands that does not say. */
  #onlySite(): string | undefined {
    const [only, ...others] = this.#parts.sites.all();
    return others.length ? undefined : only?.site;
  }

  #whyNoSite(site: string | undefined): string | undefined {
    if (site === undefined) return undefined;
    const sites = [...this.#parts.sites.all()].map((known) => known.site);
    return sites.includes(site) ? undefined : `there is no site ${site}; there are ${sites.join(", ")}`;
  }

  /** Changes an entry. Throws ServerError `notFound`, `badRequest`. */
  async change(n: number, told: EntryChange): Promise<{ before: Expected; entry: RegisterEntry }> {
    const before = this.#register.entry(n);
    const entry = await this.#keep(() => this.#register.change(n, told));
    return { before, entry: this.#entry(entry, this.#fitting().get(n) ?? []) };
  }

  /** Takes an entry out; what was measured stays. Throws ServerError `notFound`. */
  remove(n: number): Promise<Expected> {
    return this.#keep(() => this.#register.remove(n));
  }

  entries(): Iterable<Expected> {
    return this.#register.entries();
  }

  /** Where a rig stands and what is to become of it; undefined for one that is in no entry. */
  of(record: Pick<RigRecord, "site" | "name" | "evidence">): Expected | undefined {
    return this.#register.size ? this.#register.of(record) : undefined;
  }

  /** Everything that is expected, and what is there without being expected; of one site where given. */
  view(site?: string): RegisterView {
    const fitting = this.#fitting();
    const entries: RegisterEntry[] = [];
    for (const each of this.#register.entries())
      if (site === undefined || each.site === site)
        entries.push(this.#entry(each, fitting.get(each.n) ?? []));
    const unexpected: UnexpectedRig[] = [];
    for (const view of this.#parts.fleet.views()) {
      const { record } = view;
      if ((site !== undefined && record.site !== site) || !this.#register.knows(record.site)) continue;
      const state = this.#register.of(record)?.state;
      if (state !== undefined && !(state === "retired" && answers(view))) continue;
      const { address, mac, model } = record.evidence;
      unexpected.push({
        id: rigId(view.rig),
        name: record.name,
        site: record.site,
        address,
        mac: mac ?? null,
        model: model ?? null,
        why: state === undefined ? "unknown" : "retired",
      });
    }
    const missing = entries.filter(
      ({ state, presence }) => state === "active" && presence !== "present",
    ).length;
    return { entries, missing, unexpected };
  }

  /** A rig has come, or is described otherwise: whether it raises alarms follows. */
  described(record: RigRecord): void {
    if (this.#register.size || this.#parts.book.isMuted(record.rig)) this.#judge(record);
  }

  #judge(record: RigRecord): void {
    const { book, fleet, changed, clock } = this.#parts;
    const state = this.#register.of(record)?.state;
    const isMuted = state === "repair" || state === "retired";
    if (isMuted === book.isMuted(record.rig)) return;
    if (!isMuted) book.unmute(record.rig);
    else
      book.mute(
        record.rig,
        state === "repair"
          ? "Ended: the register says that the rig is in repair"
          : "Ended: the register says that the rig is retired",
        clock.nowMs(),
      );
    const view = fleet.view(record.rig);
    if (view) view.alert = book.worst(record.rig);
    changed(record.rig);
  }

  #judgeAll(): void {
    for (const { record } of this.#parts.fleet.views()) this.#judge(record);
  }

  #fitting(): Map<number, RigView[]> {
    const fitting = new Map<number, RigView[]>();
    if (!this.#register.size) return fitting;
    for (const view of this.#parts.fleet.views()) {
      const entry = this.#register.of(view.record);
      if (entry) fitting.set(entry.n, [...(fitting.get(entry.n) ?? []), view]);
    }
    return fitting;
  }

  #entry({ n, ...entry }: Expected, views: readonly RigView[]): RegisterEntry {
    const answered = views.flatMap(({ answeredMs }) => answeredMs ?? []);
    return {
      id: `e${n}`,
      ...entry,
      presence: views.some(answers) ? "present" : views.length ? "silent" : "missing",
      rigs: views.map(({ rig }) => rigId(rig)),
      answeredMs: answered.length ? Math.max(...answered) : null,
    };
  }

  /** Changes the register, keeps it, and judges every rig anew. What cannot be kept is not changed. */
  async #keep<T>(change: () => T): Promise<T> {
    const turn = this.#saving.then(async () => {
      const before = this.#register.text();
      const done = change();
      try {
        await this.#parts.state.putSetting(REGISTER_SETTING, this.#register.text());
      } catch (error) {
        this.#register.restore(before);
        throw error;
      }
      this.#judgeAll();
      this.#parts.edited?.();
      return done;
    });
    this.#saving = turn.catch(() => undefined);
    return turn;
  }
}

/** Whether a rig gives readings now. */
const answers = ({ reading, stale }: RigView): boolean =>
  reading !== undefined && !stale && reading.status !== "unreachable";
