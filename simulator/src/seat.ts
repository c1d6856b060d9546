import type { Socket } from "node:net";
import type { RigAddress } from "./addresses.js";
import { admit } from "./admit.js";
import { serveFrames } from "./framedDoor.js";
import { garbled } from "./garble.js";
import { SLOW_REPLY_MS } from "./incidents.js";
import type { LiveRig } from "./liveRig.js";
import { chance } from "./random.js";
import { RigLine } from "./rigLine.js";
import type { RigIdentity } from "./site.js";
import { SPEAKERS } from "./speakers/registry.js";
import {
  type Answer,
  bodyText,
  bodyType,
  bytesOf,
  type Speaker,
  type SpokenRig,
  type WebReply,
  type WebRequest,
} from "./speakers/speaker.js";
import type { Clock } from "./time.js";
import { updatedModel } from "./updatedModel.js";
import type { WebDoor } from "./webDoor.js";
import type { Network } from "./world.js";

/** Told of every answer that leaves the fleet, with the real time in which it left. */
export type AnswerListener = (address: string, command: string, atMs: number, port: number) => void;

/** What all seats of a fleet share. */
export interface SeatContext {
  clock: Clock;
  /** The fleet's own time, epoch ms. */
  fleetNowMs(): number;
  listeners: Set<AnswerListener>;
  web: WebDoor;
}

/** One place where a rig listens, and what it does with who connects. */
export interface Gate {
  kind: "api" | "web" | "v3";
  port: number;
  /** Told once the port is known. */
  bound(port: number): void;
  take(socket: Socket): void;
}

const HTTP_PORT = 80;
const NO_ANSWER: Answer = { command: "", bytes: Buffer.alloc(0) };

/** A rig at its place on the network: what it is, where it listens, and whether it does. */
export class Seat {
  readonly live: LiveRig;
  /** Its port is known once it listens. */
  readonly where: RigAddress;
  offline: boolean;
  replyDelayMs: number;
  readonly #context: SeatContext;
  #line: RigLine | undefined;
  #update: RigIdentity | undefined;
  #connections = 0;
  /** Connections to its other interfaces; those to the cgminer API are the line's. */
  #beside: Set<Socket> | undefined;

  constructor(live: LiveRig, where: RigAddress, context: SeatContext) {
    this.live = live;
    this.where = where;
    this.#context = context;
    this.offline = live.identity.incident === "offline";
    this.replyDelayMs = live.identity.incident === "slow" ? SLOW_REPLY_MS : 0;
  }

