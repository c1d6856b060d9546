import type { Evidence } from "@hashwatt/protocol/sample";
import { MAX_AGENTS } from "../agents.js";
import { makeEvidencePlain } from "../intake/plainTexts.js";
import type { EventRecord, RigRecord } from "../store/state/state.js";
import {
  AgentStreams,
  type Binding,
  parseBindings,
  type Seat,
  type Stream,
  type StreamLimits,
  seatIn,
} from "./agentStreams.js";
import { ByRig } from "./byRig.js";
import { sameEvidence } from "./evidence.js";
import { HANDOVERS_SETTING, Handovers } from "./handovers.js";
import { IdentityEvents } from "./identityEvents.js";
import { type Place, placeKey, RigIndex } from "./rigIndex.js";
import { hadByOther, isRival } from "./rivals.js";
import { SharedTexts } from "./sharedTexts.js";

/** Bounds that keep hostile input from filling memory; what goes beyond is refused and counted. */
export interface IdentityLimits extends StreamLimits {
  maxRigs: number;
  /** Of the rigs that an agent is known for, and of the handles in one of its streams. */
  maxRigsPerAgent: number;
}
export const IDENTITY_LIMITS: IdentityLimits = {
  maxRigs: 50_000,
  maxRigsPerAgent: 20_000,
  maxStreamsPerAgent: 16,
  maxAgents: MAX_AGENTS,
};

/** Within three intervals, at least half a minute, of its last answer a rig counts as present at its place. */
export const PRESENT_MS = 30_000;

/** Where samples come from. `live`: what arrives is of now, so it may move a rig; a backlog never does. */
export interface Source {
  site: string;
  agent: string;
  stream: string;
  live: boolean;
}

/** Who a sample belongs to. `elsewhere`: nobody answered at this handle and its rig is known to have been at another; `full`: no room for a new rig. */
export type Owner = number | "elsewhere" | "full";

/** What identification changed, to be committed before the samples that rest on it. */
export interface IdentityChanges {
  rigs: RigRecord[];
  events: EventRecord[];
  /** Settings that hold which handle meant which rig in streams still under way, where it is not the present one. */
  settings: { key: string; value: string }[];
}

/** The setting that keeps an agent's past handles over a restart. */
export const bindingsSetting = (site: string, agent: string): string => `bindings/${site}/${agent}`;

/**
 * Maps handles and evidence to rig keys. A rig that moves keeps its key by MAC or serial; two rigs with one MAC are told
 * apart as soon as both answer; a rig known by address only whose model or worker changes is another rig. Pure: the
 * caller commits what `takeChanges` returns.
 */
export class Identities {
  readonly index: RigIndex;
  /** Takes the place of texts that many rigs tell. */
  readonly texts = new SharedTexts();
  /** What an operator has merged and split. */
  readonly handovers: Handovers;
  readonly #limits: IdentityLimits;
  readonly #streams: AgentStreams;
  readonly #seats = new ByRig<Seat>();
  readonly #events = new IdentityEvents();
  readonly #changedAgents = new Set<string>();
  /** The stream asked for last: all samples of a batch have the same. */
  #latest: { source: Source; stream: Stream | undefined } | undefined;

