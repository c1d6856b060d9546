import type { Agent, ClientRequest } from "node:http";
import type { Duplex } from "node:stream";

/** Counts what a pool keeps, so that thousands of rigs cannot use up the descriptors. */
export class KeptSockets {
  idle = 0;
  constructor(private readonly most: number) {}

  /** Whether one more may be kept; `socket` is counted until it is used again or closes. */
  keep(socket: Duplex): boolean {
    if (this.idle >= this.most) return false;
    this.idle++;
    let waiting = true;
    const over = () => {
      if (waiting) this.idle--;
      waiting = false;
      socket.off("close", over);
      this.release.delete(socket);
    };
    this.release.set(socket, over);
    socket.once("close", over);
    return true;
  }

  reuse(socket: Duplex): void {
    this.release.get(socket)?.();
  }

  private readonly release = new Map<Duplex, () => void>();
}

/** What Node's agents offer to whoever pools their sockets; the types name it on the class alone. */
interface Pooling {
  keepSocketAlive(socket: Duplex): boolean;
  reuseSocket(socket: Duplex, request: ClientRequest): void;
}

/** Lets `agent` keep no more sockets than `kept` allows. */
export function bounded<T extends Agent>(agent: T, kept: KeptSockets): T {
  const pooling = agent as unknown as Pooling;
  const keep = pooling.keepSocketAlive.bind(agent);
  const reuse = pooling.reuseSocket.bind(agent);
  // Those that are kept already stay: with more rigs than places, turns would find none of theirs.
  pooling.keepSocketAlive = (socket) => keep(socket) && kept.keep(socket);
  pooling.reuseSocket = (socket, request) => {
    kept.reuse(socket);
    reuse(socket, request);
  };
  return agent;
}
