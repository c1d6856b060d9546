import type { Socket } from "node:net";
import { drip, endless, type Place } from "./hostilePlace.js";
import type { WebRig } from "./webRigs.js";

/** How a rig gives `bytes` over the framed API. Whatever it starts ends with the socket. */
type Say = (socket: Socket, bytes: Buffer) => void;

const length = (bytes: number): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes);
  return head;
};
const frame = (bytes: Buffer, announced = bytes.length): Buffer => Buffer.concat([length(announced), bytes]);
const MB_10 = 10 * 1024 * 1024;

/** Customs of frames, and the ways to break them. */
export const FRAME_BEHAVIOURS = {
  "answers and stays": (socket, bytes) => void socket.write(frame(bytes)),
  "answers and closes": (socket, bytes) => void socket.end(frame(bytes)),
  "answers in packets of a byte"(socket, bytes) {
    socket.setNoDelay(true);
    const all = frame(bytes);
    for (let at = 0; at < Math.min(all.length, 400); at++) socket.write(all.subarray(at, at + 1));
    socket.end(all.subarray(400));
  },
  drips(socket, bytes) {
    socket.write(length(100_000));
    drip(socket, (turn) => Buffer.from([bytes[turn % bytes.length] ?? 120]));
  },
  "drips its length": (socket) => drip(socket, (turn) => Buffer.from([turn < 3 ? 9 : 0])),
  "never ends within its length"(socket, bytes) {
    socket.write(length(500_000));
    endless(socket, Buffer.alloc(64 * 1024, bytes.length ? bytes : "x"));
  },
  "sends 10 MB": (socket) => void socket.end(frame(Buffer.alloc(MB_10, "9"))),
  "sends 10 MB behind its answer": (socket, bytes) =>
    void socket.end(Buffer.concat([frame(bytes), Buffer.alloc(MB_10, "9")])),
  "announces 2 GB": (socket, bytes) => void socket.write(frame(bytes, 0x7fff_ffff)),
  "announces 4 GB": (socket, bytes) => void socket.write(frame(bytes, 0xffff_ffff)),
  "announces nothing": (socket, bytes) => void socket.write(frame(bytes, 0)),
  "announces more than it sends": (socket, bytes) => void socket.end(frame(bytes, bytes.length + 1_000)),
  "announces more and stays": (socket, bytes) => void socket.write(frame(bytes, bytes.length + 1_000)),
  "announces less than it sends": (socket, bytes) =>
    void socket.write(frame(bytes, Math.max(1, bytes.length >> 1))),
  "puts the long end first"(socket, bytes) {
    const all = frame(bytes);
    all.writeUInt32BE(bytes.length);
    socket.write(all);
  },
  "answers without a length": (socket, bytes) => void socket.end(bytes),
  "cuts its length": (socket) => void socket.end(length(100).subarray(0, 2)),
  "closes behind half of it": (socket, bytes) => void socket.end(frame(bytes).subarray(0, bytes.length >> 1)),
  "resets behind half of it": (socket, bytes) =>
    void socket.write(frame(bytes).subarray(0, bytes.length >> 1), () => socket.resetAndDestroy()),
  "answers twice": (socket, bytes) => void socket.write(Buffer.concat([frame(bytes), frame(bytes)])),
  "closes without a word": (socket) => void socket.end(),
  "resets at once": (socket) => void socket.resetAndDestroy(),
  "says nothing": () => {},
  "answers in HTTP": (socket, bytes) =>
    void socket.end(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`), bytes]),
    ),
  "says what it is asked": (socket) => void socket.pipe(socket),
} satisfies Record<string, Say>;
export type FrameBehaviour = keyof typeof FRAME_BEHAVIOURS;

/** What a rig is at the moment: which of its answers is `bytes` (`*`: all), and how it gives that. */
export interface FrameHostility {
  rig: WebRig;
  victim: string;
  bytes: Buffer;
  behaviour: FrameBehaviour;
}

/** The real answer of a rig to a request of the framed API, and its name among the rig's. */
export function framedAnswer({ v3 = {} }: WebRig, request: string): { name: string; text: string } {
  const { cmd, param } = JSON.parse(request) as { cmd: string; param?: unknown };
  const name = typeof param === "string" ? `${cmd}:${param}` : cmd;
  return { name, text: v3[name] ?? v3[cmd] ?? '{"code":-1,"msg":"invalid command"}' };
}

/** Answers the request of a connection. */
export function serveFrames(socket: Socket, place: Place<FrameHostility>): void {
  let heard = Buffer.alloc(0);
  let answered = false;
  socket.on("data", (data: Buffer) => {
    heard = Buffer.concat([heard, data]);
    if (answered || heard.length < 4 || heard.length < 4 + heard.readUInt32LE(0)) return;
    answered = true;
    place.requests++;
    const { rig, victim, bytes, behaviour } = place.is;
    const { name, text } = framedAnswer(rig, heard.subarray(4).toString());
    const say: Say = FRAME_BEHAVIOURS[behaviour];
    if (victim === "*" || victim === name) say(socket, bytes);
    else socket.write(frame(Buffer.from(text, "latin1")));
  });
}
