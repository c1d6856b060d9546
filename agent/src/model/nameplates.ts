import { SOURCES, TABLE } from "./nameplateTable.js";

/** What a rig was sold for, at the maker's own conditions (about 25 °C, ±5 %). */
export interface Nameplate {
  model: string;
  ratedThs: number;
  ratedW: number;
  jPerTh: number;
  cooling: string;
  /** Hash boards that belong in it; absent where the model was made with several counts, or nobody says. */
  boards?: number | undefined;
  /** Where the figures come from. */
  source: string;
}

const sources = new Map(
  SOURCES.trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
);

const byName = new Map<string, Nameplate[]>();
for (const line of TABLE.trim().split("\n")) {
  const [model = "", others = "", ths, watts, cooling = "", boards = "", from = ""] = line.split("|");
  const ratedThs = Number(ths);
  const ratedW = Number(watts);
  const source = from.split(",").map((key) => sources.get(key));
  const plate = {
    model,
    ratedThs,
    ratedW,
    jPerTh: ratedW / ratedThs,
    cooling,
    boards: boards === "" ? undefined : Number(boards),
    source: source.join("; "),
  };
  for (const name of new Set([model, ...others.split(",").filter(Boolean)].map(spell))) {
    const bins = byName.get(name);
    if (bins) bins.push(plate);
    else byName.set(name, [plate]);
  }
}

/** Spellings that came up before; rigs' models are few, and what a hostile rig invents must not pile up. */
const spellings = new Map<string, string>();
const MAX_SPELLINGS = 1_000;

function nameOf(model: string): string {
  let name = spellings.get(model);
  if (name === undefined) {
    name = spell(model);
    if (spellings.size < MAX_SPELLINGS) spellings.set(model, name);
  }
  return name;
}

/**
 * One spelling per model: without series word of Bitmain and MicroBT, bin (`100T`) and punctuation; `Hydro` is `Hyd`, `Plus` is
 * `+`, `A1246` and `AvalonMiner 1246` are `avalon1246`.
 */
function spell(model: string): string {
  return model
    .toLowerCase()
    .replace(/^(?:antminer|whatsminer)\s+/, "")
    .replace(/^avalon(?:miner)?[\s-]*a?(?=\d)|^a(?=\d{3,4})/, "avalon")
    .replace(/[\s-]+\d{2,}t?$/, "")
    .replace(/hydro\b|hyd\b\.?/g, "hyd")
    .replace(/immersion\b|imm\b\.?/g, "imm")
    .replace(/\s*plus\b/g, "+")
    .replace(/[\s.]+/g, "");
}

/**
 * The nameplate of a model by its exact name. Where it was sold in several bins, the one nearest to `ratedThs` (what the rig
 * says it is rated for), if within 15 %. Undefined when the model, or its bin, is not known.
 */
export function nameplateOf(model: string, ratedThs: number | undefined): Nameplate | undefined {
  const bins = byName.get(nameOf(model));
  if (!bins || (bins.length > 1 && ratedThs === undefined)) return undefined;
  if (ratedThs === undefined) return bins[0];
  const nearest = bins.reduce((a, b) =>
    Math.abs(b.ratedThs - ratedThs) < Math.abs(a.ratedThs - ratedThs) ? b : a,
  );
  return Math.abs(nearest.ratedThs / ratedThs - 1) <= 0.15 ? nearest : undefined;
}

/** Whether two names are of one model, in whatever bin. */
export const isSameModel = (a: string, b: string): boolean => nameOf(a) === nameOf(b);

/** What a model was rated for in one of its bins, TH/s; undefined for an unknown one. Bins of one model are within a few tens of percent. */
export const roughRatingThs = (model: string): number | undefined => byName.get(nameOf(model))?.[0]?.ratedThs;

/** Whether a model of this name is known, in whatever bin. */
export const isKnownModel = (model: string): boolean => byName.has(nameOf(model));

/**
 * The nameplate of a model whose bin is not known: of the smallest bin that could hash so much (within 5 %), or of the largest
 * where none could; without a hashrate of the smallest. Undefined for an unknown model.
 */
export function nameplateAbove(model: string, hashrateThs: number | undefined): Nameplate | undefined {
  const bins = [...(byName.get(nameOf(model)) ?? [])].sort((a, b) => a.ratedThs - b.ratedThs);
  return bins.find(({ ratedThs }) => ratedThs >= 0.95 * (hashrateThs ?? 0)) ?? bins.at(-1);
}
