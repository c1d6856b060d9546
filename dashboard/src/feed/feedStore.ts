import type { AlertView, FleetColumns, RigDetail, ScopeTotals, Totals } from "@hashwatt/protocol/http";
import type { Channel, FleetDelta } from "@hashwatt/protocol/live";
import type { ScreenClock, Stop } from "../time.js";
import { type AlertsCut, cutOf } from "./alertsCut.js";
import { FleetFeed } from "./fleetFeed.js";
import { keptAlerts } from "./keptAlerts.js";
import { type Connection, LiveLink, type OpenSocket } from "./liveLink.js";
import { LiveTail } from "./liveTail.js";
import { Cell, flushOn, type Readable } from "./readable.js";
import { ServerTime } from "./serverTime.js";

/** One rig as it is followed: its latest detail, its readings since the page opened, or the server's refusal. */
export interface RigFeed {
  detail?: RigDetail;
  refusal?: string;
  tail: LiveTail;
}

/** What the store is built on; tests bring their own. */
export interface FeedOptions {
  open: OpenSocket;
  clock: ScreenClock;
  random(): number;
  /** Fetches the first fleet; where it fails, the live channel brings one. */
  fetchFleet(signal: AbortSignal): Promise<FleetColumns>;
  /** The server's time to begin with, where it is far from the browser's: in a replay. */
  beginMs?: number | undefined;
}

/** Key of the live tail that covers all sites. */
export const ALL_SITES = "";

const tailValues = (scope: ScopeTotals): Record<string, number | null> => {
  const values: Record<string, number | null> = {
    powerW: scope.powerW,
    co2KgPerH: scope.co2KgPerH,
    reportingRigs: scope.reporting,
    rigs: scope.rigs,
    profitPerH: scope.money.length === 1 ? scope.money[0]!.profitPerH : null,
  };
  for (const algo of scope.algos) {
    values[`hashrateThs:${algo.algo}`] = algo.hashrateThs;
    values[`nominalThs:${algo.algo}`] = algo.nominalThs;
  }
  return values;
};

/** Everything live that the screen shows. Components watch parts of it; only this and `fetchApi` know the network. */
export class FeedStore {
  readonly connection: Readable<Connection>;
  /** Undefined until the first arrives. */
  readonly totals: Readable<Totals | undefined>;
  /** Open alerts and the newest of those resolved since the page opened; undefined until the first arrives. */
  readonly alerts: Readable<readonly AlertView[] | undefined>;
  /** What is missing of them since the last snapshot: changes bring only what changes. */
  readonly alertsCut: Readable<AlertsCut>;
  /** Grows whenever live data may have a hole: fetched histories are then fetched again. */
  readonly resyncs: Readable<number>;
  readonly fleet: FleetFeed;

