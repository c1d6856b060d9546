import type { Server, Socket } from "node:net";
import { consecutiveAddresses, isLoopback } from "../addresses.js";
import { listen, shut } from "../doors.js";
import { SimulatorError } from "../errors.js";
import { type Clock, systemClock } from "../time.js";
import type { Door, Exchange, Question } from "./exchange.js";
import { type Behind, cgminerDoor, framedDoor, webDoor } from "./replayDoor.js";
import { type DoorReplies, openTape, TapeHead } from "./tape.js";
import { type Playing, type TapeMoment, tapeTime, within } from "./tapeTime.js";

/** A point of the tape: an instant (epoch ms), or ms from its beginning. */
export type TapePoint = { atMs: number } | { afterMs: number };

/** What is replayed, and where. */
export interface ReplayOptions extends Partial<Omit<Playing, "fromMs" | "toMs">> {
  folder: string;
  /** The part to be played; all of it when not given. */
  from?: TapePoint;
  to?: TapePoint;
  /** Address of the first rig, the others follow; when not given, rigs on loopback addresses stay where they were recorded. */
  base?: string | undefined;
  /** In place of 4028, 80 (and 443) and 4433; 0 lets the system choose for every port of the tape. */
  port?: number;
  httpPort?: number;
  v3Port?: number;
  clock?: Clock;
  /** Hears once of each file of which less can be told than when the replay began: it was removed, or is damaged since. */
  onLost?: (path: string) => void;
}

/** A rig of the tape, and where it is now: the ports of the tape with those that stand for them. */
export interface ReplayedRig {
  recordedAt: string;
  address: string;
  ports: Readonly<Record<number, number>>;
}

