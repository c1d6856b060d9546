import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST, type RealServers, realServers } from "../fixtures/realServers.js";
import { openFramedLink } from "./framed.js";
import type { TcpLimits } from "./tcp.js";

let servers: RealServers;
let abort: AbortController;
beforeEach(() => {
  servers = realServers();
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await servers.close();
});

const open = (limits: Partial<TcpLimits> = {}) => openFramedLink(systemClock, limits, abort.signal);
const code = (code: string) => expect.objectContaining({ name: "AgentError", code });
const frame = (text: string, length = Buffer.byteLength(text)) => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  return Buffer.concat([head, Buffer.from(text)]);
};

describe("a framed link", () => {
  it("frames the request and reads one frame, though the rig keeps the connection open", async () => {
    const port = await servers.tcp((socket, request) => {
      expect(request.readUInt32LE(0)).toBe(request.length - 4);
      socket.write(frame(`{"echo":${request.subarray(4)}}`));
    });
    await expect(open().ask(HOST, port, '{"cmd":"ü"}')).resolves.toBe('{"echo":{"cmd":"ü"}}');
  });

  it("joins a frame that comes byte by byte, and ignores what follows it", async () => {
    const bytes = Buffer.concat([frame('{"a":1}'), Buffer.from("more")]);
    const port = await servers.tcp((socket) => {
      socket.setNoDelay(true);
      const send = (at: number) => {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(send, at + 1));
      };
      send(0);
    });
    await expect(open().ask(HOST, port, "{}")).resolves.toBe('{"a":1}');
  });

  it.each<[string, string, Buffer]>([
    ["empty", "closes without a word", Buffer.alloc(0)],
    ["truncated", "ends within the length", Buffer.from([1, 0])],
    ["truncated", "announces more than it sends", frame('{"a":1}', 70)],
    ["tooLarge", "announces more than anybody should", frame("", 0xffff_ffff)],
    ["garbled", "sends a frame of nothing", frame("")],
    ["tooLarge", "speaks HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("fails with %s where a rig %s", async (expected, _what, bytes) => {
    const port = await servers.tcp((socket) => void socket.end(bytes));
    await expect(open().ask(HOST, port, "{}")).rejects.toEqual(code(expected));
  });

  it("gives up on a rig that keeps it waiting, refuses, or is left at shutdown", async () => {
    const port = await servers.tcp((socket) => void socket.write(frame("{", 70)));
    await expect(open({ answerMs: 200 }).ask(HOST, port, "{}")).rejects.toEqual(code("timeout"));
    const link = open();
    await expect(link.ask(HOST, await servers.closedPort(), "{}")).rejects.toEqual(code("refused"));
    const asked = link.ask(HOST, port, "{}");
    abort.abort();
    await expect(asked).rejects.toEqual(code("aborted"));
    await expect(link.ask(HOST, port, "{}")).rejects.toEqual(code("aborted"));
  });
});
