import { restamping, ServerTime, type Stamped } from "@hashwatt/agent/publisher/serverTime";
import { type Send, STREAM_RULES, Streams, type StreamsEvent } from "@hashwatt/agent/publisher/streams";
import type { Ack } from "@hashwatt/protocol/topics";
import type { Network, WireSample } from "./network.js";
import type { Schedule } from "./schedule.js";

interface SpooledBatch extends Stamped {
  samples: WireSample[];
}

/** What survives a crash of the agent: its disk. */
interface Disk {
  streams: Map<string, { batches: Map<number, SpooledBatch>; first: number; last: number }>;
  /** As it was last written, up to five seconds ago. */
  savedFloors: Map<string, number>;
  boots: Map<string, number>;
}

/**
 * The agent: its real stream machine and its real clock rules, over a disk in memory. It makes a batch of one sample every
 * `BATCH_MS` of its life.
 */
export class AgentModel {
  readonly disk: Disk = { streams: new Map(), savedFloors: new Map(), boots: new Map() };
  /** Ids of all samples that were spooled, and of those that damage or a full disk took. */
  spooled = 0;
  readonly gone = new Set<number>();
  rolls = 0;
  restarts = 0;
  /** What went against the contract. */
  readonly broken: string[] = [];
  #run: AgentRun | undefined;
  /** Since when the machine sleeps, true time: nothing of it runs, and its monotonic clock stands still. */
  #asleepMs: number | undefined;
  #sleptMs = 0;
  /** What came meanwhile. */
  #mail: Ack[] = [];
  #link: boolean | undefined;

  constructor(
    readonly schedule: Schedule,
    readonly network: Network,
    /** Wall clock minus true time, ms. */
    public wallErrorMs: number,
  ) {
    network.toAgent = (ack) => {
      if (this.asleep) this.#mail.push(ack);
      else this.#run?.heard(ack);
    };
  }

  start(): void {
    this.restarts++;
    this.#run = new AgentRun(this, `boot${this.restarts}`);
  }

  /** Ends like a kill -9. */
  kill(): void {
    this.#mail = [];
    this.#run?.stop();
    this.#run = undefined;
  }

  get asleep(): boolean {
    return this.#asleepMs !== undefined;
  }

  get sleptMs(): number {
    return this.#sleptMs + (this.#asleepMs === undefined ? 0 : this.schedule.nowMs - this.#asleepMs);
  }

