import type { Evidence } from "@hashwatt/protocol/sample";
import { z } from "zod";
import { ServerError } from "../error.js";
import type { Alias, RigRecord } from "../store/state/state.js";
import type { Seat } from "./agentStreams.js";
import { defaultName, mergeEvidence, sameEvidence, strongAliases } from "./evidence.js";
import { isRetired, type Place, placeKey, type RigIndex, sameAlias } from "./rigIndex.js";

const placeSchema = z.object({ site: z.string(), agent: z.string(), handle: z.string() });
const aliasSchema = z.object({
  kind: z.enum(["mac", "serial", "hostname", "address"]),
  value: z.string(),
  sinceMs: z.number().optional(),
});
const handoverSchema = z.object({
  kind: z.enum(["merge", "split"]),
  from: z.int(),
  to: z.int(),
  atMs: z.number(),
  aliases: z.array(aliasSchema),
  before: placeSchema.extend({ name: z.string(), evidence: z.custom<Evidence>((told) => !!told) }),
});

/**
 * What an operator has said of two rig keys. `merge`: `from` is the same rig as `to`, which has its names and its history from
 * then on. `split`: what `from` was is another rig now, `to`, which has its names; the history stays with `from`.
 */
export interface Handover {
  kind: "merge" | "split";
  from: number;
  to: number;
  atMs: number;
  /** Names that went over. */
  aliases: Alias[];
  /** What was known of `to` before: undone, it is so again. */
  before: Place & Pick<RigRecord, "name" | "evidence">;
}

/** The setting that keeps what was merged and split. */
export const HANDOVERS_SETTING = "identity/handovers";
/** Each keeps a description; a farm has a handful. */
const MAX_HANDOVERS = 5_000;

/** What handing over does beyond the records. */
export interface HandoverParts {
  index: RigIndex;
  seat(rig: number): Seat;
  /** Lets what is heard of one rig, of `places` where given, mean the other; of what is of now only, where asked for. */
  rebind(from: number, to: number, which: { places?: ReadonlySet<string>; live?: boolean }): void;
  event(atMs: number, kind: string, record: RigRecord, text: string): void;
}

/** Merging, splitting and taking it back: no reading is moved, so that all of it can be undone. */
export class Handovers {
  readonly #parts: HandoverParts;
  readonly #byFrom = new Map<number, Handover>();
  readonly #joined = new Map<number, number[]>();
  changed = false;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** Takes back what {@link text} gave before a restart. Throws ServerError `storeDamaged` for a text that is none. */
  restore(text: string): void {
    let told: Handover[];
    try {
      told = z.array(handoverSchema).parse(JSON.parse(text));
    } catch (cause) {
      // To go on without would tell rigs apart that somebody has merged.
      throw new ServerError(
        "storeDamaged",
        `the setting ${HANDOVERS_SETTING} of the state file cannot be read: restore a backup`,
        { cause },
      );
    }
    const { index } = this.#parts;
    for (const each of told) if (index.record(each.from) && index.record(each.to)) this.#enter(each);
  }

