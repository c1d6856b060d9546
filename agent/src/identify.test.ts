import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST, type RealServers, realServers } from "./fixtures/realServers.js";
import { fixture, UNKNOWN } from "./fixtures/scriptedLink.js";
import { identify } from "./identify.js";
import { openRigLinks } from "./links/rigLinks.js";
import { newLogins } from "./logins.js";
import { newRigSession } from "./rigSession.js";
import { Secret } from "./secret.js";

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

/** Ports of a rig; those that are not given are closed. */
async function identifyAt(ports: { api?: number; web?: number; v3?: number }) {
  const links = openRigLinks(systemClock, { answerMs: 2_000 }, abort.signal);
  const session = newRigSession(HOST, ports.api ?? (await servers.closedPort()), {
    httpPort: ports.web ?? (await servers.closedPort()),
    v3Port: ports.v3 ?? (await servers.closedPort()),
  });
  await identify(session, links, 0);
  return session;
}

const cgminer = (replies: Record<string, string>) =>
  servers.tcp((socket, request) => {
    const { command } = JSON.parse(request.toString()) as { command: string };
    socket.end(`${replies[command] ?? UNKNOWN}\0`);
  });
const page = (answer: (request: IncomingMessage, response: ServerResponse) => void) => servers.http(answer);

