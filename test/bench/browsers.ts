import type { FleetColumns } from "@hashwatt/protocol/http";
import {
  type Channel,
  type ClientFrame,
  type FleetDelta,
  LIVE_COLUMNS,
  type ServerFrame,
  STATIC_COLUMNS,
} from "@hashwatt/protocol/live";
import { WebSocket } from "ws";
import { type AgeSummary, Ages } from "./ages.js";
import { ageMs, preciseNowMs } from "./clockRigs.js";
import { serve } from "./worker.js";

/** Screens that look on, in one process: what each asks and follows is what the dashboard does on that page. */
export interface Browsing {
  url: string;
  site: string;
  clients: number;
  /** Rigs at addresses that begin so tell by their hashrate when they answered. */
  clockRigs?: string;
  /** Each screen is closed and opened again so often. */
  reopenMs?: number;
}

/** What the screens saw since `clear`. */
export interface Seen {
  /** From a rig's answer until a screen had it; undefined without rigs that tell. */
  answer: AgeSummary | undefined;
  /** From the time that the agent gave a reading until a screen had it. */
  reading: AgeSummary | undefined;
  /** How late a bare timer of this process was. */
  timer: AgeSummary | undefined;
  /** How long the answers to HTTP requests took. */
  http: AgeSummary | undefined;
  frames: number;
  bytes: number;
  /** Frames that were not the next of their channel, and channels that lost their place. */
  missed: number;
  gaps: number;
  /** Connections that ended without having been closed here, and requests that failed. */
  lost: number;
  failed: string[];
}

const PAGES = ["overview", "fleet", "rig"] as const;
const MINUTE_MS = 60_000;
const TIMER_MS = 5;
const HASHRATE = 1 + LIVE_COLUMNS.indexOf("hashrateThs");
const AT_MS = 1 + LIVE_COLUMNS.indexOf("atMs");
const ADDRESS = 1 + STATIC_COLUMNS.indexOf("address");
const SITE_FIELDS =
  "hashrateThs,nominalThs,powerW,reportingRigs,rigs,co2KgPerH,revenuePerH,costPerH,profitPerH";
const RIG_FIELDS =
  "hashrateThs,hashrateThsMin,hashrateThsMax,powerW,powerWMin,powerWMax,inletTempC,boardTempC,chipTempC";

const answer = new Ages();
const reading = new Ages();
const timer = new Ages();
const http = new Ages();
let [frames, bytes, missed, gaps, lost] = [0, 0, 0, 0, 0];
let failed: string[] = [];
/** Numbers of the rigs that tell when they answered. */
const telling = new Set<number>();

class Screen {
  #socket: WebSocket | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #places = new Map<string, number>();
  readonly #last = new Map<number, unknown>();
  #rigs: number[] = [];
  #rig: Channel | undefined;
  #turn: number;

  constructor(
    private readonly browsing: Browsing,
    private readonly page: (typeof PAGES)[number],
    n: number,
  ) {
    this.#turn = n * 37;
  }

