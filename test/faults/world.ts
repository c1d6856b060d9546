import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startInfluxd } from "../support/influxd.js";
import { launchMosquitto, mosquittoListens } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { startOurs } from "../support/program.js";
import type { TestStoreKind } from "../support/testStore.js";
import { type FakedClock, fakedClock } from "./fakedClock.js";
import { type Link, openLink, type Speech } from "./link.js";
import { type NumberedFleet, startNumberedFleet } from "./numberedFleet.js";
import { type Part, part, stopped } from "./part.js";
import type { Seeded } from "./seeded.js";
import { sleep } from "./sleep.js";
import { type SmallDisk, smallDisk } from "./smallDisk.js";
import { duckReader, influxReader, type StoreReader } from "./stored.js";
import { type Keeper, keepSegments } from "./truth.js";

/** An agent with its own way to the broker, its own disk and clock. */
export interface AgentPart extends Part {
  readonly dataDir: string;
  readonly link: Link;
  readonly keeper: Keeper;
  readonly clock: FakedClock | undefined;
  readonly disk: SmallDisk | undefined;
}

/** The server, with its way to the broker, its disk and clock. */
export interface ServerPart extends Part {
  readonly dataDir: string;
  readonly link: Link;
  readonly clock: FakedClock | undefined;
  readonly disk: SmallDisk | undefined;
}

/** An InfluxDB, with the server's way to it and its disk. */
export interface InfluxPart extends Part {
  readonly link: Link;
  readonly disk: SmallDisk | undefined;
}

/** What faults did to what is stored, which a comparison must know. */
export interface Damage {
  /** Readings that were stored before the store was damaged, where it was damaged or behind that: they may be missing. */
  readonly held: Set<number>;
  /** Batches that marks called lost before these marks were destroyed. */
  lostBatches: number;
  /** Batches that were damaged in the seconds before an agent noted that it has them: nothing can miss them. */
  unmissable: number;
  /** When an agent's disk took nothing, or lost what it had taken; epoch ms. */
  readonly diskTroubles: { startMs: number; endMs: number }[];
  /** How often something was damaged that the server must tell of. */
  toTell: number;
}

/** The whole installation that faults act on. */
export interface World {
  readonly folder: string;
  readonly url: string;
  readonly store: TestStoreKind;
  readonly reader: StoreReader;
  readonly fleet: NumberedFleet;
  readonly rigs: readonly string[];
  readonly broker: Part;
  readonly server: ServerPart;
  readonly agent: AgentPart;
  /** Undefined with another store. */
  readonly influxd: InfluxPart | undefined;
  readonly damage: Damage;
  /** Rigs that tell their MAC, a tenth of all at most: whoever reads one of them, it is the same rig. */
  readonly named: readonly string[];
  /** A second agent that reads the named rigs; absent until {@link World.addAgent}. */
  second: AgentPart | undefined;
  addAgent(): Promise<AgentPart>;
  /** Why there are no small disks; undefined where there are. */
  noDisk: string | undefined;
  /** Waits as long as a fault lasts, at the pace of the run. */
  pause(ms: number): Promise<void>;
  /** Starts broker, store, server and agent. */
  start(): Promise<void>;
  get<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

export interface WorldOptions {
  folder: string;
  store: TestStoreKind;
  rigs: number;
  seed: number;
  base: string;
  random: Seeded;
  /** Factor on how long every fault lasts. */
  pace: number;
}

const SERVER_DISK_MB = 1_024;
const AGENT_DISK_MB = 512;

/** Makes everything; every way between two parts is a link, every data folder a small disk where root can make one. */
export async function makeWorld(options: WorldOptions): Promise<World> {
  const { folder, random, store } = options;
  const world = { noDisk: undefined } as World;
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
    if ("lacks" in made) {
      world.noDisk = made.lacks;
      return undefined;
    }
    closing.push(() => made.close());
    return made;
  };
  const clockOf = (name: string) => fakedClock(join(folder, `${name}.clock`));
  const linkTo = async (port: number, speech?: Speech) => {
    const link = await openLink(await freePort(), port, random, speech);
    closing.push(() => link.close());
    return link;
  };

