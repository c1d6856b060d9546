import { type ClientFrame, NO_PLACE, type ServerFrame } from "@hashwatt/protocol/live";
import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { type Connection, LiveLink, type SocketEvents } from "./liveLink.js";

const HEARTBEAT_MS = 5_000;

/** A link on sockets that the test plays the server of. */
function setUp(random = 0.5) {
  const clock = fakeClock(1_000_000);
  const sockets: { events: SocketEvents; said: ClientFrame[]; closed: boolean }[] = [];
  const states: Connection[] = [];
  const data: string[] = [];
  const gaps: string[] = [];
  const refusals: string[] = [];
  let broken = false;
  const link = new LiveLink({
    open(events) {
      if (broken) throw new Error("no network");
      const socket = { events, said: [] as ClientFrame[], closed: false };
      sockets.push(socket);
      return {
        send: (text) => socket.said.push(JSON.parse(text)),
        close: () => {
          socket.closed = true;
        },
      };
    },
    clock: {
      nowMs: clock.nowMs,
      monoMs: clock.monoMs,
      after(ms, run) {
        const timer = clock.after(ms, run);
        return () => timer[Symbol.dispose]();
      },
    },
    random: () => random,
    onConnection: (connection) => states.push(connection),
    onData: (channel, kind, value) => data.push(`${channel} ${kind} ${JSON.stringify(value)}`),
    onGap: (channel) => gaps.push(channel),
    onRefusal: (channel, message) => refusals.push(`${channel}: ${message}`),
    onServerMs: () => {},
  });
  const hear = (frame: ServerFrame) => sockets.at(-1)!.events.onText(JSON.stringify(frame));
  return {
    clock,
    link,
    sockets,
    states,
    data,
    gaps,
    refusals,
    hear,
    breakNetwork: (is: boolean) => {
      broken = is;
    },
    state: () => states.at(-1)!.state,
    hello: (epoch = "e1") =>
      hear({ t: "hello", v: 1, epoch, serverMs: 0, heartbeatMs: HEARTBEAT_MS, version: "0.1.0" }),
    delta: (seq: number) => hear({ t: "delta", ch: "alerts", seq, serverMs: 0, data: [] }),
    snap: (seq: number) => hear({ t: "snap", ch: "alerts", seq, serverMs: 0, data: [] }),
  };
}

