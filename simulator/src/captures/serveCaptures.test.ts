import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { captureSchema, readCaptures } from "./captureFile.js";
import { type ServedCaptures, serveCaptures } from "./serveCaptures.js";

let served: ServedCaptures | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const BASE = "127.78.0.1";

async function serve(capture: object) {
  const whole = captureSchema.parse({ id: "x", ...capture });
  served = await serveCaptures([whole], BASE, { port: 0, httpPort: 0, v3Port: 0 });
  return served.rigs[0]!;
}

/** All that comes until the peer closes, or `bytes` of it. */
function ask(port: number | undefined, request: string | Buffer, bytes = Number.POSITIVE_INFINITY) {
  return new Promise<string>((resolve, reject) => {
    let text = "";
    const socket = connect({ host: BASE, port: port ?? 0 }, () => socket.write(request));
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length >= bytes) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

/** A frame of API 3. */
const framed = (body: string) => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, Buffer.from(body)]);
};

const invalid = expect.stringMatching(
  /^\{"STATUS":\[\{"STATUS":"E","When":\d+,"Code":14,"Msg":"Invalid command"\}\],"id":1\}\0$/,
);

test("gives back a reply byte by byte, however broken, with or without NUL as the rig did", async () => {
  const broken = '{"STATS":[{"Type":"S\xe9"}{"temp1":61}],"id":1}';
  const { port } = await serve({ transport: "cgminer-tcp", responses: { stats: broken } });
  expect(await ask(port, '{"command":"stats"}')).toBe(`${broken}\0`);
  expect(await ask(port, '{"cmd":"stats"}')).toBe(`${broken}\0`);
  await served?.close();
  const other = await serve({
    transport: "cgminer-tcp",
    framing: { nul: false },
    responses: { stats: broken },
  });
  expect(await ask(other.port, '{"command":"stats"}')).toBe(broken);
});

test("answers a command that was not captured as cgminer answers one that it does not know", async () => {
  const { port } = await serve({ transport: "cgminer-tcp", responses: { "healthchipget|0": { CHIPS: [] } } });
  expect(await ask(port, '{"command":"version"}')).toEqual(invalid);
  expect(await ask(port, '{"command":"healthchipget"}')).toEqual(invalid);
  expect(await ask(port, '{"command":"healthchipget","parameter":"0"}')).toBe('{"CHIPS":[]}\0');
});

test("what every object has is no command, and what is no map is no request", async () => {
  const { port } = await serve({ transport: "cgminer-tcp", responses: { version: { VERSION: [] } } });
  for (const command of ["constructor", "__proto__", "toString"]) {
    expect(await ask(port, JSON.stringify({ command }))).toEqual(invalid);
    const joined = await ask(port, JSON.stringify({ command: `${command}+version` }));
    expect(joined).toContain('"Msg":"Invalid command"');
  }
  await served?.close();
  const { v3Port } = await serve({ transport: "whatsminer-v3-tcp", responses: {} });
  for (const [text, desc] of [
    ["null", ""],
    ["7", ""],
    ['{"cmd":"constructor"}', "constructor"],
    ['{"cmd":"__proto__"}', "__proto__"],
  ] as const) {
    const refused = framed(JSON.stringify({ code: -1, desc, msg: "invalid command" }));
    expect(await ask(v3Port, framed(text), refused.length), text).toBe(refused.toString("latin1"));
  }
  await served?.close();
  const { httpPort } = await serve({
    transport: "http",
    http: { auth: { scheme: "token", login: "POST /login", username: "root", password: "root" } },
  });
  for (const body of ["null", "7", "[]"])
    expect((await fetch(`http://${BASE}:${httpPort}/login`, { method: "POST", body })).status).toBe(401);
});

test("joins replies as cgminer does, and prefers the joined reply that was captured", async () => {
  const { port } = await serve({
    transport: "cgminer-tcp",
    responses: { fans: { FANS: 1 }, temps: { TEMPS: 2 }, "@multi:temps+fans": { both: 3 } },
  });
  expect(await ask(port, '{"command":"fans+temps"}')).toBe('{"both":3}\0');
  expect(JSON.parse((await ask(port, '{"command":"fans+devs"}')).slice(0, -1))).toMatchObject({
    fans: [{ FANS: 1 }],
    devs: [{ STATUS: [{ Code: 14 }] }],
  });
});

test("a rig that was captured as text knows no JSON", async () => {
  const reply = "STATUS=S,Code=9|ASC=0,MHS 5s=336.1|";
  const { port } = await serve({ transport: "cgminer-tcp-text", responses: { devs: reply } });
  expect(await ask(port, "devs")).toBe(`${reply}\0`);
  expect(await ask(port, '{"command":"devs"}')).toMatch(
    /^STATUS=E,When=\d+,Code=14,Msg=Invalid command\|\0$/,
  );
});

