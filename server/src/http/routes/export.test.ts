import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@hashwatt/protocol/time";
import Fastify, { type FastifyInstance } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ApiParts } from "../apiParts.js";
import { exportRoutes } from "./export.js";

let folder: string;
let app: FastifyInstance;
let made: number;

beforeEach(() => {
  made = 0;
  folder = mkdtempSync(join(tmpdir(), "hashwatt-export-"));
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const exportSamples = async ({ path }: { path: string }) => {
    made++;
    writeFileSync(path, "rig,powerW\n1,3000\n");
    return 1;
  };
  exportRoutes(app, {
    exports: { telemetry: { exportSamples, kind: "duckdb" }, state: { ledger: {} }, rigs: () => [], folder },
    sites: { get: () => undefined },
    clock: fakeClock(0),
  } as unknown as ApiParts);
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const URL = "/api/export/samples?from=0&to=1000";

test("the head of an export is told without making it", async () => {
  const head = await app.inject({ method: "HEAD", url: URL });
  expect([head.statusCode, made]).toEqual([200, 0]);
  const whole = await app.inject({ method: "GET", url: URL });
  expect([whole.body, made]).toEqual(["rig,powerW\n1,3000\n", 1]);
  for (const name of ["content-type", "content-disposition"] as const)
    expect(head.headers[name], name).toBe(whole.headers[name]);
  // How long it would be nobody knows: 0 it is not.
  expect(head.headers["content-length"]).toBeUndefined();
});

test("the head of what cannot be exported is the refusal's", async () => {
  for (const url of [`${URL}&site=none`, "/api/export/rigs", "/api/export/samples?from=1000&to=0"]) {
    const [head, whole] = [await app.inject({ method: "HEAD", url }), await app.inject({ url })];
    expect(head.statusCode, url).toBe(whole.statusCode);
    expect(head.statusCode, url).toBeGreaterThanOrEqual(400);
  }
  expect(made).toBe(0);
});
