import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { SimulatorError } from "../errors.js";
import { nearest } from "../nearest.js";
import { durationOf, numberOf, type Parameters, textOf, valuesOf } from "../parameters.js";
import type { Hall } from "../site/hall.js";
import type { Chosen } from "./choose.js";
import type { Line, Moment, Plan } from "./scenario.js";
import { actionOf } from "./script.js";
import { climateOf, localMs } from "./weather.js";

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const TOP = ["says", "use", "hall", "noise", "timeline"];
const LINE = ["at", "rigs", "do", "for"];

/** What `hall:` of a timeline may say; what is left out stays with the scenarios that it uses. */
const HALL: Parameters = {
  climate: { kind: "text", default: undefined, says: "row of the climate table" },
  from: { kind: "text", default: undefined, says: "the weather's local date and time at the start" },
  rise: {
    kind: "number",
    default: undefined,
    least: -20,
    most: 40,
    unit: "°C",
    says: "hall over the air outside",
  },
  mix: {
    kind: "number",
    default: undefined,
    least: -60,
    most: 40,
    unit: "°C",
    says: "inlet below which exhaust is mixed in",
  },
  recirculation: {
    kind: "number",
    default: undefined,
    least: 0,
    most: 0.9,
    says: "share of a rig's own rise that comes back",
  },
  weather: {
    kind: "number",
    default: undefined,
    least: 0,
    most: 3,
    says: "0: as the climate table has it, to the degree",
  },
};

/** When a line begins: "14:05", "14:05:30" or "+5m". Throws `bad-scenario`. */
export function momentOf(text: unknown): Moment {
  if (typeof text === "string") {
    const afterMs = text.startsWith("+") ? durationOf(text.slice(1)) : undefined;
    if (afterMs !== undefined) return { afterMs };
    const [, hours, minutes, seconds = "0"] = CLOCK.exec(text.trim()) ?? [];
    if (hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60)
      return { clockMs: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 };
  }
  throw new SimulatorError(
    "bad-scenario",
    `at: ${JSON.stringify(text)} is not allowed; allowed: a time of the site's day like 14:05, or one from the start like +5m`,
  );
}

/** How long something goes on: "20m"; undefined: to the end. Throws `bad-scenario`. */
export function lengthOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  const ms = typeof text === "string" ? durationOf(text) : undefined;
  if (ms !== undefined && ms > 0) return ms;
  throw new SimulatorError(
    "bad-scenario",
    `for: ${JSON.stringify(text)} is not allowed; allowed: a time like 90s, 20m or 2h`,
  );
}

/** One line as a map of words: `{at, rigs, do, for, …what the action takes}`. Throws `bad-scenario`. */
export function lineOf(words: Readonly<Record<string, unknown>>): Line {
  const { at, rigs = "all", do: does, for: lasts, ...given } = words;
  if (typeof does !== "string")
    throw new SimulatorError(
      "bad-scenario",
      'do: say what is done, like fan-stop; "simulate actions" lists all',
    );
  if (typeof rigs !== "string")
    throw new SimulatorError(
      "bad-scenario",
      `rigs: ${JSON.stringify(rigs)} is not allowed; allowed: text like rack-3/*`,
    );
  // Judged here, where the line is known, and once more where it is written down.
  const action = actionOf(does);
  for (const name of Object.keys(given)) {
    const known = [...LINE, ...Object.keys(action.parameters)];
    if (!known.includes(name))
      throw new SimulatorError(
        "bad-scenario",
        `"${name}" is not a word of ${does}: did you mean "${nearest(name, known)}"? Allowed: ${known.join(", ")}`,
      );
  }
  valuesOf(action.parameters, given);
  return {
    at: at === undefined ? { afterMs: 0 } : momentOf(at),
    lastsMs: lengthOf(lasts),
    rigs,
    does,
    with: given,
  };
}

/** The hall that a timeline asks for. */
function hallOf(words: Readonly<Record<string, unknown>>): Partial<Hall> {
  const values = valuesOf(HALL, words);
  const climate = values.climate === undefined ? undefined : climateOf(textOf(values, "climate"));
  const share = values.recirculation as number | undefined;
  return {
    ...(climate && { climate }),
    ...(values.from !== undefined && { fromMs: localMs(textOf(values, "from"), climate?.utcOffsetH ?? 0) }),
    ...(values.rise !== undefined && { riseC: numberOf(values, "rise") }),
    ...(values.mix !== undefined && { mixToC: numberOf(values, "mix") }),
    ...(share !== undefined && { recirculation: { middle: share, end: share } }),
    ...(values.weather !== undefined && { weather: numberOf(values, "weather") }),
  };
}

