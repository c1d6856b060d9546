import { fakeClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { expect, test } from "vitest";
import { START, startIngest } from "../fixtures/startIngest.js";
import { bindingsSetting } from "../identity/identities.js";
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

/** A late batch of one reading of no true time. */
const timeless = (it: ReturnType<typeof startIngest>) =>
  it.ingest.message(
    agentTopic("farm", "a1", "batch"),
    Buffer.from(
      JSON.stringify({
        v: 1,
        stream: "st",
        live: false,
        seq: 1,
        first: 1,
        boot: "b",
        monoMs: 1,
        sentMs: START,
        samples: [{ rig: "h1", atMs: 1_000, intervalMs: 5_000, status: "mining" }],
      }),
    ),
  );

test.each<[string, string | undefined, string]>([
  ["kept apart", undefined, "are kept apart in quarantine.jsonl"],
  ["dropped, and counted", "quarantine.jsonl is full", "are dropped: quarantine.jsonl is full"],
])("late samples of an impossible time are said to be %s when they are", async (_fate, why, says) => {
  const clock = fakeClock(START);
  const it = startIngest(clock, { keepsApart: () => why });
  timeless(it);
  await clock.advance(1_000);
  expect(await it.state.events(0, 10)).toMatchObject([
    {
      kind: "samples-set-apart",
      site: "farm",
      text: `farm/a1: 1 late samples have a time that cannot be true and ${says}`,
    },
  ]);
  expect(it.refusals.count("sample-dropped")).toBe(why === undefined ? 0 : 1);
  expect(it.acks).toMatchObject([{ stream: "st", seq: 1 }]);
});

test("nothing is acknowledged, nor said, before it is known whether late samples are kept apart", async () => {
  const clock = fakeClock(START);
  let keep!: (why: undefined) => void;
  const it = startIngest(clock, {
    keepsApart: () =>
      new Promise((resolve) => {
        keep = resolve;
      }),
  });
  timeless(it);
  await clock.advance(1_000);
  expect(it.acks).toEqual([]);
  expect(await it.state.events(0, 10)).toEqual([]);
  keep(undefined);
  await it.queue.close();
  expect(it.acks).toMatchObject([{ seq: 1 }]);
  expect(await it.state.events(0, 10)).toHaveLength(1);
});

test("what handles of earlier streams meant is kept before a rig that takes over their address", async () => {
  const clock = fakeClock(START);
  const it = startIngest(clock);
  const live = (stream: string, mac: string) =>
    it.ingest.message(
      agentTopic("farm", "a1", "batch"),
      Buffer.from(
        JSON.stringify({
          ...{ v: 1, stream, live: true, seq: 1, first: 1, boot: "b", monoMs: 1, sentMs: START },
          rigs: { h1: { address: "10.0.0.1", mac } },
          samples: [{ rig: "h1", atMs: clock.nowMs(), intervalMs: 5_000, status: "mining" }],
        }),
      ),
    );
  live("s1", "02:00:00:00:00:01");
  await clock.advance(250);
  // The process dies where the other rig would be stored.
  it.state.putRigs = () => Promise.reject(new Error("killed"));
  live("s2", "02:00:00:00:00:02");
  await clock.advance(250);
  expect((await it.state.rigs()).map(({ rig }) => rig)).toEqual([1]);
  const handles = await it.state.setting(bindingsSetting("farm", "a1"));
  expect(JSON.parse(handles ?? "{}")).toEqual({ s1: { h1: 1 } });
});
