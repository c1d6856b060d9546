import { systemClock } from "@hashwatt/protocol/time";
import { startEmbeddedBroker } from "@hashwatt/server/broker/embedded";
import { Refusals } from "@hashwatt/server/refusals";
import { Secret } from "@hashwatt/server/secret";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startPackagedMosquitto } from "../support/packagedMosquitto.js";
import { freePort } from "../support/ports.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

const ROLES = ["server", "north", "south", "reader", "telegraf"] as const;
type Role = (typeof ROLES)[number];
const USERS: Record<Exclude<Role, "server">, { username: string; password: string }> = {
  north: { username: "north/hall-1", password: "secret of north" },
  south: { username: "south/hall-1", password: "secret of south" },
  reader: { username: "reader", password: "secret of reader" },
  telegraf: { username: "telegraf", password: "secret of telegraf" },
};

const NORTH = "hashwatt/v1/north/agent/hall-1";
const SOUTH = "hashwatt/v1/south/agent/hall-1";
const RIG = "hashwatt/v1/north/rig/r1";
const READERS: Role[] = ["reader", "telegraf"];

/** Who may say what, and who is told of it. The server's own ears are not bounded. */
const TOPICS: Record<string, { by: Role[]; to: Role[] }> = {
  [`${NORTH}/batch`]: { by: ["north"], to: ["server", ...READERS] },
  [`${NORTH}/status`]: { by: ["north"], to: ["server", ...READERS] },
  [`${NORTH}/ack`]: { by: ["server"], to: ["north"] },
  [`${SOUTH}/batch`]: { by: ["south"], to: ["server", ...READERS] },
  [`${SOUTH}/status`]: { by: ["south"], to: ["server", ...READERS] },
  [`${SOUTH}/ack`]: { by: ["server"], to: ["south"] },
  [`${RIG}/info`]: { by: ["server"], to: READERS },
  [`${RIG}/state`]: { by: ["server"], to: READERS },
  "hashwatt/v1/north/alerts": { by: ["server"], to: READERS },
  // What nobody has business with.
  "hashwatt/v1/north/agent/hall-2/batch": { by: [], to: [] },
  "hashwatt/v1/north/agent/hall-1/command": { by: [], to: [] },
  "hashwatt/v2/north/agent/hall-1/batch": { by: [], to: [] },
  "homeassistant/sensor/x/config": { by: [], to: [] },
};
const FILTERS = [
  ...Object.keys(TOPICS),
  "#",
  "hashwatt/#",
  "+/+/+/+/+/+",
  "hashwatt/v1/+/agent/+/ack",
  "hashwatt/v1/+/agent/hall-1/+",
  `${NORTH}/#`,
  "$share/g/#",
  `$share/g/${NORTH}/ack`,
  `$share/g/${NORTH}/batch`,
];
/** What each may hear in any case: a message on it, sent last, says that all before it has come. */
const LAST: Record<Role, string> = {
  server: `${NORTH}/status`,
  north: `${NORTH}/ack`,
  south: `${SOUTH}/ack`,
  reader: `${NORTH}/status`,
  telegraf: `${NORTH}/status`,
};

interface Broker {
  url: string;
  server: { username: string; password: string };
  close(): Promise<unknown>;
}

async function embedded(): Promise<Broker> {
  const users = Object.entries(USERS).map(([role, { username, password }]) => ({
    name: username,
    password: new Secret(password),
    readOnly: READERS.includes(role as Role),
  }));
  const log = pino({ level: "silent" });
  const at = { host: "127.0.0.1", port: 0, users };
  const broker = await startEmbeddedBroker(at, systemClock, new Refusals(() => 0), log);
  return { url: broker.url, server: broker.credentials, close: () => broker.close() };
}

async function mosquitto(): Promise<Broker> {
  const folder = scratch("access");
  const port = await freePort();
  const server = { username: "hashwatt-server", password: "secret of server" };
  const entry = ({ username, password }: { username: string; password: string }) =>
    `${username}:${password.replaceAll(" ", "-")}`;
  const broker = await startPackagedMosquitto(folder.path, port, {
    MQTT_SERVER_PASSWORD: server.password,
    MQTT_READER_PASSWORD: USERS.reader.password.replaceAll(" ", "-"),
    MQTT_READERS: entry(USERS.telegraf),
    MQTT_AGENTS: `${entry(USERS.north)} ${entry(USERS.south)}`,
  });
  return {
    url: `mqtt://127.0.0.1:${port}`,
    server,
    close: async () => {
      await broker.stop();
      folder.remove();
    },
  };
}

