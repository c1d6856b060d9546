import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { AlertView } from "@hashwatt/protocol/http";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import type { AlertMessage } from "@hashwatt/server/alerts/messages/alertMessage";
import { webhook as hook } from "@hashwatt/server/alerts/notifiers/webhook";
import { Secret } from "@hashwatt/server/secret";
import { pino } from "pino";
import { mutate, Seeded } from "../mutators.js";
import { NASTY_TEXTS } from "../nasty.js";
import { type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

const PARALLEL = 48;
/** The notifier's own bound, shorter: what is promised is that it holds, not how long it is. */
const SHORTER = 50;
const MOST_WAIT_MS = 3_600_000;
const SECRET = "secret-path";
/** What a webhook has no use for. */
const NOTHING = {
  log: pino({ level: "silent" }),
  world: { siteName: (site: string) => site, zoneOf: () => "UTC" },
  publish: async () => false,
};

const head = (line: string, ...headers: string[]): string =>
  `HTTP/1.1 ${[line, ...headers].join("\r\n")}\r\n\r\n`;
const HERE = "location: http://127.0.0.1:PORT/elsewhere";
const GOOD: readonly (string | Buffer)[] = [
  head("204 No Content"),
  `${head("200 OK", "content-length: 2")}ok`,
  `${head("200 OK", "transfer-encoding: chunked")}2\r\nok\r\n0\r\n\r\n`,
  `${head("202 Accepted", "connection: close")}until the end`,
  Buffer.concat([
    Buffer.from(head("200 OK", "content-encoding: gzip", "connection: close")),
    gzipSync(Buffer.alloc(4 * 1024 * 1024)),
  ]),
  head("302 Found", HERE, "content-length: 0"),
  head("307 Temporary Redirect", HERE, "content-length: 0"),
  head("308 Permanent Redirect", "location: file:///etc/passwd", "content-length: 0"),
  head("400 Bad Request", "content-length: 0"),
  head("401 Unauthorized", 'www-authenticate: Basic realm="x"', "content-length: 0"),
  head("410 Gone", "content-length: 0"),
  head("429 Too Many Requests", "retry-after: 7", "content-length: 0"),
  head("429 Too Many Requests", "retry-after: 1e999", "content-length: 0"),
  head("503 Service Unavailable", "retry-after: -5", "content-length: 0"),
  head("503 Service Unavailable", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT", "content-length: 0"),
  head("500 Internal Server Error", "content-length: 0"),
];
const ODD: readonly string[] = [
  "",
  "\r\n\r\n",
  head("100 Continue").repeat(30) + head("204 No Content"),
  head("103 Early Hints", "link: </x>; rel=preload") + head("204 No Content"),
  head("101 Switching Protocols", "upgrade: websocket", "connection: upgrade"),
  head("200 OK", `x-a: ${"a".repeat(200_000)}`),
  head("200 OK", ...Array.from({ length: 4_000 }, (_, i) => `x-${i}: ${i}`)),
  head("200 OK", ...Array<string>(500).fill(`set-cookie: ${SECRET}=1`)),
  `${head("200 OK", "content-length: 999999999999999999999")}x`,
  head("200 OK", "content-length: -1"),
  `${head("200 OK", "content-length: 1", "content-length: 2")}xx`,
  `${head("200 OK", "transfer-encoding: chunked")}ffffffffffffffff\r\nx`,
  `${head("200 OK", "content-encoding: gzip, gzip, br, x")}x`,
  "HTTP/9.9 200 OK\r\n\r\n",
  "HTTP/1.0 200\r\n\r\n",
  "HTTP/1.1 999 ?\r\n\r\n",
  "HTTP/1.1 099 ?\r\n\r\n",
  "SSH-2.0-OpenSSH_9.9\r\n",
  "\u0015\u0003\u0003\u0000\u0002\u0002\u0028",
];
/** What comes behind the bytes. */
const ENDINGS = [
  "ends",
  "ends",
  "ends",
  "stays",
  "resets",
  "goes on for ever",
  "goes on with headers",
] as const;

const alert = (text: string): AlertView => ({
  id: "a1",
  rule: "overheating",
  severity: "danger",
  state: "firing",
  site: "farm",
  rig: 1,
  subject: { kind: "rig", id: "r1", name: text },
  rigName: text,
  model: text,
  pendingMs: 0,
  firedMs: 1,
  resolvedMs: null,
  value: 130,
  limit: 95,
  unit: "°C",
  reason: text,
  lossPerH: null,
});

/** Answers of whoever the alerts are sent to, on sockets, to the real notifier. */
export const webhook: Surface = {
  name: "webhook",
  parallel: PARALLEL,
  async start(seed) {
    const odd = oddValues(seed);
    const sockets = new Set<Socket>();
    /** By the number in the path: what to answer, and what was asked. */
    const under = new Map<string, { bytes: Buffer; ending: string; body?: string }>();
    let strayed: string | undefined;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
      let come = Buffer.alloc(0);
      socket.on("data", (data) => {
        come = come.length ? Buffer.concat([come, data]) : data;
        const end = come.indexOf("\r\n\r\n");
        if (end < 0) return;
        const said = come.toString("latin1", 0, end);
        const length = Number(/^content-length: (\d+)/im.exec(said)?.[1] ?? 0);
        if (come.length < end + 4 + length) return;
        const body = come.toString("utf8", end + 4, end + 4 + length);
        come = come.subarray(end + 4 + length);
        const [, path = ""] = said.split(" ", 2);
        const one = under.get(path);
        // One that was given up meanwhile may come all the same.
        if (!said.startsWith(`POST /${SECRET}/`)) strayed ??= said.slice(0, 200);
        if (!one) return void socket.destroy();
        one.body = body;
        speak(socket, one.bytes, one.ending);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const clock: Clock = {
      ...systemClock,
      deadline: (ms, signal) => systemClock.deadline(ms / SHORTER, signal),
    };
    let made = 0;
    const give = async (bytes: Buffer, ending: string, text: string): Promise<Outcome> => {
      const path = `/${SECRET}/${made++}`;
      const one: { bytes: Buffer; ending: string; body?: string } = { bytes, ending };
      under.set(path, one);
      const body: AlertMessage = { v: 1, sentMs: 1, alerts: [alert(text)], more: 0 };
      try {
        const url = new Secret(`http://127.0.0.1:${port}${path}`);
        const notifier = hook.open({ id: "hook", kind: "webhook", url }, { ...NOTHING, clock });
        const went = await notifier.deliver(body, new AbortController().signal);
        promised(strayed === undefined, `something else was asked: ${strayed}`);
        if (one.body !== undefined)
          promised(
            one.body === JSON.stringify(body),
            `what was sent is no longer what was said: ${one.body}`,
          );
        if (went.kind === "delivered") {
          promised(one.body !== undefined, "delivered to nobody");
          return { kind: "accepted" };
        }
        promised(!/127\.0\.0\.1|secret/.test(went.reason), `the address is told: ${went.reason}`);
        if (went.kind === "retry" && went.afterMs !== undefined)
          promised(
            went.afterMs > 0 && went.afterMs <= MOST_WAIT_MS,
            `to be tried again after ${went.afterMs} ms`,
          );
        return { kind: "refused", code: `webhook-${went.kind}`, reason: went.reason };
      } finally {
        under.delete(path);
      }
    };
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const [ending, text] = [chance.of(ENDINGS), chance.of(NASTY_TEXTS)];
        if (chance.next() < 0.15)
          return { bytes: Buffer.from(chance.of(ODD)), about: { how: "odd", ending, text } };
        const real = Buffer.from(chance.of(GOOD) as string);
        const { bytes, how } =
          chance.next() < 0.3 ? { bytes: real, how: "good" } : mutate(real, chance, odd, 0);
        // Of most answers that break off one waits for the end.
        const calm = how === "good" || chance.next() < 0.9 ? "ends" : ending;
        return { bytes, about: { how, ending: how === "good" ? ending : calm, text } };
      },
      give({ bytes, about }) {
        const told = Buffer.from(bytes.toString("latin1").replaceAll(":PORT/", `:${port}/`), "latin1");
        return give(told, about.ending!, about.text!);
      },
      async good() {
        const { kind } = await give(Buffer.from(GOOD[0] as string), "stays", "good");
        promised(kind === "accepted", "a good receiver is told nothing any more");
      },
      async close() {
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    };
  },
};

function speak(socket: Socket, bytes: Buffer, ending: string): void {
  const on = (piece: string) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", more);
    more();
  };
  switch (ending) {
    case "stays":
      socket.write(bytes);
      return;
    case "resets":
      socket.write(bytes, () => socket.resetAndDestroy());
      return;
    case "goes on for ever":
      socket.write(bytes);
      on("x".repeat(65_536));
      return;
    case "goes on with headers":
      socket.write(bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 2));
      on("x-a: b\r\n".repeat(500));
      return;
    default:
      socket.end(bytes);
  }
}
