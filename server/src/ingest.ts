import type { Sample } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { Ack } from "@hashwatt/protocol/topics";
import {
  BatchError,
  newerContract,
  type ParsedBatch,
  parseAgentTopic,
  parseBatch,
  unknownInStatus,
} from "@hashwatt/protocol/topics";
import type { Logger } from "pino";
import type { Agents } from "./agents.js";
import type { AlertBook } from "./alerts/book.js";
import type { Limits } from "./alerts/limits.js";
import type { RuleContext } from "./alerts/rules/rule.js";
import type { Surveyor } from "./alerts/surveyor.js";
import type { Fleet } from "./fleet/fleet.js";
import { type Identities, PRESENT_MS } from "./identity/identities.js";
import { isRetired } from "./identity/rigIndex.js";
import type { CommitQueue } from "./intake/commitQueue.js";
import { decodePayload } from "./intake/payload.js";
import { makeSamplePlain } from "./intake/plainTexts.js";
import { withPlausibleTime } from "./intake/sampleTime.js";
import type { Sightings } from "./ledger/sightings.js";
import type { Hub } from "./live/hub.js";
import type { Metering } from "./metering/metering.js";
import type { Overview } from "./overview.js";
import type { Refusals } from "./refusals.js";
import type { Sites } from "./sites.js";
import type { RigRecord } from "./store/state/state.js";
import type { StreamMarks } from "./streams/streamMarks.js";

/** What ingest works on. */
export interface IngestParts {
  identities: Identities;
  sites: Sites;
  marks: StreamMarks;
  agents: Agents;
  fleet: Fleet;
  book: AlertBook;
  limits: Limits;
  hub: Hub;
  overview: Pick<Overview, "ended">;
  /** Absent where the config has no meters. */
  metering?: Pick<Metering, "measure" | "sweep" | "describe" | "forget"> | undefined;
  queue: CommitQueue;
  /** Hears where late readings come from; what is live tells of the present alone. */
  sightings?: Pick<Sightings, "see" | "isElsewhere">;
  refusals: Refusals;
  /** What rules may look at; `nowMs` is set by ingest. */
  context: RuleContext;
  /** Judges what is no rig. */
  surveyor?: Pick<Surveyor, "step"> | undefined;
  /** Publishes an ack to an agent. */
  ack(to: { site: string; agent: string }, ack: Ack): void;
  /** Hears of rigs whose description has changed. */
  described(record: RigRecord): void;
  clock: Clock;
  log: Logger;
  /** 0: what changes is sent on at once instead of by the next flush. */
  liveFlushMs: number;
}

/** Takes in what agents publish: the way of one sample through the server. */
export class Ingest {
  readonly #parts: IngestParts;
  batches = 0;
  samples = 0;
  duplicates = 0;
  rejected = 0;
  elsewhere = 0;
  unknownKeys = 0;
  restamped = 0;
  droppedBatches = 0;
  /** What the latest failed step of an accepted batch threw: logged again only when it is another. */
  #failure: string | undefined;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /** Takes one MQTT message. Never throws: what cannot be taken is counted and named. */
  message(topic: string, payload: Buffer): void {
    const { refusals, log } = this.#parts;
    const from = parseAgentTopic(topic);
    if (!from) {
      refusals.note("topic", `no agent topic: ${topic}`);
      return;
    }
    try {
      const json = decodePayload(payload);
      if (from.kind === "status") this.#status(from, json);
      else if (from.kind === "batch") this.#batch(from, parseBatch(json));
      else refusals.note("topic", `agents say nothing on ${topic}`);
    } catch (error) {
      const what = `${from.site}/${from.agent}`;
      if (error instanceof BatchError) {
        refusals.note(error.code, `${what}: ${error.message}`);
        if (error.code === "newer") this.#newer(from, error.message);
      } else {
        refusals.note("internal", `${what}: ${String(error)}`);
        log.error({ err: error, topic }, "message not taken");
      }
    }
  }

