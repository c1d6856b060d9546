import { systemClock } from "@hashwatt/protocol/time";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hashPassword } from "../access/passwordHash.js";
import { Refusals } from "../refusals.js";
import { Secret } from "../secret.js";
import { matches, mayListen } from "./acl.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded.js";
import { Logins } from "./logins.js";

/** Of the one site of the config, which its name does not say. */
const A1 = { username: "a1", password: "secret of a1", clientId: "hashwatt-farm-a1" };
const A2 = { username: "farm/a2", password: "secret of a2", clientId: "hashwatt-farm-a2" };
const LISTENER = { username: "grafana", password: "secret of grafana" };
const PLUGS = { username: "plugs", password: "secret of plugs" };
const topic = (agent: string, kind: string) => `hashwatt/v1/farm/agent/${agent}/${kind}`;

describe("an embedded broker with users", () => {
  const refusals = new Refusals(() => 0);
  let broker: EmbeddedBroker;
  const clients: MqttClient[] = [];
  const connect = async (options: IClientOptions) => {
    const client = await connectAsync(broker.url, {
      reconnectPeriod: 0,
      protocolVersion: 4,
      ...options,
    });
    clients.push(client);
    return client;
  };
  /** What became of a message: it is confirmed, or the connection ended. */
  const publish = (client: MqttClient, to: string) =>
    new Promise<"taken" | "closed">((resolve) => {
      client.once("close", () => resolve("closed"));
      client.publish(to, "x", { qos: 1 }, (error) => !error && resolve("taken"));
    });
  const granted = async (client: MqttClient, filter: string) =>
    new Promise<boolean>((resolve) =>
      client.subscribe(filter, { qos: 1 }, (error, grants) =>
        resolve(!error && grants?.every(({ qos }) => (qos as number) < 128) === true),
      ),
    );

  beforeAll(async () => {
    const users = [
      { name: A1.username, password: new Secret(A1.password), readOnly: false },
      { name: A2.username, password: new Secret(await hashPassword(A2.password)), readOnly: false },
      { name: LISTENER.username, password: new Secret(LISTENER.password), readOnly: true },
      {
        name: PLUGS.username,
        password: new Secret(PLUGS.password),
        readOnly: false,
        topics: ["tele/rack-a/#", "shellies/+/emeter/0/power", "hashwatt-plug"],
      },
    ];
    const log = pino({ level: "silent" });
    broker = await startEmbeddedBroker(
      { host: "127.0.0.1", port: 0, users, site: "farm" },
      systemClock,
      refusals,
      log,
      { meters: ["tele/rack-a/SENSOR", "tele/rack-b/SENSOR"] },
    );
  });
  afterAll(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await broker.close();
  });

  test.each([
    ["who says nothing of itself", {}],
    ["an agent's session name alone", { clientId: A1.clientId }],
    ["a wrong password", { ...A1, password: "secret of a2" }],
    ["a wrong password where the config has a hash", { ...A2, password: "secret of a1" }],
    ["a user whom nobody knows", { username: "a3", password: A1.password }],
    ["the server's name", { username: "hashwatt-server", password: A1.password }],
  ])("does not let in %s", async (_what, options) => {
    const before = refusals.count("mqtt-login");
    await expect(connect(options)).rejects.toMatchObject({ code: 4 });
    expect(refusals.count("mqtt-login")).toBe(before + 1);
    expect(JSON.stringify(refusals.list())).not.toContain("secret");
  });

  test("lets the server in by what it alone knows, and hear everything", async () => {
    const server = await connect({ ...broker.credentials });
    expect(await granted(server, "hashwatt/v1/+/agent/+/batch")).toBe(true);
    expect(await publish(server, topic("a1", "ack"))).toBe("taken");
  });

  test.each([
    [A1, "a1", "a2"],
    [A2, "a2", "a1"],
  ])(
    "lets agent $username say its own and hear what is said to it, and nothing of others",
    async (agent, own, other) => {
      const client = await connect(agent);
      expect(await publish(client, topic(own, "batch"))).toBe("taken");
      expect(await publish(client, topic(own, "status"))).toBe("taken");
      expect(await granted(client, topic(own, "ack"))).toBe(true);
      for (const filter of [
        topic(other, "ack"),
        topic(other, "batch"),
        "#",
        "hashwatt/v1/#",
        topic("+", "batch"),
        "$SYS/#",
      ])
        expect(await granted(client, filter), filter).toBe(false);
      expect(await publish(client, topic(other, "batch"))).toBe("closed");
    },
  );

  test.each([A1, A2])("lets agent $username say nothing of a site that is not its own", async (agent) => {
    const name = agent.username.split("/").at(-1)!;
    const elsewhere = (kind: string) => `hashwatt/v1/hall/agent/${name}/${kind}`;
    for (const kind of ["batch", "status"])
      expect(await publish(await connect(agent), elsewhere(kind)), kind).toBe("closed");
    const client = await connect(agent);
    for (const filter of [elsewhere("ack"), `hashwatt/v1/+/agent/${name}/ack`])
      expect(await granted(client, filter), filter).toBe(false);
  });

  test("lets a meter speak on its own topics alone, and keeps nothing of what it says", async () => {
    const server = await connect({ ...broker.credentials });
    const heard: string[] = [];
    server.on("message", (on) => heard.push(on));
    await granted(server, "#");
    const own = ["tele/rack-a/SENSOR", "tele/rack-a/LWT", "shellies/em3/emeter/0/power", "hashwatt-plug"];
    const meter = await connect(PLUGS);
    for (const on of own) expect(await publish(meter, on), on).toBe("taken");
    await meter.publishAsync("tele/rack-a/STATE", "x", { qos: 1, retain: true });
    await vi.waitFor(() => expect(heard).toContain("tele/rack-a/STATE"), 45_000);
    expect(heard).toEqual([...own, "tele/rack-a/STATE"]);
    for (const on of [
      "tele/rack-b/SENSOR",
      "tele/rack",
      "shellies/em3/emeter/1/power",
      "hashwatt-plug/x",
      topic("a1", "batch"),
    ])
      expect(await publish(await connect(PLUGS), on), on).toBe("closed");
    const late = await connect({ ...broker.credentials });
    const kept: string[] = [];
    late.on("message", (on) => kept.push(on));
    await granted(late, "#");
    expect(await publish(await connect(A1), topic("a1", "status"))).toBe("taken");
    await vi.waitFor(() => expect(kept).toContain(topic("a1", "status")), 45_000);
    expect(kept).toEqual([topic("a1", "status")]);
  });

  test("ends no session of one user for another who calls itself the same, however it is called", async () => {
    const agent = await connect(A1);
    const listener = await connect({ ...LISTENER, clientId: "telegraf" });
    const wasCut = Promise.race([
      new Promise((resolve) => agent.once("close", () => resolve("the agent"))),
      new Promise((resolve) => listener.once("close", () => resolve("the listener"))),
    ]);
    for (const { username, password } of [A2, LISTENER])
      for (const clientId of [A1.clientId, `a1 ${A1.clientId}`, "telegraf", "grafana telegraf"])
        if (username !== LISTENER.username || clientId !== "telegraf")
          await connect({ username, password, clientId });
    expect(await publish(agent, topic("a1", "status"))).toBe("taken");
    expect(await granted(listener, topic("a1", "status"))).toBe(true);
    expect(await Promise.race([wasCut, "nobody"])).toBe("nobody");
    // Its own next session does end it.
    await connect(A1);
    expect(await wasCut).toBe("the agent");
  });

  test("lets a listener hear every reading and say nothing", async () => {
    const agent = await connect(A1);
    const client = await connect(LISTENER);
    const heard = new Promise<string>((resolve) => client.on("message", (on) => resolve(on)));
    expect(await granted(client, "hashwatt/v1/+/agent/+/batch")).toBe(true);
    await publish(agent, topic("a1", "batch"));
    expect(await heard).toBe(topic("a1", "batch"));
    expect(await granted(client, "$SYS/#")).toBe(false);
    expect(await publish(client, topic("a1", "batch"))).toBe("closed");
  });

  test("takes no more passwords of a user from an address that gives wrong ones, and lets its neighbours in", async () => {
    const guesses: unknown[] = [];
    for (let i = 0; i < 8; i++)
      guesses.push(await connect({ username: "a4", password: `guess ${i}` }).catch(({ code }) => code));
    expect(guesses).toEqual(new Array(8).fill(4));
    expect(refusals.list().find(({ kind }) => kind === "mqtt-login")?.last).toBe(
      "127.0.0.1: user a4 has given too many wrong passwords",
    );
    await connect({ ...A2, clientId: "another" });
  });
});

