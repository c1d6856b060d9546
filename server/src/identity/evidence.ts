import type { Evidence } from "@hashwatt/protocol/sample";
import type { Alias, RigRecord } from "../store/state/state.js";

const NAME_MAX = 48;
const DEFAULT_PORT = 4028;

const NO_MAC = new Set(["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"]);
/** Serial numbers that firmwares print when they have none: one character repeated, or a word for nothing. */
const NO_SERIAL = /^(.)\1*$|^(n\/?a|none|null|unknown|default|not available)$/i;

/** What names one rig in the world, strongest first: MAC, then serial number. Empty where neither is known. */
export function strongAliases(evidence: Evidence): Alias[] {
  const aliases: Alias[] = [];
  if (evidence.mac !== undefined && !NO_MAC.has(evidence.mac))
    aliases.push({ kind: "mac", value: evidence.mac });
  if (evidence.serial !== undefined && evidence.serial.length >= 4 && !NO_SERIAL.test(evidence.serial))
    aliases.push({ kind: "serial", value: evidence.serial });
  return aliases;
}

const sameText = (a: string, b: string): boolean => {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  // A later reading often says the model more fully; "S19" and "Antminer S19" are no contradiction.
  return left === right || left.endsWith(right) || right.endsWith(left);
};

/** Pool users as a set: a rig switches between its pools by itself, and then still is the same rig. */
const workers = (evidence: Evidence): Set<string> =>
  new Set(evidence.pools?.flatMap((pool) => pool.user ?? []) ?? []);

/** What speaks against two descriptions being of one rig; undefined where nothing does. */
export function contradiction(known: Evidence, told: Evidence): string | undefined {
  if (known.make !== undefined && told.make !== undefined && !sameText(known.make, told.make))
    return `make ${known.make} became ${told.make}`;
  if (known.model !== undefined && told.model !== undefined && !sameText(known.model, told.model))
    return `model ${known.model} became ${told.model}`;
  if (strongAliases(known).length || strongAliases(told).length) return undefined;
  const before = workers(known);
  const after = workers(told);
  if (!before.size || !after.size || [...before].some((user) => after.has(user))) return undefined;
  return `worker ${[...before][0]} became ${[...after][0]}`;
}

/**
 * Whether a rig that has strong names of its own is told to have others. A kind that only one side knows decides nothing.
 * Its evidence counts beside its aliases: a twin's MAC is the alias of the rig that had it first.
 */
export function otherHardware(record: RigRecord, told: readonly Alias[]): boolean {
  const own = [...record.aliases, ...strongAliases(record.evidence)];
  return told.some(
    ({ kind, value }) =>
      own.some((alias) => alias.kind === kind) &&
      !own.some((alias) => alias.kind === kind && alias.value === value),
  );
}

/** The short name a rig has until somebody gives it another: its address (with a port that is not the usual one). */
export function defaultName(evidence: Evidence): string {
  const { address, port } = evidence;
  const name = port === undefined || port === DEFAULT_PORT ? address : `${address}:${port}`;
  return name.slice(0, NAME_MAX);
}

/** Later evidence over earlier: what is not told again stays known, as a rig that is down tells nothing of itself. */
export function mergeEvidence(known: Evidence, told: Evidence): Evidence {
  const merged = { ...known, ...told };
  // Notes are about how the rig is read now; a reading without any takes them back.
  if (!told.notes?.length) delete merged.notes;
  return merged;
}

/** Whether two descriptions say the same; compared as they travel, keys in order of the schema. */
export const sameEvidence = (a: Evidence, b: Evidence): boolean => JSON.stringify(a) === JSON.stringify(b);
