import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Dialect, TokenLogin } from "./dialects/dialect.js";
import { http } from "./dialects/questions.js";
import { HOST, type RealServers, realServers } from "./fixtures/realServers.js";
import { openRigLinks, type RigLinks } from "./links/rigLinks.js";
import { type ChangingLogins, newLogins } from "./logins.js";
import { newRigSession, type RigSession } from "./rigSession.js";
import { Secret } from "./secret.js";
import { askWeb } from "./webSession.js";

let servers: RealServers;
let abort: AbortController;
let clock: FakeClock;
let logins: ChangingLogins;
let links: RigLinks;
beforeEach(() => {
  servers = realServers();
  abort = new AbortController();
  clock = fakeClock(0);
  logins = newLogins([], true);
  links = openRigLinks(systemClock, {}, abort.signal, logins);
});
afterEach(async () => {
  abort.abort();
  await servers.close();
});

const STATS = http("GET", "/cgi-bin/stats.cgi");
const root = (password: string) => ({ username: "root", password: new Secret(password) });

/** A session with a rig whose dialect logs in as told. */
function sessionAt(port: number, token?: TokenLogin): RigSession {
  const session = newRigSession(HOST, 4028, { httpPort: port });
  session.dialect = {
    id: "test",
    questions: [STATS],
    whenQuiet: [],
    login: {
      make: "antminer",
      vendorDefault: { username: "root", password: "root" },
      ...(token && { token }),
    },
    claims: () => ({ kind: "not" }),
    learn: (facts) => facts,
    decode: () => ({ status: "mining" }),
  } satisfies Dialect;
  return session;
}
const ask = async (session: RigSession) =>
  (await askWeb(session, links, STATS, clock.monoMs())).reply.members;
const refused = expect.objectContaining({ code: "loginRefused" });

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** A server that wants Digest of root and `password`; a nonce lasts `lasts` requests. */
function digestServer(password: () => string, lasts = Number.POSITIVE_INFINITY) {
  let nonce = 0;
  let used = 0;
  const counts: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const given = Object.fromEntries(
      [...(request.headers.authorization ?? "").matchAll(/(\w+)="?([^",]*)"?/g)].map((match) => [
        match[1],
        match[2],
      ]),
    );
    const ha1 = md5(`root:antMiner Configuration:${password()}`);
    const ha2 = md5(`${request.method}:${request.url}`);
    const right = given.response === md5(`${ha1}:${given.nonce}:${given.nc}:${given.cnonce}:auth:${ha2}`);
    if (right && given.nonce === `n${nonce}` && used++ < lasts) {
      counts.push(given.nc!);
      response.end('{"STATS":[]}');
      return;
    }
    used = 0;
    response
      .writeHead(401, {
        "www-authenticate": `Digest realm="antMiner Configuration", nonce="n${++nonce}", qop="auth"`,
      })
      .end();
  };
  return { answer, counts };
}

