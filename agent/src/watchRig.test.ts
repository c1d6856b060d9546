import type { Sample } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { expect, test } from "vitest";
import { fixture, onlyTcp, scriptedLink } from "./fixtures/scriptedLink.js";
import { newWatchedRig, watchRig } from "./watchRig.js";

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

test("a reading is stamped by the clock as it is when it is passed on, also where that was set while the rig was asked for more", async () => {
  const clock = fakeClock(START);
  const link = scriptedLink(fixture("whatsminer-m50s.json"));
  link.wire = async (reply, command) => {
    if (command !== "get_version") return reply;
    await clock.advance(100);
    clock.step(HOUR_MS);
    return reply;
  };
  const pushed: Sample[] = [];
  const watching = {
    links: onlyTcp(link),
    clock,
    log: pino({ enabled: false }),
    neighbours: { macOf: () => undefined, refresh: () => Promise.resolve() },
    push: (sample: Sample) => void pushed.push(sample),
    random: () => 0.5,
  };
  await watchRig(newWatchedRig({ address: "10.0.0.1", port: 4028 }, 0), 5_000, watching);
  expect(link.asked).toContain("get_version");
  expect(pushed.map(({ atMs }) => atMs)).toEqual([START + HOUR_MS]);
});
