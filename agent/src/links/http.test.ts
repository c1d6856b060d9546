import { gzipSync } from "node:zlib";
import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST, type RealServers, realServers } from "../fixtures/realServers.js";
import { type HttpLimits, type HttpLink, openHttpLink } from "./http.js";
import type { Heard, Tap } from "./tap.js";

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

const open = (limits: Partial<HttpLimits> = {}, maxIdle?: number, tap?: Tap): HttpLink =>
  openHttpLink(systemClock, limits, abort.signal, maxIdle, tap);
const GET = { method: "GET", path: "/" } as const;
const code = (code: string) => expect.objectContaining({ name: "AgentError", code });
const raw = (bytes: string | Buffer, ends = true) =>
  servers.tcp((socket) => void (ends ? socket.end(bytes) : socket.write(bytes)));
const head = (...lines: string[]) => `${["HTTP/1.1 200 OK", ...lines].join("\r\n")}\r\n\r\n`;
const inChunksOfOne = (body: string) => `${body.replace(/./gs, "1\r\n$&\r\n")}0\r\n\r\n`;

describe("a web link", () => {
  it("asks a rig over one connection, which it keeps for the next poll", async () => {
    const web = await servers.http((request, response) => response.end(`{"path":"${request.url}"}`));
    const link = open();
    for (const path of ["/a", "/b?c=1", "/d"])
      expect((await link.ask(HOST, web.port, { method: "GET", path })).text).toBe(`{"path":"${path}"}`);
    expect(web.connections).toBe(1);
    expect(link.idle).toBe(1);
  });

  it("asks again where a kept connection closed at that moment, and only then", async () => {
    let requests = 0;
    const web = await servers.http((request, response) => {
      requests++;
      if (request.url === "/dies") request.socket.destroy();
      else response.end("{}");
    });
    const link = open();
    await link.ask(HOST, web.port, GET);
    await expect(link.ask(HOST, web.port, { method: "GET", path: "/dies" })).rejects.toEqual(code("empty"));
    expect(requests).toBe(3);
    await expect(link.ask(HOST, web.port, { method: "GET", path: "/dies" })).rejects.toEqual(code("empty"));
    expect(requests).toBe(4);
    await expect(link.ask(HOST, web.port, GET)).resolves.toMatchObject({ status: 200 });
  });

  it("keeps no more connections than it may, whatever the number of rigs", async () => {
    const webs = await Promise.all(
      Array.from({ length: 6 }, () => servers.http((_request, response) => response.end("{}"))),
    );
    const link = open({}, 4);
    for (let round = 0; round < 2; round++) for (const { port } of webs) await link.ask(HOST, port, GET);
    expect(link.idle).toBe(4);
    expect(webs.map(({ connections }) => connections)).toEqual([1, 1, 1, 1, 2, 2]);
    for (const { server } of webs) server.closeAllConnections();
    await expect.poll(() => link.idle, { timeout: 20_000 }).toBe(0);
  });

  it("answers with the status and what the server asks for, and follows no redirect", async () => {
    const web = await servers.http((request, response) => {
      if (request.url === "/moved") response.writeHead(307, { location: "https://10.0.0.1/" }).end();
      else
        response
          .writeHead(401, { "www-authenticate": ['Digest realm="a", nonce="n"', 'Basic realm="a"'] })
          .end();
    });
    const link = open();
    await expect(link.ask(HOST, web.port, GET)).resolves.toMatchObject({
      status: 401,
      challenges: ['Digest realm="a", nonce="n"', 'Basic realm="a"'],
    });
    await expect(link.ask(HOST, web.port, { method: "GET", path: "/moved" })).resolves.toMatchObject({
      status: 307,
      headers: { location: "https://10.0.0.1/" },
    });
    expect(web.asked).toHaveLength(2);
  });

  it("posts a body with its length", async () => {
    const web = await servers.http((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => response.end(`${request.headers["content-length"]} ${body}`));
    });
    const answer = await open().ask(HOST, web.port, { method: "POST", path: "/graphql", body: '{"q":"ü"}' });
    expect(answer.text).toBe('10 {"q":"ü"}');
  });

  it.each<[string, string | Buffer]>([
    ["HTTP/1.0 that ends with the connection", 'HTTP/1.0 200 OK\r\n\r\n{"a":1}'],
    ["a status line without a reason", 'HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n{"a":1}'],
    ["bare line feeds", 'HTTP/1.1 200 OK\nContent-Length: 7\n\n{"a":1}'],
    ["a length that is too long", `${head("Content-Length: 70")}{"a":1}`],
    ["a length that is too short", `${head("Content-Length: 4")}{"a":1}`],
    ["chunks", `${head("Transfer-Encoding: chunked")}3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`],
    [
      "gzip that nobody asked for",
      Buffer.concat([Buffer.from(head("Content-Encoding: gzip")), gzipSync('{"a":1}')]),
    ],
    [
      "the half of a gzip's trailer",
      Buffer.concat([Buffer.from(head("Content-Encoding: gzip")), gzipSync('{"a":1}').subarray(0, -4)]),
    ],
  ])("reads %s", async (_what, bytes) => {
    expect((await open().ask(HOST, await raw(bytes), GET)).text).toBe('{"a":1}');
  });

  it("reads bytes that are no UTF-8 as Latin-1", async () => {
    const port = await raw(Buffer.concat([Buffer.from(head()), Buffer.from([0x22, 0xe9, 0x22])]));
    expect((await open().ask(HOST, port, GET)).text).toBe('"é"');
  });

  it("says when an answer breaks off", async () => {
    const port = await raw(`${head("Content-Length: 70")}{"a":1,"b":`);
    await expect(open().ask(HOST, port, GET)).resolves.toMatchObject({ text: '{"a":1,"b":', cut: true });
  });

  it("takes what there is of an answer that never ends, when its time is over", async () => {
    const port = await raw(`${head("Content-Length: 70")}{"a":1}`, false);
    await expect(open({ answerMs: 300 }).ask(HOST, port, GET)).resolves.toMatchObject({
      text: '{"a":1}',
      cut: true,
    });
  });

  it.each<[string, string, string | Buffer]>([
    ["empty", "closes without a word", ""],
    ["garbled", "speaks no HTTP", '{"STATUS":"E"}\0'],
    ["tooLarge", "has no end", Buffer.concat([Buffer.from(head()), Buffer.alloc(70_000, 97)])],
    [
      "tooLarge",
      "unpacks into a flood",
      Buffer.concat([Buffer.from(head("Content-Encoding: gzip")), gzipSync(Buffer.alloc(3_000_000))]),
    ],
    ["garbled", "packs what is not packed", `${head("Content-Encoding: gzip")}{"a":1}`],
  ])("fails with %s where a server %s", async (expected, _what, bytes) => {
    await expect(open({ maxBytes: 65_536 }).ask(HOST, await raw(bytes), GET)).rejects.toEqual(code(expected));
  });

  it("gives up on a server that says nothing, and one that refuses", async () => {
    const port = await raw("", false);
    await expect(open({ answerMs: 200 }).ask(HOST, port, GET)).rejects.toEqual(code("timeout"));
    await expect(open().ask(HOST, await servers.closedPort(), GET)).rejects.toEqual(code("refused"));
  });

  it("cuts a long page where only its head is wanted", async () => {
    const port = await raw(Buffer.concat([Buffer.from(head()), Buffer.alloc(300_000, 97)]), false);
    const answer = await open({ maxBytes: 65_536, headOnly: true }).ask(HOST, port, GET);
    expect(answer).toMatchObject({ status: 200, cut: true });
    expect(answer.text).toHaveLength(65_536);
  });

  it("lays chunks of a byte together, for its tap too", async () => {
    const told: Heard[] = [];
    const body = JSON.stringify({ a: "x".repeat(12_000) });
    const port = await raw(`${head("Transfer-Encoding: chunked")}${inChunksOfOne(body)}`);
    const answer = await open({}, undefined, { heard: (exchange) => void told.push(exchange) }).ask(
      HOST,
      port,
      GET,
    );
    expect(answer).toMatchObject({ text: body, cut: false });
    expect(told.map(({ pieces }) => pieces.length)).toEqual([1]);
    expect(told[0]!.pieces[0]!.toString()).toBe(body);
  });

  it("reads no answer out that comes in more chunks than any honest one, far below the bytes it might have", async () => {
    const told: Heard[] = [];
    const port = await raw(`${head("Transfer-Encoding: chunked")}${inChunksOfOne("x".repeat(500_000))}`);
    const link = open({}, undefined, { heard: (exchange) => void told.push(exchange) });
    await expect(link.ask(HOST, port, GET)).rejects.toMatchObject({
      code: "tooLarge",
      message: expect.stringContaining("in more than 16384 pieces"),
    });
    const [{ pieces, outcome }] = told as [Heard];
    expect(outcome).toBe("tooLarge");
    expect(Buffer.concat([...pieces]).equals(Buffer.alloc(16_384, "x"))).toBe(true);
    expect(pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)).toBeLessThan(100_000);
    // Where only its head is wanted, that is what there is of it.
    await expect(open({ headOnly: true }).ask(HOST, port, GET)).resolves.toMatchObject({ cut: true });
  });

  it("ends what is under way with the agent, and asks nothing afterwards", async () => {
    const port = await raw("", false);
    const link = open();
    const asked = link.ask(HOST, port, GET);
    abort.abort();
    await expect(asked).rejects.toEqual(code("aborted"));
    await expect(link.ask(HOST, port, GET)).rejects.toEqual(code("aborted"));
  });
});
