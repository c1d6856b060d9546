import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { drip, endless, type Place } from "./hostilePlace.js";
import { CHALLENGES, realAnswer, type WebRig } from "./webRigs.js";

/** How a web server gives `bytes` as the answer to the request of a `turn`. Whatever it starts ends with the socket. */
type Answer = (socket: Socket, bytes: Buffer, turn: number) => void;

const head = (status: string, ...lines: string[]): Buffer =>
  Buffer.from(`HTTP/1.1 ${[status, ...lines].join("\r\n")}\r\n\r\n`, "latin1");
const whole = (bytes: Buffer, status: string, ...lines: string[]): Buffer =>
  Buffer.concat([head(status, `content-length: ${bytes.length}`, ...lines), bytes]);
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
const inChunks = (bytes: Buffer, length: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) =>
    chunk(bytes.subarray(n * length, (n + 1) * length)),
  );
const CHUNKED = head("200 OK", "transfer-encoding: chunked");
const ENDLESS = head("200 OK");
const LAST = Buffer.from("0\r\n\r\n");
const BOMB = gzipSync(Buffer.alloc(10 * 1024 * 1024, "9"));
const padded = (bytes: Buffer): Buffer => Buffer.alloc(64 * 1024, bytes.length ? bytes : "x");
/** Asks for a login by whatever comes next, each time with a nonce of its own. */
const asksAgain = (turn: number): Buffer =>
  whole(
    Buffer.from("{}"),
    "401 Unauthorized",
    `www-authenticate: ${CHALLENGES[turn % CHALLENGES.length]!.replace(/nonce="/, `nonce="${turn}`)}`,
  );

/** Customs of HTTP, and the ways to break them. */
export const WEB_BEHAVIOURS = {
  answers: (socket, bytes) => void socket.write(whole(bytes, "200 OK")),
  "answers until it closes": (socket, bytes) =>
    void socket.end(Buffer.concat([Buffer.from("HTTP/1.0 200 OK\r\n\r\n"), bytes])),
  "answers in chunks": (socket, bytes) =>
    void socket.write(Buffer.concat([CHUNKED, ...inChunks(bytes, 100), LAST])),
  "answers in chunks of a byte": (socket, bytes) =>
    void socket.write(Buffer.concat([CHUNKED, ...inChunks(bytes, 1), LAST])),
  "answers in packets of a byte"(socket, bytes) {
    socket.setNoDelay(true);
    const all = whole(bytes, "200 OK");
    for (let at = 0; at < Math.min(all.length, 400); at++) socket.write(all.subarray(at, at + 1));
    socket.write(all.subarray(400));
  },
  "drips under a length"(socket, bytes) {
    socket.write(head("200 OK", "content-length: 100000"));
    drip(socket, (turn) => Buffer.from([bytes[turn % bytes.length] ?? 120]));
  },
  "drips chunks"(socket, bytes) {
    socket.write(CHUNKED);
    drip(socket, (turn) => chunk(Buffer.from([bytes[turn % bytes.length] ?? 120])));
  },
  "drips headers"(socket) {
    socket.write("HTTP/1.1 200 OK\r\n");
    drip(socket, (turn) => Buffer.from(`x-${turn}: 1\r\n`));
  },
  "never ends"(socket, bytes) {
    socket.write(ENDLESS);
    endless(socket, padded(bytes));
  },
  "never ends in chunks"(socket, bytes) {
    socket.write(CHUNKED);
    endless(socket, chunk(padded(bytes)));
  },
  "never ends in chunks of a byte"(socket) {
    socket.write(CHUNKED);
    endless(socket, Buffer.from("1\r\nx\r\n".repeat(10_000)));
  },
  "never ends its headers"(socket) {
    socket.write("HTTP/1.1 200 OK\r\n");
    endless(socket, Buffer.from("x-header: 1\r\n".repeat(5_000)));
  },
  "says continue for ever": (socket) =>
    endless(socket, Buffer.from("HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000))),
  "sends 10 MB": (socket, bytes) => {
    socket.write(head("200 OK", `content-length: ${10 * 1024 * 1024 + bytes.length}`));
    socket.write(bytes);
    socket.write(Buffer.alloc(10 * 1024 * 1024, "9"));
  },
  "packs 10 MB": (socket) => void socket.write(whole(BOMB, "200 OK", "content-encoding: gzip")),
  "packs half": (socket, bytes) =>
    void socket.write(
      whole(gzipSync(bytes).subarray(0, 12 + (bytes.length >> 3)), "200 OK", "content-encoding: gzip"),
    ),
  "says packed what is not": (socket, bytes) =>
    void socket.write(whole(bytes, "200 OK", "content-encoding: deflate")),
  "announces more than it sends": (socket, bytes) =>
    void socket.end(Buffer.concat([head("200 OK", `content-length: ${bytes.length + 1_000}`), bytes])),
  "announces more and stays": (socket, bytes) =>
    void socket.write(Buffer.concat([head("200 OK", `content-length: ${bytes.length + 1_000}`), bytes])),
  "announces less than it sends": (socket, bytes) =>
    void socket.end(Buffer.concat([head("200 OK", `content-length: ${bytes.length >> 1}`), bytes])),
  "announces no number": (socket, bytes) =>
    void socket.end(Buffer.concat([head("200 OK", "content-length: 0x1f, 7"), bytes])),
  "announces two lengths": (socket, bytes) =>
    void socket.end(
      Buffer.concat([head("200 OK", "content-length: 5", `content-length: ${bytes.length}`), bytes]),
    ),
  "announces a length and chunks": (socket, bytes) =>
    void socket.end(
      Buffer.concat([
        head("200 OK", "content-length: 5", "transfer-encoding: chunked"),
        ...inChunks(bytes, 50),
        LAST,
      ]),
    ),
  "announces a chunk of 2 GB": (socket, bytes) =>
    void socket.write(Buffer.concat([CHUNKED, Buffer.from("7fffffff\r\n"), bytes])),
  "lies about a chunk": (socket, bytes) =>
    void socket.end(Buffer.concat([CHUNKED, Buffer.from("5\r\n"), bytes, Buffer.from("\r\n"), LAST])),
  "cuts a chunk": (socket, bytes) =>
    void socket.end(Buffer.concat([CHUNKED, chunk(bytes).subarray(0, 4 + (bytes.length >> 1))])),
  "cuts its headers": (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-le"),
  "resets behind half of it": (socket, bytes) =>
    void socket.write(whole(bytes, "200 OK").subarray(0, 40 + (bytes.length >> 1)), () =>
      socket.resetAndDestroy(),
    ),
  "answers twice": (socket, bytes) =>
    void socket.write(Buffer.concat([whole(bytes, "200 OK"), whole(bytes, "200 OK")])),
  "closes without a word": (socket) => void socket.end(),
  "resets at once": (socket) => void socket.resetAndDestroy(),
  "says nothing": () => {},
  "answers without a head": (socket, bytes) => void socket.end(bytes),
  "speaks TLS": (socket) => void socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])),
  "says what it is asked": (socket) => void socket.pipe(socket),
  "wants another protocol": (socket) =>
    void socket.write(head("101 Switching Protocols", "upgrade: websocket", "connection: upgrade")),
  "sends round in circles": (socket) => void socket.write(whole(Buffer.alloc(0), "302 Found", "location: /")),
  "asks for a login for ever": (socket, _bytes, turn) => void socket.write(asksAgain(turn)),
  "forgets the login at every other": (socket, bytes, turn) =>
    void socket.write(turn % 2 ? whole(bytes, "200 OK", `set-cookie: sid=${turn}`) : asksAgain(turn)),
} satisfies Record<string, Answer>;
export type WebBehaviour = keyof typeof WEB_BEHAVIOURS;

