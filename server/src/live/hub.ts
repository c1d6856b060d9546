import type { AlertView, FleetColumns, RigDetail, Totals } from "@hashwatt/protocol/http";
import type {
  Channel,
  DeltaOf,
  FleetDelta,
  LiveRow,
  ServerFrame,
  SnapshotOf,
  StaticRow,
} from "@hashwatt/protocol/live";
import { RigSet } from "../identity/rigSet.js";
import { type HubClient, LiveChannel } from "./channel.js";
import { RigChannels } from "./rigChannels.js";

export const HEARTBEAT_MS = 5_000;

/** What the hub reads when it makes a frame. */
export interface HubSources {
  totals(nowMs: number): Totals;
  fleet(at: { epoch: string; seq: number; serverMs: number }): FleetColumns;
  alerts(): AlertView[];
  /** An alert with what is done about it; absent = as it is. */
  shown?(alert: AlertView): AlertView;
  /** Detail by public id (`r12`); undefined for a rig that does not exist. */
  rig(id: string, nowMs: number): RigDetail | undefined;
  liveRow(rig: number): LiveRow | undefined;
  staticRow(rig: number): StaticRow | undefined;
  /** How far apart totals are computed, ms: they walk the whole fleet. */
  totalsEveryMs(): number;
  /** The time that frames tell, where it is another than the clock's: a replay's. */
  toldMs?(): number;
}

type DeltaData = DeltaOf[keyof DeltaOf];
type SnapshotData = SnapshotOf[keyof SnapshotOf];

const encode = (frame: ServerFrame): Buffer => Buffer.from(JSON.stringify(frame));

/**
 * Fan-out of what changes. Changes are noted at no cost and coalesced until `flush`, which writes each channel's delta once
 * for all its readers. Knows no socket, no timer and no clock.
 */
export class Hub {
  readonly epoch: string;
  readonly #version: string;
  readonly #sources: HubSources;
  /** What is of the whole fleet, by name. */
  readonly #channels = new Map<string, LiveChannel>();
  readonly #rigs = new RigChannels();
  readonly #changed = new RigSet();
  readonly #described = new Set<number>();
  readonly #gone = new Set<number>();
  readonly #alerts = new Map<string, AlertView>();
  #totalsChanged = true;
  #totalsMs = Number.NEGATIVE_INFINITY;
  /** At least every number given out, so that a channel made anew never repeats one. */
  #highest = 0;

  constructor(epoch: string, version: string, sources: HubSources) {
    this.epoch = epoch;
    this.#version = version;
    this.#sources = sources;
    for (const name of ["totals", "fleet", "alerts"]) this.#channels.set(name, new LiveChannel(name, 0));
  }

  /** A rig's figures have changed. */
  rigChanged(rig: number): void {
    this.#changed.add(rig);
    this.#totalsChanged = true;
  }

  /** A rig is new, or describes itself otherwise. */
  rigDescribed(rig: number): void {
    this.#described.add(rig);
    this.#gone.delete(rig);
    this.rigChanged(rig);
  }

  /** A rig is no longer part of the fleet. */
  rigGone(rig: number): void {
    this.#gone.add(rig);
    this.#described.delete(rig);
    this.rigChanged(rig);
  }

  alertsChanged(alerts: readonly AlertView[]): void {
    for (const alert of alerts) this.#alerts.set(alert.id, alert);
    if (alerts.length) this.#totalsChanged = true;
  }

  totalsChanged(): void {
    this.#totalsChanged = true;
  }

  /** The greeting of a new connection. */
  hello(nowMs: number): Buffer {
    return encode({
      t: "hello",
      v: 1,
      epoch: this.epoch,
      serverMs: this.#told(nowMs),
      heartbeatMs: HEARTBEAT_MS,
      version: this.#version,
    });
  }

