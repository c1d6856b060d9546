import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import { nightlyExport } from "@hashwatt/server/store/state/export";
import type { Fault } from "./faults.js";
import { batchesOf } from "./report.js";
import type { Seeded } from "./seeded.js";
import { heldBy, lostBatches, STATE_FILE, TELEMETRY_FILE } from "./stored.js";
import type { World } from "./world.js";

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
    await world.pause(random.whole(2_000, 6_000));
    await world.agent.kill();
    world.agent.keeper.note();
    const segment = newestSegment(world);
    if (segment && how === "cut off")
      truncateSync(segment.path, segment.size - random.whole(0, Math.min(segment.size, 20_000)));
    else if (segment)
      for (let n = random.whole(1, 5); n > 0; n--)
        flip(
          segment.path,
          segment.size - random.whole(1, Math.min(segment.size, 20_000)),
          random.whole(0, 7),
        );
    world.agent.keeper.noteDamage();
    noteUnmissable(world);
    world.agent.link.mend();
    await world.agent.start();
  },
});

/** Counts the batches that are gone from the end of the killed agent's spool and that it had not noted to have. */
export function noteUnmissable({ agent, damage }: World): void {
  const { whole, damaged } = agent.keeper.spooled();
  const known = lastsOf(agent.dataDir);
  for (const { stream, seq } of whole.values()) known.set(stream, Math.max(known.get(stream) ?? 0, seq));
  const gone = [...damaged.values()].filter(({ stream, seq }) => seq > (known.get(stream) ?? 0));
  damage.unmissable = batchesOf(gone);
}

/** The newest batch of each stream that an agent has noted. */
function lastsOf(agentDataDir: string): Map<string, number> {
  try {
    const text = readFileSync(join(agentDataDir, "spool", "position.json"), "utf8");
    const { lasts } = JSON.parse(text) as { lasts: Record<string, number> };
    return new Map(Object.entries(lasts));
  } catch {
    // None yet, or it went with the disk: it had noted nothing.
    return new Map();
  }
}

function flip(path: string, at: number, bit: number): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ (1 << bit);
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

/** Notes what a damaged store may miss: what it held, but for what the damage leaves alone. */
export function noteHeld(held: Set<number>, numbers: readonly number[], left: readonly number[]): void {
  const isLeft = new Set(left);
  // What an earlier damage might have taken and is there needs no excuse any more.
  for (const number of numbers)
    if (isLeft.has(number)) held.delete(number);
    else held.add(number);
}

const damagedLog = (how: "flipped bytes" | "cut off"): Fault => ({
  name: `DuckDB log ${how}`,
  touches: ["server"],
  store: "duckdb",
  damages: true,
  async run(world, random) {
    const { dataDir } = world.server;
    await world.server.kill();
    const damage = damageOf(join(dataDir, TELEMETRY_FILE), how, random);
    if (damage) {
      const { numbers } = await heldBy(dataDir);
      noteHeld(world.damage.held, numbers, (await heldBy(dataDir, damage.fromByte)).numbers);
      damage.make();
      // A log that ends where an entry ends looks as one that was never longer; flipped bytes always show.
      if (how === "flipped bytes") world.damage.toTell++;
    }
    await world.server.start();
  },
});

/** The marks lie in the state file with an InfluxDB: agents then send again what it holds already. */
const damagedMarks: Fault = {
  name: "log of the state file cut off",
  touches: ["server"],
  store: "influxdb",
  damages: true,
  async run(world, random) {
    await world.server.kill();
    damageOf(join(world.server.dataDir, STATE_FILE), "cut off", random)?.make();
    await world.server.start();
  },
};

/** A damage that was drawn and is not made yet; what ends before `fromByte` of the log is whole. */
interface LogDamage {
  fromByte: number;
  make(): void;
}

/** Draws a damage near the end of a log: what lies behind it was acknowledged and is gone, and must be reported. */
function damageOf(file: string, how: "flipped bytes" | "cut off", random: Seeded): LogDamage | undefined {
  const path = `${file}.wal`;
  const size = existsSync(path) ? statSync(path).size : 0;
  const at = Math.max(1, size - random.whole(1, Math.max(1, Math.min(size, 200_000))));
  if (size === 0) return undefined;
  if (how === "cut off") return { fromByte: at, make: () => truncateSync(path, at) };
  const flips = Array.from({ length: random.whole(1, 5) }, () => ({
    byte: Math.min(size - 1, at + random.whole(0, 500)),
    bit: random.whole(0, 7),
  }));
  return {
    fromByte: Math.min(...flips.map(({ byte }) => byte)),
    make() {
      for (const { byte, bit } of flips) flip(path, byte, bit);
    },
  };
}

/** Takes a file away, or leaves something in its place that is no database. */
function destroy(path: string, random: Seeded): void {
  if (random.next() < 0.5) {
    rmSync(path);
    rmSync(`${path}.wal`, { force: true });
  } else writeFileSync(path, Buffer.alloc(random.whole(1, 100_000), 0x5a));
}

const destroyedTelemetry: Fault = {
  name: "telemetry file destroyed",
  touches: ["server"],
  store: "duckdb",
  damages: true,
  async run(world, random) {
    await world.server.kill();
    const { numbers, lost } = await heldBy(world.server.dataDir);
    noteHeld(world.damage.held, numbers, []);
    for (const batches of lost.values()) world.damage.lostBatches += batches;
    destroy(join(world.server.dataDir, TELEMETRY_FILE), random);
    world.damage.toTell++;
    await world.server.start();
  },
};

/** The night's export is made at once, for a run has no night. */
const destroyedState: Fault = {
  name: "state file destroyed",
  touches: ["server"],
  damages: true,
  async run(world, random) {
    const { dataDir } = world.server;
    const path = join(dataDir, STATE_FILE);
    await world.server.program.stop();
    const nowMs = Date.now();
    const { store } = await DuckStateStore.open({ path, nowMs: () => nowMs });
    await nightlyExport(store, { dataDir, nowMs });
    await store.close();
    if (world.reader.marksFile === STATE_FILE)
      for (const batches of (await lostBatches(dataDir, STATE_FILE)).values())
        world.damage.lostBatches += batches;
    await world.server.start();
    await world.pause(random.whole(1_000, 6_000));
    await world.server.kill();
    destroy(path, random);
    world.damage.toTell++;
    await world.server.start();
  },
};

/** Faults that destroy something that is on a disk. */
export const DAMAGES: readonly Fault[] = [
  damagedSegment("flipped bytes"),
  damagedSegment("cut off"),
  damagedLog("flipped bytes"),
  damagedLog("cut off"),
  damagedMarks,
  destroyedTelemetry,
  destroyedState,
];
