import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { madeEnv, readCompose } from "../support/compose.js";
import { packagedMosquitto, startPackagedMosquitto } from "../support/packagedMosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

const SERVER = { username: "hashwatt-server", password: "se rv*er $x" };
const READER = { username: "reader", password: "re ad'er" };
const SECOND_SERVER = { username: "server-b", password: "three" };
const TELEGRAF = { username: "telegraf", password: "four" };
const NORTH = { username: "north/hall-1", password: "one*" };
const SOUTH = { username: "south/hall-1", password: "two" };

/** The broker of docker-compose.yml: its own script, config and access list, run by the distribution's mosquitto. */
describe.skipIf(!programs.mosquitto || !programs.mosquittoSub)("the broker of docker-compose.yml", () => {
  const folder = scratch("broker");
  const env = {
    MQTT_SERVER_PASSWORD: SERVER.password,
    MQTT_READER_PASSWORD: READER.password,
    MQTT_AGENTS: `${NORTH.username}:${NORTH.password}  ${SOUTH.username}:${SOUTH.password}`,
    MQTT_SERVERS: `${SECOND_SERVER.username}:${SECOND_SERVER.password}`,
    MQTT_READERS: `${TELEGRAF.username}:${TELEGRAF.password}`,
  };
  let port: number;
  let broker: Program;
  const clients: MqttClient[] = [];
  const connect = async (options: IClientOptions, at = `mqtt://127.0.0.1:${port}`) => {
    const client = await connectAsync(at, { protocolVersion: 4, reconnectPeriod: 0, ...options });
    clients.push(client);
    return client;
  };
  /** Connects, subscribes, and keeps the topics of all that it hears. */
  const listen = async (options: IClientOptions, filter: string) => {
    const client = await connect(options);
    const heard: string[] = [];
    client.on("message", (topic) => heard.push(topic));
    await client.subscribeAsync(filter, { qos: 1 });
    return { client, heard };
  };
  /** What the reader hears of the topics on which a client publishes, up to the last one, which it must be allowed. */
  const allowed = async (client: MqttClient, topics: string[]) => {
    const { heard } = await listen(READER, "#");
    for (const topic of topics) await client.publishAsync(topic, "{}", { qos: 1 });
    await until("the last message arrives", () => heard.includes(topics.at(-1)!));
    return heard;
  };

  beforeAll(async () => {
    port = await freePort();
    broker = await startPackagedMosquitto(folder.path, port, env);
  });
  beforeEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await broker?.stop();
    folder.remove();
  });

  test("lets nobody in without a password, nor with a wrong one", async () => {
    await expect(connect({})).rejects.toThrow(/not authorized/i);
    await expect(connect({ ...NORTH, password: SOUTH.password })).rejects.toThrow(/not authorized/i);
    await expect(connect({ username: "stranger", password: "x" })).rejects.toThrow(/not authorized/i);
  });

  test("lets an agent write its own batch and status, and nothing else", async () => {
    const agent = await connect(NORTH);
    const own = "hashwatt/v1/north/agent/hall-1";
    expect(
      await allowed(agent, [
        `${own}/ack`,
        "hashwatt/v1/north/agent/hall-2/batch",
        "hashwatt/v1/south/agent/hall-1/batch",
        "hashwatt/v1/north/rig/r1/info",
        "hashwatt/v1/north/rig/r1/state",
        "hashwatt/other",
        `${own}/status`,
        `${own}/batch`,
      ]),
    ).toEqual([`${own}/status`, `${own}/batch`]);
  });

  test("lets the reader write nothing", async () => {
    const reader = await connect(TELEGRAF);
    const { heard } = await listen(READER, "#");
    for (const topic of ["hashwatt/v1/north/agent/hall-1/batch", "hashwatt/v1/north/rig/r1/state", "x"])
      await reader.publishAsync(topic, "{}", { qos: 1 });
    const agent = await connect(NORTH);
    await agent.publishAsync("hashwatt/v1/north/agent/hall-1/status", "{}", { qos: 1 });
    await until("the agent's message arrives", () => heard.length > 0);
    expect(heard).toEqual(["hashwatt/v1/north/agent/hall-1/status"]);
  });

  test("lets the server hear every agent and describe rigs, and not speak as an agent", async () => {
    const { client: server, heard } = await listen(SERVER, "hashwatt/v1/+/agent/+/batch");
    for (const { username, ...rest } of [NORTH, SOUTH]) {
      const [site, agent] = username.split("/");
      await (await connect({ username, ...rest })).publishAsync(
        `hashwatt/v1/${site}/agent/${agent}/batch`,
        "{}",
        {
          qos: 1,
        },
      );
    }
    await until("both batches arrive", () => heard.length === 2);
    expect(
      await allowed(server, [
        "hashwatt/v1/north/agent/hall-1/batch",
        "hashwatt/v1/north/agent/hall-1/status",
        "hashwatt/v1/north/rig/r1/info",
        "hashwatt/v1/north/rig/r1/state",
      ]),
    ).toEqual(["hashwatt/v1/north/rig/r1/info", "hashwatt/v1/north/rig/r1/state"]);
  });

  test("tells an agent its own acks and nothing of others, whatever it listens to", async () => {
    const { heard } = await listen(NORTH, "#");
    const server = await connect(SERVER);
    for (const name of ["south/agent/hall-1/ack", "north/rig/r1/state", "north/agent/hall-1/ack"])
      await server.publishAsync(`hashwatt/v1/${name}`, "{}", { qos: 1 });
    await until("its ack arrives", () => heard.length > 0);
    expect(heard).toEqual(["hashwatt/v1/north/agent/hall-1/ack"]);
  });

  test("is healthy by the very command of the compose file", () => {
    const { healthcheck } = readCompose("docker-compose.yml", madeEnv()).services.mosquitto!;
    const [how, command, ...args] = healthcheck!.test;
    expect(how).toBe("CMD");
    const { options } = packagedMosquitto(folder.path, port, env);
    const { env: variables, uid, gid } = options;
    const said = execFileSync(command!, args, {
      env: variables,
      ...(uid !== undefined && { uid, gid: gid! }),
      encoding: "utf8",
    });
    expect(said).toMatch(/^\d+ seconds/);
  });

  test("keeps passwords as hashes only, in files that nobody else may read", () => {
    const passwords = readFileSync(join(folder.path, "run/passwords"), "utf8");
    expect(passwords.trim().split("\n")).toHaveLength(8);
    for (const { username, password } of [SERVER, SECOND_SERVER, READER, TELEGRAF, NORTH, SOUTH]) {
      expect(passwords).toMatch(new RegExp(`^${username}:\\$7\\$`, "m"));
      expect(passwords).not.toContain(password);
    }
    const listing = execFileSync("find", [join(folder.path, "run"), "-type", "f", "-perm", "/077"], {
      encoding: "utf8",
    });
    expect(listing).toBe("");
  });

  test.each([
    [{ MQTT_SERVER_PASSWORD: "" }, "MQTT_SERVER_PASSWORD gives hashwatt-server no password; set it in .env"],
    [
      { MQTT_READER_PASSWORD: "a:b" },
      "the password of reader in MQTT_READER_PASSWORD must be printable ASCII",
    ],
    [{ MQTT_AGENTS: "north/hall-1" }, 'an entry is "site/agent:password", and one has no colon'],
    [{ MQTT_AGENTS: "hall-1:x" }, 'MQTT_AGENTS: "hall-1" must be site/agent'],
    [{ MQTT_AGENTS: "north/a/b:x" }, 'MQTT_AGENTS: "north/a/b" must be site/agent'],
    [{ MQTT_AGENTS: "north/+:x" }, 'MQTT_AGENTS: "north/+" must be site/agent'],
    [{ MQTT_AGENTS: "n/a:x n/a:y" }, "MQTT_AGENTS names n/a twice"],
    [{ MQTT_AGENTS: "n/a:" }, "MQTT_AGENTS gives n/a no password"],
    [{ MQTT_READERS: "telegraf" }, 'MQTT_READERS: an entry is "name:password", and one has no colon'],
    [{ MQTT_READERS: "n/a:x" }, 'MQTT_READERS: "n/a" must be a name of a-z, 0-9 and hyphens'],
    [{ MQTT_SERVERS: "reader:x" }, "MQTT_SERVERS names reader twice"],
    [{ MQTT_CERT_FILE: "/no/such.crt", MQTT_KEY_FILE: "/no/such.key" }, "cannot read /no/such.crt"],
    [{ MQTT_CERT_FILE: "/etc/hostname" }, "MQTT_CERT_FILE is set and MQTT_KEY_FILE is not"],
  ])("does not start on %j, and says why in one line", (wrong, said) => {
    const other = join(folder.path, "refused");
    mkdirSync(other, { recursive: true });
    const { command, options } = packagedMosquitto(other, port, {
      ...env,
      ...(wrong as Record<string, string>),
    });
    const { bare: _, ...rest } = options;
    const { status, stderr } = spawnSync(command, [], { ...rest, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain(`mosquitto: ${said.startsWith("an entry") ? "MQTT_AGENTS: " : ""}${said}`);
    expect(stderr.trim()).not.toContain("\n");
  });

  test("two servers on it each take in the sites that they are given", { timeout: 120_000 }, async () => {
    const servers: Program[] = [];
    const answers: (() => Promise<{ sites: { site: string }[]; agents: unknown[] }>)[] = [];
    try {
      for (const [site, user] of [
        ["north", SERVER],
        ["south", SECOND_SERVER],
      ] as const) {
        const httpPort = await freePort();
        const server = startOurs("server", ["run"], {
          env: {
            HASHWATT_SERVER_HTTP_PORT: `${httpPort}`,
            HASHWATT_SERVER_STORE_KIND: "memory",
            HASHWATT_SERVER_BROKER_URL: `mqtt://127.0.0.1:${port}`,
            HASHWATT_SERVER_BROKER_USERNAME: user.username,
            HASHWATT_SERVER_BROKER_PASSWORD: user.password,
            HASHWATT_SERVER_BROKER_SITES: site,
          },
        });
        servers.push(server);
        await server.waitFor("broker connected", 60_000);
        answers.push(async () => {
          const answer = await fetch(`http://127.0.0.1:${httpPort}/api/totals`);
          return (await answer.json()) as Awaited<ReturnType<(typeof answers)[0]>>;
        });
      }
      const heard: string[] = [];
      for (const { username, password } of [NORTH, SOUTH]) {
        const [site, agent] = username.split("/");
        const { client, heard: acks } = await listen(
          { username, password },
          `hashwatt/v1/${site}/agent/${agent}/ack`,
        );
        client.on("message", () => heard.push(...acks));
        const batch = {
          v: 1,
          stream: `stream-${site}`,
          live: true,
          seq: 1,
          first: 1,
          boot: "boot",
          monoMs: 1,
          sentMs: Date.now(),
          rigs: { "10-0-0-1": { address: "10.0.0.1" } },
          samples: [
            {
              rig: "10-0-0-1",
              atMs: Date.now(),
              intervalMs: 5_000,
              status: "mining",
              algo: "SHA256",
              hashrateThs: 100,
            },
          ],
        };
        await client.publishAsync(`hashwatt/v1/${site}/agent/${agent}/batch`, JSON.stringify(batch), {
          qos: 1,
        });
      }
      await until("both are acknowledged", () => new Set(heard).size === 2, 30_000);
      for (const [i, site] of ["north", "south"].entries())
        expect((await answers[i]!()).sites.map((entry) => entry.site)).toEqual([site]);
    } finally {
      for (const server of servers) await server.stop();
    }
  });
});

