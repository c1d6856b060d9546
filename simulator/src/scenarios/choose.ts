import { dirname, resolve } from "node:path";
import { SimulatorError } from "../errors.js";
import { nearest } from "../nearest.js";
import { SCENARIOS } from "./registry.js";
import { type FleetFacts, type Plan, type Scenario, together, valuesFor } from "./scenario.js";
import { readTimeline } from "./timeline.js";

/** A scenario by its name, by the path of a timeline (`.yaml`), or by name with values: `{"heat-wave": {by: 8}}`. */
export type Chosen = string | Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

const IS_FILE = /\.ya?ml$/i;

/** The plan of a file that others use; its own are looked for beside it. Throws `bad-scenario`, for one that uses itself too. */
function planOfFile(path: string, users: readonly string[], fleet: FleetFacts): Plan {
  const user = users.at(-1);
  const place = user === undefined ? path : resolve(dirname(user), path);
  const all = [...users, place];
  if (users.some((other) => resolve(other) === resolve(place)))
    throw new SimulatorError(
      "bad-scenario",
      `a file cannot be used by itself: ${all.join(" uses ")}; take it out of use`,
    );
  return readTimeline(place, (choices) => planOf(choices, {}, fleet, all));
}

/** The scenario of this name. Throws `bad-scenario`, with the nearest one. */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const known = SCENARIOS.map((scenario) => scenario.name);
  throw new SimulatorError(
    "bad-scenario",
    `no scenario is called "${name}": did you mean "${nearest(name, known)}"? "simulate scenarios" lists all; a file ends in .yaml`,
  );
}

/**
 * The plan of what was chosen. `set` has values by `scenario.parameter`, as the command line gives them, and goes before the others.
 * `users` are the files that these stand in, the nearest one last. Throws `bad-scenario`.
 */
export function planOf(
  chosen: readonly Chosen[],
  set: Readonly<Record<string, unknown>>,
  fleet: FleetFacts,
  users: readonly string[] = [],
): Plan {
  const named = chosen.flatMap((choice): [string, Readonly<Record<string, unknown>>][] =>
    typeof choice === "string"
      ? choice.split(",").map((name) => [name.trim(), {}])
      : Object.entries(choice).map(([name, given]) => [name, given ?? {}]),
  );
  for (const [key, value] of Object.entries(set)) {
    const [of] = key.split(".");
    if (value === undefined)
      throw new SimulatorError("bad-scenario", `"${key}" has no value: say SCENARIO.PARAMETER=VALUE`);
    if (!key.includes(".") || !named.some(([name]) => name === of))
      throw new SimulatorError(
        "bad-scenario",
        `"${key}" cannot be set: say SCENARIO.PARAMETER of a scenario that is chosen (${named.map(([name]) => name).join(", ") || "none is"})`,
      );
  }
  return together(
    named.map(([name, given]) => {
      if (IS_FILE.test(name)) return planOfFile(name, users, fleet);
      const scenario = scenarioOf(name);
      const own = Object.entries(set).flatMap(([key, value]) =>
        key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [],
      );
      try {
        const values = valuesFor(scenario, { ...given, ...Object.fromEntries(own) }, fleet);
        const plan = scenario.plan(values, fleet);
        return { ...plan, lines: (plan.lines ?? []).map((line) => ({ ...line, from: name })) };
      } catch (error) {
        if (!(error instanceof SimulatorError)) throw error;
        const { message, word = name } = error;
        throw new SimulatorError("bad-scenario", `${name}: ${message}`, { cause: error, word });
      }
    }),
  );
}
