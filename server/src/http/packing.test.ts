import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveDashboard } from "./dashboard.js";
import { pack } from "./packing.js";

const SCRIPT = "export {};\n".repeat(2_000);

describe("an answer that comes piece by piece", () => {
  let app: FastifyInstance;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-packing-"));
    writeFileSync(join(folder, "large.js"), SCRIPT);
    writeFileSync(join(folder, "small.js"), "export {};");
    writeFileSync(join(folder, "picture.png"), "\x89PNG".repeat(2_000));
    app = Fastify();
    app.addHook("onSend", pack);
    app.get("/rows.csv", (_request, reply) => reply.type("text/csv").send(Readable.from(["a,b\n", "1,2\n"])));
    app.get("/broken.csv", (_request, reply) =>
      reply.type("text/csv").send(
        new Readable({
          read() {
            this.destroy(new Error("the disk is gone"));
          },
        }),
      ),
    );
    await serveDashboard(app, folder);
    await app.ready();
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (url: string, headers: Record<string, string> = { "accept-encoding": "gzip" }) =>
    app.inject({ method: "GET", url, headers });

  test.each([
    ["a file", "/large.js", SCRIPT],
    ["an export", "/rows.csv", "a,b\n1,2\n"],
  ])("is packed on its way: %s", async (_what, url, text) => {
    const packed = await get(url);
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(packed.headers["content-length"]).toBeUndefined();
    expect(gunzipSync(packed.rawPayload).toString()).toBe(text);
  });

  test.each([
    ["who does not take gzip", "/large.js", {}],
    ["a part of a file", "/large.js", { "accept-encoding": "gzip", range: "bytes=0-4999" }],
    ["a small file", "/small.js", { "accept-encoding": "gzip" }],
    ["a picture", "/picture.png", { "accept-encoding": "gzip" }],
  ])("is sent as it is: %s", async (_what, url, headers: Record<string, string>) => {
    const sent = await get(url, headers);
    expect(sent.statusCode).toBeLessThan(300);
    expect(sent.headers["content-encoding"]).toBeUndefined();
  });

  test("is an error in plain text where it fails before its first byte", async () => {
    const answer = await get("/broken.csv");
    expect(answer.statusCode).toBe(500);
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.json()).toMatchObject({ message: "the disk is gone" });
  });
});
