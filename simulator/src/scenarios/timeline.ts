import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { SimulatorError } from "../errors.js";
import { nearest } from "../nearest.js";
import { durationOf, numberOf, type Parameters, textOf, valuesOf } from "../parameters.js";
import type { Hall } from "../site/hall.js";
import type { Chosen } from "./choose.js";
import { type Line, type Moment, type Plan, together } from "./scenario.js";
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
    { word: "at" },
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
    { word: "for" },
  );
}

/** One line as a map of words: `{at, rigs, do, for, …what the action takes}`. Throws `bad-scenario`. */
export function lineOf(words: Readonly<Record<string, unknown>>): Line {
  const { at, rigs = "all", do: does, for: lasts, ...given } = words;
  if (typeof does !== "string")
    throw new SimulatorError(
      "bad-scenario",
      'do: say what is done, like fan-stop; "simulate actions" lists all',
      { word: "do" },
    );
  if (typeof rigs !== "string")
    throw new SimulatorError(
      "bad-scenario",
      `rigs: ${JSON.stringify(rigs)} is not allowed; allowed: text like rack-3/*`,
      { word: "rigs" },
    );
  // Judged here, where the line is known, and once more where it is written down.
  const action = actionOf(does);
  for (const name of Object.keys(given)) {
    const known = [...LINE, ...Object.keys(action.parameters)];
    if (!known.includes(name))
      throw new SimulatorError(
        "bad-scenario",
        `"${name}" is not a word of ${does}: did you mean "${nearest(name, known)}"? Allowed: ${known.join(", ")}`,
        { word: name },
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
  const share = values.recirculation as number | undefined;
  return {
    ...(values.climate !== undefined && { climate: climateOf(textOf(values, "climate")) }),
    ...(values.from !== undefined && { fromLocalMs: localMs(textOf(values, "from")) }),
    ...(values.rise !== undefined && { riseC: numberOf(values, "rise") }),
    ...(values.mix !== undefined && { mixToC: numberOf(values, "mix") }),
    ...(share !== undefined && { recirculation: { middle: share, end: share } }),
    ...(values.weather !== undefined && { weather: numberOf(values, "weather") }),
  };
}

/** The key of a map, which has a line of its own where the map is written over several. */
const keyIn = (map: Node | undefined, word: string | undefined): Node | undefined =>
  isMap<Node>(map)
    ? map.items.find(({ key }) => isScalar(key) && String(key.value) === word)?.key
    : undefined;

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

  /** Runs `judge` and puts before its complaint the place of the word of `map` that is wrong, or else of `around`. */
  at<T>(map: Node | undefined, judge: () => T, around = map): T {
    try {
      return judge();
    } catch (error) {
      if (!(error instanceof SimulatorError)) throw error;
      throw this.bad((keyIn(map, error.word) ?? around)?.range?.[0], error.message);
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

/** One entry of `use`: what is chosen, the node of its name, and the map of what it is given. */
interface Used {
  chosen: Chosen;
  name: Node;
  given: Node | undefined;
}

function usedOf(source: Source, node: Node | undefined, plain: (node: Node) => unknown): Used[] {
  const entries = isSeq<Node>(node) ? node.items : node === undefined ? [] : [node];
  return entries.flatMap((entry): Used[] => {
    if (isMap<Node, Node>(entry))
      return entry.items.map(({ key, value }) => {
        const given = value === null || plain(value) === null ? undefined : value;
        if (given) source.pairs(given, String(plain(key)), undefined);
        const values = given ? (plain(given) as Record<string, unknown>) : {};
        return { chosen: { [String(plain(key))]: values }, name: key, given };
      });
    const chosen = plain(entry);
    if (typeof chosen === "string") return [{ chosen, name: entry, given: undefined }];
    throw source.bad(
      entry.range?.[0],
      `use: ${JSON.stringify(chosen)} is not allowed; allowed: a list like [heze-summer, {heat-wave: {by: 6}}]`,
    );
  });
}

/** The plan of a timeline's text; `name` is what its complaints begin with. Throws `bad-scenario`, naming the line and what is allowed. */
export function parseTimeline(text: string, name: string, use: (chosen: readonly Chosen[]) => Plan): Plan {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const source = new Source(name, lineCounter);
  const [fault] = document.errors;
  if (fault !== undefined) throw source.bad(fault.pos[0], `this is not YAML: ${fault.message}`);
  const top = source.pairs(document.contents as Node | null, "a scenario file", TOP);
  const value = (key: string) => (top.get(key)?.value ?? undefined) as Node | undefined;
  const plain = (node: Node | undefined) => node?.toJS(document) as unknown;

  const bases = usedOf(source, value("use"), plain).map(({ chosen, name, given }) => {
    const base = source.at(given, () => use([chosen]), name);
    const place = source.placeOf(keyIn(given, "rigs") ?? name);
    const from = (line: Line) => (line.from === undefined ? place : `${place}: ${line.from}`);
    return { ...base, lines: (base.lines ?? []).map((line) => ({ ...line, from: from(line) })) };
  });
  const around = value("hall");
  if (around !== undefined) source.pairs(around, "hall", Object.keys(HALL));
  const hall = source.at(around, () => hallOf((plain(around) ?? {}) as Record<string, unknown>));
  const noise = plain(value("noise"));
  if (noise !== undefined && (typeof noise !== "number" || noise < 0 || noise > 1))
    throw source.bad(
      value("noise")?.range?.[0],
      `noise: ${JSON.stringify(noise)} is not allowed; allowed: a number from 0 to 1`,
    );

  const timeline = value("timeline");
  if (timeline !== undefined && !isSeq(timeline))
    throw source.bad(
      timeline.range?.[0],
      "timeline must be a list of lines like {at: 14:05, rigs: rack-3/*, do: fan-stop, for: 20m}",
    );
  const lines = ((timeline?.items ?? []) as Node[]).map((item) => {
    const words = source.pairs(item, "a line of the timeline", undefined);
    const given = Object.fromEntries([...words].map(([key, pair]) => [key, plain(pair.value as Node)]));
    const line = source.at(item, () => lineOf(given));
    return { ...line, from: source.placeOf(keyIn(item, "rigs") ?? item) };
  });
  return together([...bases, { hall, ...(noise !== undefined && { noise }), lines }]);
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
