import { AgentModel } from "./agentModel.js";
import { Network } from "./network.js";
import { randomOf, Schedule } from "./schedule.js";
import { ServerModel } from "./serverModel.js";

/** Something that goes wrong at `atMs` and, where it lasts, is over `forMs` later. */
export type Fault = { atMs: number; forMs: number } & (
  | { kind: "rain"; lossRatio: number; doubleRatio: number; delayMs: number }
  /** The agent's connection to the broker: it notices, or the messages just vanish. */
  | { kind: "cut"; noticed: boolean }
  | { kind: "agentDown" }
  /** The agent's machine sleeps, and is connected anew when it wakes. */
  | { kind: "sleep" }
  | { kind: "serverDown" }
  | { kind: "commitsFail" }
  | { kind: "newDatabase" }
  | { kind: "damage"; records: number }
  | { kind: "drop" }
  | { kind: "clockStep"; stepMs: number }
);

/** What a run of the world came to. */
export interface Outcome {
  /** Everything that went against the contract, in words; empty when all is well. */
  broken: string[];
  spooled: number;
  rolls: number;
  lost: number;
  /** How long after the last fault live values were current, ms. */
  liveAfterMs: number;
  drainedAfterMs: number;
}

/** A live value on the screen may be as old as a batch, its way and the check itself. */
const CURRENT_MS = 1_000;
const LIVE_WITHIN_MS = 10_000;
const CHECK_MS = 250;
/** Stamps are corrected to 2 s; below that an offset is left alone. */
const STAMP_TOLERANCE_MS = 4_500;

/** Lives through `faults` and some quiet after them, then takes stock. */
export function live(seed: number, faults: readonly Fault[], wallErrorMs: number, quietMs: number): Outcome {
  const schedule = new Schedule();
  const random = randomOf(seed);
  const network = new Network(schedule, random);
  const server = new ServerModel(schedule, network);
  const agent = new AgentModel(schedule, network, wallErrorMs);
  server.start();
  agent.start();
  let lastFaultMs = 0;
  const down = { agent: 0, server: 0, asleep: 0 };
  for (const fault of faults) {
    lastFaultMs = Math.max(lastFaultMs, fault.atMs + fault.forMs);
    schedule.at(fault.atMs, () => {
      const undo = strike(fault, { agent, server, network, down, random });
      schedule.in(fault.forMs, undo);
    });
  }
  schedule.runTo(lastFaultMs);
  const settledMs = Math.max(lastFaultMs, network.settledMs);
  const broken: string[] = [];
  let liveMs: number | undefined;
  let drainedMs: number | undefined;
  for (const endMs = settledMs + LIVE_WITHIN_MS + quietMs; schedule.nowMs < endMs; ) {
    schedule.runTo(schedule.nowMs + CHECK_MS);
    const current = schedule.nowMs - server.shownMs <= CURRENT_MS;
    if (!current && schedule.nowMs > settledMs + LIVE_WITHIN_MS)
      broken.push(
        `live values ${schedule.nowMs - server.shownMs} ms old ${schedule.nowMs - settledMs} ms after`,
      );
    if (!current) liveMs = undefined;
    else liveMs ??= schedule.nowMs;
    if (agent.held <= 8) drainedMs ??= schedule.nowMs;
    else drainedMs = undefined;
  }
  if (drainedMs === undefined) broken.push(`${agent.held} batches still held`);
  agent.kill();
  takeStock(agent, server, faults, broken, schedule.nowMs - 2_000);
  return {
    broken: [...broken, ...agent.broken, ...server.broken],
    spooled: agent.spooled,
    rolls: agent.rolls,
    lost: server.lost,
    liveAfterMs: (liveMs ?? Number.POSITIVE_INFINITY) - settledMs,
    drainedAfterMs: (drainedMs ?? Number.POSITIVE_INFINITY) - settledMs,
  };
}

function takeStock(
  agent: AgentModel,
  server: ServerModel,
  faults: readonly Fault[],
  broken: string[],
  beforeMs: number,
) {
  const rightClock =
    agent.wallErrorMs === 0 && !faults.some(({ kind }) => kind === "clockStep" || kind === "sleep");
  for (let id = 0; id < agent.spooled; id++) {
    const sample = server.stored(id);
    if (!sample) {
      if (!agent.gone.has(id) && id < agent.spooled - (agent.schedule.nowMs - beforeMs) / 250)
        broken.push(`sample ${id} is missing`);
      continue;
    }
    const errorMs = Math.abs(sample.atMs - sample.trueMs);
    if (rightClock ? errorMs > 0 : sample.clock === undefined && errorMs > STAMP_TOLERANCE_MS)
      broken.push(`sample ${id} of ${sample.trueMs} is stamped ${sample.atMs}`);
  }
  const excused = faults.some(({ kind }) => kind === "damage" || kind === "drop" || kind === "newDatabase");
  if (!excused && server.lost) broken.push(`${server.lost} batches counted as lost`);
}

interface Parts {
  agent: AgentModel;
  server: ServerModel;
  network: Network;
  down: { agent: number; server: number; asleep: number };
  random: () => number;
}

/** Makes the fault happen; returns what ends it. */
function strike(fault: Fault, { agent, server, network, down, random }: Parts): () => void {
  switch (fault.kind) {
    case "rain":
      network.weather = fault;
      return () => network.clear();
    case "cut":
      if (network.cuts++ === 0 && fault.noticed) agent.connected(false);
      return () => {
        if (--network.cuts === 0) agent.connected(true);
      };
    case "agentDown":
      if (down.agent++ === 0) agent.kill();
      return () => {
        if (--down.agent === 0) agent.start();
      };
    case "sleep":
      network.cuts++;
      if (down.asleep++ === 0) agent.sleep();
      return () => {
        if (--network.cuts === 0) agent.connected(true);
        if (--down.asleep === 0) agent.wake();
      };
    case "serverDown":
      if (down.server++ === 0) server.kill();
      return () => {
        if (--down.server === 0) server.start();
      };
    case "commitsFail":
      server.failing++;
      return () => {
        server.failing--;
      };
    case "newDatabase":
      if (down.server === 0) server.replaceDatabase();
      return () => {};
    case "damage":
      for (let record = 0; record < fault.records; record++) agent.damage(random);
      return () => {};
    case "drop":
      agent.drop(random);
      return () => {};
    case "clockStep":
      agent.wallErrorMs += fault.stepMs;
      return () => {};
  }
}
