import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planOf } from "./choose.js";
import { parseTimeline } from "./timeline.js";

const parse = (text: string) =>
  parseTimeline(text, "day.yaml", (chosen) => planOf(chosen, {}, { rigs: [], seed: "1" }));

test("a timeline is a plan: hall, scenarios that it uses, lines", () => {
  const plan = parse(`
says: a fan fails on a hot afternoon
use: [heze-summer, {heat-wave: {by: 6}}]
hall: {rise: 7}
timeline:
  - {at: "14:05", rigs: rack-3/*, do: fan-stop, for: 20m}
  - at: +90s
    do: pool-slow
    latency: 3s
`);
  expect(plan.hall).toMatchObject({ climate: { name: "heze" }, riseC: 7 });
  expect(plan.lines?.map(({ does, at, lastsMs, rigs }) => ({ does, at, lastsMs, rigs }))).toEqual([
    { does: "warmer", at: { afterMs: 60_000 }, lastsMs: 21_600_000, rigs: "all" },
    { does: "fan-stop", at: { clockMs: 50_700_000 }, lastsMs: 1_200_000, rigs: "rack-3/*" },
    { does: "pool-slow", at: { afterMs: 90_000 }, lastsMs: undefined, rigs: "all" },
  ]);
  // What only the fleet can tell, that it has no third rack, is said with the line too.
  expect(plan.lines?.map(({ from }) => from)).toEqual([undefined, "day.yaml:6", "day.yaml:7"]);
});

test("a file uses others that lie beside it, and not itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-timeline-"));
  try {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write("week.yaml", "use: [day.yaml]\ntimeline: [{do: reboot}]");
    write("day.yaml", "timeline: [{do: sleep, for: 1h}]");
    const plan = () => planOf([join(folder, "week.yaml")], {}, { rigs: [], seed: "1" });
    expect(plan().lines?.map(({ does }) => does)).toEqual(["sleep", "reboot"]);
    write("day.yaml", "use: [week.yaml]");
    expect(plan).toThrow(
      /day\.yaml:1: a file cannot be used by itself: \S+week\.yaml uses \S+day\.yaml uses/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("times of the day need no quotes", () => {
  expect(parse("timeline: [{at: 14:05, do: sleep}]").lines?.[0]?.at).toEqual({ clockMs: 50_700_000 });
});

test.each([
  [
    "timeline:\n  - at: 14:05\n    do: fan-stpo",
    'day.yaml:3: do: "fan-stpo" is not known: did you mean "fan-stop"? Allowed: ',
  ],
  [
    "timeline:\n  - at: 25:00\n    do: sleep",
    'day.yaml:2: at: "25:00" is not allowed; allowed: a time of the site\'s day like 14:05',
  ],
  [
    "timeline:\n  - do: fan-stop\n    fan: 99",
    "day.yaml:3: fan: 99 is not allowed; allowed: a whole number from 0 to 16",
  ],
  [
    "timeline:\n  - do: fan-stop\n    fann: 1",
    'day.yaml:3: "fann" is not a word of fan-stop: did you mean "fan"? Allowed: at, rigs, do, for, fan',
  ],
  [
    "timeline:\n  - do: sleep\n    for: 20",
    "day.yaml:3: for: 20 is not allowed; allowed: a time like 90s, 20m or 2h",
  ],
  ["timeline:\n  - rigs: all", "day.yaml:2: do: say what is done, like fan-stop"],
  [
    "says: x\n\ntimelin: []",
    'day.yaml:3: "timelin" is not known here: did you mean "timeline"? Allowed: says, use, hall, noise, timeline',
  ],
  ["hall:\n  climate: atlantis", 'day.yaml:2: climate: "atlantis" is not known; allowed: heze, '],
  ["hall:\n  climat: heze", 'day.yaml:2: "climat" is not known here: did you mean "climate"?'],
  ["use: heat-wav", 'day.yaml:1: no scenario is called "heat-wav": did you mean "heat-wave"?'],
  ["noise: 7", "day.yaml:1: noise: 7 is not allowed; allowed: a number from 0 to 1"],
  ["timeline: 3", "day.yaml:1: timeline must be a list of lines like"],
  ["timeline:\n  - sleep", "day.yaml:2: a line of the timeline must be a map"],
  ["a: [1", "day.yaml:1: this is not YAML:"],
  ["- 1", "day.yaml:1: a scenario file must be a map with says, use, hall, noise, timeline"],
])("a bad file is refused with its line and what is allowed (%#)", (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
