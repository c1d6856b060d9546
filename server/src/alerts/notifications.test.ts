import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { testAlert } from "../fixtures/alert.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { QueuedNotification } from "../store/state/state.js";
import type { AlertMessage } from "./messages/alertMessage.js";
import { Notifications } from "./notifications.js";
import type { Delivery, Notifier } from "./notifiers/notifier.js";

class ScriptedNotifier implements Notifier {
  readonly told: string[] = [];
  constructor(
    public next: Delivery | "hang",
    readonly id = "ops",
  ) {}
  async deliver({ alerts }: AlertMessage): Promise<Delivery> {
    this.told.push(alerts.map(({ id }) => id).join());
    return this.next === "hang" ? new Promise(() => undefined) : this.next;
  }
}

describe("notifications", () => {
  const log = pino({ level: "silent" });
  const down: Delivery = { kind: "retry", reason: "the receiver answered 503" };
  const setUp = async (clock: FakeClock, notifiers: Notifier[], store = new MemoryStateStore()) => {
    const notifications = new Notifications(store, clock, log, () => 0.5);
    await notifications.start(notifiers);
    let made = 0;
    const send = async (ids: string[], notifier = "ops") => {
      const nowMs = clock.nowMs();
      const body: AlertMessage = { v: 1, sentMs: nowMs, alerts: ids.map((id) => testAlert(id)), more: 0 };
      const message: QueuedNotification = {
        id: `m${String(made++).padStart(4, "0")}-${ids.join()}`,
        notifier,
        body,
        createdMs: nowMs,
        dueMs: nowMs,
        attempts: 0,
      };
      await store.putNotification(message);
      await notifications.take(message);
    };
    return { notifications, store, send };
  };

  test("are delivered and forgotten", async () => {
    const [clock, ops] = [fakeClock(1_000), new ScriptedNotifier({ kind: "delivered" })];
    const { notifications, store, send } = await setUp(clock, [ops]);
    await send(["a"]);
    await clock.advance(10);
    expect(ops.told).toEqual(["a"]);
    expect(await store.notifications()).toEqual([]);
    expect(notifications.status("ops")).toMatchObject({ waiting: 0, delivered: 1, deliveredMs: 1_000 });
    await notifications.close();
  });

  test("are tried again with growing pauses until they arrive, and what follows of the same alert waits", async () => {
    const [clock, ops] = [fakeClock(1_000), new ScriptedNotifier(down)];
    const { notifications, send } = await setUp(clock, [ops]);
    await send(["a"]);
    await clock.advance(4_999);
    await send(["a", "b"]);
    await send(["c"]);
    await clock.advance(4_000);
    expect(ops.told).toEqual(["a", "c", "a"]);
    expect(notifications.problem).toBe("ops: the receiver answered 503");
    ops.next = { kind: "delivered" };
    await clock.advance(60_000);
    expect(ops.told.slice(3)).toEqual(["c", "a", "a,b"]);
    expect(notifications.queued).toBe(0);
    expect(notifications.problem).toBeUndefined();
    await notifications.close();
  });

  test("wait as long as the receiver asks", async () => {
    const clock = fakeClock(1_000);
    const ops = new ScriptedNotifier({ kind: "retry", reason: "429", afterMs: 120_000 });
    const { notifications, send } = await setUp(clock, [ops]);
    await send(["a"]);
    await clock.advance(119_000);
    expect(ops.told).toHaveLength(1);
    await clock.advance(2_000);
    expect(ops.told).toHaveLength(2);
    await notifications.close();
  });

  test("to a channel that hangs delay no other, and are tried again", async () => {
    const [clock, ops] = [fakeClock(1_000), new ScriptedNotifier("hang")];
    const boss = new ScriptedNotifier({ kind: "delivered" }, "boss");
    const { notifications, send } = await setUp(clock, [ops, boss]);
    await send(["a"]);
    await send(["a"], "boss");
    await clock.advance(10);
    expect(boss.told).toEqual(["a"]);
    await clock.advance(60_000);
    await clock.advance(6_000);
    expect(ops.told).toEqual(["a", "a"]);
    await notifications.close();
  });

  test("to a channel whose notifier throws at once are tried again, as those of one that fails later", async () => {
    const clock = fakeClock(1_000);
    let told = 0;
    const throwing: Notifier = {
      id: "ops",
      deliver() {
        if (told++ === 0) throw new URIError("URI malformed");
        return Promise.resolve({ kind: "delivered" });
      },
    };
    const { notifications, send } = await setUp(clock, [throwing]);
    await send(["a"]);
    await clock.advance(10);
    expect(notifications.problem).toBe("ops: the notifier failed");
    await clock.advance(10_000);
    expect([told, notifications.queued, notifications.problem]).toEqual([2, 0, undefined]);
    await notifications.close();
  });

  test("that are refused are dead letters, told by an event, kept over a restart, and sent again when asked", async () => {
    const clock = fakeClock(1_000);
    const ops = new ScriptedNotifier({ kind: "refused", reason: "the receiver answered 404" });
    const first = await setUp(clock, [ops]);
    await first.send(["a"]);
    await clock.advance(600_000);
    expect(ops.told).toHaveLength(1);
    expect(first.notifications).toMatchObject({ givenUp: 1, dead: 1 });
    expect((await first.store.events(0, 9))[0]).toMatchObject({ kind: "notification-lost" });
    await first.notifications.close();
    const again = new ScriptedNotifier({ kind: "delivered" });
    const second = await setUp(clock, [again], first.store);
    await clock.advance(10);
    expect(again.told).toEqual([]);
    const [letter] = second.notifications.deadLetters();
    expect(letter).toMatchObject({ failed: { reason: "the receiver answered 404" }, attempts: 1 });
    expect(await second.notifications.sendAgain(letter!.id)).toBe(true);
    await clock.advance(10);
    expect(again.told).toEqual(["a"]);
    expect(second.notifications.dead).toBe(0);
    expect(await first.store.notifications()).toEqual([]);
    expect(await second.notifications.sendAgain("none")).toBe(false);
    await second.notifications.close();
  });

  test("outlive a restart, and are given up after a day", async () => {
    const [clock, ops] = [fakeClock(1_000), new ScriptedNotifier(down)];
    const first = await setUp(clock, [ops]);
    await first.send(["a"]);
    await clock.advance(100);
    await first.notifications.close();
    const second = await setUp(clock, [ops], first.store);
    await clock.advance(90_000_000);
    expect(second.notifications.deadLetters()[0]?.failed?.reason).toBe("the receiver answered 503 for a day");
    expect(await second.notifications.forget(second.notifications.deadLetters()[0]!.id)).toBe(true);
    expect(await first.store.notifications()).toEqual([]);
    await second.notifications.close();
  });

  test("of channels that change twice while the store is slow go on with the last, and none of them dies", async () => {
    const clock = fakeClock(1_000);
    const store = new MemoryStateStore();
    const old = new ScriptedNotifier({ kind: "delivered" });
    const { notifications, send } = await setUp(clock, [old], store);
    let release = () => {};
    const drop = store.dropNotification.bind(store);
    store.dropNotification = async (id) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await drop(id);
    };
    await send(["a"]);
    await clock.advance(10);
    const second = new ScriptedNotifier({ kind: "delivered" });
    const third = new ScriptedNotifier({ kind: "delivered" });
    const changes = [notifications.use([second]), notifications.use([third])];
    await clock.advance(10);
    await send(["b"]);
    store.dropNotification = drop;
    release();
    await Promise.all(changes);
    await clock.advance(10);
    expect([old.told, [...second.told, ...third.told]]).toEqual([["a"], ["b"]]);
    await send(["c"]);
    await clock.advance(10);
    expect(third.told.at(-1)).toBe("c");
    expect(notifications).toMatchObject({ queued: 0, dead: 0, givenUp: 0 });
    await notifications.close();
  });

  test("of a full queue die the oldest first, and of a channel that goes all of them", async () => {
    const [clock, ops] = [fakeClock(1_000), new ScriptedNotifier(down)];
    const { notifications, send } = await setUp(clock, [ops]);
    for (let i = 0; i < 503; i++) await send([`a${i}`]);
    expect(notifications).toMatchObject({ queued: 500, dead: 3 });
    await notifications.use([]);
    expect(notifications).toMatchObject({ queued: 0, dead: 200, givenUp: 503 });
    expect(notifications.deadLetters()[0]?.failed?.reason).toContain("not configured any more");
    await notifications.close();
  });
});
