import { placeOf } from "@hashwatt/simulator/site/places";
import { AlertedFleet, type Told } from "../support/alertedFleet.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 3, 1);
/** Rigs stop for an hour of every day, as a tariff may ask. */
const STOP = { fromMs: 18 * HOUR, toMs: 19 * HOUR };
/** What a fault still explains after its end: alerts that are held, and what follows from it. */
const AFTERMATH = 6 * HOUR;

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

/** A site that lives through its days. */
export interface SiteMonth {
  rigs: number;
  hours: number;
  seed: string;
}

/** What was told of it; lines are for a person. */
export interface SiteTold {
  faults: number;
  missed: string[];
  others: string[];
  /** What fired and what ended. */
  told: number;
}

/** Lives through the days of one site, and says which faults were told and what else was. `passed` is called after each simulated hour. */
export function siteMonth(
  { rigs, hours, seed }: SiteMonth,
  passed: (hour: number, told: number) => void,
): SiteTold {
  const days = hours / 24;
  const dayMs = (nowMs: number) => (nowMs - START) % DAY;
  const fleet = new AlertedFleet({
    rigs,
    seed,
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
  const chance = chances(seed);
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
    passed(hour, fleet.told.length);
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
  return {
    faults: faults.length,
    missed: missed.map(({ does, rig, fromMs }) => `${does} of ${rig} at minute ${fromMs / MINUTE}`),
    others: others.map(
      ({ rule, name, minute, alert }) => `${rule} of ${name} at minute ${minute}: ${alert.reason}`,
    ),
    told: fleet.told.length,
  };
}
