import { checked } from "@hashwatt/protocol/checked";
import { type PlannedStop, type PlannedStopView, plannedStopSchema } from "@hashwatt/protocol/plannedStops";
import { Zone } from "@hashwatt/protocol/zone";
import { ServerError } from "../error.js";
import type { RigView } from "../fleet/rigView.js";
import type { DocumentStore } from "../store/state/documents.js";
import type { RigRecord } from "../store/state/state.js";
import { namesOf, type Place, RigSelector } from "./rigSelector.js";
import type { StopState } from "./rules/rule.js";
import { type Window, windowsOf } from "./stopCalendar.js";

/** What lies under this kind among the documents. */
export const STOP_KIND = "plannedStop";
/** Rigs need so long to come back after a stop. */
export const COMING_BACK_MS = 1_800_000;
const MAX_STOPS = 500;
/** So far ahead the next window of a weekly stop is looked for. */
const AHEAD_MS = 8 * 86_400_000;
const LOOK_MS = 1_000;

interface Known {
  site: string;
  id: string;
  stop: PlannedStop;
  selector: RigSelector | undefined;
}

/** What planned stops ask of the rest. */
export interface StopParts {
  documents: DocumentStore;
  sites: { get(site: string): { zone: string } | undefined };
  /** Where a rig stands by the register. */
  place(record: RigRecord): Place | undefined;
  views(): Iterable<RigView>;
}

/** Stops that an operator has planned, of sites or some of their rigs: what rigs do in them, and half an hour after, is no failure. */
export class PlannedStops {
  readonly #parts: StopParts;
  #known: Known[] = [];
  /** Stops of each site that are under way or just over, as of `#lookedMs`. */
  #now = new Map<string, { known: Known; state: StopState }[]>();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #meant = new WeakMap<RigRecord, Map<Known, boolean>>();

  private constructor(parts: StopParts) {
    this.#parts = parts;
  }

  /** Takes up what is stored; a document that is none is left out. Rejects with store codes. */
  static async open(parts: StopParts): Promise<PlannedStops> {
    const stops = new PlannedStops(parts);
    for (const { site, id, body } of await parts.documents.all(STOP_KIND)) {
      const told = checked(plannedStopSchema, body);
      if (told.success) stops.#known.push(known(site, id, told.data));
    }
    return stops;
  }

  /** The stop that a rig is in, or is coming back from; undefined where there is none. */
  at(view: RigView, nowMs: number): StopState | undefined {
    if (!this.#known.length) return undefined;
    if (Math.abs(nowMs - this.#lookedMs) >= LOOK_MS) this.#look(nowMs);
    let found: StopState | undefined;
    for (const { known, state } of this.#now.get(view.record.site) ?? []) {
      if (found && state.phase !== "stopped") continue;
      if (this.#means(known, view.record)) found = state;
    }
    return found;
  }

  /** When in a range a rig was, or is, to be stopped: in order, without overlap. */
  windows(record: RigRecord, range: Window): Window[] {
    const planned: Window[] = [];
    for (const known of this.#known)
      if (known.site === record.site && this.#means(known, record))
        planned.push(...this.#windows(known, range));
    const windows: Window[] = [];
    for (const window of planned.sort((a, b) => a.fromMs - b.fromMs)) {
      const last = windows.at(-1);
      const fromMs = Math.max(window.fromMs, range.fromMs);
      const toMs = Math.min(window.toMs, range.toMs);
      if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
      else windows.push({ fromMs, toMs });
    }
    return windows;
  }

  views(nowMs: number): PlannedStopView[] {
    return this.#known.map((known) => {
      const { site, id, stop } = known;
      const range = { fromMs: nowMs - COMING_BACK_MS, toMs: nowMs + AHEAD_MS };
      const [window] = this.#windows(known, range);
      let count = 0;
      for (const { record } of this.#parts.views())
        if (record.site === site && this.#means(known, record)) count++;
      return {
        ...stop,
        site,
        id,
        phase: window ? phaseOf(window, nowMs) : null,
        window: window ?? null,
        count,
      };
    });
  }

  /** Adds a stop or changes it. Throws ServerError `badRequest`, `notFound`; rejects with store codes. */
  async put(site: string, id: string, stop: PlannedStop, nowMs: number): Promise<PlannedStop | undefined> {
    if (!this.#parts.sites.get(site)) throw new ServerError("notFound", `There is no site "${site}"`);
    const before = this.#known.find((each) => each.site === site && each.id === id);
    if (!before && this.#known.length >= MAX_STOPS)
      throw new ServerError("badRequest", `There are ${MAX_STOPS} planned stops; remove one that is over`);
    await this.#parts.documents.change({
      put: [{ kind: STOP_KIND, site, id, body: stop, changedMs: nowMs }],
    });
    this.#set([...this.#known.filter((each) => each !== before), known(site, id, stop)]);
    return before?.stop;
  }

  /** Removes a stop. Throws ServerError `notFound`; rejects with store codes. */
  async remove(site: string, id: string): Promise<PlannedStop> {
    const before = this.#known.find((each) => each.site === site && each.id === id);
    if (!before) throw new ServerError("notFound", `There is no planned stop "${id}" of site "${site}"`);
    await this.#parts.documents.change({ drop: [{ kind: STOP_KIND, site, id }] });
    this.#set(this.#known.filter((each) => each !== before));
    return before.stop;
  }

  /** The register is another: rigs may stand elsewhere. */
  registered(): void {
    this.#meant = new WeakMap();
  }

  #set(all: Known[]): void {
    this.#known = all;
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    this.#meant = new WeakMap();
  }

  #look(nowMs: number): void {
    this.#lookedMs = nowMs;
    this.#now = new Map();
    for (const known of this.#known)
      for (const window of this.#windows(known, { fromMs: nowMs - COMING_BACK_MS, toMs: nowMs + 1 })) {
        const phase = phaseOf(window, nowMs);
        if (!phase) continue;
        const state = { known, state: { phase, name: known.stop.name, ...window } };
        this.#now.set(known.site, [...(this.#now.get(known.site) ?? []), state]);
      }
  }

  #windows({ site, stop }: Known, range: Window): Window[] {
    return windowsOf(stop.time, Zone.of(this.#parts.sites.get(site)?.zone ?? "UTC"), range);
  }

  #means(known: Known, record: RigRecord): boolean {
    if (!known.selector) return true;
    let meant = this.#meant.get(record);
    if (!meant) {
      meant = new Map();
      this.#meant.set(record, meant);
    }
    let means = meant.get(known);
    if (means === undefined) {
      means = known.selector.matches(namesOf(record, this.#parts.place(record)));
      meant.set(known, means);
    }
    return means;
  }
}

const known = (site: string, id: string, stop: PlannedStop): Known => ({
  site,
  id,
  stop,
  selector: stop.rigs && new RigSelector(stop.rigs),
});

const phaseOf = ({ fromMs, toMs }: Window, nowMs: number): StopState["phase"] | null =>
  nowMs < fromMs ? null : nowMs < toMs ? "stopped" : nowMs < toMs + COMING_BACK_MS ? "coming back" : null;
