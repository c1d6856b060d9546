import type { Evidence } from "@hashwatt/protocol/sample";
import type { ByRig } from "./byRig.js";
import type { Place } from "./rigIndex.js";

/** The place a rig speaks from, and when it last did. Two places at a time are two rigs. */
export interface Seat {
  owner: string;
  seenMs: number;
  /** The other place where two agents read the rig, which was told of; its owner is whoever had the latest answer. */
  rival?: string;
  /** When the rig last answered there. */
  rivalMs?: number;
}

/** What a handle means in a stream. */
export interface Binding {
  place: Place;
  key: string;
  rig: number;
  /** The seat of now, and the one in the time of a backlog. */
  seat: Seat;
  past: Seat | undefined;
  evidence: Evidence | undefined;
  /** The record says what the evidence says. */
  settled: boolean;
}

/** What an agent's handles mean in one stream: evidence is of the stream's own time. */
export interface Stream {
  bindings: Map<string, Binding>;
  /** Seats in the time of its late batches, apart from those of now. */
  past: Map<number, Seat>;
  /** Its batches are of now. */
  live?: boolean;
}

/** How much is kept of what agents call their rigs. */
export interface StreamLimits {
  maxAgents: number;
  maxStreamsPerAgent: number;
}

/** The streams of all agents. That which an agent has not used for the longest makes room for its next; an agent too many gets none. */
export class AgentStreams {
  readonly #limits: StreamLimits;
  readonly #agents = new Map<string, Map<string, Stream>>();

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** The stream of that name, made where it is new; undefined where there are too many agents. */
  of({ site, agent, stream }: { site: string; agent: string; stream: string }): Stream | undefined {
    const key = `${site}/${agent}`;
    let streams = this.#agents.get(key);
    if (!streams) {
      if (this.#agents.size >= this.#limits.maxAgents) return undefined;
      streams = new Map();
      this.#agents.set(key, streams);
    }
    const found = streams.get(stream);
    if (found) {
      // What was used last is the last to make room: one that is being drained is as old as any.
      if (streams.size > 1) {
        streams.delete(stream);
        streams.set(stream, found);
      }
      return found;
    }
    if (streams.size >= this.#limits.maxStreamsPerAgent) streams.delete(streams.keys().next().value!);
    const fresh: Stream = { bindings: new Map(), past: new Map() };
    streams.set(stream, fresh);
    return fresh;
  }

  /** Those of an agent. */
  ofAgent({ site, agent }: { site: string; agent: string }): Iterable<Stream> {
    return this.#agents.get(`${site}/${agent}`)?.values() ?? [];
  }

  /**
   * Lets what means rig `from` mean `to`: at `places` only, or in streams of now only, where asked for. Returns the agents
   * whose bindings changed.
   */
  rebind(
    from: number,
    to: number,
    seatAt: (key: string) => Seat,
    { places, live }: { places?: ReadonlySet<string>; live?: boolean },
  ): Set<string> {
    const changed = new Set<string>();
    for (const [agentKey, streams] of this.#agents)
      for (const stream of streams.values()) {
        if (live && !stream.live) continue;
        for (const binding of stream.bindings.values()) {
          if (binding.rig !== from || (places && !places.has(binding.key))) continue;
          binding.rig = to;
          binding.seat = seatAt(binding.key);
          binding.past = undefined;
          changed.add(agentKey);
        }
      }
    return changed;
  }

  /** Which handles of an agent (`site/agent`) mean a rig that `isPast` tells of, by stream, as a text for {@link parseBindings}. */
  bindingsText(agentKey: string, isPast: (binding: Binding) => boolean): string {
    const past = new Map<string, Record<string, number>>();
    for (const [name, { bindings }] of this.#agents.get(agentKey) ?? []) {
      const handles = new Map<string, number>();
      for (const binding of bindings.values())
        if (isPast(binding)) handles.set(binding.place.handle, binding.rig);
      if (handles.size) past.set(name, Object.fromEntries(handles));
    }
    // Names come from the wire: fromEntries makes a key of whatever they are, an assignment could reach the prototype.
    return JSON.stringify(Object.fromEntries(past));
  }
}

/** Reads what `bindingsText` wrote: rigs by stream and handle. Empty for a text that does not parse. */
export function parseBindings(value: string): Record<string, Record<string, number>> {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null
      ? (parsed as Record<string, Record<string, number>>)
      : {};
  } catch {
    return {};
  }
}

/** The seat of a rig; one that nobody has taken yet goes to `owner`. */
export function seatIn(seats: Map<number, Seat> | ByRig<Seat>, rig: number, owner: string): Seat {
  let seat = seats.get(rig);
  if (!seat) {
    seat = { owner, seenMs: Number.NEGATIVE_INFINITY };
    seats.set(rig, seat);
  }
  return seat;
}