  /** New rigs get keys from `nextRig` on. */
  constructor(records: readonly RigRecord[], limits: IdentityLimits = IDENTITY_LIMITS, nextRig = 1) {
    for (const { evidence } of records) this.texts.evidence(makeEvidencePlain(evidence));
    this.index = new RigIndex(records, nextRig);
    this.#limits = limits;
    this.#streams = new AgentStreams(limits);
    this.handovers = new Handovers({
      index: this.index,
      seat: (rig) => seatIn(this.#seats, rig, placeKey(this.index.record(rig)!)),
      rebind: (from, to, which) => {
        const seat = (key: string) => seatIn(this.#seats, to, key);
        for (const agent of this.#streams.rebind(from, to, seat, which)) this.#changedAgents.add(agent);
      },
      event: (...told) => this.#events.add(...told),
    });
    for (const record of records)
      this.#seats.set(record.rig, { owner: placeKey(record), seenMs: Number.NEGATIVE_INFINITY });
  }

  /** A stream of before a restart may go on; to be called in the order in which they were heard of, before {@link restoreBindings}. */
  knowStream(from: { site: string; agent: string; stream: string }): void {
    // An agent without rigs is none of those that are kept in mind.
    if (this.index.rigsOfAgent(from.site, from.agent)) this.#streams.of(from);
  }

  /** Takes back what `takeChanges` gave as a setting before a restart; a text that does not parse is ignored. */
  restoreBindings(site: string, agent: string, value: string): void {
    const saved = parseBindings(value);
    for (const [stream, handles] of Object.entries(saved)) {
      const into = this.#stream({ site, agent, stream, live: false });
      if (!into) return;
      for (const [handle, rig] of Object.entries(handles)) {
        const place = { site, agent, handle };
        // Saved before a rig that never was stored, and whose key the next one gets: it goes with the first commit.
        if (!this.index.record(rig)) this.#changedAgents.add(`${site}/${agent}`);
        else if (this.#hasHandle(into, handle))
          into.bindings.set(handle, this.#binding(place, rig, undefined));
      }
    }
  }

  /** Takes in the evidence of a batch, before its samples. Returns how many descriptions found no room. */
  describe(source: Source, rigs: Readonly<Record<string, Evidence>>, nowMs: number): number {
    const stream = this.#stream(source);
    if (!stream) return Object.keys(rigs).length;
    let refused = 0;
    for (const [handle, evidence] of Object.entries(rigs)) {
      const told = this.texts.evidence(makeEvidencePlain(evidence));
      const place = { site: source.site, agent: source.agent, handle };
      const before = stream.bindings.get(handle);
      const rig = this.#hasHandle(stream, handle) ? this.#describeOne(source, place, told, nowMs) : undefined;
      if (rig === undefined) {
        refused++;
        continue;
      }
      const binding = this.#binding(place, rig, told);
      stream.bindings.set(handle, binding);
      if (source.live && binding.seat.owner === binding.key) this.#settle(binding, nowMs);
      if (before?.rig !== rig || !source.live) this.#changedAgents.add(`${source.site}/${source.agent}`);
    }
    return refused;
  }

  /**
   * Whose sample this is. `tMs` is arrival for a live stream and the sample's own time for a backlog; `answered` false for
   * "unreachable", which proves no presence; within `windowMs` of its last answer a rig counts as present.
   */
  ownerOf(source: Source, handle: string, answered: boolean, tMs: number, windowMs: number): Owner {
    const stream = this.#stream(source);
    if (!stream) return "full";
    const binding = stream.bindings.get(handle) ?? this.#bindByAddress(stream, source, handle, tMs);
    if (binding === undefined) return "full";
    if (!source.live && !answered && hadByOther(binding, tMs, this.index)) return "elsewhere";
    const seat = source.live ? binding.seat : this.#pastSeat(stream, binding);
    if (seat.owner === binding.key) {
      if (answered) seat.seenMs = tMs;
      if (source.live && !binding.settled) this.#settle(binding, tMs);
      return binding.rig;
    }
    if (!answered) return "elsewhere";
    const isOther = isRival(binding, seat, this.index, this.handovers);
    if (tMs - seat.seenMs > windowMs) this.#takeSeat(source, binding, seat, tMs);
    else if (isOther) this.#share(source, binding, seat, tMs);
    else if (!this.#tellApart(source, stream, binding, seat, tMs)) return "full";
    return binding.rig;
  }

  /** What is to be committed. Pass it to `putBack` when the commit failed. */
  takeChanges(): IdentityChanges {
    const settings = [...this.#changedAgents].map((agent) => this.#bindingsOf(agent));
    this.#changedAgents.clear();
    if (this.handovers.changed) settings.push({ key: HANDOVERS_SETTING, value: this.handovers.text() });
    this.handovers.changed = false;
    return { rigs: this.index.takeDirty(), events: this.#events.take(), settings };
  }

  /** Takes back changes that could not be committed. */
  putBack(changes: IdentityChanges): void {
    this.index.putBack(changes.rigs);
    this.#events.putBack(changes.events);
    for (const { key } of changes.settings)
      if (key === HANDOVERS_SETTING) this.handovers.changed = true;
      else this.#changedAgents.add(key.slice("bindings/".length));
  }

  #describeOne(source: Source, place: Place, told: Evidence, nowMs: number): number | undefined {
    const found = this.index.resolve(place, told);
    if (found.kind === "known") return found.rig;
    if (!this.#hasRoom(source)) return undefined;
    const takesAddress = source.live || this.index.holder(place) === undefined;
    if (takesAddress) this.#keepFormer(place);
    const record = this.index.create(place, told, nowMs, takesAddress);
    if (found.why !== undefined) this.#events.replaced(nowMs, record, found.why);
    return record.rig;
  }

  #bindByAddress(stream: Stream, source: Source, handle: string, nowMs: number): Binding | undefined {
    if (!this.#hasHandle(stream, handle)) return undefined;
    const place = { site: source.site, agent: source.agent, handle };
    let rig = this.index.holder(place);
    if (rig === undefined) {
      if (!this.#hasRoom(source)) return undefined;
      // The evidence went with a batch that this database never saw; until it comes again the handle is all there is.
      rig = this.index.create(place, { address: handle }, nowMs, true).rig;
    }
    const binding = this.#binding(place, rig, undefined);
    stream.bindings.set(handle, binding);
    return binding;
  }

  /** A rig takes the address of a place: what streams of before that say nothing of its handle mean by it is whoever held it. */
  #keepFormer(place: Place, rig?: number): void {
    const former = this.index.holder(place);
    if (former === undefined || former === rig) return;
    for (const stream of this.#streams.ofAgent(place))
      if (!stream.bindings.has(place.handle) && this.#hasHandle(stream, place.handle))
        stream.bindings.set(place.handle, this.#binding(place, former, undefined));
    this.#changedAgents.add(`${place.site}/${place.agent}`);
  }

  #settle(binding: Binding, nowMs: number): void {
    this.#keepFormer(binding.place, binding.rig);
    this.index.settle(binding.rig, binding.place, binding.evidence, nowMs);
    binding.settled = true;
    // An agent tells all of it again in each stream; one copy is enough for as many as are kept.
    const { evidence } = this.index.record(binding.rig)!;
    if (binding.evidence && binding.evidence !== evidence && sameEvidence(binding.evidence, evidence))
      binding.evidence = evidence;
  }

  #takeSeat(source: Source, binding: Binding, seat: Seat, tMs: number): void {
    const { owner: from, seenMs } = seat;
    seat.owner = binding.key;
    seat.seenMs = tMs;
    if (!source.live) return;
    this.#settle(binding, tMs);
    this.#changedAgents.add(`${source.site}/${source.agent}`);
    // That two agents read it was told; after a restart either may be heard first.
    if (seat.rival === binding.key || !binding.evidence) {
      seat.rival = from;
      seat.rivalMs = seenMs;
      return;
    }
    this.#events.moved(tMs, this.index.record(binding.rig)!, from, binding.key);
  }

  /** Two agents read one rig: both readings are its own, and whoever had the latest answer says whether it can be reached. */
  #share(source: Source, binding: Binding, seat: Seat, tMs: number): void {
    const { owner, rival, seenMs } = seat;
    seat.owner = binding.key;
    seat.seenMs = tMs;
    if (!source.live) return;
    if (!binding.settled) this.#settle(binding, tMs);
    seat.rival = owner;
    seat.rivalMs = seenMs;
    if (rival === binding.key) return;
    this.#events.twoAgents(tMs, this.index.record(binding.rig)!, owner, binding.key);
  }

  #tellApart(source: Source, stream: Stream, binding: Binding, seat: Seat, tMs: number): boolean {
    if (!this.#hasRoom(source)) return false;
    const first = this.index.record(binding.rig)!;
    const evidence = binding.evidence ?? { address: binding.place.handle };
    if (source.live) this.#keepFormer(binding.place);
    const twin = this.index.create(binding.place, evidence, tMs, source.live);
    this.#events.twin(tMs, twin, first, `${binding.key} and ${seat.owner}`, evidence);
    binding.rig = twin.rig;
    binding.seat = seatIn(this.#seats, twin.rig, binding.key);
    binding.past = undefined;
    binding.settled = source.live;
    (source.live ? binding.seat : this.#pastSeat(stream, binding)).seenMs = tMs;
    this.#changedAgents.add(`${source.site}/${source.agent}`);
    return true;
  }

  #hasRoom({ site, agent }: Source): boolean {
    return (
      this.index.size < this.#limits.maxRigs &&
      this.index.rigsOfAgent(site, agent) < this.#limits.maxRigsPerAgent
    );
  }

  /** Whether a stream knows a handle or has room for it. */
  #hasHandle({ bindings }: Stream, handle: string): boolean {
    return bindings.has(handle) || bindings.size < this.#limits.maxRigsPerAgent;
  }

  #binding(place: Place, rig: number, evidence: Evidence | undefined): Binding {
    const told = placeKey(place);
    // The rig has an alias of the same text, and one of the two is enough.
    const key = this.index.record(rig)?.aliases.find(({ value }) => value === told)?.value ?? told;
    const seat = seatIn(this.#seats, rig, key);
    return { place, key, rig, seat, past: undefined, evidence, settled: evidence === undefined };
  }

  #pastSeat(stream: Stream, binding: Binding): Seat {
    binding.past ??= seatIn(stream.past, binding.rig, binding.key);
    return binding.past;
  }

  /** The stream of a source; undefined where there are too many agents. */
  #stream(source: Source): Stream | undefined {
    if (this.#latest?.source !== source) {
      const stream = this.#streams.of(source);
      if (stream) stream.live = source.live;
      this.#latest = { source, stream };
    }
    return this.#latest.stream;
  }

  #bindingsOf(agentKey: string): { key: string; value: string } {
    const [site, agent] = agentKey.split("/") as [string, string];
    const value = this.#streams.bindingsText(agentKey, ({ place, rig }) => this.index.holder(place) !== rig);
    return { key: bindingsSetting(site, agent), value };
  }
}
