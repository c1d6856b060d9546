import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What came back for one input: texts of frames, and the code with which the connection was closed (0: without one). */
export interface Heard {
  frames: string[];
  closed: number | undefined;
}

/** A server that closes no connection and answers no ping for so long has swallowed the input as a part of more to come. */
const SWALLOWED_MS = 150;

function head(opcode: number, length: number, fin: boolean, masked: boolean, wide: boolean): Buffer {
  const first = (fin ? 0x80 : 0) | opcode;
  const mask = masked ? 0x80 : 0;
  if (wide || length > 0xffff) {
    const bytes = Buffer.alloc(10);
    bytes.writeUInt8(first, 0);
    bytes.writeUInt8(mask | 127, 1);
    bytes.writeBigUInt64BE(BigInt(length), 2);
    return bytes;
  }
  if (length < 126) return Buffer.from([first, mask | length]);
  return Buffer.from([first, mask | 126, length >> 8, length & 0xff]);
}

/** A frame as a client sends it (RFC 6455, 5.2). The mask is nought, which is one. */
export const frame = (
  payload: Buffer,
  opcode: number,
  { fin = true, masked = true, wide = false } = {},
): Buffer =>
  Buffer.concat([
    head(opcode, payload.length, fin, masked, wide),
    masked ? Buffer.alloc(4) : Buffer.alloc(0),
    payload,
  ]);

function framed(payload: Buffer, opcode: number, framing: string): Buffer {
  switch (framing) {
    case "in pieces": {
      const [a, b] = [Math.floor(payload.length / 3), Math.floor((2 * payload.length) / 3)];
      return Buffer.concat([
        frame(payload.subarray(0, a), opcode, { fin: false }),
        frame(payload.subarray(a, b), 0, { fin: false }),
        frame(Buffer.from("ping"), 9),
        frame(payload.subarray(b), 0),
      ]);
    }
    case "unmasked":
      return frame(payload, opcode, { masked: false });
    case "reserved bits": {
      const bytes = frame(payload, opcode);
      bytes[0] = bytes[0]! | 0x70;
      return bytes;
    }
    case "length of 64 bits":
      return frame(payload, opcode, { wide: true });
    case "huge length":
      return Buffer.concat([
        Buffer.from([0x80 | opcode, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        payload,
      ]);
    case "never ends":
      return Buffer.concat([frame(payload, opcode, { fin: false }), frame(payload, 0, { fin: false })]);
    case "many at once":
      return Buffer.concat(Array.from({ length: 30 }, () => frame(payload.subarray(0, 1_000), opcode)));
    default:
      return frame(payload, opcode);
  }
}

/** A WebSocket client that says what it is told to, whether or not it is allowed. */
export class WireClient {
  readonly #port: number;
  #socket: Socket | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #said = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends one input and waits until the server has dealt with it: it answers the ping behind it, or closes. */
  async say(payload: Buffer, opcode: number, framing: string): Promise<Heard> {
    const socket = this.#socket ?? (await this.#open());
    const token = `t${++this.#said}`;
    const heard: Heard = { frames: [], closed: undefined };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => end(true), SWALLOWED_MS);
      const end = (over: boolean) => {
        clearTimeout(timer);
        socket.removeAllListeners("data").removeAllListeners("close");
        if (over) this.close();
        resolve();
      };
      socket.on("close", () => {
        heard.closed ??= 0;
        end(true);
      });
      socket.on("data", (data) => {
        this.#pending = Buffer.concat([this.#pending, data]);
        for (let next = this.#take(); next; next = this.#take()) {
          if (next.opcode === 1) heard.frames.push(next.payload.toString());
          else if (next.opcode === 8)
            heard.closed = next.payload.length >= 2 ? next.payload.readUInt16BE(0) : 0;
          else if (next.opcode === 10 && next.payload.toString() === token)
            return end(heard.closed !== undefined);
        }
      });
      socket.write(Buffer.concat([framed(payload, opcode, framing), frame(Buffer.from(token), 9)]));
    });
    return heard;
  }

  /** Asks for a connection with headers of its own; resolves with the status of the answer. The connection is let go. */
  async knock(headers: Record<string, string>): Promise<number> {
    const client = new WireClient(this.#port);
    try {
      return await client.#greet(headers);
    } finally {
      client.close();
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#pending = Buffer.alloc(0);
  }

  async #open(): Promise<Socket> {
    const status = await this.#greet({});
    if (status !== 101) throw new Error(`a good upgrade was answered with ${status}`);
    return this.#socket!;
  }

  #greet(headers: Record<string, string>): Promise<number> {
    const all = {
      host: "127.0.0.1",
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, "127.0.0.1");
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => reject(new Error("closed while it was asked for an upgrade")));
      let come = Buffer.alloc(0);
      socket.on("data", (data) => {
        come = Buffer.concat([come, data]);
        const end = come.indexOf("\r\n\r\n");
        if (end < 0) return;
        socket.removeAllListeners("data").removeAllListeners("close");
        this.#pending = Buffer.from(come.subarray(end + 4));
        resolve(Number(come.subarray(9, 12).toString()));
      });
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET /live HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
    });
  }

  /** The next whole frame of the server; undefined until there is one. */
  #take(): { opcode: number; payload: Buffer } | undefined {
    const bytes = this.#pending;
    if (bytes.length < 2) return undefined;
    let length = bytes[1]! & 0x7f;
    let from = 2;
    if (length === 126) {
      if (bytes.length < 4) return undefined;
      length = bytes.readUInt16BE(2);
      from = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return undefined;
      length = Number(bytes.readBigUInt64BE(2));
      from = 10;
    }
    if (bytes.length < from + length) return undefined;
    this.#pending = bytes.subarray(from + length);
    return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(from, from + length) };
  }
}
