import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Refusals } from "../refusals.js";
import { countRefusal } from "./apiErrors.js";
import { dashboardPage, serveDashboard } from "./dashboard.js";

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

test("a page of a dashboard that is gone is no puzzle: a browser, a program and the log are told what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-dashboard-"));
  const index = join(folder, "index.html");
  writeFileSync(index, "<!doctype html><title>Hashwatt</title>");
  const logged: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const refusals = new Refusals(() => 0);
  const app = Fastify();
  app.addHook("onResponse", async (request, reply) => countRefusal(request, reply, refusals));
  await serveDashboard(app, folder);
  app.setNotFoundHandler(dashboardPage(folder, log));
  try {
    expect((await app.inject("/rigs/r1")).statusCode).toBe(200);
    renameSync(index, `${index}.away`);
    for (const url of ["/", "/rigs/r1"]) {
      const page = await app.inject({ url, headers: BROWSER });
      expect(page.statusCode).toBe(404);
      expect(page.headers["content-type"]).toContain("text/html");
      expect(page.body).toContain("npm run build");
      const reply = await app.inject(url);
      expect(reply.statusCode).toBe(404);
      expect(reply.json()).toEqual({
        error: "notFound",
        message: expect.stringContaining("npm run build"),
      });
    }
    renameSync(`${index}.away`, index);
    expect((await app.inject("/money")).statusCode).toBe(200);
    expect(refusals.list()).toMatchObject([
      { kind: "http-request", count: 4, last: expect.stringContaining("The dashboard is not there") },
    ]);
    expect(logged).toEqual(["no dashboard: build it, or name its folder as dashboardDir", "dashboard back"]);
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a server without a dashboard says so instead of a page", async () => {
  const app = Fastify();
  app.setNotFoundHandler(dashboardPage(undefined, pino({ level: "silent" })));
  expect((await app.inject({ url: "/", headers: BROWSER })).body).toContain("dashboardDir");
  await app.close();
});
