import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/wait.js";
import { CatchUp } from "./catchUp.js";
import { assertAlive, FAULTS, type Fault, sleep } from "./faults.js";
import { Seeded } from "./seeded.js";
import { readStore } from "./stored.js";
import { type Comparison, compare, type Spooled } from "./truth.js";
import { type AgentPart, startWorld, type World } from "./world.js";

/** What a run is made of. */
export interface RunOptions {
  seed: number;
  /** How long faults go on; what they left behind is caught up with afterwards. */
  forMs: number;
  /** Ends earlier once so many kills were made. */
  kills?: number;
  rigs: number;
  base: string;
  /** Only faults whose name holds one of these; absent = all. */
  only?: readonly string[];
  say(line: string): void;
}

/** What a run found. */
export interface Report extends Comparison {
  seed: number;
  seconds: number;
  faults: Record<string, number>;
  /** Faults that could not be made here, with the reason. */
  notMade: Record<string, string>;
  kills: number;
  answers: number;
  /** Batches that the server says were lost. */
  reportedLostBatches: number;
  packetsLost: number;
  packetsDoubled: number;
  /** The longest time in which an agent was behind while its server answered, ms. */
  longestCatchUpMs: number;
}

/** Whether a run held what is promised. */
export const holds = ({ lost, double }: Report): boolean => lost.length === 0 && double.length === 0;

const READY_MS = 60_000;
const SETTLE_MS = 180_000;
/** Lost readings that are told one by one. */
const MOST_TOLD = 20;

/** Lets faults happen to a whole installation, mends everything, and compares what was spooled with what is stored. */
export async function runFaults(options: RunOptions): Promise<Report> {
  const { say } = options;
  const random = new Seeded(options.seed);
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-faults-"));
  // The links draw as often as packets pass: with chance of their own they do not disturb the order of faults.
  const world = await startWorld({ ...options, folder, random: new Seeded(options.seed + 1) });
  const catchUp = new CatchUp(world);
  try {
    await world.broker.start();
    await world.server.start();
    await world.agent.start();
    await until("all rigs report", async () => (await reporting(world)) === options.rigs, READY_MS);
    const startedMs = performance.now();
    const { made, notMade } = await letThemHappen(world, random, options);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    say("everything is mended; waiting until all is caught up");
    await settle(world, options.rigs, say);
    const result = await settled(world, say);
    return {
      seed: options.seed,
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

const agentsOf = (world: World): AgentPart[] => [world.agent, ...(world.second ? [world.second] : [])];
const linksOf = (world: World) => [world.server.link, ...agentsOf(world).map(({ link }) => link)];
const killsOf = (world: World): number =>
  [world.broker, world.server, ...agentsOf(world)].reduce((sum, { kills }) => sum + kills, 0);

const reporting = async (world: World): Promise<number> =>
  (await world.get<{ fleet: { reporting: number } }>("/api/totals")).fleet.reporting;

/** One fault after another, now and then two at a time, until the time is over or enough was killed. */
async function letThemHappen(world: World, random: Seeded, options: RunOptions) {
  const made = new Map<string, number>();
  const notMade = new Map<string, string>();
  const possible = FAULTS.filter((fault) => {
    if (options.only && !options.only.some((part) => fault.name.includes(part))) return false;
    const lack = fault.lacks?.(world);
    if (lack !== undefined) notMade.set(fault.name, lack);
    return lack === undefined;
  });
  const untilMs = performance.now() + options.forMs;
  const isOver = () =>
    performance.now() > untilMs || killsOf(world) >= (options.kills ?? Number.POSITIVE_INFINITY);
  const happen = async (fault: Fault) => {
    options.say(fault.name);
    made.set(fault.name, (made.get(fault.name) ?? 0) + 1);
    await fault.run(world, random);
  };
  // Each once in a drawn order before any comes again, so that a short run is no matter of luck.
  let round: Fault[] = [];
  while (!isOver()) {
    if (!round.length) round = shuffled(possible, random);
    const first = round.pop() as Fault;
    const at = random.next() < 0.25 ? round.findIndex((other) => isApart(first, other)) : -1;
    const [second] = at < 0 ? [] : round.splice(at, 1);
    await Promise.all([happen(first), ...(second ? [happen(second)] : [])]);
    await sleep(random.whole(300, 3_000));
    for (const part of [world.broker, world.server, world.agent]) assertAlive(part);
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

/** Waits until every rig reports again and no agent holds anything back, then ends agents and server. */
async function settle(world: World, rigs: number, say: (line: string) => void): Promise<void> {
  await world.second?.start();
  await until("all rigs report again", async () => (await reporting(world)) === rigs, SETTLE_MS, 500);
  for (const agent of agentsOf(world)) {
    for (let attempt = 1; ; attempt++) {
      await sleep(3_000);
      await agent.program.stop();
      const held = heldAtEnd(agent);
      if (held === 0) break;
      if (attempt * 4_000 > SETTLE_MS) throw new Error(`${agent.name} still holds ${held} batches`);
      if (attempt % 10 === 0) say(`${agent.name} holds ${held} batches`);
      await agent.start();
    }
  }
  await world.server.program.stop();
}

/** Batches that an agent held when it ended, as its last line of log says. */
function heldAtEnd({ program, name }: AgentPart): number {
  const line = program.lines.findLast((text) => text.includes('"msg":"agent stopped"'));
  if (line === undefined)
    throw new Error(`${name} did not say what it holds:\n${program.lines.slice(-20).join("\n")}`);
  return (JSON.parse(line) as { spool: { batches: number } }).spool.batches;
}

async function settled(
  world: World,
  say: (line: string) => void,
): Promise<Comparison & Pick<Report, "reportedLostBatches">> {
  const spooled = new Map<number, Spooled>();
  const broken = new Map<number, Spooled>();
  for (const { keeper } of agentsOf(world)) {
    const { whole, damaged } = keeper.spooled();
    for (const [number, where] of whole) spooled.set(number, where);
    for (const [number, where] of damaged) broken.set(number, where);
  }
  const { stored, keptApart, lostBatches } = await readStore(world.server.dataDir);
  const { heldBeforeDamage, fleet } = world;
  const comparison = compare({
    spooled,
    damaged: broken,
    stored,
    keptApart,
    heldBeforeDamage,
    answeredMs: (number) => fleet.answeredMs(number),
  });
  for (const number of comparison.lost.slice(0, MOST_TOLD)) {
    const { stream, seq } = spooled.get(number)!;
    const at = new Date(fleet.answeredMs(number) ?? Number.NaN);
    say(`lost: reading ${number} of ${at.toTimeString().slice(0, 8)}, batch ${seq} of stream ${stream}`);
  }
  return { ...comparison, reportedLostBatches: lostBatches };
}