describe("the limit on wrong passwords", () => {
  const guess = (logins: Logins, username: string, password: string) =>
    logins.memberOf({ clientId: "guesser", address: "10.0.0.9", username, password });

  test("holds for a user however many names are made up meanwhile, and for those all together", async () => {
    const refusals = new Refusals(() => 0);
    const users = [{ name: "a1", password: new Secret("right"), readOnly: false }];
    const logins = new Logins(users, new Secret("of the server"), () => 0, refusals);
    for (let i = 0; i < 5; i++) expect(await guess(logins, "a1", `guess ${i}`)).toBeUndefined();
    for (let i = 0; i < 5_000; i++) await guess(logins, `nobody${i}`, "x");
    expect(refusals.list()[0]?.last).toBe("10.0.0.9: user nobody4999 has given too many wrong passwords");
    expect(await guess(logins, "a1", "right")).toBeUndefined();
    expect(refusals.list()[0]?.last).toBe("10.0.0.9: user a1 has given too many wrong passwords");
  });

  test("leaves a user in whose neighbour makes names up", async () => {
    const users = [{ name: "a1", password: new Secret("right"), readOnly: false }];
    const logins = new Logins(users, new Secret("of the server"), () => 0, new Refusals(() => 0));
    for (let i = 0; i < 20; i++) await guess(logins, `nobody${i}`, "x");
    expect(await guess(logins, "a1", "right")).toMatchObject({ name: "a1" });
  });
});