describe.skipIf(!programs.mosquitto || !programs.mosquittoSub || !programs.openssl)(
  "the broker with the certificate of mqtt-tls.yml",
  () => {
    test("speaks TLS on a port of its own, to the same users", async () => {
      const folder = scratch("broker-tls");
      mkdirSync(join(folder.path, "certs"), { mode: 0o755 });
      const { ca, cert, key } = makeCertificates(join(folder.path, "certs"));
      chmodSync(key, 0o644);
      const [port, tlsPort] = [await freePort(), await freePort()];
      const broker = await startPackagedMosquitto(folder.path, port, {
        MQTT_SERVER_PASSWORD: SERVER.password,
        MQTT_READER_PASSWORD: READER.password,
        MQTT_AGENTS: `${NORTH.username}:${NORTH.password}`,
        MQTT_CERT_FILE: cert,
        MQTT_KEY_FILE: key,
        MQTT_TLS_PORT: `${tlsPort}`,
      });
      const at = `mqtts://localhost:${tlsPort}`;
      const options: IClientOptions = { protocolVersion: 4, reconnectPeriod: 0, ca: readFileSync(ca) };
      try {
        await (await connectAsync(at, { ...options, ...NORTH })).endAsync();
        await expect(connectAsync(at, options)).rejects.toThrow(/not authorized/i);
      } finally {
        await broker.stop();
        folder.remove();
      }
    });
  },
);
