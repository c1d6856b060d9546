import { ServerError } from "../error.js";
import { type Payout, payoutKey } from "./payout.js";

/** Account of a file that names none. */
export const NO_ACCOUNT = "default";

/** What becomes of payouts beside those that are held: a day that a file and a pool's API both tell of is there once. */
export interface Settled {
  put: Payout[];
  /** Keys of those of `put` that take the place of others. */
  replacing: Set<string>;
  /** Held ones whose place is taken. */
  drop: Payout[];
  /** What the API told of days that a file corrects, to be known when it tells the same again. */
  corrected: Payout[];
  /** Of what was such before: what counts again, or is told otherwise. */
  forget: Payout[];
  /** So many say what the pool's API has said already, or what a file has corrected. */
  same: number;
}

const isOfFile = ({ source }: Payout): boolean => source === "csv";
/** Files write `Braiins Pool` for what its API is called here, `braiins`. */
const nameOf = (pool: string): string =>
  pool
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replace(/(?<=.)pool$/, "");
const dayOf = ({ pool, coin, fromMs }: Payout): string => `${nameOf(pool)}/${coin}/${fromMs}`;
const accountOf = ({ account }: Payout): string => account.toLowerCase();
const dayAndAccountOf = (payout: Payout): string => `${dayOf(payout)}/${accountOf(payout)}`;
const sumOf = (payouts: readonly Payout[]): number => payouts.reduce((sum, { amount }) => sum + amount, 0);

function grouped(payouts: readonly Payout[], of: (payout: Payout) => string): Map<string, Payout[]> {
  const groups = new Map<string, Payout[]>();
  for (const payout of payouts) {
    const own = groups.get(of(payout));
    if (own) own.push(payout);
    else groups.set(of(payout), [payout]);
  }
  return groups;
}

/**
 * Finds which of `told` a site knows from the other source: a file and an API name the entries of one day differently. What comes later
 * counts, so that an API that tells again what a file has `corrected` says nothing; a file without an account is of the account that the
 * API tells of. Throws ServerError `badRequest` where that tells of several.
 */
export function settled(
  told: readonly Payout[],
  held: readonly Payout[],
  corrected: readonly Payout[] = [],
): Settled {
  const done: Settled = { put: [], replacing: new Set(), drop: [], corrected: [], forget: [], same: 0 };
  const heldOf = grouped(held, dayOf);
  const correctedOf = grouped(corrected, dayAndAccountOf);
  const keys = new Set(told.map(payoutKey));
  for (const [day, group] of grouped(told, dayAndAccountOf)) {
    const isFile = isOfFile(group[0]!);
    const twins = twinsOf(group[0]!, heldOf.get(dayOf(group[0]!)) ?? []);
    const before = correctedOf.get(day) ?? [];
    if (twins.length && (isFile ? addsNothing(group, twins) : areAmong(group, before))) {
      done.same += group.length;
      continue;
    }
    done.put.push(...group);
    if (twins.length) for (const payout of group) done.replacing.add(payoutKey(payout));
    done.drop.push(...twins.filter((payout) => !keys.has(payoutKey(payout))));
    if (isFile) done.corrected.push(...twins);
    else done.forget.push(...before);
  }
  return done;
}

/** Whether each is told as it was, by what is compared with what was computed. */
const areAmong = (told: readonly Payout[], before: readonly Payout[]): boolean =>
  told.every((payout) =>
    before.some(
      (other) =>
        payoutKey(other) === payoutKey(payout) &&
        (["toMs", "amount", "feeRatio", "hashrateThs"] as const).every((key) => other[key] === payout[key]),
    ),
  );

/** The same amount, and no fee or hashrate that is not known. */
const addsNothing = (told: readonly Payout[], held: readonly Payout[]): boolean =>
  sumOf(told) === sumOf(held) &&
  (["feeRatio", "hashrateThs"] as const).every(
    (key) =>
      told.every((payout) => payout[key] === undefined) || held.some((payout) => payout[key] !== undefined),
  );

/** What is held of the same money from the other source. */
function twinsOf(payout: Payout, held: readonly Payout[]): Payout[] {
  const others = held.filter((other) => isOfFile(other) !== isOfFile(payout));
  const account = accountOf(payout);
  if (!isOfFile(payout))
    return others.filter((other) => accountOf(other) === account || accountOf(other) === NO_ACCOUNT);
  if (account !== NO_ACCOUNT) return others.filter((other) => accountOf(other) === account);
  const accounts = [...new Set(others.map((other) => other.account))];
  if (accounts.length > 1)
    throw new ServerError(
      "badRequest",
      `account: of ${new Date(payout.fromMs).toISOString().slice(0, 10)} ${payout.pool} has told of ${accounts.join(", ")} itself: name the one that the file is of`,
    );
  return others;
}
