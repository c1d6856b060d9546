import type { Socket } from "node:net";
import type { RigAddress } from "./addresses.js";
import { SLOW_REPLY_MS } from "./incidents.js";
import type { LiveRig } from "./liveRig.js";
import { RigLine } from "./rigLine.js";
import { SPEAKERS } from "./speakers/registry.js";
import type { Answer } from "./speakers/speaker.js";
import type { Clock } from "./time.js";

/** Told of every answer that leaves the fleet, with the real time in which it left. */
export type AnswerListener = (address: string, command: string, atMs: number, port: number) => void;

/** What all seats of a fleet share. */
export interface SeatContext {
  clock: Clock;
  /** The fleet's own time, epoch ms. */
  fleetNowMs(): number;
  listeners: Set<AnswerListener>;
}

/** A rig at its place on the network: what it is, where it listens, and whether it does. */
export class Seat {
  readonly live: LiveRig;
  /** Its port is known once it listens. */
  readonly where: RigAddress;
  offline: boolean;
  replyDelayMs: number;
  readonly #context: SeatContext;
  #line: RigLine | undefined;

  constructor(live: LiveRig, where: RigAddress, context: SeatContext) {
    this.live = live;
    this.where = where;
    this.#context = context;
    this.offline = live.identity.incident === "offline";
    this.replyDelayMs = live.identity.incident === "slow" ? SLOW_REPLY_MS : 0;
  }

  /** Takes a connection that was made to this rig; one that is offline resets it. */
  connected(socket: Socket): void {
    if (this.offline) {
      socket.on("error", () => {});
      socket.resetAndDestroy();
      return;
    }
    this.#line ??= new RigLine(
      {
        answer: (request) => this.#answer(request),
        replyDelayMs: () => this.replyDelayMs,
        answered: (command, atMs) => this.#answered(command, atMs),
      },
      this.#context.clock,
    );
    this.#line.accept(socket);
  }

  /** Cuts all connections to this rig. */
  drop(): void {
    this.#line?.drop();
  }

  #answer(request: Buffer): Answer {
    const { identity } = this.live;
    const nowMs = this.#context.fleetNowMs();
    const spoken = { identity, state: this.live.stateAt(nowMs), address: this.where.address, nowMs };
    return SPEAKERS[identity.model.build.family].answer(spoken, request);
  }

  #answered(command: string, atMs: number): void {
    for (const listener of this.#context.listeners)
      listener(this.where.address, command, atMs, this.where.port);
  }
}
