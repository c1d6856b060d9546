import type { Sample } from "@hashwatt/protocol/sample";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { beforeEach, describe, expect, test } from "vitest";
import { ServerError } from "../error.js";
import { testAlert } from "../fixtures/alert.js";
import { START, startIngest } from "../fixtures/startIngest.js";

const away = () => new ServerError("storeFailed", "no answer", { retryable: true });

describe("alert transitions and events, while the store of readings fails,", () => {
  let clock: FakeClock;
  let it: ReturnType<typeof startIngest>;
  let seq: number;

  beforeEach(() => {
    clock = fakeClock(START);
    it = startIngest(clock);
    seq = 0;
  });

  /** A batch with a reading of one rig, whose chips are so hot. */
  const arrive = (chipTempC: number): void => {
    const atMs = clock.nowMs();
    const sample = { rig: "h1", atMs, intervalMs: 5_000, status: "mining", chipTempC, chipLimitC: 90 };
    const batch = {
      v: 1,
      stream: "s1",
      live: true,
      seq: ++seq,
      first: 1,
      boot: "b",
      monoMs: 1,
      sentMs: atMs,
    };
    const body = { ...batch, rigs: { h1: { address: "10.0.0.1" } }, samples: [sample as Sample] };
    it.ingest.message(agentTopic("farm", "a1", "batch"), Buffer.from(JSON.stringify(body)));
  };
  const overheat = () => [95, 96].forEach(arrive);
  const held = async () => (await it.state.alerts(0)).map(({ rule, state }) => `${rule} ${state}`);

  test("are stored and told without it, after the key of the rig; the ack waits, and nothing is told twice", async () => {
    it.telemetry.failing = away();
    overheat();
    it.queue.event({ atMs: START, kind: "batches-lost", text: "lost" });
    await clock.advance(3_000);
    expect(it.order).toEqual(["rigs", "alerts", "notify"]);
    expect(it.told).toMatchObject([{ rule: "overheating", state: "firing" }]);
    expect(await held()).toEqual(["overheating firing"]);
    expect(await it.state.events(0, 10)).toMatchObject([{ kind: "batches-lost" }]);
    await clock.advance(600_000);
    it.telemetry.failing = undefined;
    await clock.advance(10_000);
    expect(it.order).toEqual(["rigs", "alerts", "notify", "samples 2", "acks"]);
    expect(it.told).toHaveLength(1);
    await it.queue.close();
    expect(clock.pending).toBe(0);
  });

  test("are stored and told when the server ends, which acknowledges nothing", async () => {
    it.telemetry.failing = away();
    overheat();
    it.queue.event({ atMs: START, kind: "batches-lost", text: "lost" });
    await it.queue.close();
    expect(await held()).toEqual(["overheating firing"]);
    expect(await it.state.events(0, 10)).toHaveLength(1);
    expect(it.told).toHaveLength(1);
    expect(it.acks).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("do not wait either for one that gives no answer", async () => {
    it.telemetry.append = () => new Promise(() => undefined);
    overheat();
    await clock.advance(3_000);
    expect(await held()).toEqual(["overheating firing"]);
    expect(it.told).toHaveLength(1);
  });

  test("keep their order where the state store fails for a while as well", async () => {
    it.telemetry.failing = away();
    const put = it.state.putAlerts.bind(it.state);
    let failing = true;
    it.state.putAlerts = async (alerts) => {
      await new Promise<void>((over) => clock.after(100, over));
      if (failing) throw new Error("no room on disk");
      await put(alerts);
    };
    const fired = testAlert("a", { state: "firing", firedMs: START });
    it.queue.alerts([fired]);
    await clock.advance(2_050);
    it.telemetry.failing = undefined;
    it.queue.alerts([{ ...fired, state: "resolved", resolvedMs: START + 1 }]);
    await clock.advance(5_000);
    expect(it.told).toEqual([]);
    failing = false;
    await clock.advance(5_000);
    expect(it.told.map(({ state }) => state)).toEqual(["firing", "resolved"]);
    expect(await it.state.alerts(0)).toMatchObject([{ id: "a", state: "resolved" }]);
  });

  test("wait for the key of their rig", async () => {
    const put = it.state.putRigs.bind(it.state);
    it.state.putRigs = () => Promise.reject(new Error("no room on disk"));
    overheat();
    await clock.advance(10_000);
    expect([await held(), it.told, it.acks]).toEqual([[], [], []]);
    it.state.putRigs = put;
    await clock.advance(10_000);
    expect(it.order[0]).toBe("rigs");
    expect(await held()).toEqual(["overheating firing"]);
    expect(it.told).toHaveLength(1);
  });

  test("are bounded: the oldest go first, and are counted", async () => {
    it.state.putAlerts = () => Promise.reject(new Error("no room on disk"));
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => testAlert(`a${from + n}`, { state: "firing" }));
    it.queue.alerts(many(0, 15_000));
    await clock.advance(5_000);
    it.queue.alerts(many(15_000, 5_007));
    await clock.advance(5_000);
    expect(it.queue.alertsDropped).toBe(7);
  });
});
