import type { AlertView, FleetColumns, RigDetail, Totals } from "@hashwatt/protocol/http";
import { type ClientFrame, LIVE_COLUMNS, MAX_OPEN_ALERTS, type ServerFrame } from "@hashwatt/protocol/live";
import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { formatFor } from "../format.js";
import { openCount } from "./alertsCut.js";
import { ALL_SITES, FeedStore } from "./feedStore.js";
import type { SocketEvents } from "./liveLink.js";

const fleetOf = (seq: number, powers: (number | null)[]): FleetColumns => ({
  epoch: "e1",
  seq,
  serverMs: 0,
  rig: powers.map((_, at) => at + 1),
  columns: { powerW: powers },
});
const row = (rig: number, powerW: number) => [
  rig,
  ...LIVE_COLUMNS.map((name) => (name === "powerW" ? powerW : null)),
];

const scope = (powerW: number | null) => ({
  rigs: 2,
  reporting: 2,
  byStatus: {},
  algos: [
    {
      algo: "sha256",
      rigs: 2,
      reporting: 2,
      hashrateThs: 200,
      nominalThs: 220,
      powerW,
      efficiencyJPerTh: null,
    },
  ],
  powerW,
  powerBySource: {},
  powerUnknownRigs: 0,
  money: [],
  co2KgPerH: null,
  co2Rigs: 0,
  hottestChipC: null,
  alertsFiring: 0,
});
const totals = (serverMs: number, powerW: number | null, newestMs: number | null = serverMs): Totals => ({
  serverMs,
  newestMs,
  fleet: scope(powerW),
  sites: [{ ...scope(powerW), site: "north", name: "North", zone: "UTC", currency: "USD", inputs: [] }],
  agents: [],
  store: { kind: "duckdb", ok: true },
});
const alert = (id: string, state: AlertView["state"]): AlertView => ({
  id,
  rule: "offline",
  severity: "money",
  state,
  site: "north",
  rig: 1,
  subject: { kind: "rig", id: "r1", name: "A-01" },
  rigName: "A-01",
  pendingMs: 0,
  firedMs: null,
  resolvedMs: null,
  value: null,
  limit: null,
  unit: "",
  reason: "",
  lossPerH: null,
});

/** A store whose server and frames the test plays. */
function setUp(fetched: Promise<FleetColumns> = Promise.resolve(fleetOf(3, [1_000, null]))) {
  const clock = fakeClock(5_000_000);
  const said: ClientFrame[] = [];
  const frames: (() => void)[] = [];
  let events: SocketEvents | undefined;
  const store = new FeedStore({
    open(opened) {
      events = opened;
      return { send: (text) => said.push(JSON.parse(text)), close: () => {} };
    },
    clock: {
      nowMs: clock.nowMs,
      monoMs: clock.monoMs,
      after(ms, run) {
        const timer = clock.after(ms, run);
        return () => timer[Symbol.dispose]();
      },
      frame(run) {
        frames.push(run);
        return () => {};
      },
    },
    random: () => 0.5,
    fetchFleet: () => fetched,
  });
  return {
    clock,
    store,
    said,
    hear: (frame: ServerFrame) => events!.onText(JSON.stringify(frame)),
    end: () => events!.onEnd(),
    hello: () =>
      events!.onText(
        JSON.stringify({
          t: "hello",
          v: 1,
          epoch: "e1",
          serverMs: 9_000_000,
          heartbeatMs: 5_000,
          version: "0.1.0",
        }),
      ),
    /** Lets the browser draw. */
    paint: () => {
      for (const run of frames.splice(0)) run();
    },
    frames,
  };
}

