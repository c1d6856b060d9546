import type { Socket } from "node:net";
import { serveFrames } from "../framedDoor.js";
import { bytesOf, type Capture, replyNamed } from "./captureFile.js";

/** A captured WhatsMiner with API 3. Captures name replies `get.miner.status:summary`. */
export function serveFramed(capture: Capture, socket: Socket): void {
  serveFrames(socket, (request, reply) => reply(replyTo(capture, request)));
}

function replyTo(capture: Capture, text: string): Buffer {
  let request: { cmd?: unknown; param?: unknown } | null;
  try {
    request = JSON.parse(text) as typeof request;
  } catch {
    return failed("invalid json");
  }
  const command = typeof request?.cmd === "string" ? request.cmd : "";
  const reply =
    (typeof request?.param === "string" ? replyNamed(capture, `${command}:${request.param}`) : undefined) ??
    replyNamed(capture, command);
  return reply === undefined ? failed("invalid command", command) : bytesOf(reply);
}

const failed = (msg: string, desc = ""): Buffer => Buffer.from(JSON.stringify({ code: -1, desc, msg }));
