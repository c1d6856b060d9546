import type { Socket } from "node:net";

/** Longer than any request that the API knows. */
const MOST_REQUEST_BYTES = 65_536;
/** Requests of one connection that may wait for their answers. */
const MOST_OWED = 32;

/**
 * The WhatsMiner API 3 on one connection: uint32 little-endian length, then JSON, in both directions and any number of times.
 * `answer` is given each request with what sends its reply, at once, later or never.
 */
export function serveFrames(
  socket: Socket,
  answer: (request: string, reply: (body: Buffer) => void) => void,
): void {
  let owed = 0;
  let isHalfClosed = false;
  const reply = (body: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    socket.write(Buffer.concat([head, body]));
    owed--;
    if (isHalfClosed && owed === 0) socket.end();
  };
  let held: Buffer = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readUInt32LE(0);
      if (length > MOST_REQUEST_BYTES) return void socket.destroy();
      if (held.length < 4 + length) return;
      const request = held.subarray(4, 4 + length).toString("utf8");
      held = held.subarray(4 + length);
      if (++owed > MOST_OWED) return void socket.destroy();
      answer(request, reply);
    }
  });
  // Half-open as all of the fleet's sockets are: who has stopped sending has nothing more to ask here, and waits for what he has asked.
  socket.on("end", () => {
    isHalfClosed = true;
    if (owed === 0) socket.end();
  });
  socket.resume();
}