  #status(from: { site: string; agent: string }, json: unknown): void {
    const { agents, hub, refusals, clock } = this.#parts;
    const newer = newerContract(json);
    if (newer !== undefined) throw new BatchError("newer", newer);
    this.unknownKeys += unknownInStatus(json);
    const wrong = agents.status(from, json, clock.nowMs());
    if (wrong !== undefined) refusals.note("status", `${from.site}/${from.agent}: ${wrong}`);
    hub.totalsChanged();
  }

  /** Its agent keeps what is not acknowledged: nothing is lost by waiting for a server that understands it. */
  #newer(from: { site: string; agent: string }, why: string): void {
    const { agents, hub, clock, log } = this.#parts;
    if (!agents.newer(from, why, clock.nowMs())) return;
    log.warn({ ...from, why }, "agent is newer than this server");
    hub.totalsChanged();
  }

  /**
   * The whole path: marks → identity → store, and if live fleet, alerts and screen. Once the marks have accepted a batch it
   * will be acknowledged, so that no failure may cost more than the step or the sample that it comes from.
   */
  #batch(from: { site: string; agent: string }, batch: ParsedBatch): void {
    const { marks, sites, identities, agents, hub, queue, refusals, clock, context } = this.#parts;
    const nowMs = clock.nowMs();
    const name = `${from.site}/${from.agent}`;
    for (const text of batch.refused)
      refusals.note("sample", `${name} ${batch.stream} ${batch.seq}: ${text}`);
    this.unknownKeys += batch.unknownKeys;

    // Without room nothing is decided about the batch: its agent sends it again.
    if (queue.isFull) {
      this.droppedBatches++;
      refusals.note("store-backlog", `${name}: no room until the store works again`);
      return;
    }
    if (!sites.ensure(from.site)) {
      refusals.note("site", `${name}: too many sites`);
      return;
    }
    const arrival = marks.arrive(from, batch, nowMs);
    if (arrival.kind !== "accepted") {
      if (arrival.kind === "duplicate") this.duplicates++;
      else this.rejected++;
      if (arrival.ack) this.#parts.ack(from, arrival.ack);
      return;
    }
    this.batches++;
    agents.batch(from, batch, nowMs);
    if (arrival.lost) {
      agents.addLost(from, arrival.lost);
      queue.event({
        atMs: nowMs,
        kind: "batches-lost",
        site: from.site,
        text: lostText(name, batch, arrival.lost),
      });
    }

    const source = { ...from, stream: batch.stream, live: batch.live };
    const what = `${name} ${batch.stream} ${batch.seq}`;
    const { rigs } = batch;
    if (rigs)
      this.#guarded(what, () => {
        const refused = identities.describe(source, rigs, nowMs);
        if (refused) refusals.note("rig", `${name}: no room for ${refused} more rigs`, refused);
      });
    context.nowMs = nowMs;
    const timeless: Sample[] = [];
    for (const told of batch.samples)
      try {
        const sample = withPlausibleTime(told, batch.live, nowMs);
        if (!sample) timeless.push(told);
        else this.#sample(source, sample, nowMs);
        if (sample?.clock === "server" && sample !== told) this.restamped++;
      } catch (error) {
        this.#failed(`${what} ${told.rig} at ${told.atMs}`, error);
      }
    if (timeless.length) this.#setApart(from, batch, timeless);
    this.#guarded(what, () => this.describe());
    this.#guarded(what, () => this.#alerts());
    if (batch.live && this.#parts.liveFlushMs === 0) this.#guarded(what, () => hub.flush(nowMs));
    queue.request();
  }

  #guarded(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failed(what, error);
    }
  }

  #failed(what: string, error: unknown): void {
    const { refusals, log } = this.#parts;
    const text = String(error);
    refusals.note("internal", `${what}: ${text}`);
    if (text !== this.#failure) log.error({ err: error, what }, "part of a batch not taken");
    this.#failure = text;
  }

  #sample(source: Parameters<Identities["ownerOf"]>[0], sample: Sample, nowMs: number): void {
    const { identities, fleet, book, hub, queue, refusals, metering, sightings, context } = this.#parts;
    const answered = sample.status !== "unreachable";
    const tMs = source.live ? nowMs : sample.atMs;
    const windowMs = Math.max(3 * sample.intervalMs, PRESENT_MS);
    const rig = identities.ownerOf(source, sample.rig, answered, tMs, windowMs);
    if (rig === "full") {
      refusals.note("rig", `${source.site}/${source.agent}: no room for another rig`);
      return;
    }
    const isLateMiss = !source.live && !answered;
    // A site that a rig has left goes on asking for it: that nobody answers there says nothing of the rig, live or late.
    if (rig === "elsewhere" || (isLateMiss && sightings?.isElsewhere(rig, source.site, tMs))) {
      this.elsewhere++;
      return;
    }
    this.samples++;
    // First of all: what the screen or an alert makes of a sample must not decide whether it is stored.
    makeSamplePlain(sample);
    identities.texts.sample(sample);
    // A meter says what is drawn now, which is nothing to a reading of an hour ago.
    if (source.live) metering?.measure(rig, sample, nowMs);
    else if (answered) sightings?.see(rig, source.site, sample.atMs);
    queue.add({ rig, site: source.site, receivedMs: nowMs, sample });
    if (source.live) {
      let view = fleet.view(rig);
      if (!view) {
        this.describe();
        view = fleet.view(rig);
      }
      if (view) {
        // The batch's own copy of this text would be held for as long as the reading is.
        if (view.record.handle === sample.rig) sample.rig = view.record.handle;
        fleet.apply(view, sample, nowMs);
        context.memory?.learn(view, nowMs);
        if (book.step(view, context)) view.alert = book.worst(rig);
        hub.rigChanged(rig);
      }
    }
  }

  /** Shows what identification has changed: rigs that are new, moved, renamed or gone. */
  describe(): void {
    const { identities, fleet, book, limits, hub, metering, clock } = this.#parts;
    for (const record of identities.index.takeTouched()) {
      if (isRetired(record)) {
        if (!fleet.remove(record.rig)) continue;
        book.drop(record.rig, "Ended: another rig has taken its address", clock.nowMs());
        limits.drop(record.rig);
        this.#parts.context.memory?.drop(record.rig);
        metering?.forget(record.rig);
        hub.rigGone(record.rig);
      } else {
        fleet.putRig(record);
        hub.rigDescribed(record.rig);
        this.#parts.described(record);
        metering?.describe(record);
      }
    }
  }

  /** Judges what time alone makes true, and hands alerts that changed to screen and store. To be called about once a second. */
  sweep(): void {
    const { fleet, agents, book, hub, metering, context, clock } = this.#parts;
    const nowMs = clock.nowMs();
    context.nowMs = nowMs;
    metering?.sweep(nowMs);
    agents.sweep(nowMs, () => {
      const owners = new Set<string>();
      for (const { record } of fleet.views()) owners.add(`${record.site}/${record.agent}`);
      return owners;
    });
    for (const view of fleet.sweep(nowMs)) hub.rigChanged(view.rig);
    this.#parts.surveyor?.step(context);
    for (const view of fleet.views()) {
      if (!book.sweep(view, context)) continue;
      view.alert = book.worst(view.rig);
      hub.rigChanged(view.rig);
    }
    this.#alerts();
    hub.totalsChanged();
  }

  /** Hands over the alerts that wait for others, for the process ends. */
  end(): void {
    this.#alerts(true);
  }

  #alerts(ends = false): void {
    const { book, hub, queue, overview, clock } = this.#parts;
    const { transitions, changed } = book.takeChanges(clock.nowMs(), ends);
    if (!changed.length) return;
    hub.alertsChanged(changed);
    overview.ended(transitions, clock.nowMs());
    if (transitions.length) queue.alerts(transitions);
  }

  #setApart(from: { site: string; agent: string }, batch: ParsedBatch, samples: readonly Sample[]): void {
    const { queue, refusals } = this.#parts;
    const first = samples[0]!;
    const text = `${from.site}/${from.agent} ${first.rig}: late sample stamped ${first.atMs}, which cannot be true`;
    refusals.note("sample-time", text, samples.length);
    queue.setApart({ ...from, stream: batch.stream, seq: batch.seq }, samples);
  }
}

const lostText = (name: string, { stream, seq, lost }: ParsedBatch, count: number): string =>
  lost
    ? `${name}: a damaged record of the agent's spool (stream ${stream}, batch ${seq}) could not be read`
    : `${name}: ${count} batches before ${seq} of stream ${stream} were dropped by the agent before they could be sent`;