/** A file's text with a way to say where something stands in it. */
class Source {
  readonly #name: string;
  readonly #lines: LineCounter;

  constructor(name: string, lines: LineCounter) {
    this.#name = name;
    this.#lines = lines;
  }

  bad(offset: number | undefined, message: string): SimulatorError {
    return new SimulatorError("bad-scenario", `${this.#placeAt(offset)}: ${message}`);
  }

  placeOf(node: Node): string {
    return this.#placeAt(node.range?.[0]);
  }

  #placeAt(offset: number | undefined): string {
    return offset === undefined ? this.#name : `${this.#name}:${this.#lines.linePos(offset).line}`;
  }

  /** Runs `judge` and puts the place of `node` before its complaint. */
  at<T>(node: Node | null | undefined, judge: () => T): T {
    try {
      return judge();
    } catch (error) {
      if (!(error instanceof SimulatorError)) throw error;
      throw this.bad(node?.range?.[0], error.message);
    }
  }

  /** The pairs of a map whose keys are among `known`, by key. */
  pairs(node: Node | null, what: string, known: readonly string[] | undefined): Map<string, Pair> {
    if (!isMap(node))
      throw this.bad(node?.range?.[0], `${what} must be a map${known ? ` with ${known.join(", ")}` : ""}`);
    return new Map(
      (node as YAMLMap).items.map((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.value) : "";
        if (known !== undefined && !known.includes(key))
          throw this.bad(
            (pair.key as Node).range?.[0],
            `"${key}" is not known here: did you mean "${nearest(key, known)}"? Allowed: ${known.join(", ")}`,
          );
        return [key, pair];
      }),
    );
  }
}

/** The plan of a timeline's text; `name` is what its complaints begin with. Throws `bad-scenario`, naming the line and what is allowed. */
export function parseTimeline(text: string, name: string, use: (chosen: readonly Chosen[]) => Plan): Plan {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const source = new Source(name, lineCounter);
  const [fault] = document.errors;
  if (fault !== undefined) throw source.bad(fault.pos[0], `this is not YAML: ${fault.message}`);
  const top = source.pairs(document.contents as Node | null, "a scenario file", TOP);
  const value = (key: string) => top.get(key)?.value as Node | null | undefined;
  const plain = (node: Node | null | undefined) => node?.toJS(document) as unknown;

  const used = plain(value("use"));
  const base = source.at(value("use"), () =>
    used === undefined ? {} : use((Array.isArray(used) ? used : [used]) as Chosen[]),
  );
  const hall = source.at(value("hall"), () => {
    if (value("hall") === undefined) return {};
    source.pairs(value("hall") as Node, "hall", Object.keys(HALL));
    return hallOf(plain(value("hall")) as Record<string, unknown>);
  });
  const noise = plain(value("noise"));
  if (noise !== undefined && (typeof noise !== "number" || noise < 0 || noise > 1))
    throw source.bad(
      value("noise")?.range?.[0],
      `noise: ${JSON.stringify(noise)} is not allowed; allowed: a number from 0 to 1`,
    );

  const timeline = value("timeline");
  if (timeline !== undefined && !isSeq(timeline))
    throw source.bad(
      timeline?.range?.[0],
      "timeline must be a list of lines like {at: 14:05, rigs: rack-3/*, do: fan-stop, for: 20m}",
    );
  const lines = ((timeline?.items ?? []) as Node[]).map((item) => {
    const words = source.pairs(item, "a line of the timeline", undefined);
    const given = Object.fromEntries([...words].map(([key, pair]) => [key, plain(pair.value as Node)]));
    // The word that is wrong has a line of its own where a line of the timeline is written over several.
    const culprit = (message: string) =>
      [...words].find(([key]) => message.startsWith(`${key}:`) || message.startsWith(`"${key}"`))?.[1].key as
        | Node
        | undefined;
    try {
      return { ...lineOf(given), from: source.placeOf((words.get("rigs")?.key as Node | undefined) ?? item) };
    } catch (error) {
      if (!(error instanceof SimulatorError)) throw error;
      throw source.bad((culprit(error.message) ?? item).range?.[0], error.message);
    }
  });
  return {
    hall: { ...base.hall, ...hall },
    noise: Math.min(base.noise ?? 1, (noise as number | undefined) ?? 1),
    lines: [...(base.lines ?? []), ...lines],
  };
}

/** The same of a file. */
export function readTimeline(path: string, use: (chosen: readonly Chosen[]) => Plan): Plan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimulatorError("bad-scenario", `cannot read the scenario ${path}: ${reason}`, { cause });
  }
  return parseTimeline(text, path, use);
}
