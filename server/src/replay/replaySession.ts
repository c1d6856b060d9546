import { randomUUID } from "node:crypto";
import type { AlertView } from "@hashwatt/protocol/http";
import type { ReplayView } from "@hashwatt/protocol/replays";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { Agents } from "../agents.js";
import { Fleet } from "../fleet/fleet.js";
import { isRetired, type RigIndex } from "../identity/rigIndex.js";
import { Hub } from "../live/hub.js";
import { Overview } from "../overview.js";
import type { Rates } from "../rates/rates.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";
import { PastAlerts } from "./pastAlerts.js";
import { TapePosition } from "./tapePosition.js";

/** What replays are made from. Of the live side they read the rigs that are known and their limits, and change nothing. */
export interface ReplaySources {
  telemetry: Pick<TelemetryStore, "samples" | "count" | "span" | "kind">;
  state: Pick<StateStore, "alerts">;
  index: RigIndex;
  fleet: Pick<Fleet, "view">;
  sites: Sites;
  rates: Rates;
  version: string;
  clock: Clock;
  log: Logger;
}

const TICK_MS = 250;
/** As far apart as polls of a rig may be. */
const MOST_LOOK_MS = 100_000;
const LEAST_LOOK_MS = 10_000;
/** Polls of a rig that are looked at in one go: in between only the last one counts. */
const LOOK_POLLS = 2;
/** Whole readings that are held at a time. */
const SLICE_SAMPLES = 5_000;
/** Loading leaves at least this many times as long to everything else. */
const REST = 3;
const DAY_MS = 86_400_000;
const FOREVER = new AbortController().signal;

/**
 * A fleet that lives through stored history again: a fleet, a hub and prices of its own, fed from the store and from
 * nothing else. Dispose it when nobody looks any more.
 */
export class ReplaySession {
  readonly id = randomUUID();
  readonly #sources: ReplaySources;
  readonly #position: TapePosition;
  readonly #rates: Rates;
  readonly #alerts: PastAlerts;
  #fleet: Fleet;
  #overview: Overview;
  #hub: Hub;
  #loadedMs: number | undefined;
  #jumps = 0;
  #busy = false;
  #restUntilMs = 0;
  #troubled = false;
  #ended = false;
  readonly #timer: Disposable;
  #onJump: () => void = () => {};

