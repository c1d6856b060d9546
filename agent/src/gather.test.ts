import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Dialect, HOURLY_MS, MINUTELY_MS, withFacts } from "./dialects/dialect.js";
import { http, type Question, tcp, v3 } from "./dialects/questions.js";
import { HOST, type RealServers, realServers } from "./fixtures/realServers.js";
import { UNKNOWN } from "./fixtures/scriptedLink.js";
import { openRigLinks, type RigLinks } from "./links/rigLinks.js";
import { newLogins } from "./logins.js";
import { askLater, readRig } from "./readRig.js";
import { jsonOf } from "./replies/reply.js";
import { newRigSession, type RigSession } from "./rigSession.js";

let servers: RealServers;
let abort: AbortController;
let clock: FakeClock;
let links: RigLinks;
beforeEach(() => {
  servers = realServers();
  abort = new AbortController();
  clock = fakeClock(0);
  links = openRigLinks(systemClock, { answerMs: 5_000 }, abort.signal, newLogins([], false));
});
afterEach(async () => {
  abort.abort();
  await servers.close();
});

const summary = tcp("summary");
const info = http("GET", "/info", { everyMs: HOURLY_MS });
const network = http("GET", "/network", { everyMs: MINUTELY_MS });

/** A dialect whose reading is its first answer, and that learns MAC and host name from whatever tells them. */
const dialectOf = (...questions: Question[]): Dialect => ({
  id: "test",
  questions,
  whenQuiet: [],
  login: { make: "antminer" },
  claims: () => ({ kind: "not" }),
  learn(facts, _name, reply) {
    const value = jsonOf(reply);
    const { mac, hostname } = (Array.isArray(value) ? value[0] : value) as Record<string, string>;
    return withFacts(facts, { mac, hostname });
  },
  decode({ by }, facts) {
    const main = by[questions[0]!.name];
    if (!main) throw new Error("readings without their main answer are not decoded here");
    return { status: "mining", mac: facts.mac, hostname: facts.hostname };
  },
});

async function cgminer(replies: Record<string, string>) {
  const asked: string[] = [];
  const port = await servers.tcp((socket, request) => {
    const { command, parameter } = JSON.parse(request.toString()) as Record<string, string>;
    const name = parameter === undefined ? command! : `${command}|${parameter}`;
    asked.push(name);
    socket.end(`${replies[name] ?? UNKNOWN}\0`);
  });
  return { port, asked };
}

function sessionWith(dialect: Dialect, ports: { api?: number; web?: number; v3?: number }): RigSession {
  const session = newRigSession(HOST, ports.api ?? 1, { httpPort: ports.web ?? 1, v3Port: ports.v3 ?? 1 });
  session.dialect = dialect;
  session.askedMs = [];
  return session;
}
const read = async (session: RigSession) => (await readRig(session, links, clock)).reading;
const poll = async (session: RigSession) => {
  const reading = await read(session);
  await askLater(session, links, clock);
  return reading;
};
const OK = '{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{}]}';

