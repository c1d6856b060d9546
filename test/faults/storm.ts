import { until } from "../support/wait.js";
import type { Seeded } from "./seeded.js";
import { reporting } from "./settle.js";
import { sleep } from "./sleep.js";
import type { World } from "./world.js";

/** So many kills, then everything is let come to rest: so that what they cost shows near them. */
const BETWEEN_RESTS = 50;
const REST_MS = 400_000;

/** What a storm ends with. */
export interface StormOptions {
  rigs: number;
  forMs: number;
  kills?: number;
  killsOf(): number;
  say(line: string): void;
}

/**
 * Nothing but `kill -9`, of any part, at any moment: while it works, while it starts, while it takes up what the last kill left,
 * two at a time. Each is started again at once.
 */
export async function storm(world: World, random: Seeded, options: StormOptions) {
  const { kills = Number.POSITIVE_INFINITY, killsOf, say } = options;
  const made = new Map<string, number>();
  const parts = [world.agent, world.server, world.broker, ...(world.influxd ? [world.influxd] : [])];
  const untilMs = performance.now() + options.forMs;
  const killOne = async (part: (typeof parts)[number]) => {
    made.set(`${part.name} killed`, (made.get(`${part.name} killed`) ?? 0) + 1);
    await part.kill();
    part.launch();
  };
  let restAt = killsOf() + BETWEEN_RESTS;
  while (performance.now() < untilMs && killsOf() < kills) {
    const first = random.of(parts);
    const second = random.next() < 0.2 ? random.of(parts.filter((part) => part !== first)) : undefined;
    await Promise.all([killOne(first), ...(second ? [killOne(second)] : [])]);
    // A third of them within what a start takes, the others after it.
    await sleep(random.next() < 0.35 ? random.whole(0, 1_200) : random.whole(1_200, 3_500));
    if (killsOf() < restAt) continue;
    restAt = killsOf() + BETWEEN_RESTS;
    await rest(world, options);
    say(`${killsOf()} kills`);
  }
  await rest(world, options);
  return { made, notMade: new Map<string, string>() };
}

/** Everything works again, and every rig reports. */
async function rest(world: World, { rigs }: StormOptions): Promise<void> {
  for (const part of [world.broker, ...(world.influxd ? [world.influxd] : []), world.server])
    await part.ready();
  await until("all rigs report", async () => (await reporting(world)) === rigs, REST_MS, 250);
}
