import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { refusal, rendered } from "../speakers/reply.js";
import { parseRequest, splitJoined } from "../speakers/request.js";
import type { Exchange, Question } from "./exchange.js";

/** What a door needs to know of the rig behind it, at the moment of the tape. */
export interface Behind {
  /** Nobody answered there when it was knocked at last. */
  isDown(): boolean;
  find(question: Question, isLoggedIn: boolean): Exchange | undefined;
  /** The challenge that the rig gave to who came without a login; undefined when it never gave one. */
  challenge(): Exchange | undefined;
  /** Runs `run` after so many ms of the tape. */
  after(tapeMs: number, run: () => void): void;
  nowS(): number;
}

const MOST_REQUEST_BYTES = 65_536;
const MOST_BODY_BYTES = 1_000_000;
const KEYS = ["command", "cmd"];
const NUL = Buffer.from([0]);
const HTTP_LINE = /^(GET|POST|HEAD|PUT|OPTIONS|DELETE) /;

/** Lets a socket go the way in which the rig did; errors of a peer that is gone are its own. */
function play(socket: Socket, exchange: Exchange): void {
  if (socket.destroyed) return;
  const { outcome, body, held } = exchange;
  switch (outcome) {
    case "answered":
      socket.write(body);
      if (!held) socket.end();
      return;
    case "timeout":
      socket.write(body);
      return;
    case "tooLarge":
      // It was given up at a bound that it would have passed.
      socket.write(body);
      socket.end(body);
      return;
    case "empty":
    case "truncated":
    case "garbled":
      socket.end(body);
      return;
    case "reset":
    case "refused":
    case "unreachable":
      socket.write(body, () => socket.resetAndDestroy());
  }
}

/** A port of the cgminer API: one request a connection. `web` answers where the same port spoke HTTP. */
export function cgminerDoor(behind: Behind, web: Server | undefined): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    if (behind.isDown()) return void socket.resetAndDestroy();
    const leave = () => socket.end();
    socket.once("end", leave);
    socket.once("data", (request: Buffer) => {
      // Who has asked and says no more still waits for the answer.
      socket.off("end", leave);
      const text = request.toString("latin1");
      if (web && HTTP_LINE.test(text)) return void handOver(socket, request, web);
      const exchange = cgminerReply(behind, text);
      if (Buffer.isBuffer(exchange)) socket.end(exchange);
      else behind.after(exchange.tookMs, () => play(socket, exchange));
    });
  });
}

function handOver(socket: Socket, head: Buffer, web: Server): void {
  const place = web.address();
  if (place === null || typeof place === "string") return void socket.destroy();
  const inner = connect({ host: place.address, port: place.port });
  inner.on("error", () => socket.destroy());
  socket.on("close", () => inner.destroy());
  inner.write(head);
  socket.pipe(inner).pipe(socket);
}

/** The answer to what was sent, or to the same command in other words; else what cgminer says to a command it does not know. */
function cgminerReply(behind: Behind, text: string): Exchange | Buffer {
  const exact = behind.find({ over: "tcp", request: text }, false);
  if (exact) return exact;
  const parsed = parseRequest(Buffer.from(text, "latin1"), KEYS);
  const isText = parsed.kind === "command" && parsed.form === "text";
  if (parsed.kind === "command") {
    const named = (command: string): Exchange | undefined => {
      for (const request of isText ? [command] : KEYS.map((key) => JSON.stringify({ [key]: command }))) {
        const found = behind.find({ over: "tcp", request }, false);
        if (found) return found;
      }
      return undefined;
    };
    const parts = splitJoined(parsed.command);
    if (parts.length > 1 && !isText) {
      const sections = parts.map((part) => {
        const text = named(part)?.body.toString("latin1").replace(/\0.*$/s, "");
        return text === undefined ? undefined : `${JSON.stringify(part)}:[${text}]`;
      });
      if (sections.every((section) => section !== undefined))
        return Buffer.from(`{${sections.join(",")},"id":1}\0`, "latin1");
    } else {
      const other = named(parsed.command);
      if (other && parts.length === 1 && !text.includes("parameter")) return other;
    }
  }
  const refused = rendered(refusal(14, "Invalid command"), isText ? "text" : "json", behind.nowS());
  return Buffer.concat([Buffer.from(refused), NUL]);
}

/** A port of the WhatsMiner API 3: frames, any number on one connection. */
export function framedDoor(behind: Behind): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    if (behind.isDown()) return void socket.resetAndDestroy();
    let held: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 4) {
        const length = held.readUInt32LE(0);
        if (length > MOST_REQUEST_BYTES) return void socket.destroy();
        if (held.length < 4 + length) return;
        const request = held.subarray(4, 4 + length).toString("utf8");
        held = held.subarray(4 + length);
        const exchange = behind.find({ over: "v3", request }, false);
        if (!exchange) socket.write(framed({ code: -1, msg: "invalid command", desc: "" }));
        else if (exchange.outcome === "answered")
          behind.after(exchange.tookMs, () => socket.destroyed || socket.write(exchange.body));
        else behind.after(exchange.tookMs, () => play(socket, exchange));
      }
    });
  });
}

function framed(reply: object): Buffer {
  const body = Buffer.from(JSON.stringify(reply));
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** A web interface. Any login opens it: the tape holds none to compare with. */
export function webDoor(behind: Behind): Server {
  const server = createHttpServer((request, response) => void answerWeb(behind, request, response));
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    if (behind.isDown()) socket.resetAndDestroy();
  });
  return server;
}

async function answerWeb(behind: Behind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent = await bodyOf(request).catch(() => undefined);
  if (sent === undefined || behind.isDown()) return void request.socket.resetAndDestroy();
  const { authorization, cookie } = request.headers;
  const isLoggedIn = authorization !== undefined || cookie !== undefined;
  const line = `${request.method} ${request.url ?? "/"}`;
  const plain = { over: "http", request: line, ...(sent !== "" && { body: sent }) } as const;
  // Word for word first: a login of nobody, which opens nothing, is on the tape as it was sent.
  const exchange =
    behind.find(plain, isLoggedIn) ??
    behind.find({ over: "http", request: line, login: true }, false) ??
    (isLoggedIn ? behind.find(plain, false) : behind.find(plain, true) && behind.challenge());
  if (!exchange) {
    response.writeHead(404, { "content-type": "text/plain", "content-length": 9 }).end("Not Found");
    return;
  }
  behind.after(exchange.tookMs, () => {
    if (exchange.outcome !== "answered") play(request.socket, exchange);
    else if (!response.destroyed) send(response, exchange);
  });
}

/** Headers that speak of the connection or the packing of the way, which are this server's own. */
const OF_THE_WAY = /^(connection|keep-alive|transfer-encoding|content-length|upgrade|trailer|te)$/i;
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function send(response: ServerResponse, { status, headers, body, cut }: Exchange): void {
  const kept = headers.filter(
    ([name, value]) => !OF_THE_WAY.test(name) && NAME.test(name) && SENDABLE.test(value),
  );
  const length = cut ? body.length + 1 : body.length;
  response.sendDate = false;
  response.writeHead(Math.min(999, Math.max(200, status)), [
    ...kept.flat(),
    "content-length",
    String(length),
  ]);
  if (!cut) response.end(body);
  else response.write(body, () => response.socket?.end());
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new Error("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
