import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobView } from "@hashwatt/protocol/jobs";
import { systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { apiClient } from "../cli/apiClient.js";
import { backupCommand, type JobCommand, jobsCommand } from "../cli/jobCommands.js";
import { serverAddress } from "../config/clientConfig.js";
import { configSchema } from "../config/schema.js";
import { type RunningServer, startServer } from "../server.js";

describe("the jobs of a running server", () => {
  let root: string;
  let server: RunningServer;
  const lines: string[] = [];
  const start = async (kind: "duckdb" | "memory" = "duckdb") => {
    server = await startServer(
      configSchema.parse({ http: { port: 0 }, broker: "off", store: { kind, dataDir: join(root, "data") } }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  };
  const config = () => configSchema.parse({ store: { dataDir: "/none" } });
  const command = (url = server.url): JobCommand => ({
    api: apiClient(serverAddress({ url }, config, {}), systemClock),
    clock: systemClock,
    terminal: { isTTY: false, write: () => undefined },
    out: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  const post = (path: string, body: unknown) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-jobs-"));
    lines.length = 0;
    await start();
  });
  afterEach(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  test("are started, looked at and remembered over HTTP", async () => {
    const answer = await post("/api/jobs/backup", { out: join(root, "backups") });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as JobView;
    for (;;) {
      const job = (await (await fetch(`${server.url}/api/jobs/${id}`)).json()) as JobView;
      if (job.state === "running") continue;
      expect(job).toMatchObject({
        state: "done",
        said: [expect.stringContaining("backup of 0 raw samples")],
      });
      break;
    }
    expect(readdirSync(join(root, "backups"))).toEqual([expect.stringMatching(/^hashwatt-\d{8}T\d{6}Z$/)]);
    await server.close();
    await start();
    expect(await (await fetch(`${server.url}/api/jobs`)).json()).toMatchObject([{ id, state: "done" }]);
  });

  test.each([
    ["/api/jobs/backup", { out: "backups" }, 400, "out: must be an absolute path on the server's machine"],
    ["/api/jobs/backup", {}, 400, "out: "],
    ["/api/jobs/backup", { out: "/x", ouf: "" }, 400, "ouf: is no parameter here; did you mean out?"],
    [
      "/api/jobs/bakcup",
      {},
      404,
      'There is no job of kind "bakcup"; there are alerts-dry-run, backup, copy, export, reprice',
    ],
  ])("are refused in words: %s %j", async (path, body, status, message) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { message: string }).message).toContain(message);
    expect(await (await fetch(`${server.url}/api/jobs`)).json()).toEqual([]);
  });

  test("are in the API's document, each kind with its body", async () => {
    const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    expect(Object.keys(document.paths["/api/jobs/{id}"]!)).toEqual(["get", "delete"]);
    expect(document.paths["/api/jobs/backup"]!.post!.requestBody).toBeDefined();
    expect(document.paths["/api/jobs/{kind}"]).toBeUndefined();
  });

  test("are waited for by a command, which says what was done", async () => {
    const out = join(root, "mine.tar");
    await backupCommand(command(), out);
    expect(lines).toEqual([
      expect.stringMatching(/^backup of 0 raw samples and the state is at .*mine\.tar \(\d/),
    ]);
    expect(existsSync(out)).toBe(true);
    await expect(backupCommand(command(), out)).rejects.toMatchObject({
      code: "serverRefused",
      message: `out: ${out} exists already; name another file`,
    });
    lines.length = 0;
    await jobsCommand(command(), []);
    expect(lines).toEqual([expect.stringMatching(/^backup-1: done 20.*: backup of 0 raw samples/)]);
    await expect(jobsCommand(command(), ["cancel", "backup-7"])).rejects.toMatchObject({
      message: 'There is no job "backup-7"; see /api/jobs',
    });
  });

  test("that cannot write fail with the place and the reason", async () => {
    await expect(backupCommand(command(), "/proc/nowhere")).rejects.toMatchObject({
      message: expect.stringMatching(/^backup-1 failed: out: \/proc\/nowhere cannot be written \(E/),
    });
  });

  test("have nothing to back up where all is in memory", async () => {
    await server.close();
    await start("memory");
    await expect(backupCommand(command(), join(root, "b"))).rejects.toMatchObject({
      message: expect.stringContaining("in memory only"),
    });
  });

  test("of a server that is not there are refused with what to do", async () => {
    const { url } = server;
    await server.close();
    await expect(jobsCommand(command(url), [])).rejects.toMatchObject({
      code: "serverUnreachable",
      message: `no Hashwatt server answers at ${url} (ECONNREFUSED): start it, or say with --url where it is`,
    });
  });
});

describe("the server that a command talks to", () => {
  /** A config that is not on this disk. */
  const http = (host: string, port: number) => () => {
    const config = configSchema.parse({ store: { dataDir: "/none" } });
    return { ...config, http: { ...config.http, host, port } };
  };
  test.each([
    [{ url: "https://hall.example/hashwatt/" }, http("127.0.0.1", 8080), "https://hall.example/hashwatt"],
    [{}, http("127.0.0.1", 8081), "http://127.0.0.1:8081"],
    [{}, http("0.0.0.0", 8081), "http://127.0.0.1:8081"],
    [{}, http("::1", 8081), "http://[::1]:8081"],
    [{}, http("::", 8081), "http://[::1]:8081"],
    [{}, http("192.168.1.5", 8081), "http://192.168.1.5:8081"],
  ])("is what it says, else where the config listens: %j", (told, config, url) => {
    expect(serverAddress(told, config, {}).url).toBe(url);
  });

  test("must have an address", () => {
    expect(() => serverAddress({}, http("127.0.0.1", 0), {})).toThrow("say where it is with --url");
    for (const url of ["hall:8080", "http://a:b@hall", "ftp://hall"])
      expect(() => serverAddress({ url }, http("", 1), {})).toThrow("--url: must be a URL");
  });

  test("is told the token of the command line, else that of the environment, and nobody else is", async () => {
    const env = { HASHWATT_TOKEN: "of the environment" };
    expect(serverAddress({ token: "mine" }, http("::1", 1), env).token?.reveal()).toBe("mine");
    const address = serverAddress({}, http("::1", 1), env);
    expect(address.token?.reveal()).toBe("of the environment");
    expect(JSON.stringify(address)).not.toContain("environment");
    expect(serverAddress({}, http("::1", 1), {}).token).toBeUndefined();
  });

  test("that answers something else is named", async () => {
    const { createServer } = await import("node:http");
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = request.url === "/api/a" ? 401 : 200;
      response.end("hello");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const ask = (path: string, token?: string) =>
      apiClient(serverAddress({ url, token }, http("::1", 1), {}), systemClock).ask(
        "GET",
        path,
        z.object({}),
      );
    await expect(ask("/api/a")).rejects.toThrow("wants to know who asks: set HASHWATT_TOKEN");
    await expect(ask("/api/a", "x")).rejects.toThrow("does not know this token");
    await expect(ask("/api/b")).rejects.toThrow("is no Hashwatt server of this version");
    expect(seen).toEqual([undefined, "Bearer x", undefined]);
    other.close();
  });
});