test("a web API opens to the digest login that the rig had, and to no other", async () => {
  const { httpPort } = await serve({
    transport: "http",
    http: {
      auth: { scheme: "digest", realm: "antMiner Configuration", username: "root", password: "root" },
      routes: { "GET /cgi-bin/stats.cgi": { STATS: [] } },
    },
  });
  const url = `http://${BASE}:${httpPort}/cgi-bin/stats.cgi`;
  const refused = await fetch(url);
  expect(refused.status).toBe(401);
  const challenge = refused.headers.get("www-authenticate") ?? "";
  expect(challenge).toContain('realm="antMiner Configuration"');
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1];
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const login = (password: string) => {
    const secret = md5(`root:antMiner Configuration:${password}`);
    const response = md5(`${secret}:${nonce}:00000001:c:auth:${md5("GET:/cgi-bin/stats.cgi")}`);
    return `Digest username="root", realm="antMiner Configuration", nonce="${nonce}", uri="/cgi-bin/stats.cgi", qop=auth, nc=00000001, cnonce="c", response="${response}"`;
  };
  expect((await fetch(url, { headers: { authorization: login("admin") } })).status).toBe(401);
  expect(await (await fetch(url, { headers: { authorization: login("root") } })).json()).toEqual({
    STATS: [],
  });
});

test("a token comes from the login route, and GraphQL answers come whole", async () => {
  const { httpPort } = await serve({
    transport: "http",
    http: {
      auth: { scheme: "token", login: "POST /api/v1/auth/login", username: "root", password: "" },
      routes: { "GET /api/v1/version": { major: 1 } },
      graphql: {
        path: "/graphql",
        responses: { a: { data: { x: { y: 1 } } }, b: { data: { x: { z: 2 } } } },
      },
    },
  });
  const url = `http://${BASE}:${httpPort}`;
  expect((await fetch(`${url}/api/v1/version`)).status).toBe(401);
  const login = { method: "POST", body: JSON.stringify({ username: "root", password: "" }) };
  const { token } = (await (await fetch(`${url}/api/v1/auth/login`, login)).json()) as { token: string };
  const headers = { authorization: token };
  expect(await (await fetch(`${url}/api/v1/version`, { headers })).json()).toEqual({ major: 1 });
  expect(await (await fetch(`${url}/graphql`, { method: "POST", body: "{}", headers })).json()).toEqual({
    data: { x: { y: 1, z: 2 } },
  });
  expect((await fetch(`${url}/api/v1/other`, { headers })).status).toBe(404);
});

test("WhatsMiner API 3 speaks in length-framed JSON, several times on one connection", async () => {
  const { v3Port, port } = await serve({
    transport: "whatsminer-v3-tcp",
    responses: { "get.miner.status:summary": { code: 0, msg: { summary: {} } } },
  });
  expect(port).toBeUndefined();
  const known = framed('{"code":0,"msg":{"summary":{}}}');
  const unknown = framed('{"code":-1,"desc":"get.log","msg":"invalid command"}');
  const requests = Buffer.concat([
    framed('{"cmd":"get.miner.status","param":"summary"}'),
    framed('{"cmd":"get.log","param":null}'),
  ]);
  const bytes = known.length + unknown.length;
  expect(await ask(v3Port, requests, bytes)).toBe(Buffer.concat([known, unknown]).toString("latin1"));
});

test("a web API that stands on the cgminer port is served there", async () => {
  const { port, httpPort } = await serve({
    transport: "http",
    http: { port: 4028, routes: { "GET /summary": { Hostname: "x" } } },
  });
  expect(httpPort).toBeUndefined();
  expect(await (await fetch(`http://${BASE}:${port}/summary`)).json()).toEqual({ Hostname: "x" });
});

test("a folder without captures, or with something else in it, is one line that names it", () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-captures-"));
  try {
    expect(() => readCaptures(join(folder, "none"))).toThrow(
      /^cannot read the folder of captures .*none \(ENOENT\)$/,
    );
    expect(() => readCaptures(folder)).toThrow(/holds no capture: put files there/);
    writeFileSync(join(folder, "a.json"), '{"id":"a","transport":"carrier-pigeon"}');
    expect(() => readCaptures(folder)).toThrow(/a\.json is not one: transport: /);
    writeFileSync(join(folder, "a.json"), "{");
    expect(() => readCaptures(folder)).toThrow(/cannot read the capture .*a\.json: /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