describe("a Digest login", () => {
  it("uses a nonce again, counted, over one connection", async () => {
    const { answer, counts } = digestServer(() => "root");
    const web = await servers.http(answer);
    const session = sessionAt(web.port);
    for (let poll = 0; poll < 3; poll++) expect(await ask(session)).toEqual({ STATS: [] });
    expect(web.asked).toHaveLength(4);
    expect(counts).toEqual(["00000001", "00000002", "00000003"]);
    expect(web.connections).toBe(1);
  });

  it("takes the next nonce when one has run out", async () => {
    const { answer, counts } = digestServer(() => "root", 2);
    const web = await servers.http(answer);
    const session = sessionAt(web.port);
    for (let poll = 0; poll < 4; poll++) await ask(session);
    expect(counts).toEqual(["00000001", "00000002", "00000001", "00000002"]);
    expect(web.asked).toHaveLength(6);
  });

  it("prefers the login of the config, by make and address", async () => {
    const { answer } = digestServer(() => "ours");
    const web = await servers.http(answer);
    logins.set(
      [
        { make: "avalon", ...root("no") },
        { make: "antminer", range: { first: 1, last: 2 }, ...root("no") },
        { make: "antminer", range: { first: 0x7f000000, last: 0x7fffffff }, ...root("ours") },
      ],
      true,
    );
    expect(await ask(sessionAt(web.port))).toEqual({ STATS: [] });
  });

  it("that is refused ends after one try, and waits a minute, two, four, up to an hour", async () => {
    const { answer } = digestServer(() => "changed");
    const web = await servers.http(answer);
    const session = sessionAt(web.port);
    const rests: number[] = [];
    for (let wait = 0; wait < 8; wait++) {
      const before = web.asked.length;
      await expect(ask(session)).rejects.toEqual(refused);
      expect(web.asked.length - before).toBe(2);
      const start = clock.monoMs();
      // The rig is not even asked while it rests.
      while (clock.monoMs() < session.web!.untilMs) {
        await expect(ask(session)).rejects.toEqual(refused);
        await clock.advance(30_000);
      }
      expect(web.asked.length - before).toBe(2);
      rests.push((clock.monoMs() - start) / 60_000);
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("that is refused is tried again at once when the config's logins change", async () => {
    const { answer } = digestServer(() => "changed");
    const web = await servers.http(answer);
    const session = sessionAt(web.port);
    await expect(ask(session)).rejects.toEqual(refused);
    logins.set([root("changed")], true);
    expect(await ask(session)).toEqual({ STATS: [] });
    expect(session.web).toMatchObject({ refusals: 0, refusal: undefined });
  });

  it("says what to put into the config, and never a password", async () => {
    const { answer } = digestServer(() => "changed");
    const web = await servers.http(answer);
    logins.set([{ make: "antminer", ...root("hunter2") }], true);
    const session = sessionAt(web.port);
    const error = await ask(session).catch((error) => error);
    expect(error.message).toMatch(
      /refuses the login of "root": correct \{ make: antminer, range: 127.0.0.1 \} under logins/,
    );
    expect(
      `${inspect(session, { depth: 9 })}${inspect(links.logins, { depth: 9 })}${error.stack}`,
    ).not.toContain("hunter2");
    logins.set([], false);
    await expect(ask(session)).rejects.toThrow(/wants a login: add \{ make: antminer/);
  });
});

describe("a rig that asks for the password itself, by HTTP Basic", () => {
  const heard: string[] = [];
  /** Wants Basic, whatever it was told. */
  const greedy = async () => {
    heard.length = 0;
    return servers.http((request, response) => {
      const { authorization } = request.headers;
      if (authorization) heard.push(authorization);
      if (authorization?.startsWith("Basic ")) response.end('{"STATS":[]}');
      else response.writeHead(401, { "www-authenticate": 'Basic realm="antMiner Configuration"' }).end();
    });
  };
  const basic = (password: string) => `Basic ${Buffer.from(`root:${password}`).toString("base64")}`;

  it("does not get it, and the operator is told what would let it", async () => {
    const web = await greedy();
    logins.set([{ make: "antminer", ...root("hunter2") }], true);
    const session = sessionAt(web.port);
    await expect(ask(session)).rejects.toThrow(
      /wants the password unencrypted \(HTTP Basic\): if it may have it, add basic: true to \{ make: antminer, range: 127.0.0.1 \}/,
    );
    await clock.advance(61_000);
    await expect(ask(session)).rejects.toEqual(refused);
    expect(heard).toEqual([]);
  });

  it("gets it where the login says so, and no longer when it does not any more", async () => {
    const web = await greedy();
    logins.set([{ ...root("hunter2"), basic: true }], true);
    const session = sessionAt(web.port);
    expect(await ask(session)).toEqual({ STATS: [] });
    logins.set([root("hunter3")], true);
    await expect(ask(session)).rejects.toEqual(refused);
    expect(heard).toEqual([basic("hunter2")]);
  });

  it("gets the one that its vendor documents for everybody to read", async () => {
    const web = await greedy();
    expect(await ask(sessionAt(web.port))).toEqual({ STATS: [] });
    expect(heard).toEqual([basic("root")]);
  });
});

describe("a token login", () => {
  const token: TokenLogin = {
    request: (username, password) => http("POST", "/api/login", { body: { username, password } }),
    header: (reply) =>
      typeof reply.members.token === "string"
        ? ["authorization", `Bearer ${reply.members.token}`]
        : undefined,
  };
  let valid: string;
  const api = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === "/api/login") {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () =>
        body === '{"username":"root","password":"root"}'
          ? response.end(JSON.stringify({ token: valid }))
          : response.writeHead(403).end(),
      );
    } else if (request.headers.authorization === `Bearer ${valid}`) response.end('{"ok":true}');
    else response.writeHead(401).end();
  };

  it("is fetched when it is asked for, used again, and fetched anew when it has run out", async () => {
    valid = "t1";
    const web = await servers.http(api);
    const session = sessionAt(web.port, token);
    expect(await ask(session)).toEqual({ ok: true });
    expect(await ask(session)).toEqual({ ok: true });
    expect(web.asked).toEqual(
      ["GET", "POST", "GET", "GET"].map(
        (method) => `${method} ${method === "GET" ? STATS.path : "/api/login"}`,
      ),
    );
    valid = "t2";
    expect(await ask(session)).toEqual({ ok: true });
    expect(web.asked.slice(4)).toEqual([`GET ${STATS.path}`, "POST /api/login", `GET ${STATS.path}`]);
  });

  it("that is refused backs off like any other", async () => {
    const web = await servers.http(api);
    logins.set([root("wrong")], true);
    const session = sessionAt(web.port, token);
    await expect(ask(session)).rejects.toEqual(refused);
    await expect(ask(session)).rejects.toEqual(refused);
    expect(web.asked).toEqual([`GET ${STATS.path}`, "POST /api/login"]);
  });
});

it.each(["a\u0007b", "a\nb: c", "\u77ff"])("a token that no header can carry (%j) is none", async (text) => {
  const web = await servers.http((request, response) =>
    request.url === "/api/login"
      ? response.end(JSON.stringify({ token: text }))
      : response.writeHead(401).end(),
  );
  const session = sessionAt(web.port, {
    request: (username, password) => http("POST", "/api/login", { body: { username, password } }),
    header: ({ members }) => ["authorization", String(members.token)],
  });
  await expect(ask(session)).rejects.toEqual(refused);
});

describe("an answer", () => {
  it.each([
    [404, "rejected"],
    [500, "rejected"],
    [302, "rejected"],
  ])("with status %i is %s", async (status, code) => {
    const web = await servers.http((_request, response) =>
      response.writeHead(status, { location: "/login" }).end("<html>"),
    );
    await expect(ask(sessionAt(web.port))).rejects.toEqual(expect.objectContaining({ code }));
  });

  it("that is a page where JSON was asked for is garbled", async () => {
    const web = await servers.http((_request, response) => response.end("<html></html>"));
    await expect(ask(sessionAt(web.port))).rejects.toEqual(expect.objectContaining({ code: "garbled" }));
  });

  it("may be JSON with the faults of old firmwares", async () => {
    const web = await servers.http((_request, response) => response.end('{"STATS":[{"a":1}{"b":nan}]}'));
    expect(await ask(sessionAt(web.port))).toEqual({ STATS: [{ a: 1 }, { b: null }] });
  });
});
