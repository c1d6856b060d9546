import type { Action, Sketch } from "../actions/action.js";
import { hasPart, noneHas, partText } from "../actions/part.js";
import { ACTIONS } from "../actions/registry.js";
import { SimulatorError } from "../errors.js";
import { nearest } from "../nearest.js";
import { numberOf, type Values, valuesOf } from "../parameters.js";
import { hashText } from "../random.js";
import type { HallAir } from "../site/hall.js";
import { delivered } from "../site/hallWorld.js";
import { selectRigs } from "../site/select.js";
import type { RigIdentity } from "../site.js";
import type { Circumstances, World } from "../world.js";
import type { Line, Moment } from "./scenario.js";

const DAY_MS = 86_400_000;

/** Something that befalls rigs, at its place in the fleet's time. */
export interface Incident {
  /** Counts from 1; what `simulate do end id=…` asks for. */
  id: number;
  does: string;
  fromMs: number;
  untilMs: number;
  rigs: readonly number[];
  /** How many more were named that lack the part which it befalls. */
  lacking: number;
  values: Values;
  /** Where it was written, of a line of a plan. */
  from: string | undefined;
}

/** "3 of 5 rigs, the others have no fan 4" or just "5 rigs", with what is said behind the number. */
export function whom({ does, rigs, lacking, values }: Incident, whenever = ""): string {
  const part = ACTIONS[does]?.part;
  const named = rigs.length + lacking;
  const noun = named === 1 ? "rig" : "rigs";
  if (lacking === 0 || part === undefined) return `${named} ${noun}${whenever}`;
  const lack = `the others have no ${partText(part, numberOf(values, part.name))}`;
  return `${rigs.length} of ${named} ${noun}${whenever}, ${lack}`;
}

/** A fleet's incidents, and the air that its rigs breathe. */
export interface Stage {
  seed: string;
  startMs: number;
  rigs: readonly RigIdentity[];
  air: HallAir;
  noise: number;
  addressOf(index: number): string | undefined;
}

/** The action of this name. Throws `bad-scenario`, with the nearest one. */
export function actionOf(name: string): Action {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action !== undefined) return action;
  const known = Object.keys(ACTIONS);
  throw new SimulatorError(
    "bad-scenario",
    `do: "${name}" is not known: did you mean "${nearest(name, known)}"? Allowed: ${known.join(", ")}`,
    { word: "do" },
  );
}

/** Runs `judge` and puts before its complaint where the line was written. */
function located<T>(from: string | undefined, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (from === undefined || !(error instanceof SimulatorError)) throw error;
    throw new SimulatorError(error.code, `${from}: ${error.message}`, { cause: error });
  }
}

function sketchOf({ given, network, ...others }: Circumstances, noise: number): Sketch {
  return { ...others, given: { ...given, noise }, network: { ...network } };
}

/**
 * What befalls each rig of a fleet, from lines of a plan and from commands that come while it runs. A function of the fleet's time:
 * whatever has been written down, the same moment gives the same circumstances.
 */
export class Script implements World {
  readonly #stage: Stage;
  readonly #byRig = new Map<number, Incident[]>();
  readonly #all: Incident[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get incidents(): readonly Incident[] {
    return this.#all;
  }

  /**
   * Writes a line down; `nowMs` is what `afterMs` counts from. Throws `bad-scenario` for an action, rigs, a value or a part that there is
   * not, and then nothing is written.
   */
  add(line: Line, nowMs: number): Incident {
    const action = actionOf(line.does);
    const values = valuesOf(action.parameters, line.with);
    const { named, rigs } = located(line.from, () => this.#rigsOf(line, action, values));
    const fromMs = Math.round(this.#momentMs(line.at, nowMs));
    const incident: Incident = {
      id: this.#all.length + 1,
      does: line.does,
      fromMs,
      untilMs: fromMs + Math.round(line.lastsMs ?? Number.POSITIVE_INFINITY),
      rigs,
      lacking: named - rigs.length,
      values,
      from: line.from,
    };
    this.#all.push(incident);
    for (const index of incident.rigs) {
      const own = this.#byRig.get(index);
      if (own === undefined) this.#byRig.set(index, [incident]);
      else own.push(incident);
    }
    return incident;
  }

  /** Ends an incident at this moment. Throws `bad-scenario` when there is none of this id that still goes on. */
  end(id: number, nowMs: number): Incident {
    const incident = this.#all[id - 1];
    if (incident === undefined || incident.untilMs <= nowMs)
      throw new SimulatorError(
        "bad-scenario",
        `id: nothing with the id ${id} is going on; "show" lists what is`,
      );
    // What has not begun never happens.
    incident.untilMs = Math.max(nowMs, Math.min(incident.fromMs, nowMs));
    if (incident.fromMs > nowMs) incident.fromMs = Number.POSITIVE_INFINITY;
    return incident;
  }

  inletTempC(rig: RigIdentity, atMs: number, riseK: number, warmerC: number): number {
    return this.#stage.air.inletTempC(rig, atMs, riseK, warmerC);
  }

  circumstances(rig: RigIdentity, atMs: number): { now: Circumstances; untilMs: number } {
    const { startMs, noise } = this.#stage;
    const { now, lastsMs } = delivered(rig, Math.max(0, atMs - startMs));
    const own = this.#byRig.get(rig.index);
    let untilMs = atMs + lastsMs;
    if (own === undefined && noise === 1) return { now, untilMs };
    const sketch = sketchOf(now, noise);
    const key = hashText(`${this.#stage.seed}/${rig.index}`);
    for (const incident of own ?? []) {
      if (atMs < incident.fromMs) {
        untilMs = Math.min(untilMs, incident.fromMs);
        continue;
      }
      const action = ACTIONS[incident.does] as Action;
      if (atMs >= incident.untilMs) {
        action.after?.(sketch, incident.values);
        continue;
      }
      const since = { ms: atMs - incident.fromMs, lastsMs: incident.untilMs - incident.fromMs, key };
      action.apply(sketch, incident.values, since);
      const holdsMs = action.holdsMs?.(incident.values, since.ms) ?? Number.POSITIVE_INFINITY;
      untilMs = Math.min(untilMs, incident.untilMs, atMs + holdsMs);
    }
    return { now: sketch, untilMs };
  }

  /** How many rigs a line names, and those of them that have the part which it is about. */
  #rigsOf(line: Line, { part }: Action, values: Values): { named: number; rigs: readonly number[] } {
    const { rigs, seed, addressOf } = this.#stage;
    const named = selectRigs(line.rigs, rigs, seed, addressOf);
    if (part === undefined) return { named: named.length, rigs: named };
    const which = numberOf(values, part.name);
    const having = named.filter((index) => hasPart(part, which, rigs[index] as RigIdentity));
    if (having.length === 0 && !line.isOptional)
      throw noneHas(
        part,
        which,
        named.map((index) => rigs[index] as RigIdentity),
      );
    return { named: named.length, rigs: having };
  }

  #momentMs(moment: Moment, nowMs: number): number {
    if ("afterMs" in moment) return nowMs + moment.afterMs;
    const ofDayMs = ((this.#stage.air.localMs(nowMs) % DAY_MS) + DAY_MS) % DAY_MS;
    return nowMs + ((moment.clockMs - ofDayMs + DAY_MS) % DAY_MS);
  }
}