  /** Begins at `fromMs`. `stored` are the alerts that were open at any time of it. */
  constructor(
    sources: ReplaySources,
    readonly who: string,
    range: { fromMs: number; toMs: number; speed: number },
    stored: readonly AlertView[],
  ) {
    const { clock } = sources;
    this.#sources = sources;
    this.#position = new TapePosition(range.fromMs, range.toMs, range.speed, clock.monoMs());
    this.#rates = sources.rates.apart();
    this.#alerts = new PastAlerts(stored);
    ({ fleet: this.#fleet, overview: this.#overview, hub: this.#hub } = this.#make());
    this.#timer = clock.every(TICK_MS, () => void this.#tick());
    void this.#tick();
  }

  /** The present of the replay, which is a past. */
  get nowMs(): number {
    return this.#loadedMs ?? Math.round(this.#position.at(this.#sources.clock.monoMs()));
  }

  /** Another one after each jump. */
  get hub(): Hub {
    return this.#hub;
  }

  get overview(): Overview {
    return this.#overview;
  }

  alerts(): AlertView[] {
    return this.#alerts.all();
  }

  view(): ReplayView {
    const monoMs = this.#sources.clock.monoMs();
    const { fromMs, toMs, speed } = this.#position;
    return {
      id: this.id,
      who: this.who,
      fromMs,
      toMs,
      atMs: this.nowMs,
      speed,
      playing: this.#position.isPlaying(monoMs),
      ready: this.#loadedMs !== undefined,
      jumps: this.#jumps,
    };
  }

  /** Calls `run` with every jump, when what readers hold is of another time. */
  onJump(run: () => void): void {
    this.#onJump = run;
  }

  /** Plays, stands, goes elsewhere or at another speed. */
  change(wish: { playing?: boolean; speed?: number; atMs?: number }): void {
    this.#position.change(wish, this.#sources.clock.monoMs());
    if (wish.atMs === undefined) return;
    ({ fleet: this.#fleet, overview: this.#overview, hub: this.#hub } = this.#make());
    this.#loadedMs = undefined;
    this.#restUntilMs = 0;
    this.#jumps++;
    this.#onJump();
    void this.#tick();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#timer[Symbol.dispose]();
  }

  #make(): { fleet: Fleet; overview: Overview; hub: Hub } {
    const { index, sites, telemetry, version, fleet: live } = this.#sources;
    const fleet = new Fleet({
      rates: (site, atMs) => this.#rates.now(site, atMs),
      // What a rig is judged by now; looking it up anew would teach the live side from the past.
      limits: (view) => live.view(view.rig)?.limits ?? {},
    });
    for (const record of index.records())
      if (!isRetired(record) && record.firstSeenMs <= this.#position.toMs) fleet.putRig(record);
    const overview = new Overview(
      {
        fleet,
        index,
        sites,
        rates: this.#rates,
        book: this.#alerts,
        agents: new Agents(),
        store: () => ({ kind: telemetry.kind, ok: true }),
        broker: () => undefined,
      },
      [],
    );
    const nowMs = () => this.nowMs;
    const hub = new Hub(randomUUID(), version, {
      totals: () => overview.totals(nowMs()),
      fleet: (at) => overview.fleet({ ...at, serverMs: nowMs() }),
      alerts: () => this.alerts(),
      rig: (id) => overview.rig(id, nowMs()),
      liveRow: (rig) => overview.liveRow(rig),
      staticRow: (rig) => overview.staticRow(rig),
      totalsEveryMs: () => overview.totalsEveryMs(),
      toldMs: nowMs,
    });
    return { fleet, overview, hub };
  }

  /** Brings the fleet to where the replay is; one at a time, and with a rest after each that took long. */
  async #tick(): Promise<void> {
    const { clock, log } = this.#sources;
    if (this.#busy || this.#ended || clock.monoMs() < this.#restUntilMs) return;
    this.#busy = true;
    const startedMs = clock.monoMs();
    const jumps = this.#jumps;
    try {
      await this.#moveTo(Math.round(this.#position.at(startedMs)), jumps);
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled)
        log.warn({ err: error, replay: this.id }, "replay stands, its readings do not come");
      this.#troubled = true;
      this.#restUntilMs = clock.monoMs() + 1_000;
    } finally {
      this.#busy = false;
      const tookMs = clock.monoMs() - startedMs;
      if (jumps === this.#jumps && tookMs > TICK_MS / REST)
        this.#restUntilMs = Math.max(this.#restUntilMs, clock.monoMs() + REST * tookMs);
    }
    if (jumps !== this.#jumps) void this.#tick();
  }

  async #moveTo(atMs: number, jumps: number): Promise<void> {
    const { telemetry, clock } = this.#sources;
    const beforeMs = this.#loadedMs;
    const lookMs = this.#lookMs(beforeMs === undefined);
    const fromMs = Math.max(beforeMs ?? Number.NEGATIVE_INFINITY, atMs - lookMs);
    const [fleet, hub] = [this.#fleet, this.#hub];
    if (fromMs < atMs) {
      const count = await telemetry.count({ fromMs, toMs: atMs });
      const slices = Math.max(1, Math.ceil(count / SLICE_SAMPLES));
      for (let i = 0; i < slices && count > 0; i++) {
        const slice = {
          fromMs: fromMs + Math.floor(((atMs - fromMs) * i) / slices),
          toMs: fromMs + Math.floor(((atMs - fromMs) * (i + 1)) / slices),
        };
        const begunMs = clock.monoMs();
        const samples = await telemetry.samples(slice);
        // A jump or the end came in between: what was asked for is of no use any more.
        if (this.#ended || jumps !== this.#jumps) return;
        for (const { rig, sample } of samples) this.#apply(fleet, hub, rig, sample);
        // What is live comes first.
        if (i < slices - 1) await clock.sleep(REST * (clock.monoMs() - begunMs), FOREVER);
      }
    }
    if (this.#ended || jumps !== this.#jumps) return;
    this.#loadedMs = atMs;
    for (const view of fleet.sweep(atMs)) hub.rigChanged(view.rig);
    const changed = this.#alerts.moveTo(atMs);
    for (const { rig } of changed) {
      if (rig === undefined) continue;
      const view = fleet.view(rig);
      if (view) view.alert = this.#alerts.worst(rig);
      hub.rigChanged(rig);
    }
    hub.alertsChanged(changed);
    hub.totalsChanged();
    hub.flush(clock.nowMs());
  }

  #apply(fleet: Fleet, hub: Hub, rig: number, sample: Parameters<Fleet["apply"]>[1]): void {
    let view = fleet.view(rig);
    if (!view) {
      // One that another has taken the place of since, and that was there then.
      const record = this.#sources.index.record(rig);
      if (!record) return;
      view = fleet.putRig(record);
      hub.rigDescribed(rig);
    }
    // Its own time stands for that of its arrival: what was late then is in its place here.
    fleet.apply(view, sample, sample.atMs);
    view.alert = this.#alerts.worst(rig);
    hub.rigChanged(rig);
  }

  /** How far back readings are looked for: as far as polls may be apart at first, then no further than the last of each rig. */
  #lookMs(atFirst: boolean): number {
    if (atFirst) return MOST_LOOK_MS;
    let intervalMs = 0;
    for (const { reading } of this.#fleet.views())
      if (reading) intervalMs = Math.max(intervalMs, reading.intervalMs);
    return Math.min(MOST_LOOK_MS, Math.max(LEAST_LOOK_MS, LOOK_POLLS * intervalMs));
  }
}

/** Alerts that were open, or had ended within a day, at some time of a range. */
export const alertsOf = async (
  state: Pick<StateStore, "alerts">,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<AlertView[]> => (await state.alerts(fromMs - DAY_MS)).filter(({ pendingMs }) => pendingMs <= toMs);
