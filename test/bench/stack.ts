import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Totals } from "@hashwatt/protocol/http";
import { freePort } from "../support/ports.js";
import { type Program, root, startOurs } from "../support/program.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

/** Node's arguments for the agent and what the server's environment has, as `npm start` gives them; read there, since a figure of others would be no one's. */
const startScript = readFileSync(join(root, "scripts/start.mjs"), "utf8");
const AGENT_NODE_ARGS = startScript.match(/--max-semi-space-size=\d+/g) ?? [];
const SERVER_ENV = Object.fromEntries(
  [...startScript.matchAll(/(MALLOC_\w+): "(\d+)"/g)].map(([, name, value]) => [name!, value!]),
);
/** More of them for a closer look, e.g. `HASHWATT_BENCH_SERVER_ARGS="--cpu-prof --cpu-prof-dir=/tmp/profiles"`. */
const moreArgs = (name: string): string[] => (process.env[name] ?? "").split(" ").filter(Boolean);

/** Our server and agent as real processes with a folder of their own, started one by one. */
export interface Stack {
  readonly folder: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly httpPort: number;
  readonly site: string;
  /** `nodeArgs` go before those that it always has. */
  startServer(config?: Record<string, unknown>, nodeArgs?: readonly string[]): Promise<Program>;
  /** `rigs` are addresses with ports. */
  startAgent(
    name: string,
    rigs: readonly string[],
    config?: Record<string, unknown>,
    nodeArgs?: readonly string[],
  ): Promise<Program>;
  get<T>(path: string): Promise<T>;
  /** Resolves once the server has a fresh reading of that many rigs. */
  reporting(rigs: number, timeoutMs?: number): Promise<void>;
  /** Stops what was started, last first, and removes the folder. */
  close(): Promise<void>;
}

/** Prepares a {@link Stack}; starts nothing yet. `mqttPort` where the broker is another's. */
export async function openStack(name: string, mqttPort?: number): Promise<Stack> {
  const folder = scratch(`bench-${name}`);
  const httpPort = await freePort();
  const brokerPort = mqttPort ?? (await freePort());
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const mqttUrl = `mqtt://127.0.0.1:${brokerPort}`;
  const site = "bench";
  const started: Program[] = [];
  // A bench that breaks says what its programs had to complain of.
  process.on("uncaughtExceptionMonitor", () => {
    for (const { lines } of started)
      for (const line of lines.filter((text) => !/"level":(10|20|30),/.test(text)).slice(-5))
        console.error(line);
  });
  const write = (file: string, config: object) => {
    const path = join(folder.path, `${file}.yaml`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${httpUrl}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    folder: folder.path,
    httpUrl,
    mqttUrl,
    httpPort,
    site,
    async startServer(config = {}, nodeArgs = []) {
      const dataDir = join(folder.path, "server");
      mkdirSync(dataDir, { recursive: true });
      const path = write("server", {
        http: { host: "127.0.0.1", port: httpPort },
        broker: { embedded: { host: "127.0.0.1", port: brokerPort } },
        store: { kind: "duckdb", dataDir },
        sites: [
          { site, name: "Bench", zone: "Asia/Shanghai", currency: "USD", price: 0.06, gridRegion: "CN-SD" },
        ],
        ...config,
      });
      const program = startOurs("server", ["run", "--config", path], {
        nodeArgs: [...nodeArgs, ...moreArgs("HASHWATT_BENCH_SERVER_ARGS")],
        env: SERVER_ENV,
      });
      started.push(program);
      await program.waitFor('"msg":"listening"');
      return program;
    },
    async startAgent(agent, rigs, config = {}, nodeArgs = []) {
      const dataDir = join(folder.path, agent);
      mkdirSync(dataDir, { recursive: true });
      const path = write(agent, {
        site,
        agent,
        broker: { url: mqttUrl },
        dataDir,
        rigs: rigs.map((address) => ({ address })),
        ...config,
      });
      const program = startOurs("agent", ["run", "--config", path], {
        nodeArgs: [...nodeArgs, ...AGENT_NODE_ARGS, ...moreArgs("HASHWATT_BENCH_AGENT_ARGS")],
      });
      started.push(program);
      return program;
    },
    get,
    async reporting(rigs, timeoutMs = 60_000) {
      await until(
        `${rigs} rigs report`,
        async () => (await get<Totals>("/api/totals")).fleet.reporting >= rigs,
        timeoutMs,
        500,
      );
    },
    async close() {
      for (const program of started.reverse()) await program.stop();
      folder.remove();
    },
  };
}