  readonly #connection: Cell<Connection>;
  readonly #totals: Cell<Totals | undefined>;
  readonly #alerts: Cell<readonly AlertView[] | undefined>;
  readonly #alertsCut: Cell<AlertsCut>;
  readonly #resyncs: Cell<number>;
  readonly #tails = new Map<string, LiveTail>();
  readonly #rigs = new Map<string, { cell: Cell<RigFeed>; watchers: number }>();
  readonly #time = new ServerTime();
  readonly #options: FeedOptions;
  readonly #flush;
  readonly #link: LiveLink;
  readonly #abort = new AbortController();
  #wasLive = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    if (options.beginMs !== undefined) this.#time.learn(options.beginMs, options.clock.nowMs());
    this.#flush = flushOn((run) => options.clock.frame(run));
    this.connection = this.#connection = new Cell<Connection>(
      { state: "connecting", sinceMs: options.clock.nowMs() },
      this.#flush,
    );
    this.totals = this.#totals = new Cell<Totals | undefined>(undefined, this.#flush);
    this.alerts = this.#alerts = new Cell<readonly AlertView[] | undefined>(undefined, this.#flush);
    this.alertsCut = this.#alertsCut = new Cell<AlertsCut>("none", this.#flush);
    this.resyncs = this.#resyncs = new Cell(0, this.#flush);
    this.fleet = new FleetFeed(this.#flush);
    this.#link = new LiveLink({
      ...options,
      onConnection: (connection) => {
        if (connection.state === "live") {
          if (this.#wasLive) this.#resyncs.set(this.#resyncs.get() + 1);
          this.#wasLive = true;
        }
        this.#connection.set(connection);
      },
      onData: (channel, kind, data) => this.#take(channel, kind, data),
      onGap: () => this.#resyncs.set(this.#resyncs.get() + 1),
      onRefusal: (channel, message) => this.#refuse(channel, message),
      onServerMs: (serverMs) => this.#time.learn(serverMs, options.clock.nowMs()),
    });
  }

  /** Connects and follows totals, alerts and fleet. */
  start(): void {
    this.#link.subscribe("totals");
    this.#link.subscribe("alerts");
    this.#link.start();
    this.#options
      .fetchFleet(this.#abort.signal)
      .then((fleet) => {
        this.fleet.load(fleet);
        this.#link.subscribe("fleet", { epoch: fleet.epoch, seq: fleet.seq });
      })
      .catch(() => {
        if (!this.#abort.signal.aborted) this.#link.subscribe("fleet");
      });
  }

  /** Ends everything. */
  close(): void {
    this.#abort.abort();
    this.#link.close();
  }

  /** Follows nothing more until `resume`. What was heard stays. */
  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  /** Tries the connection again at once. */
  hurry(): void {
    this.#link.hurry();
  }

  /** The server's time now, epoch ms; ages are counted against it. */
  serverNowMs(): number {
    return this.#time.at(this.#options.clock.nowMs());
  }

  /** Totals since the page opened, of a site or of {@link ALL_SITES}. Fields: as in site series, hashrates as `hashrateThs:<algo>`. */
  totalsTail(site: string): LiveTail {
    let tail = this.#tails.get(site);
    if (!tail) {
      tail = new LiveTail();
      this.#tails.set(site, tail);
    }
    return tail;
  }

  /** Follows one rig (public id, "r12") for as long as somebody watches it. */
  rig(id: string): Readable<RigFeed> {
    let entry = this.#rigs.get(id);
    if (!entry) {
      entry = { cell: new Cell<RigFeed>({ tail: new LiveTail() }, this.#flush), watchers: 0 };
      this.#rigs.set(id, entry);
    }
    const watched = entry;
    const channel: Channel = `rig:${id}`;
    return {
      get: watched.cell.get,
      subscribe: (onChange): Stop => {
        const stop = watched.cell.subscribe(onChange);
        if (watched.watchers++ === 0) {
          this.#rigs.set(id, watched);
          this.#link.subscribe(channel);
        }
        return () => {
          stop();
          if (--watched.watchers > 0) return;
          this.#link.unsubscribe(channel);
          this.#rigs.delete(id);
        };
      },
    };
  }

  #take(channel: Channel, kind: "snap" | "delta", data: unknown): void {
    if (channel === "totals") this.#takeTotals(data as Totals);
    else if (channel === "alerts") this.#takeAlerts(kind, data as AlertView[]);
    else if (channel === "fleet") {
      if (kind === "snap") this.fleet.load(data as FleetColumns);
      else this.fleet.apply(data as FleetDelta);
    } else this.#takeRig(channel.slice("rig:".length), data as RigDetail);
  }

  #takeTotals(totals: Totals): void {
    this.#totals.set(totals);
    if (totals.newestMs === null) return;
    this.totalsTail(ALL_SITES).push({ atMs: totals.serverMs, values: tailValues(totals.fleet) });
    for (const site of totals.sites)
      this.totalsTail(site.site).push({ atMs: totals.serverMs, values: tailValues(site) });
  }

  #takeAlerts(kind: "snap" | "delta", changed: AlertView[]): void {
    const byId = new Map<string, AlertView>();
    if (kind === "delta") for (const alert of this.#alerts.get() ?? []) byId.set(alert.id, alert);
    else this.#alertsCut.set(cutOf(changed));
    for (const alert of changed) byId.set(alert.id, alert);
    this.#alerts.set(keptAlerts([...byId.values()]));
  }

  #takeRig(id: string, detail: RigDetail): void {
    const entry = this.#rigs.get(id);
    if (!entry) return;
    const { tail } = entry.cell.get();
    const { sample } = detail;
    if (sample) {
      const silent = sample.status === "unreachable";
      tail.push({
        atMs: sample.atMs,
        values: {
          hashrateThs: silent ? null : (sample.hashrateThs ?? null),
          powerW: silent ? null : (sample.powerW ?? null),
          inletTempC: sample.inletTempC ?? null,
          boardTempC: sample.boardTempC ?? null,
          chipTempC: sample.chipTempC ?? null,
        },
      });
    }
    entry.cell.set({ detail, tail });
  }

  #refuse(channel: string | undefined, message: string): void {
    if (!channel?.startsWith("rig:")) return;
    const entry = this.#rigs.get(channel.slice("rig:".length));
    if (entry) entry.cell.set({ ...entry.cell.get(), refusal: message });
  }
}
