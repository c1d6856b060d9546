import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestStoreKind } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { CatchUp } from "./catchUp.js";
import { FAULTS, type Fault } from "./faults.js";
import { assertAlive } from "./part.js";
import type { Report } from "./report.js";
import { Seeded } from "./seeded.js";
import { agentsOf, reporting, settle, settled } from "./settle.js";
import { storm } from "./storm.js";
import { makeWorld, type World } from "./world.js";

/** What a run is made of. */
export interface RunOptions {
  seed: number;
  store: TestStoreKind;
  /** How long faults go on; what they left behind is caught up with afterwards. */
  forMs: number;
  /** Ends earlier once every fault was made. */
  once?: boolean;
  /** Ends earlier once so many kills were made. */
  kills?: number;
  /** Nothing but kills, in quick succession. */
  storm?: boolean;
  /** Factor on how long each fault lasts (default 1), and share of faults that come in pairs (default a quarter). */
  pace?: number;
  pairs?: number;
  rigs: number;
  base: string;
  /** Only faults whose name holds one of these; absent = all. */
  only?: readonly string[];
  say(line: string): void;
}

const READY_MS = 300_000;

/** Lets faults happen to a whole installation, mends everything, and compares what was spooled with what is stored. */
export async function runFaults(options: RunOptions): Promise<Report> {
  const { say, pace = 1 } = options;
  const random = new Seeded(options.seed);
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-faults-"));
  // The links draw as often as packets pass: with chance of their own they do not disturb the order of faults.
  const world = await makeWorld({ ...options, folder, pace, random: new Seeded(options.seed + 1) });
  const catchUp = new CatchUp(world);
  try {
    await world.start();
    await until("all rigs report", async () => (await reporting(world)) === options.rigs, READY_MS);
    const startedMs = performance.now();
    const { made, notMade } = options.storm
      ? await storm(world, random, { ...options, killsOf: () => killsOf(world) })
      : await letThemHappen(world, random, options);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    say("everything is mended; waiting until all is caught up");
    await settle(world, options.rigs, say);
    const result = await settled(world, say);
    return {
      seed: options.seed,
      store: options.store,
      seconds,
      faults: Object.fromEntries(made),
      notMade: Object.fromEntries(notMade),
      kills: killsOf(world),
      answers: world.fleet.answers,
      packetsLost: linksOf(world).reduce((sum, { lost }) => sum + lost, 0),
      packetsDoubled: linksOf(world).reduce((sum, { doubled }) => sum + doubled, 0),
      longestCatchUpMs: catchUp.longestMs,
      ...result,
    };
  } finally {
    catchUp.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const linksOf = (world: World) => [world.server.link, ...agentsOf(world).map(({ link }) => link)];
const partsOf = (world: World) => [world.broker, ...(world.influxd ? [world.influxd] : []), world.server];
const killsOf = (world: World): number =>
  [...partsOf(world), ...agentsOf(world)].reduce((sum, { kills }) => sum + kills, 0);

/** One fault after another, now and then two at a time, until the time is over or enough was killed. */
async function letThemHappen(world: World, random: Seeded, options: RunOptions) {
  const { once = false, pairs = 0.25, kills = Number.POSITIVE_INFINITY } = options;
  const made = new Map<string, number>();
  const notMade = new Map<string, string>();
  const possible = FAULTS.filter((fault) => {
    if (fault.store !== undefined && fault.store !== world.store) return false;
    if (options.only && !options.only.some((part) => fault.name.includes(part))) return false;
    const lack = fault.lacks?.(world);
    if (lack !== undefined) notMade.set(fault.name, lack);
    return lack === undefined;
  });
  const untilMs = performance.now() + options.forMs;
  const isOver = () => performance.now() > untilMs || killsOf(world) >= kills;
  const happen = async (fault: Fault, chance: Seeded) => {
    options.say(fault.name);
    made.set(fault.name, (made.get(fault.name) ?? 0) + 1);
    await fault.run(world, chance);
  };
  // Each once in a drawn order before any comes again, so that a short run is no matter of luck.
  let round = shuffled(possible, random);
  while (!isOver()) {
    const first = round.pop() as Fault;
    const at = random.next() < pairs ? round.findIndex((other) => isApart(first, other)) : -1;
    const [second] = at < 0 ? [] : round.splice(at, 1);
    // Two at a time draw each from a chance of its own, so that which comes first changes nothing.
    const both = [first, ...(second ? [second] : [])].map((fault) => ({
      fault,
      chance: new Seeded(random.whole(0, 2 ** 31)),
    }));
    await Promise.all(both.map(({ fault, chance }) => happen(fault, chance)));
    await world.pause(random.whole(300, 3_000));
    for (const part of [...partsOf(world), world.agent]) assertAlive(part);
    if (!round.length && once) break;
    if (!round.length) round = shuffled(possible, random);
  }
  return { made, notMade };
}

/** Damage needs the processes for itself, and two faults must not hold the same part. */
const isApart = (one: Fault, other: Fault): boolean =>
  !one.damages && !other.damages && !one.touches.some((name) => other.touches.includes(name));

function shuffled<T>(list: readonly T[], random: Seeded): T[] {
  const left = [...list];
  const mixed: T[] = [];
  while (left.length) mixed.push(...left.splice(random.whole(0, left.length - 1), 1));
  return mixed;
}
