import type { Totals } from "@hashwatt/protocol/http";
import type { Channel, ServerFrame } from "@hashwatt/protocol/live";
import { beforeEach, describe, expect, test } from "vitest";
import type { HubClient } from "./channel.js";
import { Hub } from "./hub.js";

class FakeClient implements HubClient {
  readonly frames: ServerFrame[] = [];
  bufferedAmount = 0;
  ended: string | undefined;
  send(frame: Buffer): void {
    this.frames.push(JSON.parse(frame.toString()) as ServerFrame);
  }
  end(reason: string): void {
    this.ended = reason;
  }
  take(): string[] {
    return this.frames.splice(0).map((frame) => ("seq" in frame ? `${frame.t} ${frame.seq}` : frame.t));
  }
}

describe("the hub", () => {
  let temps: Map<number, number>;
  let made: string[];
  let hub: Hub;
  let nowMs: number;
  const connect = (channel: Channel, from?: { epoch: string; seq: number }) => {
    const client = new FakeClient();
    expect(hub.subscribe(client, channel, from, nowMs)).toBe(true);
    return client;
  };
  const change = (rig: number, temp: number) => {
    temps.set(rig, temp);
    hub.rigChanged(rig);
    nowMs += 250;
    hub.flush(nowMs);
  };

  beforeEach(() => {
    temps = new Map([
      [1, 60],
      [2, 61],
    ]);
    made = [];
    nowMs = 1_000_000;
    const note = <T>(name: string, value: T): T => {
      made.push(name);
      return value;
    };
    hub = new Hub("e1", "0.1.0", {
      totals: () => note("totals", { rigs: temps.size } as unknown as Totals),
      fleet: (at) =>
        note("fleet", { ...at, rig: [...temps.keys()], columns: { chipTempC: [...temps.values()] } }),
      alerts: () => [],
      rig: (id) => {
        const rig = Number(id.slice(1));
        return temps.has(rig) ? note("rig", { rig, temp: temps.get(rig) } as never) : undefined;
      },
      liveRow: (rig) => [rig, temps.get(rig) ?? null],
      staticRow: (rig) => [rig, `rig ${rig}`],
      totalsEveryMs: () => 250,
    });
  });

  test("gives a snapshot, then numbered deltas that hold just what changed", () => {
    const client = connect("fleet");
    expect(client.frames[0]).toMatchObject({
      t: "snap",
      ch: "fleet",
      seq: 0,
      data: { epoch: "e1", rig: [1, 2] },
    });
    client.take();
    change(2, 70);
    change(1, 65);
    expect(client.frames).toMatchObject([
      { t: "delta", seq: 1, data: { rows: [[2, 70]] } },
      { t: "delta", seq: 2, data: { rows: [[1, 65]] } },
    ]);
  });

  test("coalesces everything between two flushes into one delta, one row per rig", () => {
    const client = connect("fleet");
    client.take();
    for (const temp of [70, 71, 72]) {
      temps.set(1, temp);
      hub.rigChanged(1);
    }
    hub.rigDescribed(2);
    hub.flush(nowMs);
    expect(client.frames).toMatchObject([
      {
        seq: 1,
        data: {
          rows: [
            [1, 72],
            [2, 61],
          ],
          info: [[2, "rig 2"]],
        },
      },
    ]);
  });

  test("writes a delta once for all its readers and not at all for none", () => {
    change(1, 50);
    expect(made).toEqual([]);
    const readers = [connect("rig:r1"), connect("rig:r1"), connect("rig:r1")];
    made.length = 0;
    change(1, 51);
    expect(made).toEqual(["rig"]);
    for (const reader of readers)
      expect(reader.frames.at(-1)).toMatchObject({ t: "delta", data: { temp: 51 } });
  });

  test("replays what a broken connection missed", () => {
    const first = connect("fleet");
    change(1, 50);
    hub.drop(first, nowMs);
    change(1, 51);
    change(2, 52);
    const again = connect("fleet", { epoch: "e1", seq: 1 });
    expect(again.take()).toEqual(["delta 2", "delta 3"]);
    change(1, 53);
    expect(again.take()).toEqual(["delta 4"]);
  });

  test("goes on from a snapshot that was fetched by HTTP", () => {
    const snapshot = hub.fleetSnapshot(nowMs);
    change(1, 55);
    expect(connect("fleet", { epoch: snapshot.epoch, seq: snapshot.seq }).take()).toEqual(["delta 1"]);
  });

  test.each([
    ["another run of the server", { epoch: "e0", seq: 1 }],
    ["a number that was never given out", { epoch: "e1", seq: 99 }],
  ])("answers a resume from %s with a gap and a snapshot", (_what, from) => {
    connect("fleet");
    change(1, 50);
    expect(connect("fleet", from).take()).toEqual(["gap 1", "snap 1"]);
  });

  test("answers a resume from before what it still holds with a gap and a snapshot", () => {
    const first = connect("fleet");
    for (let i = 0; i < 400; i++) change(1, i);
    hub.drop(first, nowMs);
    expect(connect("fleet", { epoch: "e1", seq: 3 }).take()).toEqual(["gap 400", "snap 400"]);
  });

  test("a channel that nobody watched for a minute makes a gap for who comes back", () => {
    const first = connect("fleet");
    change(1, 50);
    hub.drop(first, nowMs);
    nowMs += 61_000;
    change(1, 51);
    expect(connect("fleet", { epoch: "e1", seq: 1 }).take()).toEqual(["gap 2", "snap 2"]);
  });

  test("a rig's channel that was closed and made anew never takes an old number for the present", () => {
    const first = connect("rig:r1");
    change(1, 50);
    const { seq } = first.frames.at(-1) as { seq: number };
    hub.drop(first, nowMs);
    nowMs += 61_000;
    hub.flush(nowMs);
    change(1, 51);
    const again = connect("rig:r1", { epoch: "e1", seq });
    expect(again.frames.map((frame) => frame.t)).toEqual(["gap", "snap"]);
    expect(again.frames.at(-1)).toMatchObject({ data: { temp: 51 } });
  });

  test("a slow client gets no deltas, and when it has drained a gap and one snapshot", () => {
    const slow = connect("fleet");
    const quick = connect("fleet");
    slow.take();
    quick.take();
    slow.bufferedAmount = 5 * 1024 * 1024;
    for (let i = 0; i < 10; i++) change(1, i);
    expect(slow.take()).toEqual([]);
    expect(quick.take()).toHaveLength(10);
    slow.bufferedAmount = 1_000;
    nowMs += 250;
    hub.flush(nowMs);
    expect(slow.take()).toEqual(["gap 10", "snap 10"]);
    change(1, 99);
    expect(slow.take()).toEqual(["delta 11"]);
  });

  test("a client that stays slow for a minute is let go", () => {
    const slow = connect("fleet");
    slow.bufferedAmount = 5 * 1024 * 1024;
    change(1, 1);
    nowMs += 61_000;
    hub.flush(nowMs);
    expect(slow.ended).toBe("too slow");
  });

  test("a reader that subscribes again and again gets one snapshot, once it has read what it has", () => {
    const client = connect("fleet");
    client.take();
    made.length = 0;
    for (let i = 0; i < 100; i++) hub.subscribe(client, "fleet", undefined, nowMs);
    expect(client.take()).toEqual([]);
    client.bufferedAmount = 1_000_000;
    change(1, 50);
    expect(client.take()).toEqual([]);
    client.bufferedAmount = 0;
    change(1, 51);
    expect(client.take()).toEqual(["gap 2", "snap 2"]);
    expect(made.filter((name) => name === "fleet")).toHaveLength(1);
    change(1, 52);
    expect(client.take()).toEqual(["delta 3"]);
  });

  test("subscribing again does not put off that a client which reads nothing is let go", () => {
    const client = connect("fleet");
    client.bufferedAmount = 5_000_000;
    for (let i = 0; i < 300 && client.ended === undefined; i++) {
      hub.subscribe(client, "fleet", undefined, nowMs);
      change(1, i);
    }
    expect(client.ended).toBe("too slow");
  });

  test("a client with too much queued waits for the snapshot of another channel too", () => {
    const client = connect("fleet");
    client.bufferedAmount = 5_000_000;
    client.take();
    expect(hub.subscribe(client, "alerts", undefined, nowMs)).toBe(true);
    hub.flush(nowMs);
    expect(client.take()).toEqual([]);
    client.bufferedAmount = 0;
    hub.flush(nowMs);
    expect(client.take()).toEqual(["gap 0", "snap 0"]);
  });

  test("totals are made no more often than asked", () => {
    const client = connect("totals");
    client.take();
    made.length = 0;
    for (let i = 0; i < 10; i++) {
      hub.rigChanged(1);
      nowMs += 50;
      hub.flush(nowMs);
    }
    expect(made.filter((name) => name === "totals")).toHaveLength(2);
    expect(client.take()).toEqual(["delta 1", "delta 2"]);
  });

  test("alerts reach their channel as they stand at the flush", () => {
    const client = connect("alerts");
    client.take();
    hub.alertsChanged([{ id: "a", state: "pending" } as never]);
    hub.alertsChanged([{ id: "a", state: "firing" } as never]);
    hub.flush(nowMs);
    expect(client.frames).toMatchObject([{ t: "delta", ch: "alerts", data: [{ id: "a", state: "firing" }] }]);
  });

  test("tells of a rig that is gone", () => {
    const client = connect("fleet");
    client.take();
    hub.rigDescribed(2);
    hub.rigGone(2);
    temps.delete(2);
    hub.flush(nowMs);
    expect(client.frames).toMatchObject([{ data: { gone: [2] } }]);
  });

  test("knows no channel of a rig that does not exist", () => {
    expect(hub.subscribe(new FakeClient(), "rig:r99", undefined, nowMs)).toBe(false);
  });
});
