import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sessionSchema } from "@hashwatt/protocol/http";
import { SESSION_OVER } from "@hashwatt/protocol/live";
import { systemClock } from "@hashwatt/protocol/time";
import { localHeaders } from "@hashwatt/server/access/localToken";
import { configSchema } from "@hashwatt/server/config/schema";
import { ROUTE_ROLES, routeRole } from "@hashwatt/server/http/routeRoles";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Answer, askExactly } from "../support/toldHttp.js";

const PASSWORD = "correct horse battery";
const TOKEN = "0123456789abcdef-contract";
const BEARER = { authorization: `Bearer ${TOKEN}` };

describe("a server with a password and a token", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "hashwatt-access-"));
  const logged: string[] = [];
  let server: RunningServer;
  let port: number;

  const start = async () => {
    server = await startServer(
      configSchema.parse({
        http: { port: 0, password: PASSWORD, tokens: [TOKEN], hosts: ["farm.example"] },
        broker: "off",
        store: { dataDir },
        sites: [{ site: "farm" }],
      }),
      "0.1.0",
      systemClock,
      pino({ level: "trace" }, { write: (line) => logged.push(line) }),
    );
    port = Number(new URL(server.url).port);
  };
  beforeAll(start);
  afterAll(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const ask = (method: string, path: string, headers?: Record<string, string>, body?: unknown) =>
    askExactly(port, method, path, headers, body);
  const here = () => `http://127.0.0.1:${port}`;
  const login = (password: string, headers: Record<string, string> = {}) =>
    ask("POST", "/api/session", { origin: here(), ...headers }, { password });
  /** The cookie that an answer sets, as a browser sends it back. */
  const cookieOf = ({ headers }: Answer) => headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const pathOf = (endpoint: string) => endpoint.split(" ")[1]!.replace(":id", "r1").replace("*", "");

  /** Opens `/live`; resolves with the connection, or with the status of the refusal. */
  const listen = (headers: Record<string, string>): Promise<WebSocket | number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers });
      socket.once("open", () => resolve(socket));
      socket.once("unexpected-response", (_request, answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      socket.once("error", reject);
    });

  test("has every endpoint in the table of roles, and no role for an endpoint that is not there", () => {
    const listed = Object.keys(ROUTE_ROLES).sort();
    expect([...server.endpoints].filter((endpoint) => !listed.includes(endpoint))).toEqual([]);
    expect(listed.filter((endpoint) => !server.endpoints.has(endpoint))).toEqual([]);
    expect(server.endpoints).toContain("WS /live");
    expect(routeRole("HEAD", "/api/fleet")).toBe("viewer");
    expect(routeRole("GET", "/api/unlisted")).toBeUndefined();
    // What is public is so on purpose: this list grows by hand alone.
    expect(listed.filter((endpoint) => ROUTE_ROLES[endpoint] === "public")).toEqual([
      "DELETE /api/session",
      "GET /*",
      "GET /api/health",
      "GET /api/session",
      "POST /api/session",
    ]);
  });

  test("refuses whoever it does not know at every endpoint that is not public, and answers who has a token", async () => {
    const stranger: Record<string, string>[] = [
      {},
      { authorization: "Bearer 0123456789abcdef-another" },
      { authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString("base64")}` },
      { authorization: `Bearer ${PASSWORD.replaceAll(" ", "")}` },
      { cookie: `hashwatt-${port}=${"A".repeat(43)}` },
    ];
    for (const endpoint of server.endpoints) {
      const [method = ""] = endpoint.split(" ");
      if (["WS", "LIVE"].includes(method) || ROUTE_ROLES[endpoint] === "public") continue;
      const path = pathOf(endpoint);
      for (const headers of stranger) {
        const refused = await ask(method, path, headers);
        expect(refused.status, `${endpoint} ${JSON.stringify(headers)}`).toBe(401);
        expect(JSON.parse(refused.body)).toEqual({
          error: "unauthorized",
          message: expect.stringContaining("log in"),
        });
        expect(refused.headers["www-authenticate"]).toMatch(/^Bearer/);
        expect(refused.headers["content-security-policy"]).toContain("default-src 'none'");
      }
      if (method === "GET") expect((await ask("HEAD", path)).status, endpoint).toBe(401);
      const letIn = await ask(method, path, BEARER);
      expect([401, 403], endpoint).not.toContain(letIn.status);
    }
  });

  test("refuses a strange host or page at every endpoint, whoever asks", async () => {
    for (const endpoint of server.endpoints) {
      const [method = ""] = endpoint.split(" ");
      if (["WS", "LIVE"].includes(method)) continue;
      expect((await ask(method, pathOf(endpoint), { host: "evil.example" })).status, endpoint).toBe(403);
      expect(
        (await ask(method, pathOf(endpoint), { ...BEARER, origin: "http://evil.example" })).status,
        endpoint,
      ).toBe(403);
    }
  });

  test("says of its health no more than whether it is well to who is not logged in", async () => {
    const { status, body } = await ask("GET", "/api/health");
    expect([status, JSON.parse(body)]).toEqual([200, { ok: true }]);
    expect(JSON.parse((await ask("GET", "/api/health", BEARER)).body)).toHaveProperty("parts.store.ok", true);
  });

  test("opens the live feed to a token and to a session alone", async () => {
    expect(await listen({})).toBe(401);
    expect(await listen({ authorization: "Bearer 0123456789abcdef-another" })).toBe(401);
    expect(await listen({ cookie: `hashwatt-${port}=${"A".repeat(43)}` })).toBe(401);
    expect(await listen({ ...BEARER, origin: "http://evil.example" })).toBe(403);
    const socket = await listen(BEARER);
    if (typeof socket === "number") throw new Error(`refused with ${socket}`);
    socket.terminate();
  });

  test("gives a session for the password: a cookie no script reads and no other site sends", async () => {
    expect(sessionSchema.parse(JSON.parse((await ask("GET", "/api/session")).body))).toEqual({
      needed: true,
      asks: "password",
      names: false,
      role: null,
      name: null,
    });
    const answer = await login(PASSWORD);
    expect(answer.status).toBe(200);
    expect(answer.headers["set-cookie"]).toHaveLength(1);
    const [set = ""] = answer.headers["set-cookie"] ?? [];
    expect(set).toMatch(
      new RegExp(`^hashwatt-${port}=[\\w-]{43}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Strict$`),
    );
    expect(
      (await login(PASSWORD, { host: "farm.example", origin: "https://farm.example" })).headers[
        "set-cookie"
      ]?.[0],
    ).toMatch(/^__Host-hashwatt=[\w-]{43}; Path=\/; .*; Secure$/);
    const cookie = cookieOf(answer);
    expect((await ask("GET", "/api/fleet", { cookie })).status).toBe(200);
    expect(JSON.parse((await ask("GET", "/api/session", { cookie })).body)).toHaveProperty("role", "admin");
  });

  test("gives another session at every login, and ends the one before", async () => {
    const first = cookieOf(await login(PASSWORD));
    const second = cookieOf(await login(PASSWORD, { cookie: first }));
    expect(second).not.toBe(first);
    expect((await ask("GET", "/api/fleet", { cookie: first })).status).toBe(401);
    expect((await ask("GET", "/api/fleet", { cookie: second })).status).toBe(200);
  });

  test("closes the live connections of a session that logs out, and of no other", async () => {
    const mine = cookieOf(await login(PASSWORD));
    const others = cookieOf(await login(PASSWORD));
    const [socket, other] = [await listen({ cookie: mine }), await listen({ cookie: others })];
    if (typeof socket === "number" || typeof other === "number") throw new Error("refused");
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    const answer = await ask("DELETE", "/api/session", { cookie: mine, origin: here() });
    expect([answer.status, JSON.parse(answer.body).role]).toEqual([200, null]);
    expect(answer.headers["set-cookie"]?.[0]).toContain("Max-Age=0");
    expect(await closed).toBe(SESSION_OVER);
    expect((await ask("GET", "/api/fleet", { cookie: mine })).status).toBe(401);
    expect(other.readyState).toBe(WebSocket.OPEN);
    other.terminate();
  });

  test("changes nothing by a cookie alone: whoever sends it must say which page it is from", async () => {
    const cookie = cookieOf(await login(PASSWORD));
    for (const headers of [{ cookie }, { cookie, origin: "http://127.0.0.1:1" }, { cookie, origin: "null" }])
      expect((await ask("DELETE", "/api/session", headers as Record<string, string>)).status).toBe(403);
    expect((await ask("GET", "/api/fleet", { cookie })).status).toBe(200);
  });

  test("keeps who is logged in over a restart", async () => {
    const before = port;
    const cookie = cookieOf(await login(PASSWORD));
    await server.close();
    await start();
    const moved = cookie.replace(`hashwatt-${before}`, `hashwatt-${port}`);
    expect((await ask("GET", "/api/fleet", { cookie: moved })).status).toBe(200);
  });

  test("lets the commands of its own user in by a file that nobody else can read", async () => {
    const config = configSchema.parse({ store: { dataDir } });
    expect((await ask("GET", "/api/fleet", localHeaders(config))).status).toBe(200);
    expect(statSync(join(dataDir, "local.token")).mode & 0o777).toBe(0o600);
  });

  test("makes who guesses wait, with the time to wait, and does not let the right password in meanwhile", async () => {
    let answer = await login("wrong password");
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([401, "wrongPassword"]);
    for (let i = 0; answer.status === 401 && i < 10; i++) answer = await login("wrong password");
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([429, "tooManyTries"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect((await login(PASSWORD)).status).toBe(429);
    // Programs go on.
    expect((await ask("GET", "/api/fleet", BEARER)).status).toBe(200);
  });

  test("counts wrong passwords by the address that a proxy tells, if the config names the proxy, and gives its pages a cookie for TLS alone", async () => {
    const behind = await startServer(
      configSchema.parse({
        http: { port: 0, password: PASSWORD, hosts: ["farm.example"], proxies: ["127.0.0.0/8"] },
        broker: "off",
        store: { kind: "memory" },
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
    const direct = port;
    port = Number(new URL(behind.url).port);
    try {
      const from = (address: string, password: string) =>
        login(password, {
          host: "farm.example",
          origin: "https://farm.example",
          "x-forwarded-for": `10.9.9.9, ${address}`,
        });
      for (let i = 0; i < 5; i++) expect((await from("203.0.113.1", "wrong password")).status).toBe(401);
      expect((await from("203.0.113.1", PASSWORD)).status).toBe(429);
      const answer = await from("203.0.113.2", PASSWORD);
      expect([answer.status, answer.headers["set-cookie"]?.[0]?.endsWith("; Secure")]).toEqual([200, true]);
    } finally {
      port = direct;
      await behind.close();
    }
  });

  test.each([
    [{}],
    [{ password: "" }],
    [{ password: 5 }],
    [{ password: "x".repeat(2_000) }],
    [{ password: "x", user: "y" }],
  ])("takes no login of another shape: %j", async (body) => {
    const answer = await ask("POST", "/api/session", { origin: here() }, body);
    expect(answer.status).toBe(400);
  });

  test("prints no secret, whatever it logs", () => {
    expect(logged.join("")).toContain("logged in");
    expect(logged.join("")).not.toMatch(/correct horse|0123456789abcdef/);
  });
});