  sleep(): void {
    // What a boot stamped before it has heard of the time moves by a sleep: it cannot tell one from a clock that was set.
    const waits = [...this.disk.streams.values()].some(({ batches, first }) =>
      [...batches].some(([seq, { offsetKnown }]) => seq >= first && !offsetKnown),
    );
    if (this.#run?.time.sure && !waits) this.#asleepMs = this.schedule.nowMs;
  }

  /** Wakes the machine; what had arrived before its connection was gone is read first. */
  wake(): void {
    this.#sleptMs = this.sleptMs;
    this.#asleepMs = undefined;
    for (const ack of this.#mail.splice(0)) this.#run?.heard(ack);
    if (this.#link !== undefined) this.connected(this.#link);
    this.#link = undefined;
  }

  connected(up: boolean): void {
    if (this.asleep) this.#link = up;
    else this.#run?.connected(up);
  }

  /** Makes a spooled batch unreadable. */
  damage(random: () => number): void {
    const all = [...this.disk.streams.values()].flatMap(({ batches }) => [...batches.values()]);
    const batch = all[Math.floor(random() * all.length)];
    if (!batch) return;
    for (const { id } of batch.samples) this.gone.add(id);
    batch.samples = [];
    batch.boot = "damaged";
  }

  /** Takes the oldest part of the spool, as its bound does. */
  drop(random: () => number): void {
    const oldest = [...this.disk.streams].find(([, { first, last }]) => first <= last);
    // A bound that takes the very first batch of a boot, which asks for the time, leaves stamps as the wall clock made them.
    if (!oldest || !this.#run?.time.sure) return;
    const [id, stream] = oldest;
    const first = stream.first + 1 + Math.floor(random() * (stream.last - stream.first));
    for (let seq = stream.first; seq < first; seq++)
      for (const sample of stream.batches.get(seq)?.samples ?? []) this.gone.add(sample.id);
    this.free(id, first - 1);
    this.disk.savedFloors.set(id, first - 1);
    this.#run?.step({ type: "dropped", stream: id, first });
  }

  free(id: string, seq: number): void {
    const stream = this.disk.streams.get(id);
    if (stream) stream.first = Math.max(stream.first, seq + 1);
  }

  /** What the agent still holds, in batches. */
  get held(): number {
    let held = 0;
    for (const { first, last } of this.disk.streams.values()) held += last - first + 1;
    return held;
  }
}

const BATCH_MS = 250;

class AgentRun {
  readonly time = new ServerTime();
  readonly #streams = new Streams();
  readonly #sentMs = new Map<number, number>();
  readonly #startMs: number;
  readonly #sleptMs: number;
  #live = "";
  #seq = 0;
  #skewMs: number;
  #stopped = false;

  constructor(
    private readonly agent: AgentModel,
    readonly boot: string,
  ) {
    const { disk, schedule, network } = agent;
    this.#startMs = schedule.nowMs;
    this.#sleptMs = agent.sleptMs;
    this.#skewMs = this.#skew();
    for (const [id, stream] of disk.streams) {
      stream.first = (disk.savedFloors.get(id) ?? 0) + 1;
      if (stream.first > stream.last) disk.streams.delete(id);
      else this.step({ type: "backlog", stream: id, first: stream.first, last: stream.last });
    }
    this.#open();
    this.#cut([]);
    if (network.cuts === 0) this.step({ type: "connected" });
    this.#every(BATCH_MS, () => this.#sample());
    this.#every(250, () => this.step({ type: "tick" }));
    this.#every(5_000, () => this.#save());
  }

  stop(): void {
    this.#stopped = true;
  }

  connected(up: boolean): void {
    this.#watchClock();
    this.step({ type: up ? "connected" : "disconnected" });
  }

  heard(ack: Ack): void {
    const monoMs = this.#mono();
    this.#watchClock();
    this.time.learn(ack.serverMs, ack.stream === this.#live ? this.#sentMs.get(ack.seq) : undefined, monoMs);
    const aheadMs = this.time.measuredAheadMs;
    if (aheadMs !== undefined) this.agent.disk.boots.set(this.boot, aheadMs);
    this.step({ type: "ack", ...ack });
  }

  step(event: StreamsEvent): void {
    if (this.#stopped) return;
    const { agent } = this;
    for (const effect of this.#streams.step(event, this.#mono()))
      switch (effect.type) {
        case "free":
          agent.free(effect.stream, effect.seq);
          if (effect.stream === this.#live)
            for (const seq of this.#sentMs.keys()) if (seq <= effect.seq) this.#sentMs.delete(seq);
          break;
        case "drained":
          break;
        case "roll":
          agent.rolls++;
          this.#open();
          if (!this.time.sure) this.#cut([]);
      }
    this.#pump();
  }

  #mono(): number {
    const { schedule, sleptMs } = this.agent;
    return schedule.nowMs - this.#startMs - (sleptMs - this.#sleptMs);
  }

  #skew(): number {
    return this.agent.schedule.nowMs + this.agent.wallErrorMs - this.#mono();
  }

  #watchClock(): void {
    const skewMs = this.#skew();
    const stepped = Math.abs(skewMs - this.#skewMs) > 1_000;
    this.#skewMs = skewMs;
    if (!stepped) return;
    this.time.doubt(this.#mono());
    this.step({ type: "doubted", to: this.#seq });
    this.#cut([]);
  }

  #every(ms: number, run: () => void): void {
    this.agent.schedule.in(ms, () => {
      if (this.#stopped) return;
      if (!this.agent.asleep) run();
      this.#every(ms, run);
    });
  }

  #open(): void {
    this.#live = `${this.boot}-${this.agent.rolls}`;
    this.#seq = 0;
    this.#sentMs.clear();
    this.agent.disk.streams.set(this.#live, { batches: new Map(), first: 1, last: 0 });
    this.step({ type: "open", stream: this.#live });
  }

  #sample(): void {
    const { agent } = this;
    this.#watchClock();
    const trueMs = agent.schedule.nowMs;
    const correctionMs = this.time.correctionMs(this.#skewMs);
    const atMs = trueMs + agent.wallErrorMs + correctionMs;
    this.#cut([{ id: agent.spooled++, trueMs, atMs }], correctionMs);
  }

  #cut(samples: WireSample[], correctionMs = 0): void {
    const stream = this.agent.disk.streams.get(this.#live)!;
    const monoMs = this.#mono();
    const wallMs = monoMs + this.#skewMs + correctionMs;
    stream.last = ++this.#seq;
    stream.batches.set(this.#seq, { boot: this.boot, monoMs, wallMs, offsetKnown: this.time.sure, samples });
    this.step({ type: "appended", seq: this.#seq });
  }

  #save(): void {
    const { disk } = this.agent;
    for (const [id, stream] of disk.streams) {
      disk.savedFloors.set(id, stream.first - 1);
      for (const seq of stream.batches.keys()) if (seq < stream.first) stream.batches.delete(seq);
      if (stream.first > stream.last && id !== this.#live) disk.streams.delete(id);
    }
  }

  #pump(): void {
    const { agent } = this;
    for (const lane of ["live", "backlog"] as const)
      for (
        let send = this.#streams.next(lane, this.#mono());
        send;
        send = this.#streams.next(lane, this.#mono())
      ) {
        const window = lane === "live" ? STREAM_RULES.liveWindow : STREAM_RULES.backlogWindow;
        if (send.seq - send.first >= window) agent.broken.push(`${lane} window: ${send.first}…${send.seq}`);
        const batch = agent.disk.streams.get(send.stream)?.batches.get(send.seq);
        if (batch && this.#waits(send, batch)) break;
        if (!batch) agent.broken.push(`sent what is not there: ${send.stream} ${send.seq}`);
        else if (batch.boot === "damaged") agent.network.batch({ ...send, lost: "damaged", samples: [] });
        else agent.network.batch({ ...send, samples: this.#restamped(batch) });
        if (lane === "live" && !this.#sentMs.has(send.seq)) this.#sentMs.set(send.seq, this.#mono());
        this.#streams.sent(send, this.#mono());
      }
  }

  #waits({ lane, seq, first }: Send, batch: SpooledBatch): boolean {
    if (batch.offsetKnown || !batch.samples.length || batch.boot !== this.boot || this.time.sure)
      return false;
    return lane === "backlog" || seq !== first;
  }

  #restamped(batch: SpooledBatch): WireSample[] {
    const { boot, time } = this;
    const { boots } = this.agent.disk;
    const change = restamping(batch, { boot, time, aheadOfMs: (earlier) => boots.get(earlier) });
    if (change === 0) return batch.samples;
    if (change === "unsure") return batch.samples.map((sample) => ({ ...sample, clock: change }));
    return batch.samples.map((sample) => ({ ...sample, atMs: sample.atMs + change }));
  }
}
