import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Seeded } from "./seeded.js";
import { heldBy } from "./stored.js";
import type { Part, World } from "./world.js";

/** Something that goes wrong for a while. It leaves everything running and mended. */
export interface Fault {
  name: string;
  /** The parts that it takes hold of: two faults at a time must not share one. */
  touches: readonly ("agent" | "server" | "broker" | "second")[];
  /** Why it cannot be done here; undefined where it can. */
  lacks?(world: World): string | undefined;
  /** Damages what is stored, so that what it damaged may be missing afterwards, if that is reported. */
  damages?: boolean;
  run(world: World, random: Seeded): Promise<void>;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const killed = (name: "agent" | "server" | "broker"): Fault => ({
  name: `${name} killed`,
  touches: [name],
  async run(world, random) {
    await world[name].kill();
    await sleep(random.whole(0, 3_000));
    await world[name].start();
  },
});

const frozen = (name: "agent" | "server" | "broker"): Fault => ({
  name: `${name} stopped for a while`,
  touches: [name],
  async run(world, random) {
    world[name].program.signal("SIGSTOP");
    await sleep(random.whole(1_000, 12_000));
    world[name].program.signal("SIGCONT");
  },
});

const linkFault = (
  name: "agent" | "server",
  what: string,
  act: (world: World, random: Seeded) => Promise<void>,
): Fault => ({
  name: `${name}'s way to the broker ${what}`,
  touches: [name],
  run: act,
});

const cut = (name: "agent" | "server"): Fault =>
  linkFault(name, "cut", async (world, random) => {
    world[name].link.cut();
    await sleep(random.whole(500, 20_000));
    world[name].link.mend();
  });

const slow = (name: "agent" | "server"): Fault =>
  linkFault(name, "slow", async (world, random) => {
    world[name].link.weather({ delayMs: random.whole(50, 800), bytesPerS: random.whole(5_000, 100_000) });
    await sleep(random.whole(3_000, 15_000));
    world[name].link.weather({});
  });

const lossy = (name: "agent" | "server"): Fault =>
  linkFault(name, "loses, doubles and delays packets", async (world, random) => {
    world[name].link.weather({ loss: 0.2, doubling: 0.3, delayMs: random.whole(0, 200) });
    await sleep(random.whole(3_000, 12_000));
    world[name].link.weather({});
    // A lost packet of QoS 1 is sent again only on a new connection.
    world[name].link.cut();
    world[name].link.mend();
  });

const needsDisk = (name: "agent" | "server") => (world: World) =>
  world[name].disk ? undefined : "a small disk can only be mounted by root";

const fullDisk = (name: "agent" | "server"): Fault => ({
  name: `${name}'s disk full`,
  touches: [name],
  lacks: needsDisk(name),
  async run(world, random) {
    world[name].disk!.fill();
    await sleep(random.whole(2_000, 12_000));
    world[name].disk!.free();
    assertAlive(world[name]);
  },
});

const failedDisk = (name: "agent" | "server"): Fault => ({
  name: `${name}'s disk goes read-only, is repaired, and the ${name} started anew`,
  touches: [name],
  // What the system had not written yet goes with such a disk, as in a power cut.
  damages: name === "agent",
  lacks: needsDisk(name),
  async run(world, random) {
    if (name === "agent") world.agent.keeper.note();
    world[name].disk!.fail();
    await sleep(random.whole(2_000, 12_000));
    assertAlive(world[name]);
    await world[name].kill();
    world[name].disk!.repair();
    await world[name].start();
  },
});

/** The newest segment of the agent's spool that holds anything; undefined where all is acknowledged. */
function newestSegment(world: World): { path: string; size: number } | undefined {
  const folder = join(world.agent.dataDir, "spool");
  const segments = readdirSync(folder)
    .filter((name) => name.endsWith(".seg"))
    .sort()
    .map((name) => ({ path: join(folder, name), size: statSync(join(folder, name)).size }))
    .filter(({ size }) => size > 0);
  return segments.at(-1);
}

const damagedSegment = (how: "flipped bytes" | "cut off"): Fault => ({
  name: `spool segment ${how}`,
  touches: ["agent"],
  damages: true,
  async run(world, random) {
    // Something must be on the disk that is not on the server yet.
    world.agent.link.cut();
    await sleep(random.whole(2_000, 6_000));
    await world.agent.kill();
    world.agent.keeper.note();
    const segment = newestSegment(world);
    if (segment && how === "cut off")
      truncateSync(segment.path, segment.size - random.whole(0, Math.min(segment.size, 20_000)));
    else if (segment)
      for (let n = random.whole(1, 5); n > 0; n--)
        flip(segment.path, segment.size - random.whole(1, Math.min(segment.size, 20_000)), random);
    world.agent.link.mend();
    await world.agent.start();
  },
});

function flip(path: string, at: number, random: Seeded): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ (1 << random.whole(0, 7));
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

const damagedLog = (how: "flipped bytes" | "cut off"): Fault => ({
  name: `DuckDB log ${how}`,
  touches: ["server"],
  damages: true,
  async run(world, random) {
    await world.server.kill();
    for (const number of await heldBy(world.server.dataDir)) world.heldBeforeDamage.add(number);
    const path = join(world.server.dataDir, "telemetry.duckdb.wal");
    const size = existsSync(path) ? statSync(path).size : 0;
    // Damage near the end: what lies behind it was acknowledged and is gone, and must be reported as lost.
    const at = Math.max(1, size - random.whole(1, Math.min(size, 200_000)));
    if (size && how === "cut off") truncateSync(path, at);
    else if (size) flip(path, Math.min(at, size - 1), random);
    await world.server.start();
  },
});

const clockJump = (name: "agent" | "server"): Fault => ({
  name: `${name}'s clock jumps by an hour`,
  touches: [name],
  lacks: (world) => (world[name].clock ? undefined : "libfaketime is not installed"),
  async run(world, random) {
    world[name].clock!.offsetS(random.of([-3_600, 3_600]));
    await sleep(random.whole(4_000, 15_000));
    world[name].clock!.offsetS(0);
  },
});

const secondAgent: Fault = {
  name: "two agents poll the same rigs",
  touches: ["second"],
  async run(world, random) {
    const second = world.second ?? (await world.addAgent());
    await second.start();
    await sleep(random.whole(4_000, 12_000));
    await second.kill();
  },
};

/** Throws when a part ended by itself: no fault from outside may do that. */
export function assertAlive({ name, program }: Part): void {
  try {
    process.kill(program.pid, 0);
  } catch (cause) {
    throw new Error(`${name} ended by itself:\n${program.lines.slice(-20).join("\n")}`, { cause });
  }
}

/** Every fault that a run chooses from. */
export const FAULTS: readonly Fault[] = [
  killed("agent"),
  killed("server"),
  killed("broker"),
  frozen("agent"),
  frozen("server"),
  frozen("broker"),
  cut("agent"),
  cut("server"),
  slow("agent"),
  slow("server"),
  lossy("agent"),
  lossy("server"),
  fullDisk("agent"),
  fullDisk("server"),
  failedDisk("agent"),
  failedDisk("server"),
  damagedSegment("flipped bytes"),
  damagedSegment("cut off"),
  damagedLog("flipped bytes"),
  damagedLog("cut off"),
  clockJump("agent"),
  clockJump("server"),
  secondAgent,
];
