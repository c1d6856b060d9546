import type { Socket } from "node:net";

/** Where a guard stands in the stream of packets. */
type State = "type" | "length" | "body";

/**
 * Follows the packet lengths of an MQTT byte stream. MQTT allows packets of 256 MB and a parser collects one before it looks
 * at it, so a bound must be kept on the way in.
 */
export class FrameGuard {
  readonly #maxBytes: number;
  #state: State = "type";
  #length = 0;
  #factor = 1;
  #left = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes bytes as they come; false as soon as a packet announces more than the bound, or a length that is none. */
  accepts(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      switch (this.#state) {
        case "type":
          this.#state = "length";
          this.#length = 0;
          this.#factor = 1;
          at++;
          break;
        case "length": {
          const byte = chunk[at++]!;
          this.#length += (byte & 0x7f) * this.#factor;
          this.#factor *= 128;
          if (this.#length > this.#maxBytes) return false;
          if (byte & 0x80) {
            if (this.#factor > 128 ** 3) return false;
          } else {
            this.#left = this.#length;
            this.#state = this.#left ? "body" : "type";
          }
          break;
        }
        case "body": {
          const taken = Math.min(this.#left, chunk.length - at);
          this.#left -= taken;
          at += taken;
          if (!this.#left) this.#state = "type";
          break;
        }
      }
    }
    return true;
  }
}

/** Ends a connection as soon as it announces a packet beyond the bound. `refused` hears of it. */
export function guardSocket(socket: Socket, maxBytes: number, refused: (from: string) => void): void {
  const guard = new FrameGuard(maxBytes);
  const read = socket.read.bind(socket);
  // The broker takes bytes by `read`; looking at them there costs no copy and no second stream.
  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (chunk instanceof Buffer && !guard.accepts(chunk)) {
      refused(`${socket.remoteAddress}:${socket.remotePort}`);
      socket.destroy();
      return null;
    }
    return chunk;
  };
}
