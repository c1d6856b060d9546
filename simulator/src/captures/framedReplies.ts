import type { Socket } from "node:net";
import { bytesOf, type Capture } from "./captureFile.js";

/** Longer than any request that the API knows. */
const MOST_REQUEST_BYTES = 65_536;

/**
 * A captured WhatsMiner with API 3: uint32 little-endian length, then JSON, in both directions and any number of times on
 * one connection. Captures name replies `get.miner.status:summary`.
 */
export function serveFramed(capture: Capture, socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readUInt32LE(0);
      if (length > MOST_REQUEST_BYTES) return void socket.destroy();
      if (held.length < 4 + length) return;
      const body = replyTo(capture, held.subarray(4, 4 + length).toString("utf8"));
      held = held.subarray(4 + length);
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      socket.write(Buffer.concat([head, body]));
    }
  });
}

function replyTo(capture: Capture, text: string): Buffer {
  let request: { cmd?: unknown; param?: unknown };
  try {
    request = JSON.parse(text) as typeof request;
  } catch {
    return failed("invalid json");
  }
  const command = String(request.cmd);
  const reply =
    (typeof request.param === "string" ? capture.responses[`${command}:${request.param}`] : undefined) ??
    capture.responses[command];
  return reply === undefined ? failed("invalid command", command) : bytesOf(reply);
}

const failed = (msg: string, desc = ""): Buffer => Buffer.from(JSON.stringify({ code: -1, desc, msg }));