  async open(): Promise<void> {
    const fleet = await this.#ask<FleetColumns>("/api/fleet");
    if (!fleet) throw new Error("no fleet to look at");
    this.#rigs = fleet.rig;
    this.#note(fleet);
    const { url } = this.browsing;
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`, { origin: url });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as ServerFrame;
        frames++;
        bytes += data.length;
        if (frame.t === "hello") {
          this.#say({ op: "subscribe", channel: "totals" });
          this.#say({ op: "subscribe", channel: "alerts" });
          this.#say({ op: "subscribe", channel: "fleet", from: { epoch: fleet.epoch, seq: fleet.seq } });
          this.#places.set("fleet", fleet.seq);
          resolve();
        } else this.#hear(frame);
      });
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket === socket) lost++;
    });
    if (this.page === "overview") this.#every(MINUTE_MS, () => this.#askDay());
    if (this.page === "rig") this.#every(MINUTE_MS, () => this.#nextRig());
  }

  close(): void {
    for (const one of this.#timers.splice(0)) clearInterval(one);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#places.clear();
    socket?.terminate();
  }

  #every(ms: number, run: () => Promise<void>): void {
    void run();
    this.#timers.push(setInterval(() => void run(), ms));
  }

  #say(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** One looks at a rig for a minute, then at the next. */
  async #nextRig(): Promise<void> {
    this.#turn += 101;
    const rig = this.#rigs[this.#turn % this.#rigs.length];
    if (rig === undefined) return;
    if (this.#rig) this.#say({ op: "unsubscribe", channel: this.#rig });
    this.#rig = `rig:r${rig}`;
    this.#places.delete(this.#rig);
    this.#say({ op: "subscribe", channel: this.#rig });
    const span = (ms: number, step: number) => `from=${Date.now() - ms}&to=${Date.now()}&step=${step}`;
    const path = `/api/rigs/r${rig}`;
    await this.#ask(path);
    await this.#ask(`${path}/series?${span(60 * MINUTE_MS, 15_000)}&fields=${RIG_FIELDS}`);
    await this.#ask(`${path}/boards?${span(1_440 * MINUTE_MS, 1_800_000)}`);
  }

  async #askDay(): Promise<void> {
    const from = Date.now() - 1_440 * MINUTE_MS;
    await this.#ask(
      `/api/sites/${this.browsing.site}/series?from=${from}&to=${Date.now()}&step=300000&fields=${SITE_FIELDS}`,
    );
  }

  async #ask<T>(path: string): Promise<T | undefined> {
    const startedMs = performance.now();
    try {
      const response = await fetch(`${this.browsing.url}${path}`);
      const body = await response.text();
      http.add(performance.now() - startedMs);
      if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 200)}`);
      return JSON.parse(body) as T;
    } catch (error) {
      if (failed.length < 20) failed.push(`${path}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #hear(frame: ServerFrame): void {
    if (frame.t === "error") failed.push(`${frame.ch}: ${frame.message}`);
    if (frame.t === "gap") gaps++;
    if (frame.t !== "snap" && frame.t !== "delta") return;
    const place = this.#places.get(frame.ch);
    if (frame.t === "delta" && place !== undefined && frame.seq > place + 1) missed++;
    this.#places.set(frame.ch, frame.seq);
    if (frame.ch !== "fleet") return;
    if (frame.t === "snap") this.#note(frame.data as FleetColumns);
    else this.#rows(frame.data as FleetDelta);
  }

  #rows({ rows, info }: FleetDelta): void {
    const { clockRigs } = this.browsing;
    for (const row of info ?? [])
      if (clockRigs && String(row[ADDRESS]).startsWith(clockRigs)) telling.add(row[0] as number);
    const nowMs = preciseNowMs();
    for (const row of rows ?? []) {
      const rig = row[0] as number;
      const atMs = row[AT_MS];
      // A row can come again for an alert or a price: only what is read anew has an age.
      if (typeof atMs !== "number" || this.#last.get(rig) === atMs) continue;
      this.#last.set(rig, atMs);
      reading.add(nowMs - atMs);
      const hashrate = row[HASHRATE];
      if (telling.has(rig) && typeof hashrate === "number") answer.add(ageMs(hashrate, nowMs));
    }
  }

  #note({ rig, columns }: FleetColumns): void {
    const { clockRigs } = this.browsing;
    const { address } = columns;
    if (!clockRigs || !address) return;
    rig.forEach((n, at) => {
      const text = Array.isArray(address) ? address[at] : address.dict[address.ix[at]!];
      if (String(text).startsWith(clockRigs)) telling.add(n);
    });
  }
}

let due = performance.now() + TIMER_MS;
setInterval(() => {
  const now = performance.now();
  timer.add(Math.max(0, now - due));
  due = now + TIMER_MS;
}, TIMER_MS);

serve({
  /** Opens the screens one after the other; the pages take turns. */
  async open(browsing: Browsing) {
    for (let n = 0; n < browsing.clients; n++) {
      const screen = new Screen(browsing, PAGES[n % PAGES.length]!, n);
      await screen.open();
      if (browsing.reopenMs === undefined) continue;
      setInterval(() => {
        screen.close();
        screen.open().catch((error: Error) => failed.push(error.message));
      }, browsing.reopenMs);
    }
  },
  clear() {
    for (const ages of [answer, reading, timer, http]) ages.clear();
    [frames, bytes, missed, gaps, lost] = [0, 0, 0, 0, 0];
    failed = [];
  },
  seen: (): Seen => ({
    ...{ answer: answer.summary, reading: reading.summary, timer: timer.summary, http: http.summary },
    ...{ frames, bytes, missed, gaps, lost, failed },
  }),
});
