import { readdirSync } from "node:fs";
import { Agent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

/** An address of this machine that the slow connections come from, as another machine's. */
const ELSEWHERE = "127.0.66.1";
/** More than the server holds of all, and the connections that it holds. */
const CROWD = 1_300;
const MOST = 1_024;
/** A header may take 10 s, which is looked at every 5 s; a busy machine takes its time over it. */
const CLOSED_WITHIN_MS = 60_000;
const MOST_GROWTH_MB = 200;

const UPGRADE =
  "GET /live HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n";
const NO_PLACE =
  "GET /nothing HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
/** What a slow client says at once, and a byte at a time after that; it reads nothing. */
const WAYS: Record<string, { first: string; drips?: string }> = {
  "says nothing": { first: "" },
  "says a byte now and then": { first: "", drips: `GET /api/fleet HTTP/1.1\r\nhost: ${"a".repeat(4_000)}` },
  "begins a header and stops": { first: "GET /api/fleet HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: " },
  "goes on with headers for ever": {
    first: "GET /api/fleet HTTP/1.1\r\nhost: 127.0.0.1\r\n",
    drips: "x-a: b\r\n".repeat(500),
  },
  "asks for an upgrade byte by byte": { first: "", drips: UPGRADE },
  "never ends an upgrade": { first: UPGRADE, drips: "x-a: b\r\n".repeat(500) },
  "is refused an upgrade and stays": { first: NO_PLACE },
};

const descriptors = (): number => readdirSync("/proc/self/fd").length;

describe.each([["HTTP"], ...(programs.openssl ? [["HTTPS"]] : [])])(
  "a server that speaks %s among connections that are slow on purpose",
  (speech) => {
    const isTls = speech === "HTTPS";
    const folder = scratch("slow");
    const slow = new Set<Socket>();
    let server: ToldServer;
    let drip: NodeJS.Timeout | undefined;
    beforeAll(async () => {
      const certificate = isTls && makeCertificates(join(folder.path, "certs"));
      server = await startToldServer({
        http: {
          port: 0,
          ...(certificate && { tls: { certFile: certificate.cert, keyFile: certificate.key } }),
        },
      });
      await server.tell([fullRig(1)]);
    });
    afterAll(async () => {
      clearInterval(drip);
      for (const socket of slow) socket.destroy();
      await server?.close();
      folder.remove();
    });

    const port = () => Number(new URL(server.url).port);
    const kept = isTls
      ? new TlsAgent({ keepAlive: true, maxSockets: 1 })
      : new Agent({ keepAlive: true, maxSockets: 1 });
    /** What `GET path` answers, on the connection that was kept or on a new one. */
    const ask = (path: string, agent: Agent | TlsAgent | false): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = { port: port(), host: "127.0.0.1", path, agent, rejectUnauthorized: false };
        const asked = isTls ? tlsRequest(options as never) : plainRequest(options as never);
        asked.on("error", reject);
        asked.on("response", (answer) => {
          let text = "";
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () => resolve(text));
        });
        asked.end();
      });
    const refused = async (kind: string) => {
      const { refusals } = JSON.parse(await ask("/api/health", false)) as {
        refusals: { kind: string; count: number; last: string }[];
      };
      return refusals.find((entry) => entry.kind === kind);
    };

    /** Opens a slow connection; over TLS it shakes hands first, if it says anything at all. */
    const open = ({ first }: { first: string }, drips: string | undefined): Promise<void> =>
      new Promise((resolve) => {
        const at = { port: port(), host: "127.0.0.1", localAddress: ELSEWHERE };
        const speaks = first !== "" || drips !== undefined;
        const raw = connect(at);
        slow.add(raw);
        raw.on("error", () => raw.destroy());
        raw.on("close", () => {
          slow.delete(raw);
          resolve();
        });
        const socket = isTls && speaks ? connectTls({ socket: raw, rejectUnauthorized: false }) : raw;
        socket.on("error", () => raw.destroy());
        socket.once(isTls && speaks ? "secureConnect" : "connect", () => {
          if (first) socket.write(first);
          if (drips) says.set(socket, drips);
          resolve();
        });
        socket.on("close", () => says.delete(socket));
        socket.resume();
      });
    const says = new Map<Socket, string>();

    test("answers the others, holds a bounded number of them, and ends each within a minute", async () => {
      const before = { descriptors: descriptors(), rss: process.memoryUsage.rss() };
      expect(await ask("/api/fleet", kept)).toContain('"rig"');
      drip = setInterval(() => {
        for (const [socket, rest] of says) {
          socket.write(rest.slice(0, 1));
          says.set(socket, rest.slice(1));
        }
      }, 400);
      const ways = Object.values(WAYS);
      // Handshakes cost; over TLS most of them come as far as the connection alone.
      const talking = isTls ? 140 : CROWD;
      for (let n = 0; n < CROWD; n += 100) {
        await Promise.all(
          Array.from({ length: 100 }, (_, i) => {
            const way = n + i < talking ? ways[(n + i) % ways.length]! : { first: "" };
            return open(way, "drips" in way ? way.drips : undefined);
          }),
        );
        expect(await ask("/api/fleet", false)).toContain('"rig"');
      }
      expect(await ask("/api/fleet", kept)).toContain('"rig"');
      await until("those beyond the bound are ended", () => slow.size <= MOST);
      expect((await refused("http-connection"))?.last).toMatch(/^127\.0\.66\.1 had most of 1024 connections/);
      const grownMb = (process.memoryUsage.rss() - before.rss) / 2 ** 20;
      expect(grownMb).toBeLessThan(MOST_GROWTH_MB);
      const answered = setInterval(() => void ask("/api/health", false).catch(failed), 500);
      let failure: unknown;
      function failed(error: unknown) {
        failure ??= error;
      }
      try {
        await until("all of them are ended", () => slow.size === 0, CLOSED_WITHIN_MS);
      } finally {
        clearInterval(answered);
      }
      expect(failure).toBeUndefined();
      kept.destroy();
      await until("no descriptor is left behind", () => descriptors() <= before.descriptors + 5);
    }, 180_000);
  },
);