const BROKERS: [string, () => Promise<Broker>][] = [["the embedded broker", embedded]];
if (programs.mosquitto && programs.mosquittoSub) BROKERS.push(["mosquitto as it is packaged", mosquitto]);

describe.each(BROKERS)("who may say and hear what at %s", (name, start) => {
  let broker: Broker;
  const clients: MqttClient[] = [];
  const login = (role: Role) => {
    if (role === "server") return broker.server;
    const { username, password } = USERS[role];
    return { username, password: name.startsWith("mosquitto") ? password.replaceAll(" ", "-") : password };
  };
  const connect = async (role: Role, options: IClientOptions = {}) => {
    const client = await connectAsync(broker.url, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      ...login(role),
      ...options,
    });
    client.on("error", () => {});
    clients.push(client);
    return client;
  };
  /** Publishes; resolves when it is confirmed, or the connection ended over it. */
  const say = (client: MqttClient, topic: string, text: string, retain = false) =>
    new Promise<void>((resolve) => {
      const done = () => {
        client.off("close", done);
        resolve();
      };
      client.once("close", done);
      client.publish(topic, text, { qos: 1, retain }, done);
    });
  /** A refusal is an answer here. */
  const subscribe = (client: MqttClient, filter: string) =>
    new Promise<void>((resolve) => client.subscribe(filter, { qos: 1 }, () => resolve()));
  const owner = (topic: string): Role => TOPICS[topic]!.by[0]!;
  const owned = Object.keys(TOPICS).filter((topic) => TOPICS[topic]!.by.length > 0);
  /** Everybody, with all that each hears as `topic text`. */
  const everybody = async () => {
    const ears = {} as Record<Role, { client: MqttClient; heard: string[] }>;
    for (const role of ROLES) {
      const client = await connect(role);
      const heard: string[] = [];
      client.on("message", (topic, payload) => void heard.push(`${topic} ${payload}`));
      ears[role] = { client, heard };
    }
    return ears;
  };
  type Ears = Awaited<ReturnType<typeof everybody>>;
  /** Has the last messages said and waits until each of `roles` has heard its own. */
  const settle = async (ears: Ears, roles: readonly Role[], text: string) => {
    for (const topic of new Set(roles.map((role) => LAST[role])))
      await say(ears[owner(topic)].client, topic, text);
    for (const role of roles)
      await until(`${role} hears the last message`, () => ears[role].heard.includes(`${LAST[role]} ${text}`));
  };

  beforeAll(async () => {
    broker = await start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
  });
  afterAll(async () => {
    await broker?.close();
  });

  test("every topic is said by those alone who may, also as a retained message and as a will", async () => {
    const ears = await everybody();
    for (const role of ROLES) {
      await subscribe(ears[role].client, LAST[role]);
      if (role === "server" || role === "reader") await subscribe(ears[role].client, "#");
    }
    for (const role of ROLES.filter((role) => role !== "reader"))
      for (const topic of Object.keys(TOPICS))
        for (const how of ["plain", "retained", "will"]) {
          const may = TOPICS[topic]!.by.includes(role);
          if (how === "will" && may) continue;
          const text = `${how} by ${role}`;
          const will = { topic, payload: Buffer.from(text), qos: 1 as const, retain: false };
          // With mosquitto a user has one session: this one takes the place of who listens, so it says its word as that.
          const isSession = name.startsWith("mosquitto");
          if (how !== "will") {
            const speaker = isSession ? ears[role].client : await connect(role);
            await say(speaker, topic, text, how === "retained");
            if (!isSession) await speaker.endAsync(true);
            continue;
          }
          if (isSession) await ears[role].client.endAsync(true);
          const dying = await connect(role, { will }).catch(() => undefined);
          dying?.stream.destroy();
          if (isSession) {
            const client = await connect(role);
            client.on("message", (on, payload) => void ears[role].heard.push(`${on} ${payload}`));
            await subscribe(client, LAST[role]);
            if (role === "server") await subscribe(client, "#");
            ears[role].client = client;
          }
        }
    await settle(ears, ROLES, "end");
    const all = Object.values(ears).flatMap(({ heard }) => heard);
    const said = new Set(all.filter((line) => !line.endsWith(" end")));
    const wanted = Object.entries(TOPICS).flatMap(([topic, { by }]) =>
      by.flatMap((role) => [`${topic} plain by ${role}`, `${topic} retained by ${role}`]),
    );
    expect([...said].filter((line) => !wanted.includes(line)).sort()).toEqual([]);
    for (const line of wanted) expect(said, line).toContain(line);
    for (const topic of owned) await say(ears[owner(topic)].client, topic, "", true);
  }, 180_000);

  test.each([
    ["as it is said", false],
    ["retained", true],
  ])(
    "nobody hears what is not for them, whatever filter they listen to: %s",
    async (_how, retain) => {
      const ears = await everybody();
      for (const role of ROLES) await subscribe(ears[role].client, LAST[role]);
      const speak = async () => {
        for (const topic of owned) await say(ears[owner(topic)].client, topic, "word", retain);
      };
      if (retain) await speak();
      for (const [i, filter] of FILTERS.entries()) {
        for (const role of ROLES) {
          ears[role].heard.length = 0;
          await subscribe(ears[role].client, filter);
        }
        if (!retain) await speak();
        await settle(ears, ROLES, `end ${i}`);
        for (const role of ROLES.filter((role) => role !== "server")) {
          const heard = new Set(
            ears[role].heard.filter((line) => line.endsWith(" word")).map((line) => line.slice(0, -5)),
          );
          const allowed = owned.filter((topic) => TOPICS[topic]!.to.includes(role));
          expect(
            [...heard].filter((topic) => !allowed.includes(topic)),
            `${role} on ${filter}`,
          ).toEqual([]);
          if (allowed.includes(filter)) expect(heard, `${role} on ${filter}`).toContain(filter);
          if (filter === "#" && READERS.includes(role))
            expect([...heard].sort(), role).toEqual([...allowed].sort());
        }
        for (const role of ROLES) if (filter !== LAST[role]) await ears[role].client.unsubscribeAsync(filter);
      }
      if (retain) for (const topic of owned) await say(ears[owner(topic)].client, topic, "", true);
    },
    180_000,
  );

  test("nobody takes back what another has said for keeps", async () => {
    const ears = await everybody();
    const topic = `${NORTH}/status`;
    await say(ears.north.client, topic, "kept", true);
    for (const role of ["south", "reader", "server"] as const) await say(ears[role].client, topic, "", true);
    await subscribe(ears.telegraf.client, topic);
    await until("what is retained comes", () => ears.telegraf.heard.includes(`${topic} kept`));
    await say(ears.north.client, topic, "", true);
  });

  test("nobody ends the session of another by taking its client id", async () => {
    const ids: Record<Role, string> = {
      server: "hashwatt-server-1",
      north: "hashwatt-north-hall-1",
      south: "hashwatt-south-hall-1",
      reader: "home",
      telegraf: "telegraf",
    };
    const sessions = {} as Record<Role, MqttClient>;
    let thief: Role | undefined;
    const stolen: string[] = [];
    for (const role of ROLES.filter((role) => role !== "telegraf")) {
      sessions[role] = await connect(role, { clientId: ids[role] });
      sessions[role].once("close", () => thief && stolen.push(`${role} by ${thief}`));
    }
    thief = "telegraf";
    for (const role of ROLES.filter((role) => role !== "telegraf"))
      for (const clientId of [ids[role], login(role).username, `${login(role).username} ${ids[role]}`]) {
        const client = await connect("telegraf", { clientId });
        // Both still stand, by a round trip of each.
        await subscribe(client, LAST.telegraf);
        await subscribe(sessions[role], LAST[role]);
        expect(sessions[role].connected, role).toBe(true);
        await client.endAsync(true);
      }
    expect(stolen).toEqual([]);
    thief = undefined;
  });
});