  get #speaker(): Speaker {
    return SPEAKERS[this.live.identity.model.build.family];
  }

  /** Everywhere this rig listens: on the ports that its place names, as far as its firmware has the interface. */
  gates(): Gate[] {
    const { where } = this;
    const { answer, web, framed } = this.#speaker;
    const gates: Gate[] = [];
    const onApi = (take: Gate["take"]) =>
      gates.push({ kind: "api", port: where.port, take, bound: (port) => this.#bound("port", port) });
    if (answer !== undefined) onApi((socket) => this.#api(socket));
    if (web?.ports.includes("api")) onApi((socket) => this.#web(socket));
    if (where.httpPort !== undefined) {
      const take = (socket: Socket) => this.#web(socket);
      const [first, ...others] = web?.ports.filter((port) => port !== "api") ?? [];
      // Away from the makers' own ports a rig has one for all that it serves, which is what readers can be told.
      const isReal = where.httpPort === HTTP_PORT;
      if (first !== undefined)
        gates.push({
          kind: "web",
          port: isReal ? first : where.httpPort,
          take,
          bound: (port) => this.#bound("httpPort", port),
        });
      if (isReal) for (const port of others) gates.push({ kind: "web", port, take, bound: () => {} });
    }
    if (where.v3Port !== undefined && framed !== undefined) {
      const take = (socket: Socket) => {
        const meet = this.#requestsOn(socket);
        serveFrames(this.#besides(socket), (request, reply) =>
          meet(() => {
            const answer = this.#framed(request);
            reply(bytesOf(answer));
            this.#answered(answer.command, this.#context.clock.nowMs());
          }),
        );
      };
      gates.push({ kind: "v3", port: where.v3Port, take, bound: (port) => this.#bound("v3Port", port) });
    }
    return gates;
  }

  #web(socket: Socket): void {
    socket.on("error", () => {});
    this.#context.web.accept(this.#besides(socket), {
      meet: this.#requestsOn(socket),
      answerWeb: (request) => this.askWeb(request),
      answeredWeb: (command) => this.#answered(command, this.#context.clock.nowMs()),
    });
  }

  #bound(key: "port" | "httpPort" | "v3Port", port: number): void {
    this.where[key] = port;
  }

  /** The same socket, kept track of. */
  #besides(socket: Socket): Socket {
    this.#beside ??= new Set();
    const beside = this.#beside;
    beside.add(socket);
    socket.once("close", () => beside.delete(socket));
    return socket;
  }

  #framed(request: string): Answer {
    const { command, text } = this.#speaker.framed?.(this.#spoken(), request) ?? { command: "", text: "" };
    return this.#sent({ command, bytes: Buffer.from(text) });
  }

  #api(socket: Socket): void {
    this.#line ??= new RigLine(
      {
        answer: (request) => this.#answer(request),
        replyDelayMs: () => this.#delayMs(),
        answered: (command, atMs) => this.#answered(command, atMs),
      },
      this.#context.clock,
    );
    this.#line.accept(socket);
  }

  /** How it is to be reached at this moment, but for packets that are lost. */
  #reach(): Network["reach"] {
    const nowMs = this.#context.fleetNowMs();
    const { reach } = this.live.circumstancesAt(nowMs).network;
    return this.offline || reach === "refused" || !this.live.isUp(nowMs) ? "refused" : reach;
  }

  /** What a connection meets that is made at this moment; each call counts as one. */
  meets(): Network["reach"] {
    const reach = this.#reach();
    if (reach === "refused") return reach;
    const { lossRatio } = this.live.circumstancesAt(this.#context.fleetNowMs()).network;
    this.#connections++;
    const isLost = lossRatio > 0 && chance(this.live.key, this.#connections) < lossRatio;
    return isLost ? "silent" : reach;
  }

  /** Takes a connection that was made to this rig at one of its gates; one that is offline or off resets it. */
  connected(socket: Socket, gate: Gate): void {
    const met = this.meets();
    if (met === "silent") this.#besides(socket);
    admit(socket, met, this.#context.clock, () => gate.take(socket));
  }

  /**
   * What the requests on one connection meet, each at its own moment: a connection that was kept is no way around a network that is
   * away. The first has met the loss of packets when it was connected; every other one counts as a connection of its own.
   */
  #requestsOn(socket: Socket): (answer: () => void) => void {
    const { clock } = this.#context;
    let isKept = false;
    return (answer) => {
      const met = isKept ? this.meets() : this.#reach();
      isKept = true;
      admit(socket, met, clock, () => {
        const delayMs = this.#delayMs();
        if (delayMs === 0) answer();
        else clock.after(delayMs, () => admit(socket, this.#reach(), clock, answer));
      });
    };
  }

  #delayMs(): number {
    return this.replyDelayMs + this.live.circumstancesAt(this.#context.fleetNowMs()).network.delayMs;
  }

  /** What is left of an answer that is damaged on its way; undefined where it is not. */
  #damaged(whole: () => Buffer): Buffer | undefined {
    const nowMs = this.#context.fleetNowMs();
    const { garbledRatio } = this.live.circumstancesAt(nowMs).network;
    if (garbledRatio === 0 || chance(this.live.key, nowMs) >= garbledRatio) return undefined;
    return garbled(whole(), chance(this.live.key + 1, nowMs));
  }

  /** An answer as it reaches the peer: as it is, or damaged. */
  #sent(answer: Answer): Answer {
    const bytes = this.#damaged(() => bytesOf(answer));
    return bytes === undefined ? answer : { command: answer.command, bytes };
  }

  /** What it answers a request to its cgminer API at this moment; empty where it has none. */
  ask(request: Buffer): Buffer {
    return bytesOf(this.#answer(request));
  }

  /** The same as Latin-1 text. */
  askText(request: Buffer): string {
    const { bytes } = this.#answer(request);
    return typeof bytes === "string" ? bytes : bytes.toString("latin1");
  }

  /** What its web interface answers at this moment; undefined: no such page, or no such interface. */
  askWeb(request: WebRequest): WebReply | undefined {
    const reply = this.#speaker.web?.answer(this.#spoken(), request);
    const body = reply && this.#damaged(() => Buffer.from(bodyText(reply)));
    if (body === undefined) return reply;
    return { ...reply, headers: { "content-type": bodyType(reply as WebReply), ...reply?.headers }, body };
  }

  /** What its API 3 answers to the text of a frame at this moment; empty where it has none. */
  askFramed(request: string): Buffer {
    return bytesOf(this.#framed(request));
  }

  /** Cuts all connections to this rig. */
  drop(): void {
    this.#line?.drop();
    for (const socket of this.#beside ?? []) socket.resetAndDestroy();
  }

  #spoken(): SpokenRig {
    const nowMs = this.#context.fleetNowMs();
    return {
      identity: this.identityAt(nowMs),
      state: this.live.glanceAt(nowMs),
      address: this.where.address,
      nowMs: nowMs + this.live.circumstancesAt(nowMs).clockAheadMs,
    };
  }

  /** What it is at this moment: as it was delivered, with the firmware that it has been updated to. */
  identityAt(atMs: number): RigIdentity {
    const { identity } = this.live;
    const { firmware } = this.live.circumstancesAt(atMs);
    if (firmware === undefined) return identity;
    const model = updatedModel(identity.model, firmware);
    if (this.#update?.model !== model) this.#update = { ...identity, model };
    return this.#update;
  }

  #answer(request: Buffer): Answer {
    return this.#sent(this.#speaker.answer?.(this.#spoken(), request) ?? NO_ANSWER);
  }

  #answered(command: string, atMs: number): void {
    for (const listener of this.#context.listeners)
      listener(this.where.address, command, atMs, this.where.port);
  }
}
