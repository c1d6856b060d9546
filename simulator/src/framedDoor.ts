import type { Socket } from "node:net";

/** Longer than any request that the API knows. */
const MOST_REQUEST_BYTES = 65_536;

/**
 * The WhatsMiner API 3 on one connection: uint32 little-endian length, then JSON, in both directions and any number of times.
 * `answer` makes one reply of one request.
 */
export function serveFrames(socket: Socket, answer: (request: string) => Buffer): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readUInt32LE(0);
      if (length > MOST_REQUEST_BYTES) return void socket.destroy();
      if (held.length < 4 + length) return;
      const body = answer(held.subarray(4, 4 + length).toString("utf8"));
      held = held.subarray(4 + length);
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      socket.write(Buffer.concat([head, body]));
    }
  });
  // Half-open as all of the fleet's sockets are: who has stopped sending has nothing more to ask here.
  socket.on("end", () => socket.end());
  socket.resume();
}
