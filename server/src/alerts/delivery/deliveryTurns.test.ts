import { scheduler } from "node:timers/promises";
import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { testAlert } from "../../fixtures/alert.js";
import { queuedDelivery } from "../../fixtures/queuedDelivery.js";

const START_MS = Date.parse("2026-11-26T06:00:00Z");

test("of two people who change one alert at once neither is lost, and what is told meanwhile is told once", async () => {
  const clock = fakeClock(START_MS);
  const a = testAlert("a", { firedMs: START_MS });
  const { delivery, state, told } = await queuedDelivery(clock, [a]);
  const keep = state.alertCare.keep.bind(state.alertCare);
  state.alertCare.keep = async (kept) => {
    await scheduler.yield();
    await keep(kept);
  };
  delivery.transitions([a]);
  const acked = delivery.acknowledge("a", "ann");
  const snoozed = delivery.snooze("a", START_MS + 600_000, "bob");
  await delivery.step();
  await Promise.all([acked, snoozed]);
  expect(delivery.shown(a)).toMatchObject({ ack: { by: "ann" }, snoozedUntilMs: START_MS + 600_000 });
  expect(await state.alertCare.of(["a"])).toMatchObject([
    { ack: { by: "ann" }, snoozedUntilMs: START_MS + 600_000 },
  ]);
  clock.step(600_000);
  // Somebody changes it again while a look is about to tell of it.
  const again = delivery.unacknowledge("a", "ann");
  await delivery.step();
  await again;
  expect(told()).toEqual(["hook fired a+0", "phone fired a+0"]);
  await delivery.step();
  expect(told()).toEqual([]);
});

test("what fires while somebody is acknowledging it is told", async () => {
  const clock = fakeClock(START_MS);
  const open = [testAlert("a", { state: "pending", firedMs: null })];
  const { delivery, state, told } = await queuedDelivery(clock, open);
  const keep = state.alertCare.keep.bind(state.alertCare);
  state.alertCare.keep = async (kept) => {
    open.splice(0, 1, testAlert("a", { firedMs: START_MS }));
    delivery.transitions(open);
    await keep(kept);
  };
  await delivery.acknowledge("a", "ann");
  await delivery.step();
  expect(told()).toEqual(["hook fired a+0", "phone fired a+0"]);
  expect(delivery.shown(open[0]!)).toMatchObject({ ack: { by: "ann" } });
});
