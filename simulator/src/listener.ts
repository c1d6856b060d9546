import { type Layout, layOut, MOST_RIGS, type RigAddress } from "./addresses.js";
import { chooseLayout, openDoors } from "./doors.js";
import { SimulatorError } from "./errors.js";
import { stockOf } from "./families.js";
import { type Staging, stage } from "./fleet.js";
import type { IncidentCounts } from "./incidents.js";
import { type ListedRig, listedRig } from "./listing.js";
import type { Override } from "./override.js";
import type { RigState } from "./rigState.js";
import type { Incident } from "./scenarios/script.js";
import { lineOf } from "./scenarios/timeline.js";
import type { AnswerListener, Seat } from "./seat.js";
import { buildSite, type RigIdentity, type Site, usualIncidents } from "./site.js";
import { SPEAKERS } from "./speakers/registry.js";
import type { Speaker } from "./speakers/speaker.js";
import { type Clock, systemClock } from "./time.js";

/** What a fleet is made of; what is left out has the value that the command line has. */
export interface FleetOptions extends Staging {
  rigs: number;
  /** The same seed gives the same fleet; 42 and "42" are the same. */
  seed: number | string;
  /** 0 lets the system choose, for each listener its own. */
  port?: number;
  base?: string;
  /** True: one of each in a fleet of a dozen or more. False: none. Counts: as many as they say. With a scenario none unless given. */
  incidents?: boolean | Partial<IncidentCounts> | undefined;
  layout?: Layout | "auto";
  /** Families of firmware the fleet is made of; what farms run most of unless given. `all`: every family that there is. */
  families?: readonly string[];
  /**
   * Port of the rigs' web interfaces: at 80 each family listens on its maker's own ports, at any other all on that one. Absent:
   * none is served, but to families that were asked for.
   */
  httpPort?: number;
  /** Port of the WhatsMiner API 3 (4433). */
  v3Port?: number;
  clock?: Clock;
  /** Closes the fleet when it is aborted. */
  signal?: AbortSignal;
}

/** One rig of the fleet at one moment. */
export interface RigSnapshot extends RigAddress {
  /** With the firmware that it has been updated to. */
  identity: RigIdentity;
  offline: boolean;
  state: RigState;
}

/** A test's hand on one rig. */
export interface RigHandle extends RigAddress {
  readonly identity: RigIdentity;
  state(): RigState;
  /** Dictates readings on top of the physics; more calls add to it, undefined ends it. */
  override(override: Override | undefined): void;
  setHashrateThs(hashrateThs: number): void;
  /** Resolves when the rig has gone from the network, or is back. */
  setOffline(offline: boolean): Promise<void>;
  setReplyDelayMs(delayMs: number): void;
  /** What its cgminer API answers to this request now, without a socket; empty where it has none. */
  ask(request: string): Buffer;
}

