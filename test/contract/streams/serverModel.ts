import type { StreamMark } from "@hashwatt/server/store/store";
import { StreamMarks } from "@hashwatt/server/streams/streamMarks";
import type { Network, WireBatch, WireSample } from "./network.js";
import type { Schedule } from "./schedule.js";

/** A database of the model: what is committed, marks and samples together. */
interface Database {
  marks: Map<string, StreamMark>;
  samples: Map<number, WireSample>;
}

const COMMIT_EVERY_MS = 250;
const COMMIT_TAKES_MS = 20;
const SOURCE = { site: "site", agent: "agent" };

/** The server: its real marks over a store in memory that can fail, crash and be replaced. */
export class ServerModel {
  #database: Database = { marks: new Map(), samples: new Map() };
  /** Databases that were replaced. */
  readonly former: Database[] = [];
  /** Commits fail for as long as this is above 0. */
  failing = 0;
  lost = 0;
  /** True time of the newest sample shown, and when it was shown. */
  shownMs = Number.NEGATIVE_INFINITY;
  readonly broken: string[] = [];
  #life: { marks: StreamMarks; pending: WireSample[]; unstored: StreamMark[] } | undefined;

  constructor(
    private readonly schedule: Schedule,
    private readonly network: Network,
  ) {
    network.toServer = (batch) => this.#arrived(batch);
  }

  start(): void {
    const life = { marks: new StreamMarks(this.#database.marks.values()), pending: [], unstored: [] };
    this.#life = life;
    for (const { ack } of life.marks.acksAtStart(this.schedule.nowMs)) this.network.ack(ack);
    const commit = () => {
      if (this.#life !== life) return;
      this.#commit();
      this.schedule.in(COMMIT_EVERY_MS, commit);
    };
    this.schedule.in(COMMIT_EVERY_MS, commit);
  }

  /** Ends like a kill -9: what is not committed never was. */
  kill(): void {
    this.#life = undefined;
  }

  get running(): boolean {
    return this.#life !== undefined;
  }

  /** Starts anew on an empty database. */
  replaceDatabase(): void {
    this.kill();
    this.former.push(this.#database);
    this.#database = { marks: new Map(), samples: new Map() };
    this.start();
  }

  stored(id: number): WireSample | undefined {
    const held = this.#database.samples.get(id);
    return held ?? this.former.map(({ samples }) => samples.get(id)).find((sample) => sample !== undefined);
  }

  #arrived(batch: WireBatch): void {
    const life = this.#life;
    if (!life) return;
    const nowMs = this.schedule.nowMs;
    const arrival = life.marks.arrive(SOURCE, batch, nowMs);
    if (arrival.kind !== "accepted") {
      if (arrival.ack) this.network.ack(arrival.ack);
      return;
    }
    this.lost += arrival.lost;
    life.pending.push(...batch.samples);
    if (!batch.live) return;
    for (const { trueMs } of batch.samples) {
      if (nowMs - trueMs > 15_000) this.broken.push(`shown as live after ${nowMs - trueMs} ms`);
      this.shownMs = Math.max(this.shownMs, trueMs);
    }
  }

  /** Takes what is pending, and a little later it is committed, or goes back in front for the next commit. */
  #commit(): void {
    const life = this.#life!;
    const samples = life.pending.splice(0);
    const marks = [...life.unstored.splice(0), ...life.marks.take()];
    if (!marks.length) return;
    const fails = this.failing > 0;
    this.schedule.in(COMMIT_TAKES_MS, () => {
      if (this.#life !== life) return;
      if (fails) {
        life.pending.unshift(...samples);
        life.unstored.push(...marks);
        return;
      }
      for (const sample of samples) {
        if (this.#database.samples.has(sample.id)) this.broken.push(`sample ${sample.id} stored twice`);
        this.#database.samples.set(sample.id, sample);
      }
      for (const mark of marks) this.#database.marks.set(mark.stream, mark);
      for (const { ack } of life.marks.committed(marks, this.schedule.nowMs)) this.network.ack(ack);
    });
  }
}
