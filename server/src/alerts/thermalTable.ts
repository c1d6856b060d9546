import type { Evidence } from "@hashwatt/protocol/sample";
import type { ThermalLimitRow } from "../bundledData.js";
import type { Limit, RigLimits } from "../fleet/rigView.js";
import { sourceName } from "./sourceName.js";

/** Degrees below a firmware's own trip point at which danger begins: at the trip it is too late. */
export const TRIP_MARGIN_C = 5;

const CONFIDENCE = ["firmware-source", "vendor-doc", "other-tool-default", "community"] as const;
/** Firmwares by a word in their dialect or version, most specific first: a custom firmware keeps strings of its ancestor. */
const FAMILIES: readonly [RegExp, string][] = [
  [/vnish|anthill/, "vnish"],
  [/luxos|luxminer/, "luxos"],
  [/braiins|bosminer|boser|\bbos\b/, "braiins"],
  [/epic|powerplay/, "epic"],
  [/hiveon|marafw|kaonsu|mskminer|rwglr|asicseer/, "other"],
  [/whatsminer|btminer|microbt/, "whatsminer stock"],
  [/antminer|bitmain|bmminer|stock/, "bitmain stock"],
];

/** The family that a firmware belongs to; undefined where nothing tells. */
function familyOf(text: string): string | undefined {
  const lower = text.toLowerCase();
  return FAMILIES.find(([word]) => word.test(lower))?.[1];
}

/** A model without its maker's name and, for a Whatsminer, without the hardware suffix: `M50SVH50` is an `M50S`. */
export function plainModel(model: string): string {
  const plain = model
    .replace(/^(bitmain\s+)?antminer\s+|^(microbt\s+)?whatsminer\s+|^avalon(miner)?\s+/i, "")
    .replace(/\s*\(.*$/, "")
    .trim()
    .toUpperCase()
    .replace(/^(M\d+[A-Z]{0,2}?\+{0,2})_?V[A-Z]*\d+.*$/, "$1");
  return plain.replace(/\s+/g, " ");
}

/** How a rig is cooled, told by its model's name; the makers put it there. */
export function coolingOf(model: string): "air" | "hydro" | "immersion" {
  const plain = plainModel(model);
  if (/\bHYD/.test(plain) || /^M[3-7]3/.test(plain)) return "hydro";
  if (/\bIMM/.test(plain) || /^M[3-7]6/.test(plain)) return "immersion";
  return "air";
}

interface Row {
  make: string;
  family: string;
  /** Models by exact name; `any` for a row that holds for every model of the make. */
  models: Set<string> | "any";
  /** Names of which every variant counts: the M53 family has an M53S. */
  families: string[];
  cooling: string;
  sensor: "chip" | "board";
  confidence: number;
  limit: Limit;
}

/** The sourced limits, of which a rig gets only those of its own make, model, firmware and cooling. */
export class ThermalTable {
  readonly #rows: Row[];
  readonly #cache = new Map<string, RigLimits>();

  constructor(rows: readonly ThermalLimitRow[]) {
    this.#rows = rows.flatMap((row) => toRow(row) ?? []).sort((a, b) => a.confidence - b.confidence);
  }

  /** Limits that apply to a rig so described; empty where a part of the description is missing or no row matches. */
  limits(evidence: Evidence): RigLimits {
    const { make, model, dialect, firmware } = evidence;
    if (make === undefined || model === undefined) return {};
    const key = `${make}|${model}|${dialect ?? ""}|${firmware ?? ""}`;
    let found = this.#cache.get(key);
    if (!found) {
      // Bounded: descriptions come from outside.
      if (this.#cache.size >= 1_000) this.#cache.clear();
      found = this.#find(make, model, `${dialect ?? ""} ${firmware ?? ""} ${model}`);
      this.#cache.set(key, found);
    }
    return found;
  }

  #find(make: string, model: string, firmwareText: string): RigLimits {
    const family = familyOf(firmwareText);
    const plain = plainModel(model);
    const cooling = coolingOf(model);
    const own = this.#rows.filter(
      (row) =>
        row.make === make.toLowerCase() &&
        row.family === family &&
        (row.cooling === "any" || row.cooling === cooling) &&
        (row.models === "any" ||
          row.models.has(plain) ||
          row.families.some((family) => isOfFamily(plain, family))),
    );
    const best = (sensor: Row["sensor"]): Limit | undefined => {
      const rows = own.filter((row) => row.sensor === sensor);
      return (rows.find((row) => row.models !== "any") ?? rows[0])?.limit;
    };
    const chip = best("chip");
    const board = best("board");
    return { ...(chip && { chip }), ...(board && { board }) };
  }
}

function toRow(row: ThermalLimitRow): Row | undefined {
  const { quantity, warn, critical, confidence } = row;
  if (row.unit !== "degC" || (quantity !== "chip" && quantity !== "board")) return undefined;
  if (warn === null && critical === null) return undefined;
  const family = familyOf(row.firmware);
  // A row of another tool's makes no statement about a firmware, and one of a single version none about the others.
  if (family === undefined || /\d+\.\d+/.test(row.firmware)) return undefined;
  // Rows of which it is not established to which models they apply.
  if (/\bbuild\b|\bbins\b/.test(row.models)) return undefined;
  const named = row.models
    .replace(/\([^)]*\)/g, "")
    .split(/,|\band\b/)
    .map((model) => plainModel(model.trim()))
    .filter((model) => /^[A-Z]+\d/.test(model));
  // Where both are stated, the warning is what fans answer to, and danger begins shortly before the trip.
  const limitC = critical === null ? warn! : critical - TRIP_MARGIN_C;
  const how = critical === null ? `${warn} °C` : `${critical} °C less ${TRIP_MARGIN_C}`;
  const warnC = warn !== null && warn < limitC ? warn : undefined;
  const name = sourceName(row);
  return {
    make: row.make.toLowerCase(),
    family,
    models: /^any\b/i.test(row.models) ? "any" : new Set(named),
    families: named.flatMap((name) =>
      / (FAMILY|SERIES)$/.test(name) ? [name.replace(/ (FAMILY|SERIES)$/, "")] : [],
    ),
    cooling: row.cooling,
    sensor: quantity,
    confidence: CONFIDENCE.indexOf(confidence),
    limit: {
      limitC,
      ...(warnC !== undefined && { warnC }),
      source: `sourced, ${confidence} (${name})`,
      name,
      note: `${how}; ${row.source}`,
    },
  };
}

/** Whether a model is a variant of a family: the same name, and letters or signs after it, but no further digit. */
const isOfFamily = (model: string, family: string): boolean =>
  model.startsWith(family) && !/^\d/.test(model.slice(family.length));
