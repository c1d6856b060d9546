import { numberOf } from "../parameters.js";
import { type Action, progress, slowly } from "./action.js";
import { BOARDS, FANS } from "./part.js";

const FAN = {
  kind: "count",
  default: 1,
  least: 0,
  most: 16,
  says: "which fan, from 1; 0 is all of them",
} as const;
const BOARD = { kind: "count", default: 1, least: 1, most: 16, says: "which board, from 1" } as const;
const over = (says: string) => ({ kind: "duration", default: 0, says }) as const;

function withFan(health: readonly number[], fan: number, ratio: number): number[] {
  return health.map((before, i) => (fan === 0 || i === fan - 1 ? Math.min(before, ratio) : before));
}

export const fanStop: Action = {
  name: "fan-stop",
  says: "a fan stands still",
  parameters: { fan: FAN },
  part: FANS,
  apply({ given }, values) {
    given.fanHealth = withFan(given.fanHealth, numberOf(values, "fan"), 0);
  },
};

export const fanSlow: Action = {
  name: "fan-slow",
  says: "a fan no longer reaches its speed",
  parameters: {
    fan: FAN,
    to: { kind: "number", default: 0.5, least: 0, most: 1, says: "share of its speed that is left" },
    over: over("how long it takes to get there"),
  },
  part: FANS,
  apply({ given }, values, since) {
    const left = 1 - (1 - numberOf(values, "to")) * progress(since.ms, numberOf(values, "over"));
    given.fanHealth = withFan(given.fanHealth, numberOf(values, "fan"), left);
  },
  holdsMs: (values, sinceMs) => slowly(numberOf(values, "over"), sinceMs),
};

export const boardOff: Action = {
  name: "board-off",
  says: "a hash board is gone",
  parameters: { board: BOARD },
  part: BOARDS,
  apply({ given }, values) {
    given.lostBoards = [...given.lostBoards, numberOf(values, "board") - 1];
  },
};

export const chipsOff: Action = {
  name: "chips-off",
  says: "chips of a board are dead and bypassed",
  parameters: {
    board: BOARD,
    chips: { kind: "count", default: 6, least: 1, most: 2000, says: "how many; at most all of the board" },
  },
  part: BOARDS,
  apply({ given }, values) {
    const slot = numberOf(values, "board") - 1;
    given.lostChips = given.lostChips.map((lost, i) =>
      i === slot ? lost + numberOf(values, "chips") : lost,
    );
  },
};

export const wear: Action = {
  name: "wear",
  says: "dust in filter and fins, dried paste, tired fans, old chips",
  parameters: {
    over: over("how long it takes to get there"),
    fouling: {
      kind: "number",
      default: 1.3,
      least: 1,
      most: 5,
      says: "thermal resistance over that of a new rig",
    },
    flow: {
      kind: "number",
      default: 0.85,
      least: 0.05,
      most: 1,
      says: "share of the air or water that still flows",
    },
    years: { kind: "number", default: 3, least: 0, most: 20, unit: "years", says: "age of the chips" },
  },
  apply({ given }, values, since) {
    const part = progress(since.ms, numberOf(values, "over"));
    given.fouling *= 1 + (numberOf(values, "fouling") - 1) * part;
    given.flow *= 1 - (1 - numberOf(values, "flow")) * part;
    given.ageYears += numberOf(values, "years") * part;
  },
  holdsMs: (values, sinceMs) => slowly(numberOf(values, "over"), sinceMs),
};

export const warmer: Action = {
  name: "warmer",
  says: "warmer (or cooler) air; of rigs in water or oil, the air that cools their coolant, whose valve holds it while it can",
  parameters: {
    by: { kind: "number", default: 8, least: -60, most: 60, unit: "°C", says: "how much, of the air" },
    over: over("how long it takes to get there, and at the end to go away"),
  },
  apply(sketch, values, since) {
    const overMs = numberOf(values, "over");
    const leaves = progress(since.lastsMs - since.ms, overMs);
    sketch.inletDeltaC += numberOf(values, "by") * Math.min(progress(since.ms, overMs), leaves);
  },
  holdsMs: (values) =>
    numberOf(values, "over") > 0 ? slowly(numberOf(values, "over"), 0) : Number.POSITIVE_INFINITY,
};

export const reboot: Action = {
  name: "reboot",
  says: "somebody reboots the rig",
  parameters: {},
  apply({ given }) {
    given.reboots++;
  },
  after({ given }) {
    given.reboots++;
  },
};

export const firmware: Action = {
  name: "firmware",
  says: "new firmware: the rig is off the network while it is written, then boots",
  parameters: { version: { kind: "text", default: "2026.11.1", says: "what it then says it runs" } },
  apply({ given, network }) {
    given.asleep = true;
    network.reach = "refused";
  },
  after(sketch, values) {
    sketch.given.reboots++;
    sketch.firmware = values.version as string;
  },
};
