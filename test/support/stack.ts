import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMosquitto } from "./mosquitto.js";
import { freePort } from "./ports.js";
import { type Program, startOurs, startProgram } from "./program.js";
import { startTestStore, type TestStore } from "./testStore.js";

/** A temporary folder that goes away at the end of the test that made it. */
export function scratch(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `hashwatt-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface StackOptions {
  /** Addresses (with ports) of the rigs to watch. */
  rigs: string[];
  intervalMs?: number;
  broker?: "embedded" | "mosquitto";
  agent?: Record<string, unknown>;
  /** Path of the agent's program, where it is not the one that was built here. */
  agentProgram?: string;
  server?: Record<string, unknown>;
  site?: Record<string, unknown>;
  /** What the server's `http` says besides host and port; the stack itself asks by the first of `tokens`. */
  http?: { tokens?: string[] } & Record<string, unknown>;
  /** The users of the embedded broker; the agent is the first of them. */
  users?: { name: string; password: string; readOnly?: boolean }[];
}

/**
 * The whole path as real processes: broker, store, server, agent, each with a config file of its own, so that a test can
 * kill and restart any of them. Rigs are the caller's; the store is that of the run.
 */
export interface Stack {
  readonly folder: string;
  readonly url: string;
  readonly brokerUrl: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  server: Program;
  agent: Program;
  broker?: Program;
  readonly store: TestStore;
  /** The server's data folder. */
  readonly dataDir: string;
  startServer(): Promise<void>;
  startAgent(): Promise<void>;
  startBroker(): Promise<void>;
  get<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

/** Starts a {@link Stack} and waits until its server listens. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = scratch("stack");
  const store = await startTestStore();
  const dataDir = join(folder.path, "server");
  const [httpPort, mqttPort] = [await freePort(), await freePort()];
  const brokerUrl = `mqtt://127.0.0.1:${mqttPort}`;
  const url = `http://127.0.0.1:${httpPort}`;
  const mosquitto = options.broker !== "embedded";
  mkdirSync(join(folder.path, "agent"));
  mkdirSync(dataDir);
  const write = (name: string, config: object) => {
    const path = join(folder.path, `${name}.yaml`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const serverConfig = write("server", {
    http: { host: "127.0.0.1", port: httpPort, ...options.http },
    broker: mosquitto
      ? { url: brokerUrl }
      : { embedded: { host: "127.0.0.1", port: mqttPort, users: options.users ?? [] } },
    store: store.config(dataDir),
    sites: [
      {
        site: "test",
        name: "Test",
        zone: "Asia/Shanghai",
        currency: "USD",
        price: 0.06,
        gridRegion: "CN-SD",
        ...options.site,
      },
    ],
    ...options.server,
  });
  const agentConfig = write("agent", {
    site: "test",
    agent: "a1",
    broker: {
      url: brokerUrl,
      ...(options.users?.[0] && { username: options.users[0].name, password: options.users[0].password }),
    },
    dataDir: join(folder.path, "agent"),
    rigs: options.rigs.map((address) => ({ address })),
    ...(options.intervalMs && { intervalMs: options.intervalMs }),
    ...options.agent,
  });
  const stack = {
    folder: folder.path,
    url,
    brokerUrl,
    httpPort,
    mqttPort,
    store,
    dataDir,
    async startBroker() {
      if (mosquitto) stack.broker = await startMosquitto({ port: mqttPort, folder: folder.path });
    },
    async startServer() {
      stack.server = startOurs("server", ["run", "--config", serverConfig]);
      await stack.server.waitFor('"msg":"listening"');
    },
    async startAgent() {
      const args = ["run", "--config", agentConfig];
      stack.agent =
        options.agentProgram === undefined
          ? startOurs("agent", args)
          : startProgram(process.execPath, [options.agentProgram, ...args]);
    },
    async get(path: string) {
      const token = options.http?.tokens?.[0];
      const answer = await fetch(`${url}${path}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return await answer.json();
    },
    async close() {
      await stack.agent?.stop();
      await stack.server?.stop();
      await stack.broker?.stop();
      await store.close();
      folder.remove();
    },
  } as Stack;
  await stack.startBroker();
  await stack.startServer();
  await stack.startAgent();
  return stack;
}
