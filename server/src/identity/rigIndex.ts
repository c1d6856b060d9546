import type { Evidence } from "@hashwatt/protocol/sample";
import type { Alias, AliasKind, RigRecord } from "../store/state/state.js";
import { ByRig } from "./byRig.js";
import {
  contradiction,
  defaultName,
  mergeEvidence,
  otherHardware,
  sameEvidence,
  strongAliases,
} from "./evidence.js";

/** Where a rig is spoken of: the agent's handle, unique per agent. */
export interface Place {
  site: string;
  agent: string;
  handle: string;
}

/** Joined, since V8 keeps the pieces of a template beside the text that it makes of them. */
export const placeKey = ({ site, agent, handle }: Place): string => [site, agent, handle].join("/");

/** What a description at a place resolves to. `another`: nobody known; `why`, where it contradicts whoever is known there. */
export type Resolution =
  | { kind: "known"; rig: number; by: "mac" | "serial" | "address" }
  | { kind: "another"; why: string | undefined };

/** Whether a rig has no place left to speak from: another has its address, and its history has ended. */
export const isRetired = (record: RigRecord): boolean =>
  !record.aliases.some((alias) => alias.kind === "address");

/** A rig that moves is remembered at its latest places only. */
const MAX_ADDRESSES = 8;

/** Rig records and who is known by what. An alias names at most one rig. */
export class RigIndex {
  readonly #records = new ByRig<RigRecord>();
  readonly #byAlias: Record<AliasKind, Map<string, number>> = {
    mac: new Map(),
    serial: new Map(),
    hostname: new Map(),
    address: new Map(),
  };
  /** Rigs whose record was last at a place but which do not hold its address any more. */
  readonly #formerly = new Map<string, number[]>();
  /** Rigs that have handed their names over to another: nothing that is told means them. */
  readonly #closed = new Set<number>();
  readonly #perAgent = new Map<string, number>();
  readonly #dirty = new Set<number>();
  readonly #touched = new Set<number>();
  #nextRig: number;

  /** New rigs get keys beyond those of `records`, and from `nextRig` on. */
  constructor(records: readonly RigRecord[], nextRig = 1) {
    this.#nextRig = nextRig;
    for (const record of records) {
      this.#put(record);
      this.#nextRig = Math.max(this.#nextRig, record.rig + 1);
      for (const alias of record.aliases) this.#byAlias[alias.kind].set(alias.value, record.rig);
    }
    for (const record of records) if (this.holder(record) !== record.rig) this.#noteFormer(record);
  }

  get size(): number {
    return this.#records.size;
  }

  records(): IterableIterator<RigRecord> {
    return this.#records.values();
  }

  record(rig: number): RigRecord | undefined {
    return this.#records.get(rig);
  }

  rigsOfAgent(site: string, agent: string): number {
    return this.#perAgent.get(`${site}/${agent}`) ?? 0;
  }

  /** Who holds the address alias of a place; undefined where nobody does. */
  holder(place: Place): number | undefined {
    return this.#byAlias.address.get(placeKey(place));
  }

  /** Records changed since the last call; to be committed before a sample that uses them. */
  takeDirty(): RigRecord[] {
    return this.#take(this.#dirty);
  }

  /** Records changed since the last call, for whoever shows them. */
  takeTouched(): RigRecord[] {
    return this.#touched.size ? this.#take(this.#touched) : [];
  }

  #take(from: Set<number>): RigRecord[] {
    const changed = [...from].map((rig) => this.#records.get(rig)!);
    from.clear();
    return changed;
  }

  #change(rig: number): void {
    this.#dirty.add(rig);
    this.#touched.add(rig);
  }

  /** Marks records as not committed after all. */
  putBack(records: readonly RigRecord[]): void {
    for (const record of records) this.#dirty.add(record.rig);
  }

  /**
   * Who is described: MAC before serial before whoever is or was known at the place and is not contradicted. A host name
   * alone names nobody.
   */
  resolve(place: Place, told: Evidence): Resolution {
    const strong = strongAliases(told);
    const there = [...(this.#formerly.get(placeKey(place)) ?? [])];
    const holder = this.holder(place);
    if (holder !== undefined) there.unshift(holder);
    let why: string | undefined;
    for (const alias of strong) {
      const named = this.#byAlias[alias.kind].get(alias.value);
      if (named === undefined) continue;
      if (alias.kind === "serial" && otherHardware(this.#records.get(named)!, strong)) {
        why = `serial ${alias.value} is r${named}'s, which has another MAC`;
        continue;
      }
      // A second rig with this MAC was told apart at this place before: it stays apart.
      const twin = there.find(
        (rig) =>
          rig !== named && strongAliases(this.#records.get(rig)!.evidence).some((a) => sameAlias(a, alias)),
      );
      return { kind: "known", rig: twin ?? named, by: alias.kind as "mac" | "serial" };
    }
    for (const rig of there) {
      const record = this.#records.get(rig)!;
      const against = otherHardware(record, strong)
        ? `another ${strong[0]!.kind} (${strong[0]!.value}) answers`
        : contradiction(record.evidence, told);
      if (against === undefined) return { kind: "known", rig, by: "address" };
      why ??= against;
    }
    return { kind: "another", why };
  }

  /** Makes a new rig. What it shares with another stays the other's alias; `takeAddress` gives it the address of the place. */
  create(place: Place, evidence: Evidence, nowMs: number, takeAddress: boolean): RigRecord {
    const record: RigRecord = {
      rig: this.#nextRig++,
      ...place,
      name: defaultName(evidence),
      evidence,
      aliases: [],
      firstSeenMs: nowMs,
      lastSeenMs: nowMs,
    };
    this.#put(record);
    this.#claim(record.rig, [...strongAliases(evidence), ...hostname(evidence)], nowMs);
    if (takeAddress) this.#moveAddress(record.rig, place, nowMs);
    else this.#noteFormer(record);
    this.#change(record.rig);
    return this.#records.get(record.rig)!;
  }

  /** A rig is at a place now and describes itself so. Returns whether its record changed. */
  settle(rig: number, place: Place, told: Evidence | undefined, nowMs: number): boolean {
    const before = this.#records.get(rig)!;
    const evidence = told ? mergeEvidence(before.evidence, told) : before.evidence;
    const moved = placeKey(before) !== placeKey(place);
    if (!moved && this.holder(place) === rig && sameEvidence(evidence, before.evidence)) return false;
    const named = before.name === defaultName(before.evidence) ? defaultName(evidence) : before.name;
    this.#put({ ...before, ...place, evidence, name: named, lastSeenMs: nowMs });
    this.#claim(rig, [...strongAliases(evidence), ...hostname(evidence)], nowMs);
    this.#moveAddress(rig, place, nowMs);
    this.#change(rig);
    return true;
  }

  /** Takes a rig out of what is resolved to, or back into it. */
  setClosed(rig: number, closed: boolean): void {
    if (closed) this.#closed.add(rig);
    else this.#closed.delete(rig);
    this.#sortFormer(rig);
  }

  /** Hands those of `aliases` that `from` holds over to `to`; returns them. */
  handOver(from: number, to: number, aliases: readonly Alias[]): Alias[] {
    const gone = aliases.filter(({ kind, value }) => this.#byAlias[kind].get(value) === from);
    for (const { kind, value } of gone) this.#byAlias[kind].set(value, to);
    const [giver, taker] = [this.#records.get(from)!, this.#records.get(to)!];
    const left = giver.aliases.filter((alias) => !gone.some((each) => sameAlias(each, alias)));
    this.#records.set(from, { ...giver, aliases: left });
    this.#records.set(to, { ...taker, aliases: [...taker.aliases, ...gone] });
    for (const rig of [from, to]) {
      this.#sortFormer(rig);
      this.#change(rig);
    }
    return gone;
  }

  /** Sets where a rig is and what is known of it. */
  amend(rig: number, told: Partial<Place & Pick<RigRecord, "name" | "evidence">>): void {
    this.#put({ ...this.#records.get(rig)!, ...told });
    this.#sortFormer(rig);
    this.#change(rig);
  }

  #sortFormer(rig: number): void {
    const record = this.#records.get(rig);
    if (!record) return;
    this.#forgetFormer(record);
    if (!this.#closed.has(rig) && this.holder(record) !== rig) this.#noteFormer(record);
  }

  #put(record: RigRecord): void {
    const before = this.#records.get(record.rig);
    if (before) {
      if (placeKey(before) !== placeKey(record)) this.#forgetFormer(before);
      this.#count(before, -1);
    }
    this.#records.set(record.rig, record);
    this.#count(record, 1);
  }

  #noteFormer(record: RigRecord): void {
    const key = placeKey(record);
    this.#formerly.set(key, [...(this.#formerly.get(key) ?? []), record.rig]);
  }

  #forgetFormer(record: RigRecord): void {
    const key = placeKey(record);
    const others = this.#formerly.get(key)?.filter((rig) => rig !== record.rig);
    if (others?.length) this.#formerly.set(key, others);
    else this.#formerly.delete(key);
  }

  #count({ site, agent }: RigRecord, by: number): void {
    const key = `${site}/${agent}`;
    this.#perAgent.set(key, this.rigsOfAgent(site, agent) + by);
  }

  /** Gives a rig the aliases that nobody else has. */
  #claim(rig: number, aliases: readonly Alias[], nowMs: number): void {
    const record = this.#records.get(rig)!;
    const free = aliases.filter((alias) => !this.#byAlias[alias.kind].has(alias.value));
    if (!free.length) return;
    for (const alias of free) this.#byAlias[alias.kind].set(alias.value, rig);
    const since = free.map((alias) => ({ ...alias, sinceMs: nowMs }));
    // `concat` makes a list of its own length, where spreading one leaves room for a dozen more.
    this.#records.set(rig, { ...record, aliases: record.aliases.concat(since) });
  }

  #moveAddress(rig: number, place: Place, nowMs: number): void {
    const alias: Alias = { kind: "address", value: placeKey(place), sinceMs: nowMs };
    const holder = this.#byAlias.address.get(alias.value);
    if (holder === rig) return;
    if (holder !== undefined) {
      const former = this.#records.get(holder)!;
      this.#records.set(holder, { ...former, aliases: former.aliases.filter((a) => !sameAlias(a, alias)) });
      if (placeKey(former) === alias.value) this.#noteFormer(former);
      this.#change(holder);
    }
    this.#byAlias.address.set(alias.value, rig);
    const record = this.#records.get(rig)!;
    this.#forgetFormer(record);
    const addresses = record.aliases.filter((a) => a.kind === "address");
    const forgotten = addresses.slice(0, Math.max(0, addresses.length + 1 - MAX_ADDRESSES));
    for (const old of forgotten) this.#byAlias.address.delete(old.value);
    const kept = record.aliases.filter((a) => !forgotten.includes(a));
    this.#records.set(rig, { ...record, aliases: kept.concat(alias) });
  }
}

/** Whether two aliases are the same name. */
export const sameAlias = (a: Alias, b: Alias): boolean => a.kind === b.kind && a.value === b.value;
const hostname = ({ hostname: value }: Evidence): Alias[] =>
  value === undefined ? [] : [{ kind: "hostname", value }];