  text(): string {
    return JSON.stringify([...this.#byFrom.values()]);
  }

  /** What became of a rig; undefined for one that still has its names. */
  of(rig: number): Handover | undefined {
    return this.#byFrom.get(rig);
  }

  /** The rig whose names this one has since that was split; undefined for others. */
  splitFrom(rig: number): Handover | undefined {
    for (const told of this.#byFrom.values()) if (told.kind === "split" && told.to === rig) return told;
    return undefined;
  }

  /** Rigs whose history a rig has beside its own. */
  joined(rig: number): number[] {
    return (this.#joined.get(rig) ?? []).flatMap((from) => [from, ...this.joined(from)]);
  }

  /** Whether somebody has said that what answers at a place is this rig. */
  joinsPlace(rig: number, key: string): boolean {
    return this.joined(rig).some((from) => placeKey(this.#parts.index.record(from)!) === key);
  }

  /**
   * Makes `from` one with `to`. Throws ServerError `notFound` for a rig that is none, and `badRequest` for one that was handed
   * over before and for two that one agent reads now, within `presentMs`: those are two rigs.
   */
  merge(from: number, to: number, nowMs: number, presentMs: number): void {
    const { index, seat, rebind, event } = this.#parts;
    const [giver, taker] = [this.#open(from), this.#open(to)];
    if (from === to) throw new ServerError("badRequest", `r${from} cannot be merged with itself`);
    this.#refuseMany();
    const [own, other] = [seat(to), seat(from)];
    const isPresent = ({ seenMs }: Seat) => nowMs - seenMs <= presentMs;
    if (isPresent(own) && isPresent(other) && agentOf(own.owner) === agentOf(other.owner))
      throw new ServerError(
        "badRequest",
        `${giver.name} (r${from}) and ${taker.name} (r${to}) both answer now, so they are two rigs; merge them when one of them is gone`,
      );
    const { site, agent, handle, name, evidence } = taker;
    const before = { site, agent, handle, name, evidence };
    const aliases = index.handOver(from, to, giver.aliases);
    this.#enter({ kind: "merge", from, to, atMs: nowMs, aliases, before });
    const isNewer =
      other.seenMs === own.seenMs ? giver.lastSeenMs >= taker.lastSeenMs : other.seenMs > own.seenMs;
    if (!isRetired(giver) && (isNewer || isRetired(taker))) {
      const merged = mergeEvidence(evidence, giver.evidence);
      index.amend(to, { ...placeOf(giver), evidence: merged, name: nameAfter(taker, merged) });
      Object.assign(own, other);
    }
    rebind(from, to, {});
    this.changed = true;
    event(
      nowMs,
      "rig-merged",
      index.record(to)!,
      `${giver.name} (r${from}) and ${name} (r${to}) are one rig, r${to}, by an operator; its history holds both`,
    );
  }

  /**
   * Lets what answers as `rig` be another rig from now on; returns the new one's key. Throws ServerError `notFound`, and
   * `badRequest` for one that was handed over before or that has no place.
   */
  split(rig: number, nowMs: number): number {
    const { index, seat, rebind, event } = this.#parts;
    const record = this.#open(rig);
    if (isRetired(record))
      throw new ServerError(
        "badRequest",
        `${record.name} (r${rig}) has ended already: another has its address`,
      );
    this.#refuseMany();
    const fresh = index.create(placeOf(record), record.evidence, nowMs, false);
    const aliases = index.handOver(rig, fresh.rig, record.aliases);
    const { site, agent, handle, evidence } = record;
    const before = { site, agent, handle, name: record.name, evidence };
    this.#enter({ kind: "split", from: rig, to: fresh.rig, atMs: nowMs, aliases, before });
    index.amend(fresh.rig, { name: record.name });
    Object.assign(seat(fresh.rig), seat(rig));
    rebind(rig, fresh.rig, { live: true });
    this.changed = true;
    event(
      nowMs,
      "rig-split",
      index.record(fresh.rig)!,
      `what answers as ${record.name} is another rig from now on, r${fresh.rig}, by an operator; the history so far stays with r${rig}`,
    );
    return fresh.rig;
  }

  /**
   * Takes back what was said of `rig`, which was merged or split; returns whose names it has, or shares, now. After a split
   * that is undone its history goes on with what was read since. Throws ServerError `notFound`, `badRequest`.
   */
  undo(rig: number, nowMs: number, presentMs: number): number {
    const { index, event } = this.#parts;
    if (!index.record(rig)) throw unknown(rig);
    const told = this.#byFrom.get(rig);
    if (!told)
      throw new ServerError(
        "badRequest",
        `r${rig} was neither merged nor split, so there is nothing to undo`,
      );
    const { kind, to } = told;
    const after = this.#byFrom.get(to);
    if (after)
      throw new ServerError(
        "badRequest",
        `r${to} was handed over to r${after.to} since: undo that of r${to} first`,
      );
    this.#leave(told);
    if (kind === "merge") this.#part(told);
    else {
      Object.assign(this.#parts.seat(rig), {
        owner: placeKey(index.record(rig)!),
        seenMs: Number.NEGATIVE_INFINITY,
      });
      this.merge(to, rig, nowMs, presentMs);
    }
    this.changed = true;
    const record = index.record(rig)!;
    const what =
      kind === "merge" ? `is a rig of its own again, apart from r${to}` : `goes on, with what r${to} was`;
    event(nowMs, "rig-undone", record, `${record.name} (r${rig}) ${what}, by an operator`);
    return rig;
  }

  /** Gives back what a merge gave. */
  #part({ from, to, aliases, before }: Handover): void {
    const { index, seat, rebind } = this.#parts;
    const [giver, taker] = [index.record(from)!, index.record(to)!];
    const back = index.handOver(to, from, aliases);
    const places = new Set(back.flatMap(({ kind, value }) => (kind === "address" ? [value] : [])));
    const isThere = places.has(placeKey(taker));
    const isNamed = strongAliases(taker.evidence).some((own) => back.some((alias) => sameAlias(own, alias)));
    // What has been told since the merge is of the one that is there.
    if (isThere)
      index.amend(from, {
        ...placeOf(taker),
        evidence: taker.evidence,
        name: nameAfter(giver, taker.evidence),
      });
    if (isThere || (isNamed && !sameEvidence(before.evidence, taker.evidence))) index.amend(to, before);
    for (const rig of [from, to])
      Object.assign(seat(rig), { owner: placeKey(index.record(rig)!), seenMs: Number.NEGATIVE_INFINITY });
    rebind(to, from, { places });
  }

  #open(rig: number): RigRecord {
    const record = this.#parts.index.record(rig);
    if (!record) throw unknown(rig);
    const told = this.#byFrom.get(rig);
    if (told)
      throw new ServerError(
        "badRequest",
        `r${rig} was handed over to r${told.to}: name that one, or undo it first`,
      );
    return record;
  }

  #refuseMany(): void {
    if (this.#byFrom.size >= MAX_HANDOVERS)
      throw new ServerError(
        "badRequest",
        `${MAX_HANDOVERS} rigs were merged or split already, which is all there is room for`,
      );
  }

  #enter(told: Handover): void {
    this.#byFrom.set(told.from, told);
    if (told.kind === "merge") this.#joined.set(told.to, [...(this.#joined.get(told.to) ?? []), told.from]);
    this.#parts.index.setClosed(told.from, true);
  }

  #leave({ from, to }: Handover): void {
    this.#byFrom.delete(from);
    const others = (this.#joined.get(to) ?? []).filter((rig) => rig !== from);
    if (others.length) this.#joined.set(to, others);
    else this.#joined.delete(to);
    this.#parts.index.setClosed(from, false);
  }
}

const unknown = (rig: number): ServerError =>
  new ServerError("notFound", `There is no rig "r${rig}"; rigs are named r1, r2, …, see /api/fleet`);
const placeOf = ({ site, agent, handle }: Place): Place => ({ site, agent, handle });
/** The agent, with its site, of a place. */
export const agentOf = (key: string): string => key.slice(0, key.lastIndexOf("/"));
/** A name that somebody gave stays; one that follows the address follows it. */
const nameAfter = ({ name, evidence }: RigRecord, next: Evidence): string =>
  name === defaultName(evidence) ? defaultName(next) : name;
