import type { AlertView } from "@hashwatt/protocol/http";
import type { Sample } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Identities, IdentityChanges } from "../identity/identities.js";
import { SIGHTINGS_SETTING, type Sightings } from "../ledger/sightings.js";
import type { Refusals } from "../refusals.js";
import type { Sites } from "../sites.js";
import type { EventRecord, SiteRecord, StateStore } from "../store/state/state.js";
import type { StoredSample, StreamMark, TelemetryStore } from "../store/store.js";
import type { AddressedAck, StreamMarks } from "../streams/streamMarks.js";
import { GroupCommit } from "./groupCommit.js";
import type { Quarantine } from "./quarantine.js";

/** Alert transitions and events that wait for the state store; the oldest go first. */
const MAX_WAITING = 20_000;
/** So long a store that is asked over a network may take to store what is left when the server ends. */
const CLOSE_MS = 1_500;
/** Events stored per minute: a flood of them would drown what they are for. */
const EVENTS_PER_MINUTE = 120;

/** What the queue works on. */
export interface CommitQueueParts {
  telemetry: TelemetryStore;
  state: StateStore;
  identities: Identities;
  sites: Sites;
  /** Where late readings came from, which is kept before them: a store of readings may not hold it. */
  sightings?: Pick<Sightings, "takeText" | "putBack">;
  marks: StreamMarks;
  quarantine: Quarantine;
  refusals: Refusals;
  /** Resolves when the store may be written to: what a start reads from it is read. */
  ready?(): Promise<void>;
  /** Rows that are stored now, for the rollups. */
  stored(samples: readonly StoredSample[]): void;
  /** Publishes the acks of what is stored now. */
  acks(acks: readonly AddressedAck[]): void;
  /** Tells of alerts whose transition is stored now. */
  /** Hears of every event. */
  heard?(event: EventRecord): void;
  notify(alerts: readonly AlertView[]): Promise<void>;
  clock: Clock;
  log: Logger;
  flushMs: number;
}

/**
 * Everything that waits for a store, in the order in which it must get there: rig keys and sites, then samples with the
 * marks of their streams, then alert transitions; then acks go out, then notifications.
 */
export class CommitQueue {
  readonly #parts: CommitQueueParts;
  readonly #commit: GroupCommit;
  readonly #alerts: AlertView[] = [];
  readonly #events: EventRecord[] = [];
  #minute = 0;
  #eventsThisMinute = 0;
  eventsDropped = 0;

