import { createServer, type Server } from "node:net";
import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, expect, test } from "vitest";
import { SourceHttp } from "./sourceHttp.js";

let server: Server | undefined;
afterEach(() => void server?.close());

/** What a source gives on a connection of its own, whatever it is asked. */
async function source(...answer: readonly string[]): Promise<URL> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer.join("")));
  });
  await new Promise<void>((done) => server!.listen(0, "127.0.0.1", done));
  return new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
}

const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const inChunksOfOne = (length: number) => `${"1\r\nx\r\n".repeat(length)}0\r\n\r\n`;
const ask = (url: URL) => new SourceHttp(systemClock).text(url, new AbortController().signal);

test("a source's answer in chunks of a byte is whole", async () => {
  expect(await ask(await source(HEAD, inChunksOfOne(100_000)))).toBe("x".repeat(100_000));
});

test("an answer of more than 4 MB is refused, as one that takes so much on the wire for what it says", async () => {
  const refusal = { code: "sourceFailed", message: expect.stringContaining("answers more than 4 MB") };
  await expect(ask(await source(HEAD, inChunksOfOne(1_000_000)))).rejects.toMatchObject(refusal);
  server?.close();
  await expect(ask(await source("HTTP/1.0 200 OK\r\n\r\n", "x".repeat(4_200_000)))).rejects.toMatchObject(
    refusal,
  );
});