/** A fleet that is listening. */
export interface Fleet {
  readonly layout: Layout;
  readonly addresses: readonly RigAddress[];
  /** Every rig as it would answer now, overrides included. */
  states(): RigSnapshot[];
  /** Every rig as it really is now. */
  listed(): ListedRig[];
  /** Throws `unknown-rig`. The port matters only where rigs share an address. */
  rig(address: string, port?: number): RigHandle;
  /** The fleet's own time, epoch ms. */
  nowMs(): number;
  /** Lets so much of the fleet's own time pass at once, whatever clock it stands on. */
  advance(elapsedMs: number): void;
  /**
   * Lets something happen, in the words of a timeline: `{do: "fan-stop", rigs: "rack-1/3", for: "20m"}`, from now on unless `at` says
   * otherwise; returns the id that `end` takes. Throws `bad-scenario`.
   */
  happen(words: Readonly<Record<string, unknown>>): number;
  /** Ends what `happen` began. Throws `bad-scenario`. */
  end(id: number): void;
  /** What was to happen, happens or has happened. */
  incidents(): readonly Incident[];
  /** Returns what ends the subscription. */
  onAnswer(listener: AnswerListener): () => void;
  /** Stops listening and cuts every connection; may be called more than once. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 4028;
export const HTTP_PORT = 80;
export const V3_PORT = 4433;
export const DEFAULT_BASE = "127.10.0.1";

const NO_INCIDENTS: IncidentCounts = {
  "failing-fan": 0,
  offline: 0,
  sleeping: 0,
  "missing-board": 0,
  slow: 0,
};

/** Ports of a rig's interfaces; 0 lets the system choose, for each its own. */
export interface FleetPorts {
  port: number;
  httpPort?: number;
  v3Port?: number;
}

/** The ports beside that of the cgminer API: the makers' own where families were asked for, else what was. */
export function besides({ families, httpPort, v3Port }: Partial<FleetOptions>): Omit<FleetPorts, "port"> {
  const asked = families !== undefined;
  return {
    httpPort: httpPort ?? (asked ? HTTP_PORT : undefined),
    v3Port: v3Port ?? (asked ? V3_PORT : undefined),
  };
}

/** Where each rig of a site is, with the interfaces that its firmware has. */
export function placed(site: Site, layout: Layout, base: string, ports: FleetPorts): RigAddress[] {
  const { port, httpPort, v3Port } = ports;
  return layOut(layout, site.rigs.length, base, port).map((place, i) => {
    const { web, framed } = SPEAKERS[site.rigs[i]!.model.build.family] as Speaker;
    // With a port each for the cgminer API, every other interface has one for each rig too.
    const own = (first: number) => (layout === "per-port" && first !== 0 ? first + i : first);
    const hasWeb = web?.ports.some((where) => where !== "api");
    return {
      ...place,
      ...(hasWeb && httpPort !== undefined && { httpPort: own(httpPort) }),
      ...(framed && v3Port !== undefined && { v3Port: own(v3Port) }),
    };
  });
}

/** The counts that an `incidents` option stands for; undefined for a sound fleet. */
export function incidentCounts(
  rigCount: number,
  incidents: boolean | Partial<IncidentCounts>,
): IncidentCounts | undefined {
  if (incidents === false) return undefined;
  return incidents === true ? usualIncidents(rigCount) : { ...NO_INCIDENTS, ...incidents };
}

function handleOf(
  seat: Seat,
  setOffline: (offline: boolean) => Promise<void>,
  fleetNowMs: () => number,
): RigHandle {
  return {
    ...seat.where,
    identity: seat.live.identity,
    state: () => seat.live.stateAt(fleetNowMs()),
    override: (override) => seat.live.override(override),
    setHashrateThs: (hashrateThs) => seat.live.override({ hashrateThs }),
    setOffline,
    setReplyDelayMs(delayMs) {
      seat.replyDelayMs = delayMs;
    },
    ask: (request) => seat.ask(Buffer.from(request)),
  };
}

/**
 * Builds the fleet of a seed and lets it listen. Nothing runs on its own: a rig moves when it is asked.
 * Throws `bad-option`, `port-busy` or `cannot-listen`, and leaves no socket open then.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const {
    rigs,
    port = DEFAULT_PORT,
    base = DEFAULT_BASE,
    incidents = options.scenario === undefined,
    clock = systemClock,
    signal,
  } = options;
  if (!Number.isInteger(rigs) || rigs < 1 || rigs > MOST_RIGS) {
    throw new SimulatorError("bad-option", `rigs must be a whole number from 1 to ${MOST_RIGS}, not ${rigs}`);
  }
  const wanted = options.layout ?? "auto";
  const layout = wanted === "auto" ? await chooseLayout(base, rigs) : wanted;
  const seed = String(options.seed);
  const site = buildSite(seed, rigs, incidentCounts(rigs, incidents), stockOf(options.families));
  const places = placed(site, layout, base, { port, ...besides(options) });
  const staged = stage(site, places, clock, options);
  const { seats, time, listeners } = staged;
  const doors = await openDoors(layout, seats);

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    signal?.removeEventListener("abort", close);
    closed ??= doors.close();
    return closed;
  };
  if (signal?.aborted) await close();
  else signal?.addEventListener("abort", close, { once: true });

  return {
    layout,
    addresses: places,
    states: () =>
      seats.map((seat) => ({
        ...seat.where,
        identity: seat.identityAt(time.nowMs()),
        offline: seat.offline,
        state: seat.live.stateAt(time.nowMs()),
      })),
    listed: () => seats.map((seat) => listedRig(seat, time.nowMs())),
    rig(address, onPort) {
      const seat = seats.find(
        ({ where }) => where.address === address && (onPort === undefined || where.port === onPort),
      );
      if (seat === undefined) {
        throw new SimulatorError(
          "unknown-rig",
          `no rig of this fleet is at ${address}${onPort === undefined ? "" : `:${onPort}`}`,
        );
      }
      return handleOf(seat, (offline) => doors.setOffline(seat, offline), time.nowMs);
    },
    nowMs: time.nowMs,
    advance: time.advance,
    happen: (words) => staged.happen(lineOf(words)).id,
    end: (id) => void staged.end(id),
    incidents: () => staged.script.incidents,
    onAnswer(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}
