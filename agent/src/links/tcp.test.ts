import { createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTcpLink, type TcpLimits, type TcpLink } from "./tcp.js";

const HOST = "127.0.0.1";
const servers: Server[] = [];
const sockets = new Set<Socket>();
let abort: AbortController;

beforeEach(() => {
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

/** A rig that does `behave` with each connection, once its request has come. */
async function rig(behave: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (data) => behave(socket, data.toString()));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, HOST, done));
  return (server.address() as { port: number }).port;
}

const link = (limits: Partial<TcpLimits> = {}): TcpLink => openTcpLink(systemClock, limits, abort.signal);
const code = (code: string) => expect.objectContaining({ name: "AgentError", code });

describe("a link", () => {
  it("sends the request in one write and reads until the rig closes", async () => {
    const port = await rig((socket, request) => socket.end(`{"echo":${request}}\n`));
    await expect(link().ask(HOST, port, '{"command":"summary"}')).resolves.toEqual({
      text: '{"echo":{"command":"summary"}}',
      nul: false,
    });
  });

  it("takes a NUL as the end although the rig keeps the connection open, and ignores what follows it", async () => {
    const port = await rig((socket) => socket.write('{"a":1}\0{"a":2},\0'));
    await expect(link({ answerMs: 60_000 }).ask(HOST, port, "x")).resolves.toEqual({
      text: '{"a":1}',
      nul: true,
    });
  });

  it("joins a reply that comes in pieces, the NUL alone in the last", async () => {
    const port = await rig((socket) => {
      socket.setNoDelay(true);
      socket.write('{"a":', () => socket.write('"ü"}', () => setTimeout(() => socket.write("\0"), 20)));
    });
    await expect(link().ask(HOST, port, "x")).resolves.toEqual({ text: '{"a":"ü"}', nul: true });
  });

  it("reads bytes that are no UTF-8 as Latin-1", async () => {
    const port = await rig((socket) => socket.end(Buffer.from([0x7b, 0xfc, 0x7d, 0])));
    await expect(link().ask(HOST, port, "x")).resolves.toEqual({ text: "{ü}", nul: true });
  });

  it("reads a reply of hundreds of kB whole", async () => {
    const big = `{"x":"${"y".repeat(700_000)}"}`;
    const port = await rig((socket) => socket.end(`${big}\0`));
    const reply = await link().ask(HOST, port, "x");
    expect(reply.text === big).toBe(true);
  });

  it("keeps many exchanges apart", async () => {
    const port = await rig((socket, request) =>
      setTimeout(() => socket.end(`${request}\0`), Number(request) % 7),
    );
    const open = link();
    const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => open.ask(HOST, port, `${i}`)));
    expect(replies.map((reply) => reply.text)).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
    expect(open.inFlight).toBe(0);
  });
});

describe("a link bounds every exchange", () => {
  it("in bytes, when a reply has no end", async () => {
    const port = await rig((socket) => {
      const more = () => {
        while (socket.write("x".repeat(65_536)));
      };
      socket.on("drain", more);
      more();
    });
    await expect(link({ maxBytes: 300_000 }).ask(HOST, port, "x")).rejects.toEqual(code("tooLarge"));
  });

  it("in time, when a rig drips one byte after the other", async () => {
    const port = await rig((socket) => {
      const drip = setInterval(() => socket.write("x"), 10);
      socket.on("close", () => clearInterval(drip));
    });
    await expect(link({ answerMs: 200 }).ask(HOST, port, "x")).rejects.toEqual(code("timeout"));
  });

  it("in time, when a rig accepts and says nothing", async () => {
    const port = await rig(() => {});
    await expect(link({ answerMs: 150 }).ask(HOST, port, "x")).rejects.toEqual(code("timeout"));
  });

  it("but believes a closed object from a rig that forgets both NUL and close", async () => {
    const port = await rig((socket) => socket.write('{"a":1}'));
    await expect(link({ answerMs: 150 }).ask(HOST, port, "x")).resolves.toEqual({
      text: '{"a":1}',
      nul: false,
    });
  });
});

describe("a link names what went wrong", () => {
  it("refused", async () => {
    const port = await rig(() => {});
    await new Promise((done) => servers.pop()!.close(done));
    await expect(link().ask(HOST, port, "x")).rejects.toEqual(code("refused"));
  });

  it("empty", async () => {
    const port = await rig((socket) => socket.end());
    await expect(link().ask(HOST, port, "x")).rejects.toEqual(code("empty"));
    const nuls = await rig((socket) => socket.end("\0\0"));
    await expect(link().ask(HOST, nuls, "x")).rejects.toEqual(code("empty"));
  });

  it("reset", async () => {
    const port = await rig((socket) => socket.resetAndDestroy());
    await expect(link().ask(HOST, port, "x")).rejects.toEqual(code("reset"));
  });

  it("unreachable", async () => {
    await expect(link().ask("no-such-host.invalid", 4028, "x")).rejects.toEqual(code("unreachable"));
  });

  it("aborted, for what is under way and what comes later", async () => {
    const port = await rig(() => {});
    const open = link();
    const under = open.ask(HOST, port, "x");
    abort.abort();
    await expect(under).rejects.toEqual(code("aborted"));
    await expect(open.ask(HOST, port, "x")).rejects.toEqual(code("aborted"));
  });

  it("and leaves nothing behind", async () => {
    const port = await rig((socket) => socket.end());
    const open = link();
    await Promise.allSettled(Array.from({ length: 20 }, () => open.ask(HOST, port, "x")));
    expect(open.inFlight).toBe(0);
  });
});