  const brokerPort = await freePort();
  const httpPort = await freePort();
  const url = `http://127.0.0.1:${httpPort}`;
  const fleet = await startNumberedFleet({
    rigs: options.rigs,
    seed: options.seed,
    port: await freePort(),
    base: options.base,
  });
  closing.push(() => fleet.close());
  const rigs = fleet.fleet.addresses.map(({ address, port }) => `${address}:${port}`);
  // One that is known by its address alone is another to another agent, whose network may have the same addresses.
  const named = fleet.fleet.addresses
    .filter(
      ({ address, port }) => fleet.fleet.rig(address, port).identity.model.build.family === "whatsminer",
    )
    .slice(0, Math.ceil(rigs.length / 10))
    .map(({ address, port }) => `${address}:${port}`);

  const broker = part(
    "broker",
    () => launchMosquitto({ port: brokerPort, folder }),
    (program) => mosquittoListens(program),
  );
  const influx = store === "influxdb" ? await makeInflux(disk, linkTo, folder) : undefined;

  const serverDir = join(folder, "server");
  const serverDisk = disk("server", SERVER_DISK_MB);
  const serverLink = await linkTo(brokerPort);
  const serverClock = clockOf("server");
  const serverConfig = write("server.yaml", {
    http: { host: "127.0.0.1", port: httpPort },
    broker: { url: `mqtt://127.0.0.1:${serverLink.port}` },
    store: {
      kind: store,
      dataDir: serverDir,
      ...(influx && { influx: { url: `http://127.0.0.1:${influx.part.link.port}` } }),
    },
    sites: [{ site: "test", zone: "UTC", currency: "USD", price: 0.06, gridRegion: "CN-SD" }],
  });
  const server = part(
    "server",
    () =>
      startOurs("server", ["run", "--config", serverConfig], {
        ...(serverClock && { env: serverClock.env }),
      }),
    (program) => program.waitFor('"msg":"listening"', 300_000),
  );

  const newAgent = async (name: string, addresses: readonly string[]): Promise<AgentPart> => {
    const dataDir = join(folder, name);
    const small = disk(name, AGENT_DISK_MB);
    const link = await linkTo(brokerPort);
    const clock = clockOf(name);
    const config = write(`${name}.yaml`, {
      site: "test",
      agent: name,
      broker: { url: `mqtt://127.0.0.1:${link.port}` },
      dataDir,
      rigs: addresses.map((address) => ({ address })),
      intervalMs: 1_000,
    });
    const keeper = keepSegments(dataDir, name);
    closing.push(() => keeper.close());
    const agent = part(
      name,
      () => startOurs("agent", ["run", "--config", config], { ...(clock && { env: clock.env }) }),
      (program) => program.waitFor('"msg":"agent started"', 300_000),
    );
    return extended(agent, { dataDir, link, keeper, clock, disk: small });
  };

  Object.assign(world, {
    folder,
    url,
    store,
    reader: influx?.reader ?? duckReader,
    fleet,
    rigs,
    named,
    broker,
    server: extended(server, { dataDir: serverDir, link: serverLink, clock: serverClock, disk: serverDisk }),
    agent: await newAgent("a1", rigs),
    influxd: influx?.part,
    damage: { held: new Set(), diskTroubles: [], lostBatches: 0, unmissable: 0, toTell: 0 },
    second: undefined,
    async addAgent() {
      world.second = await newAgent("a2", named);
      return world.second;
    },
    pause: (ms) => sleep(ms * options.pace),
    async start() {
      for (const one of [broker, world.influxd, server, world.agent]) await one?.start();
    },
    async get<T>(path: string) {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return (await answer.json()) as T;
    },
    async close() {
      for (const one of [world.second, world.agent, world.server, world.influxd, world.broker])
        await stopped(one).catch(() => undefined);
      for (const step of closing.splice(0).reverse()) await step();
    },
  } satisfies Omit<World, "noDisk">);
  return world;
}

/** Adds to a part without reading what it computes. */
const extended = <T extends object>(one: Part, more: T): Part & T =>
  Object.defineProperties(more, Object.getOwnPropertyDescriptors(one)) as Part & T;

async function makeInflux(
  disk: (name: string, mb: number) => SmallDisk | undefined,
  linkTo: (port: number, speech: Speech) => Promise<Link>,
  folder: string,
): Promise<{ part: InfluxPart; reader: StoreReader }> {
  const small = disk("influxd", SERVER_DISK_MB);
  const influxd = await startInfluxd({ folder: join(folder, "influxd") });
  await influxd.stop();
  const one = part(
    "influxd",
    () => {
      influxd.launch();
      return influxd.program;
    },
    () => influxd.ready(),
  );
  const link = await linkTo(influxd.port, "bytes");
  return { part: extended(one, { link, disk: small }), reader: influxReader(influxd) };
}