/** What a rig's web server is at the moment: which of its answers is `bytes` (`*`: all), and how it gives that. */
export interface WebHostility {
  rig: WebRig;
  victim: string;
  bytes: Buffer;
  behaviour: WebBehaviour;
}

/** Answers the requests of a connection, one after the other. */
export function serveWeb(socket: Socket, place: Place<WebHostility>): void {
  let heard = "";
  socket.on("data", (data: Buffer) => {
    heard += data.toString("latin1");
    for (;;) {
      const end = heard.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [, length = "0"] = /^content-length: *(\d+)/im.exec(heard.slice(0, end)) ?? [];
      const until = end + 4 + Number(length);
      if (heard.length < until) return;
      const request = heard.slice(0, until);
      heard = heard.slice(until);
      answer(socket, place, request);
    }
  });
}

function answer(socket: Socket, place: Place<WebHostility>, request: string): void {
  const { rig, victim, bytes, behaviour } = place.is;
  const turn = place.requests++;
  const [, method, path] = /^(\w+) ([^ ?]*)/.exec(request) ?? [];
  const name = `${method} ${path}`;
  if (victim === "*" || victim === name) {
    const speak: Answer = WEB_BEHAVIOURS[behaviour];
    speak(socket, bytes, turn);
    return;
  }
  const { status, text, challenge } = realAnswer(
    rig,
    name,
    /^[\w-]*(?:authorization|cookie)[\w-]*:/im.test(request),
  );
  socket.write(
    whole(
      Buffer.from(text, "latin1"),
      `${status} Said`,
      ...(challenge ? [`www-authenticate: ${challenge}`] : []),
    ),
  );
}
