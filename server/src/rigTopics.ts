import { ROOT, rigTopic } from "@hashwatt/protocol/topics";
import type { HeldTopics } from "./broker/heldTopics.js";
import { rigId } from "./fleet/rigDetail.js";
import type { Overview } from "./overview.js";
import type { RigRecord } from "./store/state/state.js";

/** Topics published per call, so that ten thousand rigs at start do not crowd out acks. */
const PER_CALL = 500;
const STATE_MS = 30_000;
const INFO = new RegExp(`^${ROOT}/[^/]+/rig/[^/]+/info$`);
/** Level of a topic that says whether it is of a rig or of an agent. */
const ROOM = 3;

/** What the topics need to be told. */
export interface RigTopicsOptions {
  overview: Overview;
  records(): Iterable<RigRecord>;
  isRetired(record: RigRecord): boolean;
  /** Publishes retained; an empty body takes the topic back. */
  publish(topic: string, body: unknown): void;
  /** Whether `rig/{id}/state` is published too. */
  state: boolean;
}

/** What the server says of rigs over MQTT: `info` on change, `state` (opt-in) at most every 30 s. */
export class RigTopics implements HeldTopics {
  readonly #options: RigTopicsOptions;
  readonly #due = new Map<number, RigRecord>();
  #stateMs = Number.NEGATIVE_INFINITY;
  readonly #stateDue = new Set<number>();

  constructor(options: RigTopicsOptions) {
    this.#options = options;
  }

  /** A rig's description has changed. */
  described(record: RigRecord): void {
    this.#due.set(record.rig, record);
  }

  /** The broker has forgotten everything. */
  all(): void {
    for (const record of this.#options.records()) this.#due.set(record.rig, record);
  }

  /** Publishes what is due, a part at a time. To be called a few times a second. */
  publish(nowMs: number): void {
    let left = PER_CALL;
    for (const [rig, record] of this.#due) {
      if (left-- <= 0) return;
      this.#due.delete(rig);
      const gone = this.#options.isRetired(record);
      this.#options.publish(infoTopic(record), gone ? "" : infoOf(record));
      if (!gone || !this.#options.state) continue;
      // What stays retained would be shown by others for ever.
      this.#stateDue.delete(rig);
      this.#options.publish(rigTopic(record.site, rigId(rig), "state"), "");
    }
    if (this.#options.state) this.#states(nowMs, left);
  }

  holds(topic: string): boolean {
    return INFO.test(topic);
  }

  reaches(pattern: string): boolean {
    const levels = pattern.split("/");
    const open = levels.indexOf("#");
    return (open >= 0 && open <= ROOM) || levels[ROOM] === "+" || levels[ROOM] === "rig";
  }

  /** What every rig's `info` says now. */
  *messages(): Generator<{ topic: string; body: string }> {
    for (const record of this.#options.records())
      if (!this.#options.isRetired(record))
        yield { topic: infoTopic(record), body: JSON.stringify(infoOf(record)) };
  }

  #states(nowMs: number, room: number): void {
    if (!this.#stateDue.size && nowMs - this.#stateMs >= STATE_MS) {
      this.#stateMs = nowMs;
      for (const record of this.#options.records())
        if (!this.#options.isRetired(record)) this.#stateDue.add(record.rig);
    }
    let left = room;
    for (const rig of this.#stateDue) {
      if (left-- <= 0) return;
      this.#stateDue.delete(rig);
      const detail = this.#options.overview.rig(rigId(rig), nowMs);
      if (!detail?.sample) continue;
      const { site, stale, receivedMs, sample, figures, currency } = detail;
      this.#options.publish(rigTopic(site, detail.id, "state"), {
        stale,
        receivedMs,
        currency,
        sample,
        figures,
      });
    }
  }
}

const infoTopic = ({ site, rig }: RigRecord): string => rigTopic(site, rigId(rig), "info");

function infoOf({ rig, name, agent, evidence }: RigRecord): object {
  const { address, make, model, firmware, dialect, algo, nominalThs, pools } = evidence;
  return { id: rigId(rig), name, agent, address, make, model, firmware, dialect, algo, nominalThs, pools };
}
