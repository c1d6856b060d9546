import type { Comparison } from "./compare.js";
import type { Spooled } from "./truth.js";

/** What a run found. */
export interface Report extends Comparison {
  seed: number;
  store: string;
  seconds: number;
  faults: Record<string, number>;
  /** Faults that could not be made here, with the reason. */
  notMade: Record<string, string>;
  kills: number;
  answers: number;
  /** Damaged records as the agents counted them, and batches that the server counts as lost. */
  damagedByAgents: number;
  lostByServer: number;
  /** Batches that were damaged in the seconds before their agent noted that it has them: nothing can miss them. */
  unmissable: number;
  /** What the parts counted and the run knows otherwise; empty = they agree. */
  disagreements: string[];
  packetsLost: number;
  packetsDoubled: number;
  /** The longest time in which an agent was behind while its server answered, ms. */
  longestCatchUpMs: number;
}

/** Whether a run held what is promised. */
export const holds = ({ lost, double, foreign, disagreements }: Report): boolean =>
  !lost.length && !double.length && !foreign.length && !disagreements.length;

/** What the parts say of damage, and what the run knows of it. */
export interface Accounts {
  comparison: Pick<Comparison, "lostByStore" | "batchesDamaged">;
  /** Batches of readings that went with a damaged store. */
  batchesGone: number;
  /** Damaged batches that nothing can miss. */
  unmissable: number;
  lostByServer: number;
  /** Damaged or destroyed stores that a server must have told of, and events in which it did. */
  toTell: number;
  told: number;
}

/**
 * Whether each loss is accounted for: the server must count every batch that was damaged before it could be sent, may count
 * those that went with its own store too, and no others; and it must have told of each damage to its store.
 */
export function disagreementsOf(accounts: Accounts): string[] {
  const { comparison, batchesGone, unmissable, lostByServer, toTell, told } = accounts;
  const found: string[] = [];
  const { batchesDamaged } = comparison;
  if (lostByServer < batchesDamaged - unmissable)
    found.push(
      `${batchesDamaged} batches were damaged unsent, ${unmissable} of them unnoted, the server counts ${lostByServer} as lost`,
    );
  if (lostByServer > batchesDamaged + batchesGone)
    found.push(
      `the server counts ${lostByServer} batches as lost, ${batchesDamaged} were damaged unsent and ${batchesGone} went with its store`,
    );
  if (told < toTell)
    found.push(`a store was damaged ${toTell} times and the server told of it ${told} times`);
  return found;
}

/** How many batches readings were of. */
export const batchesOf = (spooled: Iterable<Pick<Spooled, "stream" | "seq">>): number =>
  new Set([...spooled].map(({ stream, seq }) => `${stream} ${seq}`)).size;
