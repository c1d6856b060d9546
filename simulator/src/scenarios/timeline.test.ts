import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HallAir, USUAL_HALL } from "../site/hall.js";
import { planOf } from "./choose.js";
import type { Plan } from "./scenario.js";
import { parseTimeline } from "./timeline.js";

const START_MS = Date.UTC(2026, 0, 15, 9);

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
  expect(plan.lines?.map(({ from }) => from)).toEqual(["day.yaml:3: heat-wave", "day.yaml:6", "day.yaml:7"]);
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

test("what a used scenario does is said with the line that names its rigs, or else with that of its name", () => {
  const plan = parse(`
use:
  - fan-failure
  - board-dies:
      board: 1
      rigs: rack-9/3
`);
  expect([...new Set(plan.lines?.map(({ from }) => from))]).toEqual([
    "day.yaml:3: fan-failure",
    "day.yaml:6: board-dies",
  ]);
});

test("from is what clocks show at the place whose climate holds in the end, whoever names it", () => {
  const place = ({ hall }: Plan) => {
    const air = new HallAir({ ...USUAL_HALL, ...hall }, START_MS, 1);
    return { utc: new Date(air.weatherMs(START_MS)).toISOString(), of: hall?.climate?.name };
  };
  const HEZE = { utc: "2026-07-20T06:00:00.000Z", of: "heze" };
  expect(place(parse("hall: {climate: heze, from: 2026-07-20T14:00}"))).toEqual(HEZE);
  expect(place(parse("use: [heze-summer]\nhall: {from: 2026-07-20T14:00}"))).toEqual(HEZE);
  expect(place(parse("use: [{heze-summer: {from: 2026-07-20T14:00}}]\nhall: {climate: reykjavik}"))).toEqual({
    utc: "2026-07-20T14:00:00.000Z",
    of: "reykjavik",
  });
  expect(place(parse("hall: {from: 2026-07-20T14:00}"))).toEqual({
    utc: "2026-07-20T14:00:00.000Z",
    of: undefined,
  });
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
  ["hall:\n  climate: heze\n  rise: 99", "day.yaml:3: rise: 99 is not allowed; allowed: a number from -20"],
  ["hall:\n  rise: 3\n  from: 14:00", 'day.yaml:3: from: "14:00" is not allowed; allowed: a date like'],
  ["says: x\nhall: warm", "day.yaml:2: hall must be a map with climate, from, "],
  ["use: heat-wav", 'day.yaml:1: no scenario is called "heat-wav": did you mean "heat-wave"?'],
  ["use:\n  - steady\n  - heat-wav", 'day.yaml:3: no scenario is called "heat-wav"'],
  ["use:\n  - steady\n  - heat-wav: {by: 6}", 'day.yaml:3: no scenario is called "heat-wav"'],
  [
    "use:\n  - steady\n  - heat-wave:\n      for: 1h\n      by: 99",
    "day.yaml:5: heat-wave: by: 99 is not allowed; allowed: a number from 0 to 40",
  ],
  [
    "use:\n  - steady\n  - heze-summer:\n      rise: 3\n      from: noon",
    'day.yaml:5: heze-summer: from: "noon" is not allowed; allowed: a date like',
  ],
  ["use:\n  - heat-wave:\n      bye: 6", 'day.yaml:3: heat-wave: "bye" cannot be set: did you mean "by"?'],
  ["use:\n  - heat-wave: 6", "day.yaml:2: heat-wave must be a map"],
  ["use:\n  - 3", "day.yaml:2: use: 3 is not allowed; allowed: a list like [heze-summer, "],
  ["use:\nnoise: 1", "day.yaml:1: use: null is not allowed; allowed: a list like"],
  ["noise: 7", "day.yaml:1: noise: 7 is not allowed; allowed: a number from 0 to 1"],
  ["timeline: 3", "day.yaml:1: timeline must be a list of lines like"],
  ["timeline:\n  - sleep", "day.yaml:2: a line of the timeline must be a map"],
  ["a: [1", "day.yaml:1: this is not YAML:"],
  ["- 1", "day.yaml:1: a scenario file must be a map with says, use, hall, noise, timeline"],
])("a bad file is refused with its line and what is allowed (%#)", (text, message) => {
  const said = () => {
    try {
      parse(text);
      return "nothing";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(said().slice(0, message.length)).toBe(message);
});