  constructor(parts: CommitQueueParts) {
    this.#parts = parts;
    this.#commit = new GroupCommit(
      parts.telemetry,
      {
        before: () => this.#before(),
        after: (samples, marks) => this.#after(samples, marks),
        takeMarks: () => parts.marks.take(),
        refused: (sample, why) =>
          parts.refusals.note("store-row", `r${sample.rig} at ${sample.sample.atMs}: ${why}`),
        state: (why) => {
          if (why === undefined) parts.log.info("store works again");
          else parts.log.error({ why }, "store fails");
        },
      },
      parts.clock,
      parts.flushMs,
    );
  }

  get isFull(): boolean {
    return this.#commit.isFull;
  }

  /** Rows not stored yet. */
  get pending(): number {
    return this.#commit.pending;
  }

  get commits(): number {
    return this.#commit.commits;
  }

  /** Why the store fails; undefined while it works. */
  get failing(): string | undefined {
    return this.#commit.failing;
  }

  /** Takes a row of the batch that is arriving. */
  add(sample: StoredSample): void {
    this.#commit.add(sample);
  }

  /** The batch whose rows were added is whole: it is committed soon. */
  request(): void {
    this.#commit.request();
  }

  /** Resolves when the commit under way has ended, at once while the store fails. */
  settled(): Promise<void> {
    return this.#commit.settled();
  }

  /** Runs `work` while no samples are being stored; what arrives meanwhile waits for it, so that it must be short. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#commit.between(work);
  }

  alerts(transitions: readonly AlertView[]): void {
    this.#alerts.push(...transitions);
    cut(this.#alerts);
    this.#commit.wake();
  }

  event(event: EventRecord): void {
    this.#parts.heard?.(event);
    const minute = Math.floor(event.atMs / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#eventsThisMinute = 0;
    }
    if (++this.#eventsThisMinute > EVENTS_PER_MINUTE) this.eventsDropped++;
    else this.#events.push(event);
    this.eventsDropped += cut(this.#events);
    this.#commit.wake();
  }

  /** Keeps late samples of an impossible time apart; says so once per batch. */
  setApart(from: Parameters<Quarantine["keep"]>[0], samples: readonly Sample[]): void {
    const { quarantine, log, clock } = this.#parts;
    const text = `${from.site}/${from.agent}: ${samples.length} late samples have a time that cannot be true and are kept apart in quarantine.jsonl`;
    this.event({ atMs: clock.nowMs(), kind: "samples-set-apart", site: from.site, text });
    quarantine.keep(from, samples).then(
      (dropped) => dropped && log.warn({ dropped }, "quarantine is full"),
      (error: unknown) => log.warn({ err: error }, "quarantine not written"),
    );
  }

  /** Commits what is left and stops. A store that gives no answer is not waited for: what it has not is not acknowledged. */
  async close(): Promise<void> {
    const { clock, telemetry } = this.#parts;
    using _cut = clock.after(CLOSE_MS, () => telemetry.cut?.());
    await this.#commit.close();
  }

  /** Rig keys must be in the state store before the first sample that uses them. */
  async #before(): Promise<void> {
    await this.#parts.ready?.();
    await this.commitIdentities();
  }

  /** Brings what identification has changed to the state store. Rejects when it is not there. */
  async commitIdentities(): Promise<void> {
    const { identities, sites, sightings, state } = this.#parts;
    const known: SiteRecord[] = sites.takeDirty();
    const changes: IdentityChanges = identities.takeChanges();
    const seen = sightings?.takeText();
    try {
      for (const site of known) await state.putSite(site);
      if (changes.rigs.length) await state.putRigs(changes.rigs);
      for (const { key, value } of changes.settings) await state.putSetting(key, value);
      if (seen !== undefined) await state.putSetting(SIGHTINGS_SETTING, seen);
    } catch (error) {
      if (seen !== undefined) sightings?.putBack();
      sites.putBack(known);
      identities.putBack(changes);
      throw error;
    }
    for (const event of changes.events) this.event(event);
  }

  async #after(samples: readonly StoredSample[], marks: readonly StreamMark[]): Promise<void> {
    const { marks: streams, acks, stored, notify, clock } = this.#parts;
    stored(samples);
    const told = await this.#storeAlerts();
    await this.#storeEvents();
    acks(streams.committed(marks, clock.nowMs()));
    await notify(told);
  }

  /** Returns the transitions that are stored now. A state store that fails keeps them waiting, and never holds up an ack. */
  async #storeAlerts(): Promise<AlertView[]> {
    const waiting = this.#alerts.splice(0);
    if (!waiting.length) return [];
    try {
      await this.#parts.state.putAlerts(waiting);
      return waiting;
    } catch (error) {
      this.#alerts.unshift(...waiting);
      cut(this.#alerts);
      this.#parts.log.error({ err: error }, "alerts not stored");
      return [];
    }
  }

  async #storeEvents(): Promise<void> {
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      try {
        await this.#parts.state.addEvent(event);
      } catch (error) {
        this.#events.unshift(event);
        this.eventsDropped += cut(this.#events);
        this.#parts.log.error({ err: error }, "events not stored");
        return;
      }
    }
  }
}

/** Drops the oldest of a full queue; returns how many went. */
function cut(waiting: unknown[]): number {
  return waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING)).length;
}