describe("what an agent may listen to", () => {
  const named = { site: "farm", agent: "a1" };
  test.each([
    [named, "hashwatt/v1/farm/agent/a1/ack", true],
    [named, "hashwatt/v1/farm/agent/a1/#", true],
    [named, "hashwatt/v1/hall/agent/a1/ack", false],
    [named, "hashwatt/v1/+/agent/a1/ack", false],
    ["a1", "hashwatt/v1/farm/agent/a1/ack", true],
    ["a1", "hashwatt/v1/+/agent/a1/+", true],
    ["a1", "hashwatt/v1/farm/agent/a1/#", true],
    ["farm/a1", "hashwatt/v1/farm/agent/a1/ack", true],
    ["farm/a1", "hashwatt/v1/+/agent/a1/ack", false],
    ["farm/a1", "hashwatt/v1/hall/agent/a1/ack", false],
    ["a1", "hashwatt/v1/farm/agent/+/ack", false],
    ["a1", "hashwatt/v1/farm/agent/#", false],
    ["a1", "hashwatt/v1/farm/rig/r1/info", false],
    ["a1", "hashwatt/v1/farm/agent/a1/ack/more", false],
    ["a1", "#", false],
  ])("%j to %s: %s", (name, filter, allowed) => {
    expect(mayListen(name, filter)).toBe(allowed);
  });
});

test.each([
  ["a/b", "a/b", true],
  ["a/b", "a/b/c", false],
  ["a/+", "a/b", true],
  ["a/+", "a", false],
  ["a/+", "a/", true],
  ["a/+/c", "a/b/d", false],
  ["a/#", "a", true],
  ["a/#", "a/b/c", true],
  ["a/#", "ab/c", false],
  ["a/+/#", "a/b/c/d", true],
  ["a/+/#", "a", false],
])("the filter %s names %s: %s", (filter, topic, does) => {
  expect(matches(filter, topic)).toBe(does);
});
