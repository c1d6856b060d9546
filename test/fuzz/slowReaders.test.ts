import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { frame } from "./rawWebSocket.js";

/** More than the sockets' own buffers hold, so that what is not read has to wait in the server or be refused. */
const MOST_BYTES = 64 * 1024 * 1024;
/** A few hundred thousand subscriptions. */
const MOST_SUBSCRIBED_BYTES = 16 * 1024 * 1024;
const PING = 9;
const TEXT = 1;

describe("a live client that asks and reads nothing", () => {
  let server: ToldServer;
  beforeAll(async () => {
    server = await startToldServer();
    await server.tell([fullRig(1), fullRig(2)]);
  });
  afterAll(() => server?.close());

  const health = async () =>
    (await (await fetch(`${server.url}/api/health`)).json()) as {
      counters: { liveClients: number };
      refusals: { kind: string; count: number; last: string }[];
    };

  /** A connection to the feed of which nothing more is read. */
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => {});
    const said = new Promise((resolve) => socket.once("data", resolve));
    socket.write(
      "GET /live HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
        "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    await said;
    socket.pause();
    return socket;
  };

  /** Says the same until the server ends the connection, at most so many bytes. True when it did. */
  const flood = async (socket: Socket, piece: Buffer, most: number): Promise<boolean> => {
    for (let sent = 0; sent < most && !socket.destroyed; sent += piece.length)
      if (!socket.write(piece))
        await new Promise<void>((resolve) => {
          const done = () => {
            socket.off("drain", done).off("close", done);
            resolve();
          };
          socket.once("drain", done).once("close", done);
        });
    return socket.destroyed;
  };

  test("is ended by name when its pings are answered faster than it reads", async () => {
    const before = process.memoryUsage.rss();
    const socket = await open();
    const ended = await flood(
      socket,
      Buffer.concat(Array(500).fill(frame(Buffer.alloc(125), PING))),
      MOST_BYTES,
    );
    expect(ended).toBe(true);
    const { refusals } = await health();
    expect(refusals.find(({ kind }) => kind === "live-client")?.last).toMatch(/pings without reading/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  test("costs no memory by subscribing over and over", async () => {
    const before = process.memoryUsage.rss();
    const socket = await open();
    const says = ["subscribe", "unsubscribe"].map((op) =>
      frame(Buffer.from(JSON.stringify({ op, channel: "fleet" })), TEXT),
    );
    await flood(socket, Buffer.concat(Array(200).fill(says).flat()), MOST_SUBSCRIBED_BYTES);
    socket.destroy();
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    expect((await fetch(`${server.url}/api/fleet`)).ok).toBe(true);
  });
});
