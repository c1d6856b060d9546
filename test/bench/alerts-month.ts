import { placeOf } from "@hashwatt/simulator/site/places";
import { AlertedFleet, type Told } from "../support/alertedFleet.js";
import { type Bench, bounded, reported } from "./figure.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 3, 1);
/** A seed on which no rule was tuned. */
const SEED = "a month that nobody has looked at";
/** Rigs stop for an hour of every day, as a tariff may ask. */
const STOP = { fromMs: 18 * HOUR, toMs: 19 * HOUR };
/** What a fault still explains after its end: alerts that are held, and what follows from it. */
const AFTERMATH = 6 * HOUR;
const MOST_OTHERS = 10;

interface Kind {
  does: string;
  with: Readonly<Record<string, unknown>>;
  lastsMs: number;
  /** One of these must be told of the rig. */
  rules: readonly string[];
  withinMs: number;
}

/** Faults, one of each a day, each on a rig of its own. */
const KINDS: readonly Kind[] = [
  { does: "fan-stop", with: { fan: 1 }, lastsMs: 2 * HOUR, rules: ["fanStopped"], withinMs: 10 * MINUTE },
  {
    does: "board-off",
    with: { board: 2 },
    lastsMs: 3 * HOUR,
    rules: ["boardMissing"],
    withinMs: 30 * MINUTE,
  },
  {
    does: "chips-off",
    with: { board: 1, chips: 9 },
    lastsMs: 3 * HOUR,
    rules: ["chipsMissing"],
    withinMs: 30 * MINUTE,
  },
  { does: "power-off", with: {}, lastsMs: 2 * HOUR, rules: ["offline"], withinMs: 15 * MINUTE },
  { does: "pool-hijack", with: {}, lastsMs: 2 * HOUR, rules: ["wrongPool"], withinMs: 15 * MINUTE },
  {
    does: "pool-rejects",
    with: { share: 0.15 },
    lastsMs: 8 * HOUR,
    rules: ["rejects"],
    withinMs: 6 * HOUR,
  },
  { does: "theft", with: { share: 0.3 }, lastsMs: 9 * HOUR, rules: ["acceptedLow"], withinMs: 8 * HOUR },
];

interface Fault extends Kind {
  rig: string;
  fromMs: number;
}

/** Chances that are the same in every run. */
function* chances(seed: string): Generator<number, never> {
  let x = [...seed].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7) >>> 0;
  for (;;) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    yield ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  }
}

/** Whether a told alert follows from a fault: of its rig, or of a board of it, while it lasts and for a while after. */
function isOf({ rig, fromMs, lastsMs }: Fault, { name, minute }: Told): boolean {
  const atMs = minute * MINUTE;
  return (
    (name === rig || name.startsWith(`${rig} `)) && atMs >= fromMs && atMs <= fromMs + lastsMs + AFTERMATH
  );
}

/**
 * A month of a thousand rigs at 60 s, with a stop planned every day and one rig in a hundred rebooted each day: every fault must be
 * found, and little else told. `--rigs` and `--hours` make it smaller.
 */
export const bench: Bench = async ({ size, say }) => {
  const rigs = size.rigs ?? 1_000;
  const hours = size.hours ?? 720;
  const days = hours / 24;
  const dayMs = (nowMs: number) => (nowMs - START) % DAY;
  const fleet = new AlertedFleet({
    rigs,
    seed: SEED,
    startMs: START,
    intervalMs: 60_000,
    sweepMs: 30_000,
    stop(nowMs) {
      const atMs = dayMs(nowMs);
      if (atMs < STOP.fromMs || atMs >= STOP.toMs + HOUR / 2) return undefined;
      const from = nowMs - atMs;
      return {
        phase: atMs < STOP.toMs ? "stopped" : "coming back",
        name: "every evening",
        fromMs: from + STOP.fromMs,
        toMs: from + STOP.toMs,
      };
    },
  });
  const chance = chances(SEED);
  const any = (below: number): number => Math.floor(chance.next().value * below);
  const faults: Fault[] = [];
  const happen = (afterMs: number, lastsMs: number | undefined, which: string, does: string, values = {}) =>
    fleet.staged.happen({ at: { afterMs }, lastsMs, rigs: which, does, with: values });
  for (let day = 0; day < days; day++) {
    happen(day * DAY + STOP.fromMs, STOP.toMs - STOP.fromMs, "all", "sleep");
    for (let i = 0; i < Math.max(1, Math.round(rigs / 100)); i++)
      happen(day * DAY + any(DAY), undefined, placeOf(any(rigs)).name, "reboot");
    // The first day is for learning what is usual; nothing begins in the stop or shortly before.
    if (day === 0 && days > 1) continue;
    const used = new Set<number>();
    for (const kind of KINDS) {
      let index = any(rigs);
      while (used.has(index)) index = any(rigs);
      used.add(index);
      const fromMs = day * DAY + 2 * HOUR + any(6 * HOUR);
      const fault = { ...kind, rig: placeOf(index).name, fromMs };
      if (fromMs + kind.withinMs > hours * HOUR) continue;
      happen(fromMs, kind.lastsMs, fault.rig, kind.does, kind.with);
      faults.push(fault);
    }
  }
  for (let hour = 1; hour <= hours; hour++) {
    fleet.runTo(hour * HOUR);
    if (hour % 6 === 0) say(`hour ${hour} of ${hours}, ${fleet.told.length} told`);
  }
  const fired = fleet.told.filter(({ state }) => state === "firing");
  const missed = faults.filter(
    (fault) =>
      !fired.some(
        (told) =>
          fault.rules.includes(told.rule) &&
          isOf(fault, told) &&
          told.minute * MINUTE <= fault.fromMs + fault.withinMs,
      ),
  );
  const others = fired.filter((told) => !faults.some((fault) => isOf(fault, told)));
  for (const { does, rig, fromMs } of missed) say(`missed: ${does} of ${rig} at minute ${fromMs / MINUTE}`);
  for (const { rule, name, minute, alert } of others.slice(0, 40))
    say(`other: ${rule} of ${name} at minute ${minute}: ${alert.reason}`);
  const note = `${rigs} rigs, ${hours} h, ${faults.length} faults`;
  return [
    bounded(
      "injected faults that were found",
      (faults.length - missed.length) / Math.max(1, faults.length),
      "",
      {
        atLeast: 1,
      },
      { note },
    ),
    bounded("other notifications a day", others.length / days, "", { atMost: MOST_OTHERS }, { note }),
    reported("notifications a day in all", fleet.told.length / days, "", { note }),
  ];
};