describe("an unknown rig", () => {
  it("that 4028 names is not asked for its page", async () => {
    const web = await page((_request, response) => response.end("<html>"));
    const api = await cgminer(fixture("antminer-s19pro.json"));
    const session = await identifyAt({ api, web: web.port });
    expect(session.dialect?.id).toBe("bitmain-stock");
    expect(web.connections).toBe(0);
  });

  it("that no dialect knows is told by its page, and by its realm", async () => {
    const api = await cgminer({});
    const titled = await page((_request, response) =>
      response.end("<html><title>Miner Web Dashboard</title>"),
    );
    await expect(identifyAt({ api, web: titled.port })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining('web page "miner web dashboard"'),
    });
    const locked = await page((_request, response) =>
      response.writeHead(401, { "www-authenticate": 'Digest realm="Example Miner", nonce="1"' }).end(),
    );
    await expect(identifyAt({ api, web: locked.port })).rejects.toThrow('web page "example miner"');
    expect(locked.asked).toEqual(["GET /"]);
  });

  it("whose web interface shuts everybody out is shown no login of the config, and is none of ours", async () => {
    const bodies: string[] = [];
    const headers: (string | undefined)[] = [];
    const web = await page((request, response) => {
      headers.push(request.headers.authorization);
      request.on("data", (chunk) => bodies.push(String(chunk)));
      request.on("end", () => response.writeHead(401).end("who are you?"));
    });
    const logins = newLogins([{ username: "operator", password: new Secret("hunter2") }], true);
    const links = openRigLinks(systemClock, { answerMs: 2_000 }, abort.signal, logins);
    const closed = await servers.closedPort();
    const session = newRigSession(HOST, closed, { httpPort: web.port, v3Port: closed });
    await expect(identify(session, links, 0)).rejects.toMatchObject({ code: "refused" });
    expect(session.dialect).toBeUndefined();
    expect(bodies).toEqual(['{"username":"","password":""}']);
    expect(headers.every((header) => header === undefined)).toBe(true);
  });

  it("is named in plain text, whatever its realm holds", async () => {
    const web = await servers.tcp((socket) =>
      socket.end(
        Buffer.from(
          'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Digest realm="da\u009b31moge\u0007", nonce="1"\r\ncontent-length: 0\r\n\r\n',
          "latin1",
        ),
      ),
    );
    await expect(identifyAt({ api: await cgminer({}), web })).rejects.toThrow('web page "da 31moge"');
  });

  it("whose page redirects is looked at and not followed", async () => {
    const web = await page((_request, response) => response.writeHead(307, { location: "/elsewhere" }).end());
    await expect(identifyAt({ api: await cgminer({}), web: web.port })).rejects.toMatchObject({
      code: "unsupported",
    });
    expect(web.asked).toEqual(["GET /"]);
  });

  it("whose API port speaks HTTP is named", async () => {
    const web = await page((_request, response) => response.writeHead(404).end());
    await expect(identifyAt({ api: web.port })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("ePIC"),
    });
    expect(web.asked).toContain("GET /");
  });

  it("that refuses 4028 is looked for on its page and on 4433, and keeps its reason", async () => {
    const web = await page((_request, response) => response.end("<title>x</title>"));
    const asked: string[] = [];
    const v3 = await servers.tcp((socket, request) => {
      asked.push(request.subarray(4).toString());
      socket.end();
    });
    await expect(identifyAt({ web: web.port, v3 })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining('refuses connections; web page "x"'),
    });
    expect(asked).toEqual(['{"cmd":"get.device.info","param":null}']);
  });

  const info = JSON.stringify({
    code: 0,
    msg: { system: { api: "3.0.2" }, miner: { type: "M60S_VK40", working: "true" } },
  });
  /** Port 4433 of a Whatsminer, counting how often it is asked. */
  const api3 = async () => {
    const asked: string[] = [];
    const port = await servers.tcp((socket, request) => {
      asked.push(request.subarray(4).toString());
      const body = Buffer.from(info);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      socket.end(Buffer.concat([length, body]));
    });
    return { port, asked };
  };

  it("that speaks API 2 and API 3 of Whatsminer is one rig, read by the first", async () => {
    const { port, asked } = await api3();
    const session = await identifyAt({ api: await cgminer(fixture("whatsminer-m50s.json")), v3: port });
    expect(session.dialect?.id).toBe("btminer-v2");
    expect(asked).toEqual([]);
  });

  it("whose API 2 says nothing but its name, or is closed, is read by API 3", async () => {
    const off = '{"STATUS":"E","When":1,"Code":45,"Msg":"API disabled","Description":"whatsminer v3.0.2"}';
    const commands = ["version", "summary", "stats", "devdetails", "get_version", "status"];
    const { port, asked } = await api3();
    const api = await cgminer(Object.fromEntries(commands.map((command) => [command, off])));
    expect((await identifyAt({ api, v3: port })).dialect?.id).toBe("btminer-v3");
    expect((await identifyAt({ v3: port })).facts).toMatchObject({ model: "Whatsminer M60S", asleep: false });
    expect(asked).toHaveLength(2);
    await expect(identifyAt({ api })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("switch the API on"),
    });
  });

  it("of which every port is closed is refused", async () => {
    await expect(identifyAt({})).rejects.toMatchObject({ code: "refused" });
  });

  it("is not kept from a verdict by a page that hangs", async () => {
    const api = await cgminer({});
    const web = await page(() => {});
    await expect(identifyAt({ api, web: web.port })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("that speaks text alone is asked in text from then on", async () => {
    const asked: string[] = [];
    const api = await servers.tcp((socket, request) => {
      const text = request.toString();
      asked.push(text);
      socket.end(
        text === "summary"
          ? "STATUS=S,When=1,Code=11,Msg=Summary,Description=cgminer 2.4.1|SUMMARY,Elapsed=5,MHS av=300.00|\0"
          : "STATUS=E,When=1,Code=14,Msg=Invalid command,Description=cgminer 2.4.1|\0",
      );
    });
    const links = openRigLinks(systemClock, {}, abort.signal);
    const session = newRigSession(HOST, api, {
      httpPort: await servers.closedPort(),
      v3Port: await servers.closedPort(),
    });
    await identify(session, links, 0);
    expect(session.key).toBe("text");
    // Once it is known that it reads no JSON, it is spared any more of it.
    expect(asked.filter((request) => request.startsWith("{"))).toEqual(['{"command":"version"}']);
    expect(asked).toContain("summary");
  });
});
