import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";
import { type FakedClock, fakedClock } from "./fakedClock.js";
import { type Link, openLink } from "./link.js";
import { type NumberedFleet, startNumberedFleet } from "./numberedFleet.js";
import type { Seeded } from "./seeded.js";
import { type SmallDisk, smallDisk } from "./smallDisk.js";
import { type Keeper, keepSegments } from "./truth.js";

/** A process that faults act on: it can be started again and again. */
export interface Part {
  readonly name: string;
  readonly program: Program;
  /** How often it was killed with -9. */
  kills: number;
  start(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** An agent with its own way to the broker, its own disk and clock. */
export interface AgentPart extends Part {
  readonly dataDir: string;
  readonly link: Link;
  readonly keeper: Keeper;
  readonly clock: FakedClock | undefined;
  readonly disk: SmallDisk | undefined;
}

/** The whole installation that faults act on. */
export interface World {
  readonly folder: string;
  readonly url: string;
  readonly fleet: NumberedFleet;
  readonly rigs: readonly string[];
  readonly broker: Part;
  readonly server: Part & {
    readonly dataDir: string;
    readonly link: Link;
    readonly clock: FakedClock | undefined;
    readonly disk: SmallDisk | undefined;
  };
  readonly agent: AgentPart;
  /** Readings that were stored before the store's log was damaged: they may be missing. */
  readonly heldBeforeDamage: Set<number>;
  /** A second agent that reads some of the same rigs; absent until {@link World.addAgent}. */
  second: AgentPart | undefined;
  addAgent(): Promise<AgentPart>;
  get<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

export interface WorldOptions {
  folder: string;
  rigs: number;
  seed: number;
  base: string;
  random: Seeded;
}

const SERVER_DISK_MB = 1_024;
const AGENT_DISK_MB = 512;

function part(name: string, start: () => Promise<Program>): Part {
  let program: Program | undefined;
  return {
    name,
    get program() {
      if (!program) throw new Error(`${name} was never started`);
      return program;
    },
    kills: 0,
    async start() {
      program = await start();
    },
    async kill() {
      if (!program) return;
      this.kills++;
      program.signal("SIGKILL");
      await program.exit;
    },
  };
}

/** Starts broker, server, agent and rigs; every way between them is a link, every data folder a small disk where root can make one. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { folder, random } = options;
  const closing: (() => unknown)[] = [];
  const write = (name: string, config: object) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const disk = (name: string, mb: number) => {
    const path = join(folder, name);
    mkdirSync(path);
    const made = smallDisk(path, mb);
    if (made) closing.push(() => made.close());
    return made;
  };
  const brokerPort = await freePort();
  const httpPort = await freePort();
  const url = `http://127.0.0.1:${httpPort}`;
  const linkTo = async () => {
    const link = await openLink(await freePort(), brokerPort, random);
    closing.push(() => link.close());
    return link;
  };

  const fleet = await startNumberedFleet({
    rigs: options.rigs,
    seed: options.seed,
    port: await freePort(),
    base: options.base,
  });
  closing.push(() => fleet.close());
  const rigs = fleet.fleet.addresses.map(({ address, port }) => `${address}:${port}`);

  const broker = part("broker", () => startMosquitto({ port: brokerPort, folder }));

  const serverDir = join(folder, "server");
  const serverDisk = disk("server", SERVER_DISK_MB);
  const serverLink = await linkTo();
  const serverClock = fakedClock(join(folder, "server.clock"));
  const serverConfig = write("server.yaml", {
    http: { host: "127.0.0.1", port: httpPort },
    broker: { url: `mqtt://127.0.0.1:${serverLink.port}` },
    store: { kind: "duckdb", dataDir: serverDir },
    sites: [{ site: "test", zone: "UTC", currency: "USD", price: 0.06, gridRegion: "CN-SD" }],
  });
  const server = part("server", async () => {
    const program = startOurs("server", ["run", "--config", serverConfig], {
      ...(serverClock && { env: serverClock.env }),
    });
    await program.waitFor('"msg":"listening"', 60_000);
    return program;
  });

  const newAgent = async (name: string, addresses: readonly string[]): Promise<AgentPart> => {
    const dataDir = join(folder, name);
    const small = disk(name, AGENT_DISK_MB);
    const link = await linkTo();
    const clock = fakedClock(join(folder, `${name}.clock`));
    const config = write(`${name}.yaml`, {
      site: "test",
      agent: name,
      broker: { url: `mqtt://127.0.0.1:${link.port}` },
      dataDir,
      rigs: addresses.map((address) => ({ address })),
      intervalMs: 1_000,
    });
    const keeper = keepSegments(dataDir);
    closing.push(() => keeper.close());
    const agent = part(name, async () =>
      startOurs("agent", ["run", "--config", config], { ...(clock && { env: clock.env }) }),
    );
    return Object.assign(agent, { dataDir, link, keeper, clock, disk: small });
  };

  const world: World = {
    folder,
    url,
    fleet,
    rigs,
    broker,
    server: Object.assign(server, {
      dataDir: serverDir,
      link: serverLink,
      clock: serverClock,
      disk: serverDisk,
    }),
    agent: await newAgent("a1", rigs),
    heldBeforeDamage: new Set(),
    second: undefined,
    async addAgent() {
      world.second = await newAgent("a2", rigs.slice(0, Math.ceil(rigs.length / 10)));
      return world.second;
    },
    async get<T>(path: string) {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return (await answer.json()) as T;
    },
    async close() {
      for (const one of [world.second, world.agent, world.server, world.broker])
        await stopped(one).catch(() => undefined);
      for (const step of closing.splice(0).reverse()) await step();
    },
  };
  return world;
}

/** Ends a part that was ever started. */
async function stopped(one: Part | undefined): Promise<void> {
  if (!one) return;
  one.program.signal("SIGCONT");
  await one.program.stop();
}
