import type { AlertView } from "@hashwatt/protocol/http";
import type { Board, Evidence } from "@hashwatt/protocol/sample";
import { Agents } from "@hashwatt/server/agents";
import { AlertBook } from "@hashwatt/server/alerts/book";
import { Limits } from "@hashwatt/server/alerts/limits";
import { RigMemory } from "@hashwatt/server/alerts/rigMemory";
import { RULES } from "@hashwatt/server/alerts/rules/registry";
import type { RuleContext, StopState } from "@hashwatt/server/alerts/rules/rule";
import { Surveyor } from "@hashwatt/server/alerts/surveyor";
import { ThermalTable } from "@hashwatt/server/alerts/thermalTable";
import { readThermalLimits } from "@hashwatt/server/bundledData";
import { Fleet } from "@hashwatt/server/fleet/fleet";
import type { Reading, RigView } from "@hashwatt/server/fleet/rigView";
import { layOut } from "@hashwatt/simulator/addresses";
import { type StagedFleet, type Staging, stage } from "@hashwatt/simulator/fleet";
import type { RigState } from "@hashwatt/simulator/rigState";
import type { Seat } from "@hashwatt/simulator/seat";
import { buildSite } from "@hashwatt/simulator/site";
import { fakeClock } from "@hashwatt/simulator/time";

const SWEEP_MS = 5_000;
/** A restart: what was read meanwhile is told afterwards, but for the alerts only the newest counts. */
const AWAY_MS = 30_000;

/** What befalls a fleet, and how it is watched. */
export interface AlertedOptions extends Pick<Staging, "scenario" | "set"> {
  rigs: number;
  seed: string;
  startMs: number;
  intervalMs: number;
  /** A planned stop of all rigs. */
  stop?: (nowMs: number) => StopState | undefined;
  /** Per kWh; what the rigs earn is 0.0016 USD for a TH/s and hour. */
  pricePerKwh?: number;
  /** How often what no rig does by itself is looked at; a long run need not look every five seconds. */
  sweepMs?: number;
  /** The server is ended and started again after so long, and is away for {@link AWAY_MS}. */
  restartMs?: number;
}

/** A told alert, with minutes since the start. */
export interface Told {
  rule: string;
  name: string;
  state: AlertView["state"];
  minute: number;
  alert: AlertView;
}

/**
 * Simulated rigs judged by the server's own book, on a time of its own and without any socket: each reading is what the rig shows,
 * in the shape that an agent sends.
 */
export class AlertedFleet {
  readonly staged: StagedFleet;
  book = new AlertBook(RULES);
  readonly told: Told[] = [];
  #fleet: Fleet;
  #memory = new RigMemory();
  #context: RuleContext;
  #surveyor: Surveyor;
  #views: RigView[] = [];
  readonly #options: AlertedOptions;
  /** Alerts as the state has them. */
  readonly #stored = new Map<string, AlertView>();
  #nowMs: number;

