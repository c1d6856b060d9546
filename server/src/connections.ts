import type { Server, Socket } from "node:net";
import { networkOf } from "./access/loginLimiter.js";

/** What tells a connection, encrypted or not: its other end. */
type End = Pick<Socket, "remoteAddress" | "remotePort">;

interface Open {
  key: string;
  socket: Socket;
  network: string;
}

const keyOf = ({ remoteAddress, remotePort }: End): string => `${remoteAddress} ${remotePort}`;

/**
 * The open connections of a server, of which there may be so many. One too many ends another: of the network that has most, the one
 * that was used longest ago. So whoever holds many, saying nothing, a byte now and then, or reading no answer, keeps nobody
 * else out. Those that are kept, since they have shown who they are, are ended for nobody.
 */
export class Connections {
  readonly #most: number;
  readonly #ended: (why: string) => void;
  readonly #open = new Map<string, Open>();
  /** Those that may be ended, by network, the one that was used longest ago first. */
  readonly #loose = new Map<string, Map<string, Open>>();

  /** `ended` is told, in one line, of each connection that had to go. */
  constructor(most: number, ended: (why: string) => void) {
    this.#most = most;
    this.#ended = ended;
  }

  /** Watches the connections of a server from now on. */
  watch(server: Server): void {
    server.on("connection", (socket: Socket) => this.add(socket));
  }

  get open(): number {
    return this.#open.size;
  }

  /** A new connection: it, or another, is ended where there are too many. */
  add(socket: Socket): void {
    const key = keyOf(socket);
    // Its other end is gone already.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const one: Open = { key, socket, network: networkOf(socket.remoteAddress) };
    this.#open.set(key, one);
    this.#loosen(one);
    socket.once("close", () => {
      if (this.#open.get(key) !== one) return;
      this.#open.delete(key);
      this.#hold(one);
    });
    if (this.#open.size > this.#most) this.#makeRoom();
  }

  /** A connection was used: the others of its network go first. */
  used(end: End): void {
    const one = this.#open.get(keyOf(end));
    if (one && this.#loose.get(one.network)?.has(one.key)) {
      this.#hold(one);
      this.#loosen(one);
    }
  }

  /** A connection is ended for no other from now on. */
  keep(end: End): void {
    const one = this.#open.get(keyOf(end));
    if (one) this.#hold(one);
  }

  #loosen(one: Open): void {
    const ones = this.#loose.get(one.network) ?? new Map<string, Open>();
    this.#loose.set(one.network, ones.set(one.key, one));
  }

  #hold({ key, network }: Open): void {
    const ones = this.#loose.get(network);
    ones?.delete(key);
    if (ones?.size === 0) this.#loose.delete(network);
  }

  #makeRoom(): void {
    let most: Map<string, Open> | undefined;
    for (const ones of this.#loose.values()) if (ones.size > (most?.size ?? 0)) most = ones;
    const [oldest] = most?.values() ?? [];
    if (!oldest) return;
    this.#ended(
      `${oldest.network} had most of ${this.#most} connections: the one unused for longest was ended`,
    );
    this.#open.delete(oldest.key);
    this.#hold(oldest);
    oldest.socket.destroy();
  }
}
