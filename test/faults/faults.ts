import { DAMAGES, noteUnmissable } from "./damages.js";
import { assertAlive } from "./part.js";
import type { Seeded } from "./seeded.js";
import { told, well } from "./told.js";
import type { World } from "./world.js";

/** Parts that faults take hold of. */
export type PartName = "agent" | "server" | "broker" | "influxd" | "second";

/** Something that goes wrong for a while. It leaves everything running and mended. */
export interface Fault {
  name: string;
  /** The parts that it takes hold of: two faults at a time must not share one. */
  touches: readonly PartName[];
  /** The only store that it can happen to; absent = any. */
  store?: "duckdb" | "influxdb";
  /** Why it cannot be done here; undefined where it can. */
  lacks?(world: World): string | undefined;
  /** Damages what is stored, so that what it damaged may be missing afterwards, if that is reported. */
  damages?: boolean;
  run(world: World, random: Seeded): Promise<void>;
}

type Process = "agent" | "server" | "broker" | "influxd";
/** What has a way to something else. */
type Linked = "agent" | "server" | "influxd";

/** A fault of an InfluxDB happens to no other store. */
const about = (name: Process) => ({
  touches: [name] as const,
  ...(name === "influxd" && { store: "influxdb" as const }),
});

const killed = (name: Process): Fault => ({
  name: `${name} killed`,
  ...about(name),
  async run(world, random) {
    await world[name]!.kill();
    await world.pause(random.whole(0, 3_000));
    await world[name]!.start();
  },
});

const frozen = (name: Process): Fault => ({
  name: `${name} stopped for a while`,
  ...about(name),
  async run(world, random) {
    world[name]!.program.signal("SIGSTOP");
    await world.pause(random.whole(1_000, 12_000));
    world[name]!.program.signal("SIGCONT");
  },
});

const restarted = (name: "server" | "influxd"): Fault => ({
  name: `${name} ended and started anew`,
  ...about(name),
  async run(world, random) {
    await world[name]!.program.stop();
    await world.pause(random.whole(0, 6_000));
    await world[name]!.start();
  },
});

const serverAndInfluxdKilled: Fault = {
  name: "influxd and server killed at once",
  touches: ["influxd", "server"],
  store: "influxdb",
  async run(world, random) {
    await Promise.all([world.influxd!.kill(), world.server.kill()]);
    await world.server.start();
    await world.pause(random.whole(0, 4_000));
    await world.influxd!.start();
  },
};

const wayOf: Record<Linked, string> = {
  agent: "agent's way to the broker",
  server: "server's way to the broker",
  influxd: "server's way to influxd",
};

const linkFault = (
  name: Linked,
  what: string,
  act: (world: World, random: Seeded) => Promise<void>,
): Fault => ({ name: `${wayOf[name]} ${what}`, ...about(name), run: act });

const cut = (name: Linked): Fault =>
  linkFault(name, "cut", async (world, random) => {
    world[name]!.link.cut();
    await world.pause(random.whole(500, 20_000));
    world[name]!.link.mend();
  });

const slow = (name: Linked): Fault =>
  linkFault(name, "slow", async (world, random) => {
    world[name]!.link.weather({ delayMs: random.whole(50, 800), bytesPerS: random.whole(5_000, 100_000) });
    await world.pause(random.whole(3_000, 15_000));
    world[name]!.link.weather({});
  });

const lossy = (name: "agent" | "server"): Fault =>
  linkFault(name, "loses, doubles and delays packets", async (world, random) => {
    world[name].link.weather({ loss: 0.2, doubling: 0.3, delayMs: random.whole(0, 200) });
    await world.pause(random.whole(3_000, 12_000));
    world[name].link.weather({});
    // A lost packet of QoS 1 is sent again only on a new connection.
    world[name].link.cut();
    world[name].link.mend();
  });

const needsDisk = (world: World) => world.noDisk;

const full: Record<Linked, RegExp> = {
  agent: /no space left.*free/,
  server: /no room left.*free/,
  influxd: /no space left/,
};

const fullDisk = (name: Linked): Fault => ({
  name: name === "influxd" ? "influxd's disk full, freed, and influxd started anew" : `${name}'s disk full`,
  ...about(name),
  lacks: needsDisk,
  async run(world, random) {
    const { disk } = world[name]!;
    const startMs = Date.now();
    disk!.fill();
    await told(world, name, full[name]);
    await world.pause(random.whole(2_000, 12_000));
    assertAlive(world[name]!);
    disk!.free();
    // InfluxDB 1.x goes on refusing what it refused once, with room or without.
    if (name === "influxd") {
      await world.influxd!.program.stop();
      await world.influxd!.start();
    }
    await well(world, name);
    if (name === "agent") world.damage.diskTroubles.push({ startMs, endMs: Date.now() });
  },
});

const failedDisk = (name: "agent" | "server"): Fault => ({
  name: `${name}'s disk goes read-only, is repaired, and the ${name} started anew`,
  touches: [name],
  // What the system had not written yet goes with such a disk, as in a power cut.
  damages: name === "agent",
  lacks: needsDisk,
  async run(world, random) {
    if (name === "agent") world.agent.keeper.note();
    const startMs = Date.now();
    world[name].disk!.fail();
    await told(world, name, /read-only.*remount/i);
    await world.pause(random.whole(2_000, 12_000));
    assertAlive(world[name]);
    await world[name].kill();
    world[name].disk!.repair();
    if (name === "agent") {
      world.agent.keeper.noteDamage();
      noteUnmissable(world);
      world.damage.diskTroubles.push({ startMs, endMs: Date.now() });
    }
    await world[name].start();
  },
});

const clockJump = (...names: ("agent" | "server")[]): Fault => ({
  name:
    names.length > 1
      ? "the clocks of agent and server jump by an hour"
      : `${names[0]}'s clock jumps by an hour`,
  touches: names,
  lacks: (world) => (names.every((name) => world[name].clock) ? undefined : "libfaketime is not installed"),
  async run(world, random) {
    for (const name of names) world[name].clock!.offsetS(random.of([-3_600, 3_600]));
    await world.pause(random.whole(4_000, 15_000));
    for (const name of names) world[name].clock!.offsetS(0);
  },
});

const secondAgent: Fault = {
  name: "two agents poll the same rigs",
  touches: ["second"],
  lacks: ({ named }) => (named.length ? undefined : "no rig of this fleet tells its MAC"),
  async run(world, random) {
    const second = world.second ?? (await world.addAgent());
    await second.start();
    await world.pause(random.whole(4_000, 12_000));
    await second.kill();
  },
};

/** Every fault that a run chooses from. */
export const FAULTS: readonly Fault[] = [
  killed("agent"),
  killed("server"),
  killed("broker"),
  killed("influxd"),
  serverAndInfluxdKilled,
  restarted("server"),
  restarted("influxd"),
  frozen("agent"),
  frozen("server"),
  frozen("broker"),
  frozen("influxd"),
  cut("agent"),
  cut("server"),
  cut("influxd"),
  slow("agent"),
  slow("server"),
  slow("influxd"),
  lossy("agent"),
  lossy("server"),
  fullDisk("agent"),
  fullDisk("server"),
  fullDisk("influxd"),
  failedDisk("agent"),
  failedDisk("server"),
  clockJump("agent"),
  clockJump("server"),
  clockJump("agent", "server"),
  secondAgent,
  ...DAMAGES,
];