describe("the live link", () => {
  it("subscribes once the server has said hello, with the place of a snapshot fetched before", () => {
    const { link, sockets, hello, states } = setUp();
    link.subscribe("totals");
    link.subscribe("fleet", { epoch: "e1", seq: 7 });
    link.start();
    expect(sockets[0]!.said).toEqual([]);
    hello();
    expect(sockets[0]!.said).toEqual([
      { op: "subscribe", channel: "totals" },
      { op: "subscribe", channel: "fleet", from: { epoch: "e1", seq: 7 } },
    ]);
    expect(states.map(({ state }) => state)).toEqual(["connecting", "live"]);
  });

  it("resumes each channel where it stood after a broken connection", async () => {
    const { link, clock, sockets, hello, snap, delta, data } = setUp();
    link.subscribe("alerts");
    link.start();
    hello();
    snap(4);
    delta(5);
    sockets[0]!.events.onEnd();
    await clock.advance(1_000);
    expect(sockets).toHaveLength(2);
    hello();
    expect(sockets[1]!.said).toEqual([{ op: "subscribe", channel: "alerts", from: { epoch: "e1", seq: 5 } }]);
    delta(6);
    expect(data).toEqual(["alerts snap []", "alerts delta []", "alerts delta []"]);
  });

  it("applies nothing between a gap and the snapshot after it", () => {
    const { link, hello, snap, delta, hear, data, gaps } = setUp();
    link.subscribe("alerts");
    link.start();
    hello();
    snap(1);
    hear({ t: "gap", ch: "alerts", seq: 9 });
    delta(10);
    snap(10);
    delta(11);
    expect(gaps).toEqual(["alerts"]);
    expect(data).toEqual(["alerts snap []", "alerts snap []", "alerts delta []"]);
  });

  it("asks for a snapshot when a delta is missing, and not twice", () => {
    const { link, hello, snap, delta, sockets, data, gaps } = setUp();
    link.subscribe("alerts");
    link.start();
    hello();
    snap(1);
    delta(3);
    delta(4);
    expect(gaps).toEqual(["alerts"]);
    expect(sockets[0]!.said.slice(1)).toEqual([
      { op: "unsubscribe", channel: "alerts" },
      { op: "subscribe", channel: "alerts" },
    ]);
    snap(4);
    delta(5);
    expect(data).toHaveLength(3);
  });

  it("takes silence for a broken connection and heartbeats for a sound one", async () => {
    const { link, clock, hello, hear, sockets, state } = setUp();
    link.start();
    hello();
    for (let beat = 0; beat < 10; beat++) {
      await clock.advance(HEARTBEAT_MS);
      hear({ t: "hb", serverMs: 0 });
    }
    expect(state()).toBe("live");
    await clock.advance(HEARTBEAT_MS * 2.6);
    expect(sockets[0]!.closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it.each([-3_600_000, 3_600_000])(
    "a wall clock that is set by %d ms is no silence, and hides none",
    async (stepMs) => {
      const { link, clock, hello, hear, sockets, state } = setUp();
      link.start();
      hello();
      clock.step(stepMs);
      await clock.advance(HEARTBEAT_MS);
      hear({ t: "hb", serverMs: 0 });
      await clock.advance(HEARTBEAT_MS * 2);
      expect(state()).toBe("live");
      await clock.advance(HEARTBEAT_MS);
      expect(sockets[0]!.closed).toBe(true);
    },
  );

  it("gives up a connection on which nothing is said", async () => {
    const { link, clock, sockets, states } = setUp();
    link.start();
    await clock.advance(10_100);
    expect(sockets[0]!.closed).toBe(true);
    expect(states.some(({ state }) => state === "lost")).toBe(true);
  });

  it("tries again sooner at first, then slower, never slower than every 15 s", async () => {
    const { link, clock, states, breakNetwork } = setUp(0.999);
    breakNetwork(true);
    link.start();
    await clock.advance(120_000);
    const waits = states
      .filter(({ state }) => state === "lost")
      .map(({ retryAtMs, sinceMs }) => retryAtMs! - sinceMs);
    expect(waits[0]).toBeLessThanOrEqual(400);
    for (let at = 1; at < waits.length; at++)
      expect(waits[at]!).toBeGreaterThanOrEqual(waits[at - 1]! - 1e-6);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    breakNetwork(false);
  });

  it("spreads the retries of many screens", async () => {
    const first = (random: number) => {
      const { link, sockets, states } = setUp(random);
      link.start();
      sockets[0]!.events.onEnd();
      const lost = states.at(-1)!;
      return lost.retryAtMs! - lost.sinceMs;
    };
    expect(first(0)).toBeLessThan(first(0.9));
  });

  it("starts from the shortest wait again after it has been live", async () => {
    const { link, clock, sockets, hello, states } = setUp();
    link.start();
    for (let round = 0; round < 3; round++) {
      hello();
      sockets.at(-1)!.events.onEnd();
      expect(states.at(-1)!.retryAtMs! - states.at(-1)!.sinceMs).toBeLessThanOrEqual(400);
      await clock.advance(500);
    }
  });

  it("says that the server has no place for another screen, and asks again seldom", async () => {
    const { link, clock, sockets, hello, states } = setUp();
    link.start();
    sockets[0]!.events.onEnd(NO_PLACE);
    expect(states.at(-1)).toMatchObject({ state: "lost", full: true });
    expect(states.at(-1)!.retryAtMs! - states.at(-1)!.sinceMs).toBeGreaterThan(7_000);
    await clock.advance(15_000);
    hello();
    expect(states.at(-1)).toEqual({ state: "live", sinceMs: expect.any(Number), version: "0.1.0" });
    sockets.at(-1)!.events.onEnd(1006);
    expect(states.at(-1)).not.toHaveProperty("full");
    expect(states.at(-1)!.retryAtMs! - states.at(-1)!.sinceMs).toBeLessThanOrEqual(400);
  });

  it("tries at once when it is told to hurry", async () => {
    const { link, clock, sockets, breakNetwork } = setUp();
    breakNetwork(true);
    link.start();
    await clock.advance(60_000);
    breakNetwork(false);
    link.hurry();
    expect(sockets).toHaveLength(1);
    link.hurry();
    expect(sockets).toHaveLength(1);
  });

  it("hears nothing from a connection that it has given up", async () => {
    const { link, clock, sockets, hello, data, snap } = setUp();
    link.subscribe("alerts");
    link.start();
    hello();
    const old = sockets[0]!;
    old.events.onEnd();
    await clock.advance(1_000);
    hello();
    snap(1);
    old.events.onText(JSON.stringify({ t: "delta", ch: "alerts", seq: 2, serverMs: 0, data: ["old"] }));
    old.events.onEnd();
    expect(data).toEqual(["alerts snap []"]);
    expect(sockets).toHaveLength(2);
  });

  it("survives text that is no JSON and passes on a refusal", () => {
    const { link, sockets, hello, hear, refusals, state } = setUp();
    link.start();
    hello();
    sockets[0]!.events.onText("<html>");
    hear({ t: "error", ch: "rig:r9", message: "there is no such rig" });
    expect(refusals).toEqual(["rig:r9: there is no such rig"]);
    expect(state()).toBe("live");
  });

  it("rests while it is paused, whoever hurries it, and goes on where it stood", async () => {
    const { link, clock, hello, snap, sockets, state } = setUp();
    link.subscribe("alerts");
    link.start();
    hello();
    snap(7);
    link.pause();
    link.pause();
    expect([sockets[0]!.closed, state(), clock.pending]).toEqual([true, "lost", 0]);
    link.hurry();
    await clock.advance(60_000);
    expect(sockets).toHaveLength(1);
    link.resume();
    link.resume();
    expect(sockets).toHaveLength(2);
    hello();
    expect(sockets[1]!.said).toEqual([{ op: "subscribe", channel: "alerts", from: { epoch: "e1", seq: 7 } }]);
  });

  it("leaves no timer behind when it is closed", async () => {
    const { link, clock, hello, sockets } = setUp();
    link.start();
    hello();
    link.close();
    expect(sockets[0]!.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
