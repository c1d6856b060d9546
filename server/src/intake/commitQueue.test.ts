import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { START, startIngest } from "../fixtures/startIngest.js";
import type { EventRecord } from "../store/state/state.js";

test("events that wait for the state store are bounded, and the oldest go first", async () => {
  const clock = fakeClock(START);
  const it = startIngest(clock);
  const stored: number[] = [];
  let failing = true;
  it.state.addEvent = async (event: EventRecord) => {
    if (failing) throw new Error("no room on disk");
    stored.push(event.atMs - START);
  };
  const event = (n: number): void =>
    it.queue.event({ atMs: START + n * 1_000, kind: "batches-lost", text: "lost" });
  for (let n = 0; n < 10_000; n++) event(n);
  await clock.advance(250);
  for (let n = 10_000; n < 20_005; n++) event(n);
  await clock.advance(1_000);
  expect(it.queue.eventsDropped).toBe(5);
  failing = false;
  event(20_005);
  await it.queue.close();
  expect(it.queue.eventsDropped).toBe(6);
  expect([stored.length, stored[0], stored.at(-1)]).toEqual([20_000, 6_000, 20_005_000]);
});
