import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { stackRuns, startTestStore, type TestStore } from "../support/testStore.js";
import { until } from "../support/wait.js";

/** A mosquitto with passwords, per-agent ACL and TLS by certificates made for this run. */
describe.skipIf(!stackRuns || !programs.openssl)("a mosquitto with passwords, ACL and TLS", () => {
  const folder = scratch("tls");
  const at = (name: string) => join(folder.path, name);
  let fleet: Fleet;
  let broker: Program;
  let server: Program;
  let agent: Program;
  let port: number;
  let httpPort: number;
  let store: TestStore;

  beforeAll(async () => {
    const { ca, cert, key } = makeCertificates(folder.path);
    const passwd = join(programs.mosquitto!, "../../bin/mosquitto_passwd");
    execFileSync(passwd, ["-b", "-c", at("passwords"), "agent-a1", "agent secret"]);
    execFileSync(passwd, ["-b", at("passwords"), "server", "server secret"]);
    writeFileSync(
      at("acl"),
      "user agent-a1\ntopic write hashwatt/v1/test/agent/a1/#\ntopic read hashwatt/v1/test/agent/a1/ack\n\nuser server\ntopic readwrite hashwatt/v1/#\n",
    );
    store = await startTestStore();
    port = await freePort();
    httpPort = await freePort();
    broker = await startMosquitto({
      port,
      folder: folder.path,
      anonymous: false,
      extra: [
        `password_file ${at("passwords")}`,
        `acl_file ${at("acl")}`,
        `cafile ${ca}`,
        `certfile ${cert}`,
        `keyfile ${key}`,
      ],
    });
    fleet = await startFleet({
      rigs: 3,
      seed: 9,
      port: await freePort(),
      base: "127.42.0.1",
      incidents: false,
    });
    const url = `mqtts://localhost:${port}`;
    writeFileSync(at("password"), "agent secret\n");
    const config = (name: string, value: object) => {
      writeFileSync(at(name), JSON.stringify(value));
      return at(name);
    };
    server = startOurs(
      "server",
      [
        "run",
        "--config",
        config("server.yaml", {
          http: { host: "127.0.0.1", port: httpPort },
          broker: { url, username: "server", password: "server secret", caFile: at("ca.crt") },
          store: store.config(at("server")),
        }),
      ],
      {},
    );
    await server.waitFor('"msg":"listening"');
    agent = startOurs("agent", [
      "run",
      "--config",
      config("agent.yaml", {
        site: "test",
        agent: "a1",
        broker: { url, username: "agent-a1", passwordFile: at("password"), caFile: at("ca.crt") },
        dataDir: at("agent"),
        intervalMs: 1_000,
        rigs: fleet.addresses.map((rig) => ({ address: `${rig.address}:${rig.port}` })),
      }),
    ]);
  });
  afterAll(async () => {
    await agent?.stop();
    await server?.stop();
    await broker?.stop();
    await store?.close();
    await fleet?.close();
    folder.remove();
  });

  test("carries the whole path, and what is stored is acknowledged", async () => {
    await until("the three rigs report and the spool is empty", async () => {
      const answer = await fetch(`http://127.0.0.1:${httpPort}/api/totals`);
      const totals = (await answer.json()) as {
        fleet: { reporting: number };
        agents: { state: string; spoolBatches: number | null }[];
      };
      return (
        totals.fleet.reporting === 3 &&
        totals.agents[0]?.state === "online" &&
        totals.agents[0].spoolBatches !== null
      );
    });
  });

  test("no password appears in what the programs print", () => {
    expect([...agent.lines, ...server.lines].join("\n")).not.toMatch(/agent secret|server secret/);
  });

  test("an agent with a wrong password says what is wrong and goes on trying", async () => {
    writeFileSync(
      at("wrong.yaml"),
      JSON.stringify({
        site: "test",
        agent: "a2",
        broker: {
          url: `mqtts://localhost:${port}`,
          username: "agent-a1",
          password: "wrong",
          caFile: at("ca.crt"),
        },
        dataDir: at("agent2"),
        rigs: [],
      }),
    );
    const other = startOurs("agent", ["run", "--config", at("wrong.yaml")]);
    await other.waitFor(/the broker refuses user .* correct broker.username/);
    expect(await other.stop()).toBe(0);
  });

  test("the broker's ACL keeps an agent to its own topics", async () => {
    const client = await connectAsync(`mqtts://localhost:${port}`, {
      protocolVersion: 4,
      username: "agent-a1",
      password: "agent secret",
      ca: readFileSync(at("ca.crt")),
    });
    await client.publishAsync("hashwatt/v1/test/agent/other/batch", "{}", { qos: 1 });
    await client.endAsync();
    const answer = await fetch(`http://127.0.0.1:${httpPort}/api/totals`);
    const totals = (await answer.json()) as { agents: { agent: string }[] };
    expect(totals.agents.map((entry) => entry.agent)).toEqual(["a1"]);
  });
});