describe("what a dialect asks beside its readings", () => {
  it("comes in behind the first reading, then as often as it says", async () => {
    const { port: api } = await cgminer({ summary: OK });
    const web = await servers.http((request, response) =>
      response.end(request.url === "/info" ? '{"mac":"02:00:00:00:00:01"}' : '[{"hostname":"rig-1"}]'),
    );
    const session = sessionWith(dialectOf(summary, info, network), { api, web: web.port });
    expect(await poll(session)).toMatchObject({ mac: undefined });
    expect(await poll(session)).toMatchObject({ mac: "02:00:00:00:00:01", hostname: "rig-1" });
    expect(web.asked).toEqual(["GET /info", "GET /network"]);
    await clock.advance(MINUTELY_MS);
    await poll(session);
    expect(web.asked.slice(2)).toEqual(["GET /network"]);
    expect(web.connections).toBe(1);
  });

  it("is all there at once where the whole is wanted", async () => {
    const { port: api } = await cgminer({ summary: OK });
    const web = await servers.http((_request, response) => response.end('{"mac":"02:00:00:00:00:01"}'));
    const session = sessionWith(dialectOf(summary, info), { api, web: web.port });
    const { reading } = await readRig(session, links, clock, true);
    expect(reading.mac).toBe("02:00:00:00:00:01");
  });

  it("costs no reading when its server is gone, which is left alone for a minute, then two, four, up to an hour", async () => {
    const { port: api } = await cgminer({ summary: OK });
    const session = sessionWith(dialectOf(summary, { ...network, everyMs: 1 }), {
      api,
      web: await servers.closedPort(),
    });
    const tries: number[] = [];
    let times = 0;
    for (let minute = 0; minute <= 190; minute++) {
      expect((await poll(session)).status).toBe("mining");
      const now = session.resting?.http?.times ?? 0;
      if (now > times) tries.push(minute);
      times = now;
      await clock.advance(60_000);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it("costs no reading when it wants a login, of which the rig then says what to do", async () => {
    const { port: api } = await cgminer({ summary: OK });
    let open = false;
    const web = await servers.http((_request, response) =>
      open
        ? response.end('{"mac":"02:00:00:00:00:01"}')
        : response.writeHead(401, { "www-authenticate": 'Digest realm="x", nonce="1", qop="auth"' }).end(),
    );
    const session = sessionWith(dialectOf(summary, { ...network }), { api, web: web.port });
    await poll(session);
    const reading = await poll(session);
    expect(reading.status).toBe("mining");
    expect(reading.notes).toEqual([
      { code: "loginRefused", text: expect.stringContaining("add { make: antminer, range: 127.0.0.1") },
    ]);
    expect(session.facts.notes).toBe(reading.notes);
    open = true;
    await clock.advance(60_000);
    await poll(session);
    const after = await poll(session);
    expect(after).toMatchObject({ mac: "02:00:00:00:00:01" });
    expect(after.notes ?? []).toEqual([]);
  });
});

describe("readings", () => {
  it("come over HTTP alone where the dialect asks nothing else", async () => {
    const web = await servers.http((_request, response) => response.end('{"hashRate":1}'));
    const session = sessionWith(dialectOf(http("GET", "/api/system/info")), { web: web.port });
    for (let i = 0; i < 3; i++) expect((await read(session)).status).toBe("mining");
    expect(web.connections).toBe(1);
    web.server.closeAllConnections();
    await servers.close();
    await expect(read(session)).rejects.toMatchObject({ code: "refused" });
  });

  it("come in frames, each question with its parameter, and a code other than 0 is an error", async () => {
    const asked: string[] = [];
    const port = await servers.tcp((socket, request) => {
      const text = request.subarray(4).toString();
      asked.push(text);
      const reply = Buffer.from(
        text.includes("summary") ? '{"code":0,"msg":{"summary":{}}}' : '{"code":-2,"msg":"no"}',
      );
      const head = Buffer.alloc(4);
      head.writeUInt32LE(reply.length);
      socket.end(Buffer.concat([head, reply]));
    });
    const good = v3("get.miner.status", { param: "summary" });
    expect((await read(sessionWith(dialectOf(good, v3("get.x")), { v3: port }))).status).toBe("mining");
    expect(asked).toEqual(['{"cmd":"get.miner.status","param":"summary"}', '{"cmd":"get.x","param":null}']);
  });

  it("may need a command with a parameter, which is not joined with the others", async () => {
    const rig = await cgminer({ summary: OK, "healthchipget|0": OK });
    const session = sessionWith(dialectOf(summary, tcp("devs"), tcp("healthchipget", { parameter: "0" })), {
      api: rig.port,
    });
    await read(session);
    expect(rig.asked).toEqual(["summary+devs", "summary", "devs", "healthchipget|0"]);
  });

  it("bear a second way that is gone, as long as the first answers", async () => {
    const { port: api } = await cgminer({ summary: OK });
    const session = sessionWith(dialectOf(summary, http("GET", "/stats")), {
      api,
      web: await servers.closedPort(),
    });
    expect((await read(session)).status).toBe("mining");
  });

  it("are passed on before a page that hangs is waited for", async () => {
    const { port: api } = await cgminer({ summary: OK });
    let seen = () => {};
    const hung = new Promise<void>((done) => {
      seen = done;
    });
    const web = await servers.http(() => seen());
    const session = sessionWith(dialectOf(summary, info), { api, web: web.port });
    expect((await read(session)).status).toBe("mining");
    const later = askLater(session, links, clock);
    await hung;
    abort.abort();
    await expect(later).rejects.toMatchObject({ code: "aborted" });
  });
});