export interface Replay {
  readonly rigs: readonly ReplayedRig[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly exchanges: number;
  readonly damagedBytes: number;
  /** Where on the tape it is. */
  moment(): TapeMoment;
  /** Resolves when the tape is at its end, and never where it begins anew. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

const FIRST_ADDRESS = "127.20.0.1";
const CGMINER_PORT = 4028;
const HTTP_PORTS = new Set([80, 443]);
const V3_PORT = 4433;
/** How often it is looked whether the tape has come to its end. */
const LOOK_MS = 200;

/** Plays a tape. Throws `bad-tape`, `bad-option`, `port-busy` or `cannot-listen`, and then nothing is open. */
export async function startReplay(options: ReplayOptions): Promise<Replay> {
  const { folder, clock = systemClock, speed = 1, loop = false } = options;
  const tape = openTape(folder);
  const beganMs = tape.spans[0]?.fromMs ?? 0;
  const pointMs = (point: TapePoint | undefined) =>
    point && ("atMs" in point ? point.atMs : beganMs + point.afterMs);
  const spans = within(tape.spans, { fromMs: pointMs(options.from), toMs: pointMs(options.to) });
  const [first] = spans;
  if (!first) throw nothingThere(folder, tape.spans.at(0)?.fromMs, tape.spans.at(-1)?.toMs);
  const lost = new Set<string>();
  const start = new TapeHead(tape, (path) => {
    if (!lost.has(path)) options.onLost?.(path);
    lost.add(path);
  });
  start.moveTo(first.fromMs);
  let head = start.copy();
  let round = 0;
  const timeOf = tapeTime(spans, { speed, loop }, clock);
  const current = (): TapeHead => {
    const moment = timeOf();
    if (moment.round !== round) {
      round = moment.round;
      head = start.copy();
    }
    head.moveTo(moment.atMs);
    return head;
  };

  const open = new Set<Socket>();
  const servers: Server[] = [];
  const rigs: ReplayedRig[] = [];
  let closed = false;
  const listenAt = async (server: Server, address: string, port: number): Promise<number> => {
    server.on("connection", (socket: Socket) => {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    });
    servers.push(server);
    return await listen(server, address, port);
  };
  const close = async () => {
    closed = true;
    const shutting = servers.map(shut);
    for (const socket of open) socket.destroy();
    await Promise.all(shutting);
  };

  const answering = [...tape.doors.values()].filter(isAnswering);
  const recorded = [...new Set(answering.map(({ door }) => door.address))].sort(byNumber);
  const stays = options.base === undefined && recorded.every(isLoopback);
  const places = stays ? recorded : consecutiveAddresses(options.base ?? FIRST_ADDRESS, recorded.length);
  try {
    for (const [i, address] of recorded.entries()) {
      const ports: Record<number, number> = {};
      const groups = new Map<number, DoorReplies[]>();
      for (const replies of answering.filter(({ door }) => door.address === address)) {
        const wanted = portFor(replies.door.port, options);
        const group = wanted === 0 ? -replies.door.port : wanted;
        groups.set(group, [...(groups.get(group) ?? []), replies]);
      }
      for (const [wanted, doors] of groups) {
        const behind = behindOf(
          doors.map(({ door }) => door),
          tape.doors,
          current,
          speed,
          clock,
        );
        const port = await openDoor(doors, behind, places[i]!, Math.max(0, wanted), listenAt);
        for (const { door } of doors) ports[door.port] = port;
      }
      rigs.push({ recordedAt: address, address: places[i]!, ports });
    }
  } catch (error) {
    await close();
    throw error;
  }

  const ended = new Promise<void>((resolve) => {
    const look = () => {
      if (closed) return;
      // Also where nobody asks, so that a replay at a thousand times its pace has nothing to catch up with.
      current();
      if (timeOf().ended) resolve();
      else clock.after(LOOK_MS, look);
    };
    look();
  });
  const { exchanges, damagedBytes } = tape;
  return {
    rigs,
    fromMs: first.fromMs,
    toMs: spans.at(-1)!.toMs,
    exchanges,
    damagedBytes,
    moment: timeOf,
    ended,
    close,
  };
}

/** Whether anybody ever answered there: a port that was always closed is not opened. */
const isAnswering = ({ first }: DoorReplies): boolean =>
  [...first.values()].some(({ outcome }) => outcome !== "refused" && outcome !== "unreachable");

function portFor(port: number, { port: api = 4028, httpPort = 80, v3Port = 4433 }: ReplayOptions): number {
  if (api === 0) return 0;
  if (port === CGMINER_PORT) return api;
  if (HTTP_PORTS.has(port)) return httpPort;
  return port === V3_PORT ? v3Port : port;
}

const octets = (address: string): number[] => address.split(".").map(Number);
/** As numbers, so that .9 comes before .10; names of hosts in the order of their letters. */
function byNumber(a: string, b: string): number {
  const [left, right] = [octets(a), octets(b)];
  for (let i = 0; i < 4; i++) {
    const apart = (left[i] ?? 0) - (right[i] ?? 0);
    if (apart) return apart;
  }
  return a < b ? -1 : 1;
}

async function openDoor(
  doors: readonly DoorReplies[],
  behind: Behind,
  address: string,
  port: number,
  listenAt: (server: Server, address: string, port: number) => Promise<number>,
): Promise<number> {
  const speaks = (way: Question["over"]) =>
    doors.some(({ ways, first }) => ways.has(way) && [...first.values()].some((one) => isSpoken(one, way)));
  const web = speaks("http") ? webDoor(behind) : undefined;
  if (speaks("v3")) return await listenAt(framedDoor(behind), address, port);
  if (web && !speaks("tcp")) return await listenAt(web, address, port);
  if (web) await listenAt(web, address, 0);
  return await listenAt(cgminerDoor(behind, web), address, port);
}

const isSpoken = ({ question, outcome }: Exchange, way: Question["over"]): boolean =>
  question.over === way && outcome !== "refused" && outcome !== "unreachable";

function behindOf(
  doors: readonly Door[],
  all: ReadonlyMap<string, DoorReplies>,
  current: () => TapeHead,
  speed: number,
  clock: Clock,
): Behind {
  return {
    isDown() {
      const head = current();
      return doors.every((door) => head.isDown(door));
    },
    find(question, isLoggedIn) {
      const head = current();
      for (const door of doors) {
        const found = head.find(door, question, isLoggedIn);
        if (found) return found;
      }
      return undefined;
    },
    challenge() {
      for (const { address, port } of doors)
        for (const one of all.get(`${address}:${port}`)?.first.values() ?? [])
          if (one.status === 401 && !one.isLoggedIn) return one;
      return undefined;
    },
    after: (tapeMs, run) => void clock.after(tapeMs / speed, run),
    nowS: () => Math.floor(clock.nowMs() / 1000),
  };
}

function nothingThere(folder: string, fromMs: number | undefined, toMs: number | undefined): SimulatorError {
  if (fromMs === undefined || toMs === undefined)
    return new SimulatorError("bad-tape", `the tape in ${folder} holds no exchange`);
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return new SimulatorError(
    "bad-option",
    `nothing was recorded then: the tape in ${folder} goes from ${from} to ${to}`,
  );
}
