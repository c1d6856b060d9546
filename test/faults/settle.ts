import { until } from "../support/wait.js";
import { type Comparison, compare } from "./compare.js";
import { batchesOf, disagreementsOf, type Report } from "./report.js";
import { sleep } from "./sleep.js";
import { damageEvents, keptApart, lostBatches } from "./stored.js";
import type { Spooled } from "./truth.js";
import type { AgentPart, World } from "./world.js";

/** Generous: a machine may be busy with other things. */
const SETTLE_MS = 400_000;
/** Lost readings that are told one by one. */
const MOST_TOLD = 20;

export const agentsOf = (world: World): AgentPart[] => [world.agent, ...(world.second ? [world.second] : [])];

/** How many rigs report, as the server says. */
export const reporting = async (world: World): Promise<number> =>
  (await world.get<{ fleet: { reporting: number } }>("/api/totals")).fleet.reporting;

/** Waits until every rig reports again and no agent holds anything back, then ends agents and server. */
export async function settle(world: World, rigs: number, say: (line: string) => void): Promise<void> {
  await world.second?.start();
  await until(
    "all rigs report again",
    async () => {
      const { fleet, agents } = await world.get<{ fleet: { reporting: number }; agents: unknown }>(
        "/api/totals",
      );
      if (fleet.reporting === rigs) return true;
      throw new Error(
        `${JSON.stringify({ fleet, agents })}\n${world.agent.program.lines.slice(-10).join("\n")}`,
      );
    },
    SETTLE_MS,
    500,
  );
  for (const agent of agentsOf(world)) {
    const untilMs = performance.now() + SETTLE_MS;
    for (let attempt = 1; ; attempt++) {
      await sleep(3_000);
      await agent.program.stop();
      const held = heldAtEnd(agent);
      if (held === 0) break;
      const how = held === undefined ? "did not say what it holds" : `holds ${held} batches`;
      if (performance.now() > untilMs)
        throw new Error(`${agent.name} ${how}:\n${agent.program.lines.slice(-20).join("\n")}`);
      if (attempt % 10 === 0) say(`${agent.name} ${how}`);
      await agent.start();
    }
  }
  await world.server.program.stop();
}

/** Batches that an agent held when it ended, as its last line of log says; undefined where it was ended before it said so. */
function heldAtEnd({ program }: AgentPart): number | undefined {
  const line = program.lines.findLast((text) => text.includes('"msg":"agent stopped"'));
  return line === undefined ? undefined : (JSON.parse(line) as { spool: { batches: number } }).spool.batches;
}

/** Compares what was spooled with what is stored, and what the parts counted with what the run knows. */
export async function settled(
  world: World,
  say: (line: string) => void,
): Promise<Comparison & Pick<Report, "damagedByAgents" | "lostByServer" | "unmissable" | "disagreements">> {
  const spooled = new Map<number, Spooled>();
  const broken = new Map<number, Spooled>();
  for (const { keeper } of agentsOf(world)) {
    const { whole, damaged } = keeper.spooled();
    for (const [number, where] of whole) spooled.set(number, where);
    for (const [number, where] of damaged) broken.set(number, where);
  }
  const { fleet, reader, damage, server } = world;
  const stored = await reader.stored(server.dataDir);
  const comparison = compare({
    spooled,
    damaged: broken,
    stored,
    keptApart: keptApart(server.dataDir),
    heldBeforeDamage: damage.held,
    diskTroubles: damage.diskTroubles,
    onePerMs: world.store === "influxdb",
    answeredMs: (number) => fleet.answeredMs(number),
  });
  const there = new Set(stored.map(({ number }) => number));
  const gone = [...spooled].filter(([number]) => damage.held.has(number) && !there.has(number));
  const lost = await lostBatches(server.dataDir, reader.marksFile);
  const lostByServer = [...lost.values()].reduce((sum, n) => sum + n, damage.lostBatches);
  const told = await damageEvents(server.dataDir);
  const disagreements = disagreementsOf({
    comparison,
    batchesGone: batchesOf(gone.map(([, where]) => where)),
    unmissable: damage.unmissable,
    lostByServer,
    toTell: damage.toTell,
    told: told.length,
  });
  tell("lost", comparison.lost);
  tell("double", comparison.double);
  tell("under another rig", comparison.foreign);
  tell("stored from no spool", comparison.unspooledStrange);
  for (const text of disagreements) say(text);
  return {
    ...comparison,
    damagedByAgents: damagedRecords(world),
    lostByServer,
    unmissable: damage.unmissable,
    disagreements,
  };

  function tell(what: string, numbers: readonly number[]): void {
    for (const number of numbers.slice(0, MOST_TOLD)) {
      const { stream, seq, rig } = spooled.get(number) ?? {
        stream: "unknown",
        seq: "unknown",
        rig: "unknown",
      };
      const at = new Date(fleet.answeredMs(number) ?? Number.NaN);
      say(
        `${what}: reading ${number} of ${rig} of ${at.toTimeString().slice(0, 8)}, batch ${seq} of stream ${stream}`,
      );
    }
  }
}

/** Records that agents found damaged, in all their lives: each once. */
function damagedRecords(world: World): number {
  const found = new Set<string>();
  for (const agent of agentsOf(world))
    for (const line of agent.told()) {
      if (!line.includes('"spool record damaged"')) continue;
      const { stream, seq } = JSON.parse(line) as { stream: string; seq: number };
      found.add(`${stream} ${seq}`);
    }
  return found.size;
}
