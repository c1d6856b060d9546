import { createServer, type Server, type Socket } from "node:net";
import { UNKNOWN } from "@hashwatt/agent/fixtures/scriptedLink";

/** How a rig says `bytes` on a connection. Whatever it starts ends with the socket. */
type Speak = (socket: Socket, bytes: Buffer, host: Server) => void;

const every = (socket: Socket, ms: number, run: () => void): void => {
  const timer = setInterval(run, ms);
  socket.once("close", () => clearInterval(timer));
};

/** Customs of the wire, and the ways to break them. */
export const BEHAVIOURS = {
  "answers and closes": (socket, bytes) => void socket.end(bytes),
  "answers and stays": (socket, bytes) => void socket.write(bytes),
  "answers in single bytes"(socket, bytes) {
    socket.setNoDelay(true);
    for (let at = 0; at < Math.min(bytes.length, 400); at++) socket.write(bytes.subarray(at, at + 1));
    socket.end(bytes.subarray(400));
  },
  drips(socket, bytes) {
    let at = 0;
    every(socket, 20, () =>
      socket.write(bytes.length ? bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1) : "x"),
    );
  },
  "never ends"(socket, bytes) {
    const piece = Buffer.alloc(64 * 1024, bytes.length ? bytes : "x");
    for (let at = piece.indexOf(0); at >= 0; at = piece.indexOf(0, at)) piece[at] = 32;
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", more);
    more();
  },
  "sends 10 MB"(socket, bytes) {
    socket.write(bytes);
    socket.end(Buffer.alloc(10 * 1024 * 1024, "9"));
  },
  "says nothing": () => {},
  "closes without a word": (socket) => void socket.end(),
  "resets at once": (socket) => void socket.resetAndDestroy(),
  "resets behind half of it": (socket, bytes) =>
    void socket.write(bytes.subarray(0, bytes.length >> 1), () => socket.resetAndDestroy()),
  "closes behind half of it": (socket, bytes) => void socket.end(bytes.subarray(0, bytes.length >> 1)),
  "answers twice": (socket, bytes) =>
    void socket.end(Buffer.concat([bytes, bytes, Buffer.from("\0"), bytes])),
  "puts a length before it"(socket, bytes) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(bytes.length);
    socket.end(Buffer.concat([head, bytes]));
  },
  "puts a wrong length before it": (socket, bytes) =>
    void socket.end(Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0x7f]), bytes])),
  "answers in HTTP": (socket, bytes) =>
    void socket.end(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`), bytes]),
    ),
  "speaks TLS": (socket) => void socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])),
  "says what it is asked": (socket, _bytes) => void socket.pipe(socket),
} satisfies Record<string, Speak>;
export type Behaviour = keyof typeof BEHAVIOURS;

/** What a hostile rig is at the moment: its real answers, which command it answers with `bytes` (`*`: all), and how. */
export interface Hostility {
  replies: Readonly<Record<string, string>>;
  victim: string;
  bytes: Buffer;
  behaviour: Behaviour;
}

/** A rig on a real socket that does what it is told to. */
export interface HostileRig {
  readonly port: number;
  is: Hostility;
  /** Connections that were made to it so far. */
  readonly connections: number;
  /** Cuts what is still open. */
  drop(): void;
  close(): Promise<void>;
}

/** Starts one on a port of 127.0.0.1. */
export async function startHostileRig(address = "127.0.0.1", port = 0): Promise<HostileRig> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", (request) => {
      const { replies, victim, bytes, behaviour } = rig.is;
      const [, command = ""] = /"c(?:omman|m)d":"([^"]*)"/.exec(request.toString()) ?? [];
      const speak: Speak = BEHAVIOURS[behaviour];
      if (victim === "*" || (victim !== "" && command.split("+").includes(victim)))
        speak(socket, bytes, server);
      else socket.end(`${replies[command] ?? UNKNOWN}\0`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const rig: HostileRig = {
    port: (server.address() as { port: number }).port,
    is: { replies: {}, victim: "", bytes: Buffer.alloc(0), behaviour: "answers and closes" },
    get connections() {
      return connections;
    },
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      rig.drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return rig;
}
