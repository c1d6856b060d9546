import type { AlertView } from "@hashwatt/protocol/http";
import type { Sample } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { HANDOVERS_SETTING } from "../identity/handovers.js";
import type { Identities, IdentityChanges } from "../identity/identities.js";
import { SIGHTINGS_SETTING, type Sightings } from "../ledger/sightings.js";
import type { Refusals } from "../refusals.js";
import type { Sites } from "../sites.js";
import type { EventRecord, SiteRecord, StateStore } from "../store/state/state.js";
import type { StoredSample, StreamMark, TelemetryStore } from "../store/store.js";
import type { AddressedAck, StreamMarks } from "../streams/streamMarks.js";
import { GroupCommit } from "./groupCommit.js";
import type { Quarantine } from "./quarantine.js";
import { StateTurns } from "./stateTurns.js";

/** So long a store that is asked over a network may take to store what is left when the server ends. */
const CLOSE_MS = 1_500;

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
  /** Hears of every event. */
  heard?(event: EventRecord): void;
  /** Tells of alerts whose transition is stored now. */
  notify(alerts: readonly AlertView[]): Promise<void>;
  clock: Clock;
  log: Logger;
  flushMs: number;
}

/**
 * Everything that waits for a store, in the order in which it must get there: rig keys and sites, then samples with the
 * marks of their streams, then alert transitions; then acks go out, then notifications. While the store of samples does not work, alert
 * transitions and events do not wait for it.
 */
export class CommitQueue {
  readonly #parts: CommitQueueParts;
  readonly #commit: GroupCommit;
  readonly #turns: StateTurns;
  /** The last commit of identities, which come one after the other; never rejects. */
  #identities: Promise<void> = Promise.resolve();
  /** Resolves when it is known of all late samples of an impossible time whether they are kept. */
  #apart: Promise<void> = Promise.resolve();

  constructor(parts: CommitQueueParts) {
    this.#parts = parts;
    this.#turns = new StateTurns({ ...parts, commitIdentities: () => this.commitIdentities() });
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

  /** Changes of alerts that were too many to be stored. */
  get alertsDropped(): number {
    return this.#turns.alertsDropped;
  }

  /** Events that were too many to be stored. */
  get eventsDropped(): number {
    return this.#turns.eventsDropped;
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
    this.#turns.alerts(transitions);
    this.#commit.wake();
  }

  event(event: EventRecord): void {
    this.#turns.event(event);
    this.#commit.wake();
  }

  /** Keeps late samples of an impossible time apart and says what became of them, once per batch and before it is acknowledged. */
  setApart(from: Parameters<Quarantine["keep"]>[0], samples: readonly Sample[]): void {
    const { quarantine, refusals, clock } = this.#parts;
    const told = quarantine.keep(from, samples).then((why) => {
      const fate = why === undefined ? "are kept apart in quarantine.jsonl" : `are dropped: ${why}`;
      const text = `${from.site}/${from.agent}: ${samples.length} late samples have a time that cannot be true and ${fate}`;
      if (why !== undefined) refusals.note("sample-dropped", text, samples.length);
      this.event({ atMs: clock.nowMs(), kind: "samples-set-apart", site: from.site, text });
    });
    this.#apart = Promise.all([this.#apart, told]).then(
      () => undefined,
      (error: unknown) => this.#parts.log.error({ err: error }, "late samples are not told of"),
    );
  }

  /** Commits what is left and stops. A store that gives no answer is not waited for: what it has not is not acknowledged. */
  async close(): Promise<void> {
    const { clock, telemetry } = this.#parts;
    using _cut = clock.after(CLOSE_MS, () => telemetry.cut?.());
    await this.#commit.close();
    await this.#turns.close();
  }

  /** Rig keys must be in the state store before the first sample that uses them. */
  async #before(): Promise<void> {
    await this.#apart;
    await this.#parts.ready?.();
    await this.commitIdentities();
  }

  /** Brings what identification has changed to the state store. Rejects when it is not there. */
  commitIdentities(): Promise<void> {
    // What another call has taken must be stored before this one's end says that all is.
    const commit = this.#identities.then(() => this.#commitIdentities());
    this.#identities = commit.catch(() => undefined);
    return commit;
  }

  async #commitIdentities(): Promise<void> {
    const { identities, sites, sightings, state } = this.#parts;
    const known: SiteRecord[] = sites.takeDirty();
    const changes: IdentityChanges = identities.takeChanges();
    const seen = sightings?.takeText();
    try {
      for (const site of known) await state.putSite(site);
      // Past handles first: once an address is another rig's, nothing else tells whose it was.
      for (const { key, value } of changes.settings)
        if (key !== HANDOVERS_SETTING) await state.putSetting(key, value);
      if (changes.rigs.length) await state.putRigs(changes.rigs);
      for (const { key, value } of changes.settings)
        if (key === HANDOVERS_SETTING) await state.putSetting(key, value);
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
    const { marks: streams, acks, stored, clock } = this.#parts;
    stored(samples);
    await this.#turns.store();
    acks(streams.committed(marks, clock.nowMs()));
    await this.#turns.tell();
  }
}
