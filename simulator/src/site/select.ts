import { SimulatorError } from "../errors.js";
import { Random } from "../random.js";
import type { RigIdentity } from "../site.js";
import { placeOf, RIGS_PER_RACK } from "./places.js";

/** How rigs can be named, for whoever named them wrongly. */
export const SELECTORS =
  'all, rack-3/7, rack-3/*, row-2, "model: Antminer S21*", an address like 127.10.0.5, a share like 10%, or several of them after commas';

const SHARE = /^(\d+(?:\.\d+)?)\s*%$/;

function matcher(glob: string): RegExp {
  const escaped = glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*");
  return new RegExp(`^${escaped}$`, "i");
}

function shareOf(percent: number, rigs: readonly RigIdentity[], seed: string): number[] {
  if (percent <= 0 || percent > 100)
    throw new SimulatorError(
      "bad-scenario",
      `rigs: "${percent}%" is no share of a fleet; allowed: more than 0% to 100%`,
    );
  const count = Math.max(1, Math.round((rigs.length * percent) / 100));
  const all = new Random(seed, "share").shuffled(rigs.map(({ index }) => index));
  return all.slice(0, count);
}

/** "which has 24 rigs in racks 1 to 2". */
function fleetText(count: number): string {
  const racks = Math.ceil(count / RIGS_PER_RACK);
  return `which has ${count} ${count === 1 ? "rig" : "rigs"} in ${racks === 1 ? "rack 1" : `racks 1 to ${racks}`}`;
}

/** Indexes of the rigs that one word of such a text names; none where there is none. */
function namedBy(
  word: string,
  rigs: readonly RigIdentity[],
  seed: string,
  addressOf: (index: number) => string | undefined,
): number[] {
  const share = SHARE.exec(word);
  if (share !== null) return shareOf(Number(share[1]), rigs, seed);
  const model = /^model:\s*(.+)$/i.exec(word)?.[1];
  const pattern = matcher(model ?? word);
  const isNamed = (rig: RigIdentity) => {
    if (word === "all" || word === "*") return true;
    const { name, row } = placeOf(rig.index);
    const names = model === undefined ? [name, `row-${row}`, addressOf(rig.index)] : [rig.model.model];
    return names.some((known) => known !== undefined && pattern.test(known));
  };
  return rigs.filter(isNamed).map(({ index }) => index);
}

/**
 * Indexes of the rigs that this text names, in order, each once. The same share of the same seed is the same rigs. Throws `bad-scenario`
 * when a word of it names none.
 */
export function selectRigs(
  text: string,
  rigs: readonly RigIdentity[],
  seed: string,
  addressOf: (index: number) => string | undefined,
): number[] {
  const chosen = new Set<number>();
  for (const word of text.split(",").map((part) => part.trim())) {
    const named = namedBy(word, rigs, seed, addressOf);
    if (named.length === 0)
      throw new SimulatorError(
        "bad-scenario",
        `rigs: "${word}" names no rig of this fleet, ${fleetText(rigs.length)}; allowed: ${SELECTORS}`,
      );
    for (const index of named) chosen.add(index);
  }
  return [...chosen].sort((a, b) => a - b);
}