describe("the feed store", () => {
  it("fetches the fleet once and follows it from the place of that snapshot", async () => {
    const { store, said, hello, hear, clock } = setUp();
    store.start();
    hello();
    await clock.advance(0);
    expect(said.at(-1)).toEqual({ op: "subscribe", channel: "fleet", from: { epoch: "e1", seq: 3 } });
    hear({ t: "delta", ch: "fleet", seq: 4, serverMs: 0, data: { rows: [row(2, 2_000)] } });
    const { table } = store.fleet;
    expect([table.number("powerW", 0), table.number("powerW", 1)]).toEqual([1_000, 2_000]);
  });

  it("lets the live channel bring the fleet when it cannot be fetched", async () => {
    const { store, said, hello, hear, clock } = setUp(Promise.reject(new Error("no")));
    store.start();
    hello();
    await clock.advance(0);
    expect(said.at(-1)).toEqual({ op: "subscribe", channel: "fleet" });
    hear({ t: "snap", ch: "fleet", seq: 8, serverMs: 0, data: fleetOf(8, [7]) });
    expect(store.fleet.table.size).toBe(1);
  });

  it("tells a row's watchers once a frame however often it changed, and nobody else", async () => {
    const { store, hello, hear, clock, paint, frames } = setUp();
    store.start();
    hello();
    await clock.advance(0);
    paint();
    const calls: string[] = [];
    store.fleet.subscribeRig(1, () => calls.push("one"));
    store.fleet.subscribeRig(2, () => calls.push("two"));
    store.fleet.subscribeRigs((rigs) => calls.push(`map ${[...rigs]}`));
    for (let seq = 4; seq < 14; seq++)
      hear({ t: "delta", ch: "fleet", seq, serverMs: 0, data: { rows: [row(2, seq)] } });
    expect(frames).toHaveLength(1);
    expect(calls).toEqual([]);
    paint();
    expect(calls).toEqual(["map 2", "two"]);
  });

  it("keeps a tail of totals for every scope, and none before the first reading", () => {
    const { store, hello, hear } = setUp();
    store.start();
    hello();
    hear({ t: "snap", ch: "totals", seq: 1, serverMs: 0, data: totals(100, null, null) });
    expect(store.totalsTail(ALL_SITES).points).toEqual([]);
    hear({ t: "delta", ch: "totals", seq: 2, serverMs: 0, data: totals(200, 5) });
    hear({ t: "delta", ch: "totals", seq: 3, serverMs: 0, data: totals(300, null) });
    expect(store.totalsTail("north").points.map(({ values }) => values.powerW)).toEqual([5, null]);
    expect(store.totalsTail(ALL_SITES).points[0]!.values["hashrateThs:sha256"]).toBe(200);
  });

  it("changes alerts by id and forgets the old ones with a snapshot", () => {
    const { store, hello, hear } = setUp();
    store.start();
    hello();
    hear({
      t: "snap",
      ch: "alerts",
      seq: 1,
      serverMs: 0,
      data: [alert("a", "pending"), alert("b", "firing")],
    });
    hear({ t: "delta", ch: "alerts", seq: 2, serverMs: 0, data: [alert("a", "firing")] });
    expect(store.alerts.get()!.map(({ id, state }) => `${id} ${state}`)).toEqual(["a firing", "b firing"]);
    hear({ t: "snap", ch: "alerts", seq: 5, serverMs: 0, data: [alert("c", "firing")] });
    expect(store.alerts.get()!.map(({ id }) => id)).toEqual(["c"]);
  });

  it("knows until the next snapshot what a full one has left out", () => {
    const { store, hello, hear } = setUp();
    store.start();
    hello();
    const open = (n: number, parts: number) =>
      Array.from({ length: n }, (_, at) => ({
        ...alert(`${at}`, "firing"),
        ...(at >= n - parts && { partOf: "g" }),
      }));
    let seq = 0;
    const cutAfter = (t: "snap" | "delta", data: AlertView[]) => {
      hear({ t, ch: "alerts", seq: ++seq, serverMs: 0, data });
      return store.alertsCut.get();
    };
    expect(cutAfter("snap", open(MAX_OPEN_ALERTS - 1, 0))).toBe("none");
    expect(cutAfter("snap", open(MAX_OPEN_ALERTS, 0))).toBe("alerts");
    expect(cutAfter("delta", [alert("0", "resolved")])).toBe("alerts");
    expect(cutAfter("snap", open(MAX_OPEN_ALERTS, 5))).toBe("parts");
    // What fires comes before what is pending: with some of that all that fires is there.
    const pending = { ...alert("p", "pending"), severity: "money" as const };
    expect(cutAfter("snap", [...open(MAX_OPEN_ALERTS - 1, 0), pending])).toBe("pending");
    expect(cutAfter("snap", [...open(MAX_OPEN_ALERTS - 1, 0), { ...pending, severity: "danger" }])).toBe(
      "alerts",
    );
    expect(cutAfter("snap", [...open(9, 0), alert("old", "resolved")])).toBe("none");
    const format = formatFor("en");
    expect(openCount(format, 2_000, true)).toBe("2,000+");
    expect(openCount(format, 12, false)).toBe("12");
    expect(openCount(format, 0, false)).toBe("0");
    // What is not known is not 0.
    expect(openCount(format, 0, true)).toBe("?");
  });

  it("follows a rig while it is watched, and again when it is watched again", () => {
    const { store, said, hello, hear } = setUp();
    store.start();
    hello();
    const detail = (atMs: number, powerW?: number) =>
      ({
        id: "r7",
        sample: { atMs, status: powerW === undefined ? "unreachable" : "mining", powerW },
      }) as unknown as RigDetail;
    const rig = store.rig("r7");
    const stop = rig.subscribe(() => {});
    const other = rig.subscribe(() => {});
    expect(said.filter(({ channel }) => channel === "rig:r7")).toEqual([
      { op: "subscribe", channel: "rig:r7" },
    ]);
    hear({ t: "snap", ch: "rig:r7", seq: 1, serverMs: 0, data: detail(10, 3_000) });
    hear({ t: "delta", ch: "rig:r7", seq: 2, serverMs: 0, data: detail(20) });
    hear({ t: "delta", ch: "rig:r7", seq: 3, serverMs: 0, data: detail(20) });
    expect(rig.get().tail.points.map(({ values }) => values.powerW)).toEqual([3_000, null]);
    stop();
    other();
    expect(said.at(-1)).toEqual({ op: "unsubscribe", channel: "rig:r7" });
    rig.subscribe(() => {});
    hear({ t: "snap", ch: "rig:r7", seq: 4, serverMs: 0, data: detail(30, 3_100) });
    expect(rig.get().detail?.sample?.atMs).toBe(30);
  });

  it("keeps the server's refusal of a rig", () => {
    const { store, hello, hear } = setUp();
    store.start();
    hello();
    const rig = store.rig("r9");
    rig.subscribe(() => {});
    hear({ t: "error", ch: "rig:r9", message: "there is no such rig" });
    expect(rig.get().refusal).toBe("there is no such rig");
  });

  it("asks for histories again after a reconnect and after a gap, not at the start", async () => {
    const { store, hello, hear, end, clock } = setUp();
    store.start();
    hello();
    expect(store.resyncs.get()).toBe(0);
    end();
    await clock.advance(1_000);
    hello();
    expect(store.resyncs.get()).toBe(1);
    hear({ t: "gap", ch: "totals", seq: 9 });
    expect(store.resyncs.get()).toBe(2);
  });

  it("counts ages by the server's clock, whatever the browser's says", () => {
    const { store, hello } = setUp();
    store.start();
    hello();
    expect(store.serverNowMs()).toBe(9_000_000);
  });
});