  constructor(options: AlertedOptions) {
    const { rigs, seed, startMs } = options;
    this.#options = options;
    this.#nowMs = startMs;
    this.staged = stage(
      buildSite(seed, rigs, undefined),
      layOut("per-address", rigs, "127.10.0.1", 4028),
      fakeClock(startMs),
      options,
    );
    const judging = this.#judging(startMs - 3_600_000);
    this.#fleet = judging.fleet;
    this.#surveyor = judging.surveyor;
    this.#context = judging.context;
    this.#views = this.staged.seats.map((seat, i) =>
      this.#fleet.putRig({
        rig: i + 1,
        site: "s",
        agent: "a",
        handle: `h${i + 1}`,
        name: placeName(i),
        evidence: evidenceOf(seat, seat.live.stateAt(startMs)),
        aliases: [],
        firstSeenMs: startMs,
        lastSeenMs: startMs,
      }),
    );
  }

  /** What judges, with the book and the memory of now. */
  #judging(heardSinceMs: number): { fleet: Fleet; surveyor: Surveyor; context: RuleContext } {
    const { pricePerKwh = 0.03, stop } = this.#options;
    const limits = new Limits(new ThermalTable(readThermalLimits()));
    const priced = { hashpricePerThH: 0.0016, pricePerKwh };
    const fleet = new Fleet({ rates: () => priced, limits: (view, nowMs) => limits.of(view, nowMs) });
    const rates = { ...priced, stale: false, demo: false, currency: "USD", inputs: [] };
    const surveyor = new Surveyor({
      fleet,
      sites: {
        all: () =>
          [{ site: "s", name: "south", zone: "UTC", currency: "USD", demo: false }][Symbol.iterator](),
      },
      agents: new Agents(),
      rates: { now: () => rates, slots: () => [] },
      book: this.book,
      store: () => ({ ok: true, note: "" }),
      disk: () => undefined,
    });
    this.book.standing = (rig) => ({ site: "s", agent: "a", rack: placeName(rig - 1).split("/")[0] });
    const context: RuleContext = {
      nowMs: this.#nowMs,
      heardSinceMs,
      memory: this.#memory,
      pools: surveyor.pools,
      rates: () => rates,
      ambientC: () => ({ tempC: this.staged.air.ambientC(this.#nowMs), source: "weather" }),
      ...(stop && { stop: () => stop(this.#nowMs) }),
    };
    return { fleet, surveyor, context };
  }

  /** Ends the server and starts another on what the first one has stored. */
  #restart(): void {
    this.#take(this.#nowMs - this.#options.startMs, true);
    const kept = {
      pending: this.book.pendingText(),
      memory: this.#memory.text(),
      pools: this.#surveyor.pools.text(),
      rigs: this.#views.map(({ record }) => record),
      latest: this.#views.flatMap(({ rig, reading, receivedMs }) =>
        reading ? { rig, sample: reading, receivedMs: receivedMs! } : [],
      ),
      byRig: new Map(this.#views.flatMap(({ rig, answeredMs }) => (answeredMs ? [[rig, answeredMs]] : []))),
    };
    this.#nowMs += AWAY_MS;
    this.book = new AlertBook(RULES);
    this.#memory = new RigMemory();
    this.#memory.restore(kept.memory);
    this.book.restore([...this.#stored.values()], this.#nowMs);
    ({ fleet: this.#fleet, surveyor: this.#surveyor, context: this.#context } = this.#judging(this.#nowMs));
    this.#views = kept.rigs.map((record) => this.#fleet.putRig(record));
    this.#fleet.hydrate(kept.latest, { fromMs: 0, byRig: kept.byRig }, this.#nowMs);
    this.#surveyor.pools.restore(kept.pools);
    this.book.resume(kept.pending);
  }

  /** Lets time pass: every rig is read once an interval, and time alone is judged in between. */
  runTo(ms: number): void {
    const { startMs, intervalMs, sweepMs = SWEEP_MS, restartMs } = this.#options;
    while (this.#nowMs < startMs + ms) {
      this.#nowMs += sweepMs;
      if (this.#nowMs - startMs === restartMs) this.#restart();
      this.#context.nowMs = this.#nowMs;
      const sinceMs = this.#nowMs - startMs;
      // Rigs are read in turn, as an agent does.
      for (const [i, view] of this.#views.entries()) {
        const phaseMs = Math.floor((i * intervalMs) / this.#views.length / sweepMs) * sweepMs;
        if ((sinceMs - phaseMs) % intervalMs === 0) this.#read(view, i);
      }
      this.#fleet.sweep(this.#nowMs);
      this.#surveyor.step(this.#context);
      for (const view of this.#views) this.book.sweep(view, this.#context);
      this.#take(sinceMs);
    }
  }

  #read(view: RigView, i: number): void {
    const seat = this.staged.seats[i]!;
    const { intervalMs } = this.#options;
    const at = { atMs: this.#nowMs, intervalMs };
    if (!answers(seat, this.#nowMs)) this.#fleet.apply(view, { ...at, status: "unreachable" }, this.#nowMs);
    else {
      // Read at once, and nothing of it is kept.
      const state = seat.live.glanceAt(this.#nowMs);
      if (!isSame(state, view.record.evidence))
        this.#fleet.putRig({ ...view.record, evidence: evidenceOf(seat, state) });
      this.#fleet.apply(view, readingOf(seat, state, at), this.#nowMs);
    }
    this.#memory.learn(view, this.#nowMs);
    this.book.step(view, this.#context);
  }

  #take(sinceMs: number, ends = false): void {
    const { transitions } = this.book.takeChanges(this.#nowMs, ends);
    for (const alert of transitions) {
      if (this.#options.restartMs !== undefined) this.#stored.set(alert.id, alert);
      if (alert.partOf === undefined && alert.quietUntilMs === undefined)
        this.told.push({
          rule: alert.rule,
          name: alert.members ? `${alert.members.count} rigs` : alert.subject.name,
          state: alert.state,
          minute: Math.round(sinceMs / 6_000) / 10,
          alert,
        });
    }
  }
}

/** Racks of a dozen. */
const placeName = (index: number): string => `rack-${Math.floor(index / 12) + 1}/${(index % 12) + 1}`;

/** Chance that is the same in every run. */
function dice(key: number, atMs: number): number {
  let x = (key ^ Math.floor(atMs / 1_000)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

function answers(seat: Seat, atMs: number): boolean {
  const { reach, lossRatio, garbledRatio } = seat.live.circumstancesAt(atMs).network;
  if (reach !== "up" || !seat.live.isUp(atMs)) return false;
  return dice(seat.live.key, atMs) >= lossRatio && dice(seat.live.key + 7, atMs) >= garbledRatio;
}

const STATUS = {
  starting: "starting",
  mining: "mining",
  stopped: "fault",
  sleeping: "sleeping",
  waiting: "idle",
  off: "unreachable",
} as const;

/** The highest temperature of a rig's boards; undefined without any. */
function highest(boards: readonly Board[], of: "boardTempC" | "chipTempC"): number | undefined {
  let max: number | undefined;
  for (const board of boards) if (max === undefined || (board[of] as number) > max) max = board[of];
  return max;
}

/** What an agent makes of the rig. Written out: a run of a month does it forty million times. */
function readingOf(
  seat: Seat,
  state: RigState,
  { atMs, intervalMs }: Pick<Reading, "atMs" | "intervalMs">,
): Reading {
  const { model, poolDifficulty } = seat.live.identity.unit;
  const { accepted, rejected, stale } = state.shares;
  const active = state.pools.find((pool) => pool.active);
  const boards: Board[] = [];
  for (const board of state.boards)
    if (board.present)
      boards.push({
        slot: board.slot,
        hashrateThs: board.hashrateThs,
        boardTempC: board.boardTempC,
        chipTempC: board.chipTempC,
        chips: board.chips,
        chipsExpected: model.chipsPerBoard,
        hwErrors: board.hwErrors,
        frequencyMHz: model.make === "Bitmain" ? 500 * state.load : undefined,
      });
  return {
    atMs,
    intervalMs,
    status: STATUS[state.phase],
    algo: "sha256",
    hashrateThs: state.hashrateThs,
    powerW: state.powerW,
    powerSource: "psu",
    powerLimitW: state.given.powerLimitW,
    inletTempC: state.inletTempC,
    boardTempC: highest(boards, "boardTempC"),
    chipTempC: highest(boards, "chipTempC"),
    fansRpm: state.fansRpm.slice(),
    fanDutyRatio: state.fanRatio,
    boards,
    shares: { accepted, rejected, stale, acceptedDiff: accepted * poolDifficulty },
    pool: active?.url,
    poolLatencyMs: model.make === "Canaan" ? active?.latencyMs : undefined,
    uptimeS: state.elapsedMs / 1_000,
  };
}

/** Whether what a rig tells of its pools is what was told before. */
const isSame = ({ pools }: RigState, evidence: Evidence): boolean =>
  pools.every((pool, i) => {
    const told = evidence.pools?.[i];
    return told?.url === pool.url && told.active === pool.active && (told.status === "Alive") === pool.alive;
  });

function evidenceOf({ live, where }: Seat, state: RigState): Evidence {
  const { model } = live.identity;
  return {
    address: where.address,
    make: model.make,
    model: model.model,
    dialect: model.make === "Bitmain" ? "antminer" : "btminer-v2",
    algo: "sha256",
    nominalThs: model.hashrateThs,
    pools: state.pools.map(({ url, user, alive, active }) => ({
      url,
      user,
      status: alive ? "Alive" : "Dead",
      active,
    })),
  };
}
