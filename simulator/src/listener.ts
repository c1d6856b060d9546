import { type Layout, layOut, MOST_RIGS, type RigAddress } from "./addresses.js";
import { chooseLayout, openDoors } from "./doors.js";
import { SimulatorError } from "./errors.js";
import type { IncidentCounts } from "./incidents.js";
import { LiveRig } from "./liveRig.js";
import type { Override } from "./override.js";
import type { RigState } from "./rigState.js";
import { type AnswerListener, Seat, type SeatContext } from "./seat.js";
import { buildSite, type RigIdentity, usualIncidents } from "./site.js";
import { acceleratedTime, type Clock, systemClock } from "./time.js";

/** What a fleet is made of; what is left out has the value that the command line has. */
export interface FleetOptions {
  rigs: number;
  /** The same seed gives the same fleet; 42 and "42" are the same. */
  seed: number | string;
  /** 0 lets the system choose, for each listener its own. */
  port?: number;
  base?: string;
  /** How much faster than real time the physics run. */
  speed?: number;
  /** True: one of each in a fleet of a dozen or more. False: none. Counts: as many as they say. */
  incidents?: boolean | Partial<IncidentCounts>;
  layout?: Layout | "auto";
  clock?: Clock;
  /** Closes the fleet when it is aborted. */
  signal?: AbortSignal;
}

/** One rig of the fleet at one moment. */
export interface RigSnapshot extends RigAddress {
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
}

/** A fleet that is listening. */
export interface Fleet {
  readonly layout: Layout;
  readonly addresses: readonly RigAddress[];
  /** Every rig as it would answer now, overrides included. */
  states(): RigSnapshot[];
  /** Throws `unknown-rig`. The port matters only where rigs share an address. */
  rig(address: string, port?: number): RigHandle;
  /** Returns what ends the subscription. */
  onAnswer(listener: AnswerListener): () => void;
  /** Stops listening and cuts every connection; may be called more than once. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 4028;
export const DEFAULT_BASE = "127.10.0.1";

const NO_INCIDENTS: IncidentCounts = {
  "failing-fan": 0,
  offline: 0,
  sleeping: 0,
  "missing-board": 0,
  slow: 0,
};

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
    speed = 1,
    incidents = true,
    clock = systemClock,
    signal,
  } = options;
  if (!Number.isInteger(rigs) || rigs < 1 || rigs > MOST_RIGS) {
    throw new SimulatorError("bad-option", `rigs must be a whole number from 1 to ${MOST_RIGS}, not ${rigs}`);
  }
  const wanted = options.layout ?? "auto";
  const layout = wanted === "auto" ? await chooseLayout(base, rigs) : wanted;
  const seed = String(options.seed);
  const site = buildSite(seed, rigs, incidentCounts(rigs, incidents));
  const fleetTime = acceleratedTime(clock, speed);
  const context: SeatContext = { clock, fleetNowMs: fleetTime.nowMs, listeners: new Set() };
  const places = layOut(layout, rigs, base, port);
  const seats = site.rigs.map(
    (identity, i) =>
      new Seat(new LiveRig(identity, seed, fleetTime.startMs), places[i] as RigAddress, context),
  );
  const doors = await openDoors(layout, seats, port);

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
        identity: seat.live.identity,
        offline: seat.offline,
        state: seat.live.stateAt(fleetTime.nowMs()),
      })),
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
      return handleOf(seat, (offline) => doors.setOffline(seat, offline), fleetTime.nowMs);
    },
    onAnswer(listener) {
      context.listeners.add(listener);
      return () => context.listeners.delete(listener);
    },
    close,
  };
}
