import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { configSchema as agentSchema } from "@hashwatt/agent/config";
import { configSchema as serverSchema } from "@hashwatt/server/config/schema";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeAuthority, signCertificate } from "../support/certificates.js";
import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import { secretKeys } from "../support/secretKeys.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

/** Every secret begins so, in whatever way it is given. */
const MARK = "s3cret";
const secret = (of: string) => `${MARK}-${of}-0123456789`;

describe.skipIf(!programs.openssl)("what is secret", () => {
  const folder = scratch("secrets");
  const started: Program[] = [];
  const bodies: string[] = [];
  let fleet: Fleet;
  let [port, mqttPort] = [0, 0];
  let path: string;
  const write = (name: string, value: object) => {
    const file = join(folder.path, name);
    writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
    return file;
  };
  const secretFile = (of: string, mode = 0o600) => {
    const file = join(folder.path, "given", of);
    mkdirSync(join(folder.path, "given"), { recursive: true });
    writeFileSync(file, `${secret(of)}\n`, { mode });
    return file;
  };
  const start = (name: "agent" | "server", file: string, env: Record<string, string> = {}) => {
    const program = startOurs(name, ["run", "--config", file], { env });
    started.push(program);
    return program;
  };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${secret("token")}`, ...init.headers },
    });
    const text = await answer.text();
    bodies.push(text, JSON.stringify([...answer.headers]));
    return { status: answer.status, text };
  };

  beforeAll(async () => {
    makeAuthority(join(folder.path, "certs"));
    const { cert, key } = signCertificate(join(folder.path, "certs"), "mqtt", {
      passphrase: secret("passphrase"),
    });
    [port, mqttPort] = [await freePort(), await freePort()];
    fleet = await startFleet({
      rigs: 2,
      seed: 5,
      port: await freePort(),
      base: "127.47.0.1",
      incidents: false,
    });
    path = write("server.yaml", {
      http: {
        port,
        tokensFile: secretFile("token"),
        users: [{ name: "ops", role: "viewer", password: secret("ops") }],
      },
      broker: {
        embedded: {
          port: mqttPort,
          tls: { certFile: cert, keyFile: key, passphraseFile: secretFile("passphrase") },
          users: [
            { name: "test/a1", password: secret("a1") },
            { name: "test/a2", passwordFile: secretFile("a2", 0o644) },
          ],
        },
      },
      alerts: {
        channels: [
          {
            id: "hook",
            kind: "webhook",
            url: `http://127.0.0.1:9/${secret("hook")}`,
            keyFile: secretFile("key"),
          },
          { id: "chat", kind: "telegram", chat: "1", url: "http://127.0.0.1:9" },
          {
            id: "mail",
            kind: "email",
            host: "127.0.0.1",
            port: 9,
            username: "ops",
            password: secret("mail"),
            from: "a@farm.example",
            to: ["b@farm.example"],
          },
        ],
        deadMan: { url: `http://127.0.0.1:9/${secret("dead")}`, everyMs: 10_000 },
        secretsKeyFile: secretFile("sealing-of-what-lies-in-the-state"),
      },
      store: {
        dataDir: join(folder.path, "data"),
        influx: {
          url: `http://127.0.0.1:${await freePort()}`,
          flavour: "2",
          org: "farm",
          tokenFile: secretFile("influx"),
        },
      },
      sources: [
        {
          id: "em",
          kind: "electricity-maps",
          url: `http://127.0.0.1:${await freePort()}`,
          zone: "FR",
          sites: ["test"],
          key: { file: secretFile("source") },
        },
        {
          id: "wt",
          kind: "watttime",
          url: `http://127.0.0.1:${await freePort()}`,
          region: "CAISO_NORTH",
          sites: ["test"],
          user: "ann",
          password: { env: "WATTTIME_PASSWORD" },
        },
      ],
      logLevel: "trace",
    });
    const env = {
      WATTTIME_PASSWORD: secret("marginal"),
      HASHWATT_SERVER_HTTP_PASSWORD: secret("password"),
      HASHWATT_SERVER_CHANNEL_CHAT_TOKEN: secret("chat"),
      HASHWATT_SERVER_WEBHOOK: `http://u:${secret("user")}@127.0.0.1:${await freePort()}/${secret("webhook")}`,
    };
    await start("server", path, env).waitFor('"msg":"listening"', 60_000);
  });
  afterAll(async () => {
    for (const program of started.reverse()) await program.stop();
    await fleet?.close();
    folder.remove();
  });

  test("is every key that this suite gives: a new one must be added to it", () => {
    expect(secretKeys(serverSchema).sort()).toEqual(
      [
        "alerts.channels[].key",
        "alerts.channels[].password",
        "alerts.channels[].token",
        "alerts.channels[].url",
        "alerts.deadMan.url",
        "alerts.secretsKey",
        "broker.embedded.tls.passphrase",
        "broker.embedded.users[].password",
        "broker.password",
        "http.password",
        "http.tls.passphrase",
        "http.tokens[]",
        "http.users[].password",
        "store.influx.password",
        "store.influx.token",
        "webhook",
      ].sort(),
    );
    expect(secretKeys(agentSchema).sort()).toEqual(["broker.password", "logins[].password"]);
  });

  test("is in no log, answer, metric, backup or data file of a server and its agents, at the most talkative level", async () => {
    const agent = (name: string, broker: object) =>
      start(
        "agent",
        write(`${name}.yaml`, {
          site: "test",
          agent: name,
          broker: {
            url: `mqtts://127.0.0.1:${mqttPort}`,
            caFile: join(folder.path, "certs/ca.crt"),
            username: `test/${name}`,
            ...broker,
          },
          dataDir: join(folder.path, name),
          intervalMs: 1_000,
          rigs: fleet.addresses.map((rig) => ({ address: `${rig.address}:${rig.port}` })),
          logins: [
            { make: "antminer", username: "root", password: secret("rig") },
            { username: "root", passwordFile: secretFile("rigs") },
          ],
          logLevel: "trace",
        }),
      );
    agent("a1", { password: secret("a1") });
    await agent("a2", { passwordFile: secretFile("wrong") }).waitFor(/the broker refuses user/, 60_000);
    await until("the rigs report", async () => {
      const { fleet } = JSON.parse((await ask("/api/totals")).text) as { fleet: { reporting: number } };
      return fleet.reporting === 2;
    });
    // A channel that is made on the page lies sealed in the state, its backups and exports.
    const page = await ask("/api/alerts/channels/page", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "webhook", url: `https://h/${secret("page")}`, key: secret("signs") }),
    });
    expect(JSON.parse(page.text)).toMatchObject({ secrets: ["url", "key"], origin: "state" });
    // What fails says why.
    await ask("/api/session", {
      method: "POST",
      headers: { "content-type": "application/json", origin: `http://127.0.0.1:${port}` },
      body: JSON.stringify({ password: secret("guess") }),
    });
    await ask("/api/health", { headers: { authorization: `Bearer ${secret("stranger")}` } });
    await ask(`/api/${secret("path")}`.replace(MARK, "x"));
    const job = (kind: string, body: object) =>
      ask(`/api/jobs/${kind}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const backup = join(folder.path, "backup");
    mkdirSync(backup);
    expect((await job("backup", { out: backup })).status).toBeLessThan(300);
    await until("the backup is done", async () =>
      /"state":"(done|failed)"/.test((await ask("/api/jobs")).text),
    );
    const ends = { from: { kind: "duckdb" }, to: { kind: "influxdb" } };
    const copy = await job("copy", ends);
    expect(copy.text).toMatch(/influx/i);
    for (const path of [
      "fleet",
      "rigs/r1",
      "alerts",
      "sites",
      "agents",
      "health",
      "jobs",
      "version",
      "session",
      "openapi.json",
      "alerts/channels",
      "alerts/dead-letters",
    ])
      await ask(`/api/${path}`);
    expect((await ask("/metrics")).status).toBe(200);
    // A test of each, and what it says of why it cannot be delivered.
    for (const id of ["webhook", "hook", "chat", "mail"])
      expect(
        JSON.parse((await ask(`/api/alerts/channels/${id}/test`, { method: "POST" })).text),
      ).toMatchObject({
        delivered: false,
      });

    for (const program of started) expect(program.lines.filter((line) => line.includes(MARK))).toEqual([]);
    for (const body of bodies) expect(body).not.toContain(MARK);
    for (const place of ["backup", "data", "a1", "a2"])
      expect(filesWith(MARK, join(folder.path, place)), place).toEqual([]);
    // What proves a password is no secret that is found as such: nobody else reads the files that hold it.
    for (const place of ["backup", "data"]) {
      const open = execFileSync("find", [join(folder.path, place), "-mindepth", "1", "-perm", "/077"], {
        encoding: "utf8",
      });
      expect(open, place).toBe("");
    }
    expect(started[0]!.lines.filter((line) => line.includes("chmod o-r"))).toHaveLength(1);
    expect(started[0]!.lines.find((line) => line.includes("chmod o-r"))).toContain(
      "broker.embedded.users[1].passwordFile",
    );
  });

  test("is in no line with which a program ends that cannot start or go on", async () => {
    // A broker that is none, with a password that is told nobody; and a busy port.
    const none = createServer((_request, response) => response.end("no broker"));
    await new Promise<void>((resolve) => none.listen(0, "127.0.0.1", resolve));
    const { port: noBroker } = none.address() as { port: number };
    const store = { kind: "memory" };
    const external = start(
      "server",
      write("external.yaml", {
        http: { port: await freePort() },
        broker: { url: `mqtt://127.0.0.1:${noBroker}`, username: "u", password: secret("broker") },
        store: {
          ...store,
          influx: { url: "http://127.0.0.1:1", flavour: "1", username: "u", password: secret("influx1") },
        },
        logLevel: "trace",
      }),
    );
    await external.waitFor("broker not reachable", 60_000);
    const busy = start("server", path, {
      HASHWATT_SERVER_STORE_KIND: "memory",
      HASHWATT_SERVER_HTTP_PASSWORD: secret("password"),
    });
    expect(await busy.exit).toBe(1);
    const { key, cert } = signCertificate(join(folder.path, "certs"), "locked", {
      passphrase: secret("right"),
    });
    const tls = { certFile: cert, keyFile: key, passphrase: secret("wrong") };
    const locked = start("server", write("locked.yaml", { http: { port: 0, tls }, broker: "off", store }));
    expect(await locked.exit).toBe(1);
    expect(locked.lines.join()).toContain("the passphrase does not open");
    const both = start("agent", write("both.yaml", { broker: { url: `mqtt://u:${secret("url")}@h` } }));
    expect(await both.exit).toBe(1);
    expect(both.lines.join()).toContain("must hold no user or password");
    none.close();
    for (const program of started) expect(program.lines.filter((line) => line.includes(MARK))).toEqual([]);
  });
});

function filesWith(text: string, folder: string): string[] {
  const listing = execFileSync("find", [folder, "-type", "f"], { encoding: "utf8" });
  return listing.split("\n").filter((file) => file !== "" && readFileSync(file).includes(text));
}
