import { fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { expect, test } from "vitest";
import { testAlert } from "../../fixtures/alert.js";
import { queuedDelivery } from "../../fixtures/queuedDelivery.js";
import { MemoryStateStore } from "../../store/state/memory.js";

const START_MS = Date.parse("2026-11-26T06:00:00Z");

test("what was stored and not told when the server died is told once, and nothing is told twice", async () => {
  const clock = fakeClock(START_MS);
  const first = await queuedDelivery(clock, []);
  const [a, b] = [testAlert("a", { firedMs: START_MS }), testAlert("b", { firedMs: START_MS })];
  await first.state.putAlerts([a, b]);
  first.delivery.transitions([a]);
  await first.delivery.step();
  expect(first.told()).toEqual(["hook fired a+0", "phone fired a+0"]);
  // It dies after "b" is stored, and before it is told.
  const second = await queuedDelivery(clock, [a, b], first.state);
  clock.step(20_000);
  await second.delivery.step();
  expect(second.told()).toEqual(["hook fired b+0", "phone fired b+0"]);
  const third = await queuedDelivery(clock, [a, b], first.state);
  await third.delivery.step();
  expect(third.told()).toEqual([]);
});

test("a server that begins to keep book tells nobody of what fired before, but of its end", async () => {
  const clock = fakeClock(START_MS);
  const state = new MemoryStateStore();
  const old = testAlert("old", { firedMs: START_MS - 1 });
  await state.putAlerts([old]);
  const { delivery, told } = await queuedDelivery(clock, [old], state);
  await delivery.step();
  expect(told()).toEqual([]);
  delivery.transitions([{ ...old, state: "resolved", resolvedMs: START_MS + 5 }]);
  await delivery.step();
  expect(told()).toEqual(["hook fired old+0", "phone fired old+0"]);
});

test("ten thousand at once are one message for a person, who gets the next after ten seconds; programs get all", async () => {
  const clock = fakeClock(START_MS);
  const { delivery, told } = await queuedDelivery(clock, []);
  const many = Array.from({ length: 10_000 }, (_, i) => testAlert(`a${i}`, { firedMs: START_MS }));
  delivery.transitions(many);
  await delivery.step();
  const messages = told();
  expect(messages.filter((text) => text.startsWith("phone"))).toHaveLength(1);
  expect(messages.find((text) => text.startsWith("phone"))).toMatch(/\+9900$/);
  expect(messages.filter((text) => text.startsWith("hook"))).toHaveLength(20);
  delivery.transitions([testAlert("late", { firedMs: START_MS })]);
  clock.step(1_000);
  await delivery.step();
  expect(told()).toEqual(["hook fired late+0"]);
  clock.step(9_000);
  await delivery.step();
  expect(told()).toEqual(["phone fired late+0"]);
});

test("who acknowledges, snoozes or silences is on every screen at once, in the history, and there after a restart", async () => {
  const clock = fakeClock(START_MS);
  const a = testAlert("a", { firedMs: START_MS });
  const { delivery, setup, state, told, changed, reminded } = await queuedDelivery(clock, [a]);
  await state.putAlerts([a]);
  delivery.transitions([a]);
  await delivery.step();
  expect(told()).toHaveLength(2);
  expect(reminded.splice(0)).toMatchObject([{ why: "refresh", alerts: [{ id: "a" }] }]);
  await delivery.acknowledge("a", "ann", "on my way");
  expect(changed.at(-1)).toMatchObject({ id: "a", ack: { by: "ann", note: "on my way", atMs: START_MS } });
  await delivery.snooze("a", START_MS + 600_000, "ann");
  expect(delivery.shown(a)).toMatchObject({ snoozedUntilMs: START_MS + 600_000 });
  await setup.addSilence("s1", { match: { rules: ["offline"] }, untilMs: START_MS + 900_000 }, "bob");
  await delivery.step();
  expect(changed.at(-1)).toMatchObject({ id: "a", silencedBy: "s1" });
  clock.step(60_000);
  await delivery.step();
  expect(reminded).toEqual([]);
  expect((await delivery.steps("a")).map(({ text, by }) => `${by ?? ""} ${text}`)).toEqual([
    " Fired: No answer",
    " Told hook, by route programs",
    " Told phone, by route people-at-once",
    "ann Acknowledged: on my way",
    "ann Snoozed until 2026-11-26 06:10 UTC",
    " Silenced until 2026-11-26 06:15 UTC by bob",
  ]);
  const second = await queuedDelivery(clock, [a], state);
  expect(second.delivery.shown(a)).toMatchObject({ ack: { by: "ann" } });
  expect(second.setup.silences).toMatchObject([{ id: "s1", by: "bob" }]);
  await second.setup.dropSilence("s1");
  await second.delivery.unsnooze("a", "bob");
  await second.delivery.unacknowledge("a", "bob");
  expect(second.delivery.shown(a)).toEqual(a);
  await expect(second.delivery.acknowledge("none", "bob")).rejects.toThrow(/no open alert none/);
});

test("a group that has doubled is told again, with its size of now, and a restart tells nothing anew", async () => {
  const clock = fakeClock(START_MS);
  const group = (count: number) =>
    testAlert("g", {
      firedMs: START_MS,
      reason: `${count} rigs`,
      members: { count, peak: count, subjects: [] },
    });
  const open = [group(5)];
  const { delivery, state, told } = await queuedDelivery(clock, open);
  const grows = async (count: number) => {
    clock.step(60_000);
    open.splice(0, 1, group(count));
    await state.putAlerts(open);
    delivery.transitions(open);
    await delivery.step();
    return told();
  };
  expect(await grows(5)).toEqual(["hook fired g+0", "phone fired g+0"]);
  expect(await grows(9)).toEqual([]);
  expect(await grows(500)).toEqual(["hook repeated g+0", "phone repeated g+0"]);
  const second = await queuedDelivery(clock, open, state);
  await second.delivery.step();
  expect(second.told()).toEqual([]);
});

test("what is acknowledged before anybody is told of it stays so when it is told", async () => {
  const clock = fakeClock(START_MS);
  const pending = testAlert("a", { state: "pending", firedMs: null });
  const open = [pending];
  const { delivery, told } = await queuedDelivery(clock, open);
  expect(await delivery.acknowledge("a", "ann")).toMatchObject({ state: "pending", ack: { by: "ann" } });
  await delivery.step();
  expect(told()).toEqual([]);
  const firing = testAlert("a", { firedMs: START_MS });
  open.splice(0, 1, firing);
  delivery.transitions([firing]);
  await delivery.step();
  expect(told()).toEqual(["hook fired a+0", "phone fired a+0"]);
  expect(delivery.shown(firing)).toMatchObject({ ack: { by: "ann" } });
});

test("a store that fails holds no alarm up, and gets the book later", async () => {
  const clock = fakeClock(START_MS);
  const a = testAlert("a", { firedMs: START_MS });
  const { delivery, state, told } = await queuedDelivery(clock, [a]);
  const keep = state.alertCare.keep.bind(state.alertCare);
  state.alertCare.keep = async () => {
    throw new Error("no room on disk");
  };
  delivery.transitions([a]);
  await delivery.step();
  expect(told()).toHaveLength(2);
  state.alertCare.keep = keep;
  await delivery.step();
  expect(await state.alertCare.of(["a"])).toMatchObject([{ id: "a", told: { hook: { firedMs: START_MS } } }]);
});

test("a history that cannot be trimmed is said once, until it can be", async () => {
  const clock = fakeClock(START_MS);
  const lines: string[] = [];
  const state = new MemoryStateStore();
  const { delivery } = await queuedDelivery(
    clock,
    [],
    state,
    pino({}, { write: (line) => lines.push(line) }),
  );
  let broken = true;
  state.alertCare.trim = async () => {
    if (broken) throw new Error("disk is full");
  };
  const hour = async () => {
    clock.step(3_600_001);
    await delivery.step();
    return lines.splice(0).filter((line) => line.includes("not trimmed")).length;
  };
  expect([await hour(), await hour()]).toEqual([1, 0]);
  broken = false;
  expect(await hour()).toBe(0);
  broken = true;
  expect(await hour()).toBe(1);
});

test("what has ended is forgotten after two hours but for who had taken it up, and goes on from the store should it begin again", async () => {
  const clock = fakeClock(START_MS);
  const firing = testAlert("a", { firedMs: START_MS });
  const open = [firing];
  const { delivery, state, told } = await queuedDelivery(clock, open);
  delivery.transitions([firing]);
  await delivery.step();
  await delivery.acknowledge("a", "ann", "fan ordered");
  const ended = testAlert("a", { state: "resolved", firedMs: START_MS, resolvedMs: START_MS + 60_000 });
  open.length = 0;
  clock.step(60_000);
  delivery.transitions([ended]);
  await delivery.step();
  told();
  const asked: string[] = [];
  const of = state.alertCare.of.bind(state.alertCare);
  state.alertCare.of = (ids) => {
    asked.push(...ids);
    return of(ids);
  };
  await delivery.steps("a");
  expect(asked).toEqual([]);
  clock.step(7_200_001);
  await delivery.step();
  expect((await delivery.steps("a")).map(({ text }) => text)).toContain("Acknowledged: fan ordered");
  expect(asked).toEqual(["a"]);
  expect(delivery.shown(ended)).toMatchObject({ ack: { by: "ann", note: "fan ordered" } });

  const again = testAlert("a", { firedMs: clock.nowMs(), rounds: 2, firstFiredMs: START_MS });
  open.push(again);
  delivery.transitions([again]);
  await delivery.step();
  const steps = (await delivery.steps("a")).map(({ text }) => text);
  expect(steps).toContain("Acknowledged: fan ordered");
  expect(steps.filter((text) => text.startsWith("Fired:"))).toHaveLength(2);
  expect(told()).toEqual(["hook fired a+0", "phone fired a+0"]);

  clock.step(86_400_000);
  open.length = 0;
  delivery.transitions([{ ...again, state: "resolved", resolvedMs: clock.nowMs() }]);
  await delivery.step();
  clock.step(86_400_001);
  await delivery.step();
  clock.step(60_000);
  await delivery.step();
  expect(delivery.shown(ended)).toEqual(ended);
});
