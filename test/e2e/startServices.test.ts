import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, root, startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

interface Totals {
  fleet: { reporting: number };
  agents: { state: string }[];
}

const started: Program[] = [];
const folders: { remove(): void }[] = [];
afterEach(async () => {
  for (const program of started.splice(0)) await program.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

function npmStart(args: string[], env: Record<string, string> = {}): Program {
  const program = startProgram(process.execPath, [join(root, "scripts/start.mjs"), ...args], { env });
  started.push(program);
  return program;
}
function data(): string {
  const folder = scratch("start");
  folders.push(folder);
  return folder.path;
}
const get = async <T>(port: number, path: string): Promise<T> =>
  (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T;
const reporting = (port: number, rigs: number) =>
  until(
    "the rigs report",
    async () => (await get<Totals>(port, "/api/totals")).fleet.reporting >= rigs,
    60_000,
  );

/** A server that says of itself what an InfluxDB of that version says, and lets nobody in; without one, that answers anything. */
async function somethingThatSays(
  version: string | undefined,
  status = 404,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, answer) => {
    if (version !== undefined) answer.setHeader("X-Influxdb-Version", version);
    answer.writeHead(version === undefined ? status : request.url === "/ping" ? 204 : 401).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}

describe.skipIf(!programs.influxd || !programs.mosquitto)("npm start on services of one's own", () => {
  let influxd: Influxd;
  const secrets = scratch("secrets");
  const file = (name: string, text: string) => {
    writeFileSync(join(secrets.path, name), text);
    return join(secrets.path, name);
  };
  beforeAll(async () => {
    influxd = await startInfluxd({ auth: true });
  });
  afterAll(async () => {
    await influxd?.[Symbol.asyncDispose]();
    secrets.remove();
  });

  test("an option that is wrong, and a service that is there and cannot work so, are each one line and exit code 1", async () => {
    const { url } = influxd;
    const [two, three, other, page] = [
      await somethingThatSays("v2.9.1"),
      await somethingThatSays("3.9.0"),
      await somethingThatSays(undefined),
      await somethingThatSays(undefined, 200),
    ];
    await influxd.query("CREATE USER guest WITH PASSWORD 'wrong'");
    await influxd.query("CREATE DATABASE shown");
    await influxd.query("GRANT READ ON shown TO guest");
    const guest = ["--influx", url, "--influx-user", "guest", "--influx-password-file"];
    const bad = file("bad", "wrong\n");
    const empty = file("empty", "\n");
    for (const [args, said] of [
      [["--influx-token", "t0p"], "--influx-token belongs to --influx"],
      [["--influx", "localhost:8086"], "--influx localhost:8086: expected a URL such as http://"],
      [["--influx", "http://me:t0p@127.0.0.1:8086"], "--influx: the URL must hold no user or password"],
      [["--influx", url, "--influx-user", "me", "--influx-token", "t0p"], "exclude each other"],
      [["--influx", url, "--influx-user", "me"], "set HASHWATT_INFLUX_PASSWORD or give"],
      [["--influx", url, "--influx-token-file", empty], "its first line is empty"],
      [["--influx", url, "--influx-token-file", `${empty}-not`], "cannot read it (ENOENT)"],
      [["--influx", url, "--influx-database", "../x"], "--influx-database ../x: expected letters"],
      [["--influx", url], `${url} wants a login: --influx-user`],
      [["--influx", url, "--influx-user", "operator", "--influx-password-file", bad], 'refuses "operator"'],
      [["--influx", url, "--influx-token", "t0p"], "knows no tokens: --influx-user"],
      [["--influx", url.replace("http", "https")], "speaks no https; correct --influx"],
      [["--influx", two.url, "--influx-token", "t0p"], "InfluxDB 2.9.1 at"],
      [["--influx", two.url, "--influx-token", "t0p"], "add --influx-org NAME"],
      [["--influx", two.url, "--influx-org", "o", "--influx-token", "t0p"], "refuses the token; correct it"],
      [["--influx", two.url, "--influx-org", "o"], "wants a login: --influx-token-file FILE"],
      [["--influx", three.url, "--influx-user", "u", "--influx-password-file", bad], "wants a token:"],
      [["--influx", other.url], "answers, but not as an InfluxDB (GET /ping: 404)"],
      [["--influx", page.url], "answers, but not as an InfluxDB (GET /ping: 200)"],
      [[...guest, file("guest", "wrong\n")], 'lets "guest" not read "hashwatt_demo"'],
      [[...guest, file("guest", "wrong\n"), "--influx-database", "shown"], 'lets "guest" not write "shown"'],
      [["--broker", "broker.example.com"], "--broker broker.example.com: expected a URL such as mqtt://"],
      [["--broker", "mqtt://me:t0p@127.0.0.1"], "--broker: the URL must hold no user or password"],
      [["--broker", "mqtt://127.0.0.1", "--broker-user", "me"], "set HASHWATT_BROKER_PASSWORD or give"],
      [["--broker", "mqtt://127.0.0.1", "--broker-password", "t0p"], "wants --broker-user as well"],
      [["--broker", "mqtt://127.0.0.1", "--mqtt-port", "1884"], "--mqtt-port belongs to the embedded broker"],
    ] as const) {
      const program = npmStart([...args, "--data", data(), "--port", `${await freePort()}`]);
      expect(await program.exit, args.join(" ")).toBe(1);
      expect(program.lines, args.join(" ")).toHaveLength(1);
      expect(program.lines[0]).toContain(said);
      expect(program.lines[0]).not.toContain("t0p");
    }
    for (const server of [two, three, other, page]) server.close();
  }, 120_000);

  test("an InfluxDB that lacks a database which may not be made is one line of the start, and on the screen", async () => {
    await influxd.query("CREATE USER half WITH PASSWORD 'wrong'");
    await influxd.query("CREATE DATABASE half");
    await influxd.query("GRANT ALL ON half TO half");
    const port = await freePort();
    const program = npmStart([
      ...["--data", data(), "--port", `${port}`, "--rigs", "1", "--influx-database", "half"],
      ...[
        "--influx",
        influxd.url,
        "--influx-user",
        "half",
        "--influx-password-file",
        file("half", "wrong\n"),
      ],
    ]);
    const line = await program.waitFor(/^hashwatt: .*readings are kept until it works$/, 60_000);
    expect(line).toContain(`InfluxDB at ${influxd.url}`);
    expect(line).toContain('"half_5m"');
    await program.waitFor("Hashwatt is at", 60_000);
    const { parts } = await get<{ parts: { store: { ok: boolean; note: string } } }>(port, "/api/health");
    expect(parts.store).toMatchObject({ ok: false, note: expect.stringContaining('"half_5m"') });
    const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8")
      .trim()
      .split(" ");
    const [server] = children.map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
    expect(server, "the server's allocator keeps one arena").toContain("MALLOC_ARENA_MAX=1");
    expect(server, "and gives back what it frees").toContain("MALLOC_TRIM_THRESHOLD_=131072");
  }, 120_000);

  test("keeps the readings in that InfluxDB over that broker, says so first, and shows no password", async () => {
    const folder = scratch("broker");
    folders.push(folder);
    const mqttPort = await freePort();
    const passwords = join(folder.path, "passwords");
    const passwd = join(programs.mosquitto!, "../../bin/mosquitto_passwd");
    execFileSync(passwd, ["-b", "-c", passwords, "farm", "a broker's password"]);
    started.push(
      await startMosquitto({
        port: mqttPort,
        folder: folder.path,
        anonymous: false,
        extra: [`password_file ${passwords}`],
      }),
    );
    const { username, password } = influxd.admin!;
    const dataDir = data();
    const port = await freePort();
    const program = npmStart(
      [
        ...["--data", dataDir, "--port", `${port}`, "--rigs", "3"],
        ...["--influx", influxd.url, "--influx-user", username],
        ...["--influx-password-file", file("influx", `${password}\n`)],
        ...["--broker", `mqtt://127.0.0.1:${mqttPort}`, "--broker-user", "farm"],
      ],
      { HASHWATT_BROKER_PASSWORD: "a broker's password" },
    );
    await program.waitFor("Hashwatt is at", 60_000);
    expect(program.lines[0]).toContain(`store: InfluxDB 1.6.7~rc0 at ${influxd.url}, database hashwatt_demo`);
    expect(program.lines[0]).toContain(`broker: mqtt://127.0.0.1:${mqttPort}`);
    await reporting(port, 1);
    await until("InfluxDB holds readings", async () => {
      const { series } = await influxd.query('SELECT * FROM "rig" LIMIT 1', "hashwatt_demo");
      return (series?.length ?? 0) > 0;
    });
    for (const name of ["server.yaml", "agent.yaml"]) {
      const path = join(dataDir, "demo/config", name);
      expect(statSync(path).mode & 0o777, name).toBe(0o600);
      expect(readFileSync(path, "utf8"), name).not.toMatch(/operator's password|broker's password/);
    }
    expect(program.lines.join("\n")).not.toMatch(/operator's password|broker's password/);
  }, 120_000);

  test("an InfluxDB and a broker that are not there at the start are each one warning, and are caught up with", async () => {
    const folder = scratch("late");
    folders.push(folder);
    const late = await startInfluxd();
    await late.stop();
    const mqttPort = await freePort();
    const port = await freePort();
    try {
      const program = npmStart([
        ...["--data", data(), "--port", `${port}`, "--rigs", "3"],
        ...["--influx", late.url, "--influx-database", "late", "--broker", `mqtt://127.0.0.1:${mqttPort}`],
      ]);
      await program.waitFor("Hashwatt is at", 60_000);
      expect(program.lines[0]).toContain(`store: InfluxDB at ${late.url}, database late`);
      expect(program.lines[1]).toContain(`InfluxDB at ${late.url} is not there now (ECONNREFUSED)`);
      expect(program.lines[2]).toContain(`the broker mqtt://127.0.0.1:${mqttPort} is not there now`);
      await program.waitFor("agent started", 30_000);
      const sinceMs = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      started.push(await startMosquitto({ port: mqttPort, folder: folder.path }));
      await late.restart();
      await reporting(port, 1);
      await until(
        "the readings of the time before are there too",
        async () => {
          const { series } = await late.query('SELECT * FROM "rig" ORDER BY time LIMIT 1', "late");
          const at = series?.[0]?.values[0]?.[0];
          return typeof at === "number" && at < sinceMs + 2_000;
        },
        30_000,
      );
    } finally {
      for (const program of started.splice(0)) await program.stop();
      await late[Symbol.asyncDispose]();
    }
  }, 150_000);
});
