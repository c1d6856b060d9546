import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AlertBook } from "@hashwatt/server/alerts/book";
import { RigMemory } from "@hashwatt/server/alerts/rigMemory";
import { RULES } from "@hashwatt/server/alerts/rules/registry";
import type { RuleContext } from "@hashwatt/server/alerts/rules/rule";
import { newRigView, type RigView } from "@hashwatt/server/fleet/rigView";
import { startFleet } from "@hashwatt/simulator/listener";
import { freePort } from "../support/ports.js";
import { startStack } from "../support/stack.js";
import { until } from "../support/wait.js";
import { breachStall } from "./breachStall.js";
import { type Bench, bounded, type Figure } from "./figure.js";

const RIGS = 10_000;
/** Every rig is read every five seconds. */
const INTERVAL_MS = 5_000;
const START = Date.UTC(2026, 3, 1);
const CROSSINGS = 4;
const STACK_INTERVAL_MS = 1_000;
/** Beyond two polls: the second confirms. */
const MOST_MS = 2_000;

/** CPU of all rules over ten thousand rigs, and what ten thousand breaches at once make. */
export const bench: Bench = async ({ seconds, say }) => [
  ...judging(seconds),
  ...(await crossing(say)),
  ...(await breachStall(say)),
];

function rig(i: number): RigView {
  const view = newRigView({
    rig: i + 1,
    site: "s",
    agent: "a",
    handle: `h${i}`,
    name: `rack-${Math.floor(i / 12) + 1}/${(i % 12) + 1}`,
    evidence: {
      address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      model: "Antminer S19",
      nominalThs: 95,
    },
    aliases: [],
    firstSeenMs: START,
    lastSeenMs: START,
  });
  const limit = { source: "sourced", name: "sourced", limitC: 85, warnC: 80 };
  view.limits = { chip: limit, board: limit };
  return view;
}

function readAt(view: RigView, nowMs: number, chipTempC: number): void {
  const boards = [0, 1, 2].map((slot) => ({
    slot,
    hashrateThs: 31,
    boardTempC: 60,
    chipTempC,
    chips: 76,
    chipsExpected: 76,
    hwErrors: nowMs % 7,
    frequencyMHz: 490,
  }));
  const accepted = (nowMs - START) / 20_000;
  view.reading = {
    atMs: nowMs,
    intervalMs: INTERVAL_MS,
    status: "mining",
    hashrateThs: 95,
    powerW: 3_250,
    inletTempC: 28,
    boardTempC: 60,
    chipTempC,
    fansRpm: [5_400, 5_380, 5_410, 5_390],
    fanDutyRatio: 0.8,
    boards,
    shares: { accepted, rejected: 0, acceptedDiff: accepted * 524_288 },
    pool: "stratum+tcp://pool.example.com:3333",
    uptimeS: 90_000 + (nowMs - START) / 1_000,
  };
  view.receivedMs = nowMs;
  view.answeredMs = nowMs;
  view.stale = false;
  view.figures = { efficiencyJPerTh: 34.2, revenuePerH: 0.15, costPerH: 0.1, profitPerH: 0.05 };
}

function judging(seconds: number): Figure[] {
  const views = Array.from({ length: RIGS }, (_, i) => rig(i));
  const memory = new RigMemory();
  const rates = { stale: false, demo: false, currency: "USD", pricePerKwh: 0.03, hashpricePerThH: 0.0016 };
  const context: RuleContext = { nowMs: START, heardSinceMs: 0, memory, rates: () => rates };
  const book = new AlertBook(RULES);
  book.standing = () => ({ site: "s", agent: "a", row: "row-1" });
  let cpuMs = 0;
  let rounds = 0;
  const round = (chipTempC: number) => {
    context.nowMs = START + rounds * INTERVAL_MS;
    for (const view of views) readAt(view, context.nowMs, chipTempC);
    const before = process.cpuUsage();
    for (const view of views) {
      memory.learn(view, context.nowMs);
      book.step(view, context);
    }
    // Time alone is judged every second.
    for (let sweep = 0; sweep < INTERVAL_MS / 1_000; sweep++)
      for (const view of views) book.sweep(view, context);
    const told = book.takeChanges(context.nowMs).transitions;
    const { user, system } = process.cpuUsage(before);
    if (rounds >= 5) cpuMs += (user + system) / 1_000;
    rounds++;
    return told;
  };
  const least = Math.min(60, Math.max(15, seconds));
  while (rounds < least) round(65);
  const share = cpuMs / ((rounds - 5) * INTERVAL_MS);
  round(95);
  const told = round(95).filter(({ partOf }) => partOf === undefined);
  const note = `${RIGS} rigs × ${RULES.length} rules every ${INTERVAL_MS / 1_000} s, their memory and a sweep a second included`;
  return [
    bounded("share of a core that judging takes", share, "", { atMost: 0.05 }, { note }),
    bounded(`messages of ${RIGS} breaches at once`, told.length, "", { atMost: 1 }),
    bounded("their text", JSON.stringify(told).length, "bytes", { atMost: 8_192 }),
  ];
}

/** From a rig that crosses its critical temperature to the message that leaves, over the whole way. */
async function crossing(say: (line: string) => void): Promise<Figure[]> {
  const heard = new Map<string, number>();
  const hook = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      answer.writeHead(204).end();
      for (const { rule, state, subject } of (JSON.parse(body) as Message).alerts)
        if (rule === "overheating" && state === "firing" && !heard.has(subject.name))
          heard.set(subject.name, performance.now());
    });
  });
  await new Promise<void>((listening) => hook.listen(0, "127.0.0.1", listening));
  const fleet = await startFleet({
    rigs: 12,
    seed: 2,
    port: await freePort(),
    base: "127.47.0.1",
    incidents: false,
  });
  const stack = await startStack({
    rigs: fleet.addresses.map(({ address, port }) => `${address}:${port}`),
    intervalMs: STACK_INTERVAL_MS,
    server: { webhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook` },
  });
  try {
    await until("all rigs report", async () => {
      const totals = await stack.get<{ fleet: { reporting: number } }>("/api/totals");
      return totals.fleet.reporting === 12;
    });
    const targets = fleet.addresses
      .filter(({ address }) =>
        /Antminer S19 Pro|Antminer S21|Whatsminer/.test(fleet.rig(address).identity.model.model),
      )
      .slice(0, CROSSINGS);
    const took: number[] = [];
    for (const { address } of targets) {
      const fromMs = performance.now();
      fleet.rig(address).override({ chipTempC: 120, boardTempC: 110 });
      const name = await until(`the alert of ${address} leaves`, () =>
        [...heard.keys()].find((each) => each.startsWith(address)),
      );
      took.push(heard.get(name)! - fromMs);
      say(`${address}: ${Math.round(took.at(-1)!)} ms`);
    }
    return [
      bounded(
        "from a critical temperature to the message, longest",
        Math.max(...took),
        "ms",
        { atMost: 2 * STACK_INTERVAL_MS + MOST_MS },
        {
          note: `${took.length} rigs polled every ${STACK_INTERVAL_MS} ms; two polls, of which the second confirms, and 2 s`,
        },
      ),
    ];
  } finally {
    await stack.close();
    await fleet.close();
    hook.close();
  }
}

interface Message {
  alerts: { rule: string; state: string; subject: { name: string } }[];
}
