import { type Parameter, type Parameters, type Values, valuesOf } from "../parameters.js";
import type { Hall } from "../site/hall.js";
import { placesWithin } from "../site/places.js";
import type { RigIdentity } from "../site.js";

/** A moment of a plan: so long after the simulation began, or at this time of the site's own day (ms since midnight). */
export type Moment = { afterMs: number } | { clockMs: number };

/** One thing that happens. */
export interface Line {
  at: Moment;
  /** How long it goes on; undefined: to the end. */
  lastsMs: number | undefined;
  /** See SELECTORS. */
  rigs: string;
  /** Name of an action. */
  does: string;
  with: Readonly<Record<string, unknown>>;
  /** Where it was written, like `day.yaml:4`, or the scenario that it is of, for what is found wrong with it once the fleet is known. */
  from?: string;
  /** Left out, and no mistake, where no rig that it names has the part which it is about: of a day that every fleet can have. */
  isOptional?: boolean;
}

/** What a scenario makes of a fleet. */
export interface Plan {
  hall?: Partial<Hall>;
  /** 0: nothing wanders; 1, the default: as in life. */
  noise?: number;
  lines?: readonly Line[];
}

/** Several plans at once: incidents add up, of halls the later one counts, and what is still stays still. */
export function together(plans: readonly Plan[]): Plan {
  return {
    hall: Object.assign({}, ...plans.map(({ hall }) => hall)),
    noise: Math.min(1, ...plans.map(({ noise }) => noise ?? 1)),
    lines: plans.flatMap(({ lines }) => lines ?? []),
  };
}

/** What a scenario may look at. */
export interface FleetFacts {
  rigs: readonly RigIdentity[];
  seed: string;
}

/** A day or an hour worth watching. */
export interface Scenario {
  name: string;
  says: string;
  parameters: Parameters;
  plan(values: Values, fleet: FleetFacts): Plan;
}

/**
 * The values that a scenario is planned with: what is given, else its defaults, whose places are of this fleet. What somebody asked for
 * is never bent. Throws `bad-scenario`.
 */
export function valuesFor(
  { parameters }: Scenario,
  given: Readonly<Record<string, unknown>>,
  fleet: FleetFacts,
): Values {
  const values = valuesOf(parameters, given);
  if (given.rigs !== undefined || typeof values.rigs !== "string") return values;
  return { ...values, rigs: placesWithin(values.rigs, fleet.rigs.length) };
}

/** When something begins, counted from the start. */
export const at = (after: number): Parameter => ({
  kind: "duration",
  default: after,
  says: "when it begins, counted from the start",
});
export const lasts = (ms: number): Parameter => ({
  kind: "duration",
  default: ms,
  says: "how long it goes on",
});
export const rigs = (usual: string): Parameter => ({ kind: "text", default: usual, says: "which rigs" });
/** The one at this place unless given. */
export const rigAt = (place: string): Parameter => ({
  kind: "text",
  default: place,
  says: "which rigs; of a smaller fleet the last one",
});

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A line that begins so long after the start. */
export function line(
  afterMs: number,
  lastsMs: number | undefined,
  which: string,
  does: string,
  values: Line["with"] = {},
): Line {
  return { at: { afterMs }, lastsMs, rigs: which, does, with: values };
}
