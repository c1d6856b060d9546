import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.js";
import { type RunningServer, startServer } from "../server.js";

const TOKEN = "a-token-of-the-tests-0123456789";
const HEADS = { host: "127.0.0.1", authorization: `Bearer ${TOKEN}` };
const GOOD = {
  ...{ ...HEADS, connection: "Upgrade", upgrade: "websocket" },
  ...{ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13" },
};
const H2C = { ...HEADS, connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };

const start = (http: Record<string, unknown> = {}) =>
  startServer(
    configSchema.parse({
      http: { port: 0, tokens: [TOKEN], ...http },
      broker: "off",
      store: { kind: "memory" },
      sites: [{ site: "farm" }],
    }),
    "0.1.0",
    systemClock,
    pino({ level: "silent" }),
  );

const head = (line: string, headers: Readonly<Record<string, string>>): string =>
  `${line} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

/** Says pieces of text on a connection of its own; resolves with all that was answered once the server has closed it. */
function shout(url: string, ...pieces: string[]): Promise<{ status: number; head: string; body: string }> {
  const { protocol, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const at = { host: "127.0.0.1", port: Number(port) };
    const socket =
      protocol === "https:" ? connectTls({ ...at, rejectUnauthorized: false }, say) : connect(at, say);
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [first = "", ...rest] = said.split("\r\n\r\n");
      resolve({ status: Number(first.slice(9, 12)), head: first, body: rest.join("\r\n\r\n") });
    });
    function say(): void {
      const [piece, ...more] = pieces;
      if (piece === undefined) return;
      pieces = more;
      socket.write(piece, () => setTimeout(say, 20));
    }
  });
}

describe("an upgrade", () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-live-"));
  let server: RunningServer;
  let secure: RunningServer;
  beforeAll(async () => {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-days", "2", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost"],
      ],
      { cwd: folder, stdio: "pipe" },
    );
    const tls = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
    [server, secure] = await Promise.all([start(), start({ tls })]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), secure.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const refusals = async (kind: string): Promise<number> => {
    const answer = await fetch(`${server.url}/api/health`, { headers: HEADS });
    const { refusals } = (await answer.json()) as { refusals: { kind: string; count: number }[] };
    return refusals.find((each) => each.kind === kind)?.count ?? 0;
  };

  test.each([
    ["without its key", "GET /live", { "sec-websocket-key": "short" }, 400, "Sec-WebSocket-Key"],
    ["of another version", "GET /live", { "sec-websocket-version": "99" }, 400, "Sec-WebSocket-Version"],
    ["by another method", "POST /live", {}, 405, "method"],
    ["with a broken protocol", "GET /live", { "sec-websocket-protocol": "x, , x" }, 400, "Protocol"],
    ["that offers another one beside", "GET /live", { upgrade: "h2c, websocket" }, 400, "Upgrade"],
    ["elsewhere", "GET /other", {}, 404, "no WebSocket at this path"],
    ["of a stranger", "GET /live", { authorization: "Bearer x" }, 401, "log in"],
  ])("to a WebSocket %s is refused in words, and counted", async (_what, line, wrong, status, words) => {
    const before = await refusals("live-connection");
    const answer = await shout(server.url, head(line, { ...GOOD, ...wrong }));
    expect(answer.status).toBe(status);
    expect(apiErrorSchema.parse(JSON.parse(answer.body)).message).toContain(words);
    expect(await refusals("live-connection")).toBe(before + 1);
  });

  test("of another version is told which ones there are", async () => {
    const answer = await shout(server.url, head("GET /live", { ...GOOD, "sec-websocket-version": "99" }));
    expect(answer.head).toContain("\r\nsec-websocket-version: 13, 8");
  });

  test.each(["http", "https"])("to HTTP/2 is answered in HTTP/1.1 over %s", async (protocol) => {
    const { url } = protocol === "http" ? server : secure;
    const asked = await fetch(`${server.url}/api/version`, { headers: HEADS });
    const answer = await shout(url, head("GET /api/version", H2C));
    expect(answer.status).toBe(200);
    expect(answer.head).toMatch(/^connection: close$/im);
    expect(JSON.parse(answer.body)).toEqual(await asked.json());
    // So are refusals, in the way of every other request.
    const { authorization: _ours, ...stranger } = H2C;
    for (const [line, headers, status] of [
      ["GET /api/totals", stranger, 401],
      ["GET /api/totals", { ...stranger, host: "evil.example" }, 403],
      ["GET /live", H2C, 404],
    ] as const)
      expect((await shout(url, head(line, headers))).status, line).toBe(status);
  });

  test.each(["http", "https"])("to HTTP/2 brings its body along over %s", async (protocol) => {
    const { url } = protocol === "http" ? server : secure;
    const body = '{"match":{"rules":["offlin"]},"untilMs":1}';
    const whole = { ...H2C, "content-type": "application/json", "content-length": `${body.length}` };
    const line = head("POST /api/alerts/silence", whole);
    for (const pieces of [[line + body], [line, body], [line + body.slice(0, 9), body.slice(9)]]) {
      const answer = await shout(url, ...pieces);
      expect(answer.status).toBe(400);
      expect(answer.body).toContain("did you mean offline?");
    }
  });

  test("to HTTP/2 is answered once on a connection, whatever is asked behind it", async () => {
    const request = head("GET /api/version", H2C);
    const before = await refusals("http-request");
    const answer = await shout(server.url, request + request + request);
    // It has not waited for the answer to its offer, which is what HTTP asks for.
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain("HTTP/1.1");
    expect(await refusals("http-request")).toBe(before + 1);
    const later = await shout(server.url, request, request);
    expect(later.status).toBe(200);
    expect(later.body).not.toContain("HTTP/1.1");
  });

  test("to HTTP/2 behind other requests of its connection is answered after them", async () => {
    const asked = head("GET /api/version", HEADS);
    const answer = await shout(server.url, asked, asked, head("GET /api/health", H2C));
    expect(answer.body.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(answer.body).toContain("refusals");
  });
});