  heartbeat(nowMs: number): Buffer {
    return encode({ t: "hb", serverMs: this.#told(nowMs) });
  }

  /**
   * Adds a reader: deltas after `from` when all of them are still there, else a gap (if it asked to resume) and a snapshot.
   * One that reads the channel already, or is slow, gets gap and snapshot by a later flush, once it has drained. Returns
   * false for a channel that does not exist.
   */
  subscribe(
    client: HubClient,
    name: Channel,
    from: { epoch: string; seq: number } | undefined,
    nowMs: number,
  ): boolean {
    const channel = this.#channelFor(name, nowMs);
    if (!channel) return false;
    const isNew = channel.add(client, nowMs);
    this.#rigs.joined(channel);
    if (!isNew) return true;
    const missed = from && from.epoch === this.epoch ? channel.since(from.seq) : undefined;
    if (missed) for (const frame of missed) client.send(frame);
    else {
      if (from) client.send(encode({ t: "gap", ch: name, seq: channel.seq }));
      client.send(this.#snapshot(channel, nowMs));
    }
    return true;
  }

  unsubscribe(client: HubClient, name: Channel, nowMs: number): void {
    this.#remove(client, this.#find(name), nowMs);
  }

  isSubscribed(client: HubClient, name: Channel): boolean {
    return this.#find(name)?.has(client) ?? false;
  }

  /** Forgets a client that is gone. */
  drop(client: HubClient, nowMs: number): void {
    for (const channel of this.#all()) this.#remove(client, channel, nowMs);
  }

  /** The fleet as a snapshot for HTTP, whose reader can go on with the deltas after it. */
  fleetSnapshot(nowMs: number): FleetColumns {
    const channel = this.#channels.get("fleet")!;
    channel.touch(nowMs);
    return this.#sources.fleet({ epoch: this.epoch, seq: channel.seq, serverMs: nowMs });
  }

  /** Sends what has changed since the last flush. */
  flush(nowMs: number): void {
    this.#flushRigs(nowMs);
    this.#flushFleet(nowMs);
    this.#flushAlerts(nowMs);
    this.#flushTotals(nowMs);
    for (const channel of this.#all())
      channel.catchUp((client) => this.#resync(client, channel, nowMs), nowMs);
    this.#rigs.sweep(nowMs);
  }

  #flushFleet(nowMs: number): void {
    if (!this.#changed.size) return;
    const channel = this.#channels.get("fleet")!;
    if (channel.isWatched(nowMs)) {
      const rows = collect(this.#changed, (rig) => this.#sources.liveRow(rig));
      const info = collect(this.#described, (rig) => this.#sources.staticRow(rig));
      const delta: FleetDelta = {
        ...(rows.length && { rows }),
        ...(info.length && { info }),
        ...(this.#gone.size && { gone: [...this.#gone] }),
      };
      this.#emit(channel, delta, nowMs);
    } else channel.skip();
    this.#changed.clear();
    this.#described.clear();
    this.#gone.clear();
  }

  #flushRigs(nowMs: number): void {
    for (const channel of this.#rigs.all()) {
      if (!this.#changed.has(Number(channel.name.slice("rig:r".length)))) continue;
      const detail = this.#sources.rig(channel.name.slice("rig:".length), nowMs);
      if (detail) this.#rigs.emit(channel, this.#delta(channel, detail, nowMs), nowMs);
    }
  }

  #flushAlerts(nowMs: number): void {
    if (!this.#alerts.size) return;
    const channel = this.#channels.get("alerts")!;
    const sources = this.#sources;
    const alerts = [...this.#alerts.values()].map((alert) => sources.shown?.(alert) ?? alert);
    if (channel.isWatched(nowMs)) this.#emit(channel, alerts, nowMs);
    else channel.skip();
    this.#alerts.clear();
  }

  #flushTotals(nowMs: number): void {
    if (!this.#totalsChanged) return;
    const sinceMs = nowMs - this.#totalsMs;
    if (sinceMs >= 0 && sinceMs < this.#sources.totalsEveryMs()) return;
    const channel = this.#channels.get("totals")!;
    if (channel.isWatched(nowMs)) this.#emit(channel, this.#sources.totals(nowMs), nowMs);
    else channel.skip();
    this.#totalsChanged = false;
    this.#totalsMs = nowMs;
  }

  #emit(channel: LiveChannel, data: DeltaData, nowMs: number): void {
    channel.emit(this.#delta(channel, data, nowMs), nowMs);
  }

  /** Writes a channel's next delta, once its number is known. */
  #delta({ name }: LiveChannel, data: DeltaData, nowMs: number): (seq: number) => Buffer {
    this.#highest++;
    const ch = name as Channel;
    return (seq) => encode({ t: "delta", ch, seq, serverMs: this.#told(nowMs), data });
  }

  #snapshot(channel: LiveChannel, nowMs: number): Buffer {
    const { seq } = channel;
    return encode({
      t: "snap",
      ch: channel.name as Channel,
      seq,
      serverMs: this.#told(nowMs),
      data: this.#state(channel, nowMs),
    });
  }

  #told(nowMs: number): number {
    return this.#sources.toldMs?.() ?? nowMs;
  }

  #state({ name, seq }: LiveChannel, nowMs: number): SnapshotData {
    switch (name) {
      case "totals":
        return this.#sources.totals(nowMs);
      case "alerts":
        return this.#sources.alerts();
      case "fleet":
        return this.#sources.fleet({ epoch: this.epoch, seq, serverMs: nowMs });
      default:
        return this.#sources.rig(name.slice("rig:".length), nowMs)!;
    }
  }

  #resync(client: HubClient, channel: LiveChannel, nowMs: number): void {
    client.send(encode({ t: "gap", ch: channel.name as Channel, seq: channel.seq }));
    client.send(this.#snapshot(channel, nowMs));
  }

  #channelFor(name: Channel, nowMs: number): LiveChannel | undefined {
    const known = this.#find(name);
    if (known) return known;
    if (!this.#sources.rig(name.slice("rig:".length), nowMs)) return undefined;
    const channel = new LiveChannel(name, ++this.#highest);
    this.#rigs.open(channel);
    return channel;
  }

  #find(name: string): LiveChannel | undefined {
    return this.#channels.get(name) ?? this.#rigs.get(name);
  }

  *#all(): IterableIterator<LiveChannel> {
    yield* this.#channels.values();
    yield* this.#rigs.all();
  }

  #remove(client: HubClient, channel: LiveChannel | undefined, nowMs: number): void {
    if (channel?.remove(client, nowMs) && !this.#channels.has(channel.name)) this.#rigs.left(channel);
  }
}

function collect<T>(rigs: Iterable<number>, toRow: (rig: number) => T | undefined): T[] {
  const rows: T[] = [];
  for (const rig of rigs) {
    const row = toRow(rig);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
