import { MAX_POOLS, type Pool, type RigStatus, type Shares } from "@hashwatt/protocol/sample";
import { AgentError } from "../agentError.js";
import { boundedCount, boundedLatencyMs } from "../model/bounds.js";
import { readNumber, readText } from "../replies/readNumber.js";
import { outcomeOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import { type Facts, STARTING_S, withFacts } from "./dialect.js";

/**
 * The pools of a `pools` reply, at most {@link MAX_POOLS}; a firmware's own fee pool is left out. In use is the one whose
 * stratum is active and alive; where a firmware does not say, the one with the latest share. Undefined without the section. Not to be
 * changed: the next call for the same reply returns the same list.
 */
export function readPools(reply: Reply | undefined): Pool[] | undefined {
  const rows = rowsOf(reply, "POOLS");
  if (!rows) return undefined;
  if (rows !== last.rows) last = { rows, pools: poolsOf(rows) };
  return last.pools;
}

/** The list that was read last, which nobody changes: a dialect learns from it and then decodes it. */
let last: { rows: readonly Row[]; pools: Pool[] } = { rows: [], pools: [] };

function poolsOf(rows: Row[]): Pool[] {
  const pools: Pool[] = [];
  const saysActive = rows.some((row) => row["Stratum Active"] !== undefined);
  const latest = saysActive ? undefined : latestShare(rows);
  for (const row of rows) {
    const url = cleanUrl(row.URL);
    const user = readText(row.User, 200);
    if (!url || isFeePool(row, url, user)) continue;
    if (pools.length === MAX_POOLS) break;
    // Nearly always it is this word.
    const status = row.Status === ALIVE ? ALIVE : readText(row.Status, 32);
    const isActive = row["Stratum Active"];
    pools.push({
      url,
      user,
      status,
      active: saysActive
        ? (isActive === true || isActive === "true" || isActive === "Y") && status === ALIVE
        : latest === undefined
          ? undefined
          : row === latest,
      accepted: boundedCount(row.Accepted),
      rejected: boundedCount(row.Rejected),
      stale: boundedCount(row.Stale),
      acceptedDiff: boundedCount(row["Difficulty Accepted"]),
      rejectedDiff: boundedCount(row["Difficulty Rejected"]),
      latencyMs: boundedLatencyMs(row["Latency ms"]),
    });
  }
  return pools;
}

const ALIVE = "Alive";

/** Pools, the one in use so many ms away, where a firmware tells it beside its list. */
export const withLatency = (pools: Pool[] | undefined, ms: unknown): Pool[] | undefined => {
  const latencyMs = boundedLatencyMs(ms);
  return latencyMs === undefined
    ? pools
    : pools?.map((pool) => (pool.active ? { ...pool, latencyMs } : pool));
};

/** The name under which firmwares list the pool that they mine for their maker. */
const isFee = (text: string | undefined): boolean =>
  text !== undefined && text.length <= LONGEST_FEE && /^dev\s?fee$/i.test(text);
const LONGEST_FEE = "dev fee".length;

const isFeePool = (row: Row, url = cleanUrl(row.URL), user = readText(row.User, 200)): boolean =>
  isFee(url) || isFee(user) || readNumber(row.Type) === 1;

/**
 * What a firmware's own pools have accepted of the rig's `acceptedDiff`; undefined where it lists none, or where not all of its pools say
 * how much. 0 where the rig's figure is that of the operator's pools alone.
 */
function devFeeDiff(reply: Reply | undefined, acceptedDiff: number | undefined): number | undefined {
  const rows = rowsOf(reply, "POOLS");
  if (!rows || acceptedDiff === undefined) return undefined;
  let [fee, own, pools] = [0, 0, 0];
  for (const row of rows) {
    const diff = boundedCount(row["Difficulty Accepted"]);
    if (diff === undefined) return undefined;
    if (isFeePool(row)) {
      pools++;
      fee += diff;
    } else own += diff;
  }
  if (pools === 0) return undefined;
  // The replies are of two moments: the figure need not be the sum to the last share.
  return acceptedDiff >= own + fee / 2 ? fee : 0;
}

/** Some firmwares tell the age of the last share instead of its time; those name no latest. */
function latestShare(rows: Row[]): Row | undefined {
  let latest: Row | undefined;
  let at = 1e9;
  for (const row of rows) {
    const time = readNumber(row["Last Share Time"]);
    if (time !== undefined && time > at) {
      at = time;
      latest = row;
    }
  }
  return latest;
}

/** A pool's URL without user, password and query, which may hold secrets. */
export function cleanUrl(value: unknown): string | undefined {
  const text = readText(value, 300);
  // Nearly always there is nothing to take off.
  if (text === undefined || !(text.includes("@") || text.includes("?"))) return text;
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, "$1").replace(/\?.*$/s, "");
}

/** `facts` with these pools, or `facts` itself where they are the ones it has: what is asked every minute is nearly always the same. */
export function withPools(facts: Facts, pools: readonly Pool[] | undefined): Facts {
  const known = facts.pools;
  if (!pools || (known?.length === pools.length && known.every((pool, i) => isSamePool(pool, pools[i]!))))
    return facts;
  return withFacts(facts, { pools: pools.map(withoutCounters) });
}

const isSamePool = (a: Pool, b: Pool): boolean =>
  a.url === b.url && a.user === b.user && a.status === b.status && a.active === b.active;

/** A pool without its counters: what stays true until it is asked again. */
export const withoutCounters = ({ url, user, status, active }: Pool): Pool => ({ url, user, status, active });

/** Share counters of a `summary` row; undefined when it has none. */
export function readShares(row: Row): Shares | undefined {
  const shares: Shares = {
    accepted: boundedCount(row.Accepted),
    rejected: boundedCount(row.Rejected),
    stale: boundedCount(row.Stale),
    acceptedDiff: boundedCount(row["Difficulty Accepted"]),
    rejectedDiff: boundedCount(row["Difficulty Rejected"]),
  };
  return shares.accepted === undefined && shares.acceptedDiff === undefined ? undefined : shares;
}

/** The same with what of it the firmware took for its makers, where the pools were asked in the same round. */
export function readSharesAndFee(row: Row, pools: Reply | undefined): Shares | undefined {
  const shares = readShares(row);
  const fee = devFeeDiff(pools, shares?.acceptedDiff);
  if (shares && fee !== undefined) shares.devFeeDiff = fee;
  return shares;
}

/**
 * A MAC address as it travels: lower case with colons. Undefined for invalid hex, all zeros, all ones and group addresses. `known` is what
 * was read before of the same rig: that it is the same again is told without taking it apart.
 */
export function readMac(value: unknown, known?: string): string | undefined {
  if (known !== undefined && typeof value === "string" && value.toLowerCase() === known) return known;
  const hex = typeof value === "string" ? value.trim().toLowerCase().replace(/[:-]/g, "") : "";
  if (!/^[0-9a-f]{12}$/.test(hex) || /^(.)\1{11}$/.test(hex)) return undefined;
  if (Number.parseInt(hex.slice(0, 2), 16) & 1) return undefined;
  return hex.match(/../g)!.join(":");
}

/** What a rig is doing, by what it says: hashing decides, then sleep, faults, and how long it has been up. */
export function statusOf(rig: {
  hashing: boolean;
  asleep: boolean;
  faulty: boolean;
  uptimeS: number | undefined;
}): RigStatus {
  if (rig.hashing) return "mining";
  if (rig.asleep) return "sleeping";
  if (rig.faulty) return "fault";
  return rig.uptimeS !== undefined && rig.uptimeS < STARTING_S ? "starting" : "idle";
}

/** The error of a reading whose main answer is missing: what the rig said instead. */
export function noReading(reply: Reply | undefined, command: string, damaged: boolean): AgentError {
  if (damaged) return new AgentError("truncated", `the answer to ${command} breaks off or cannot be read`);
  const outcome = reply && outcomeOf(reply);
  if (outcome && !outcome.ok)
    return new AgentError(
      "rejected",
      `${command} was rejected: ${outcome.message ?? "no reason given"} (code ${outcome.code ?? "none"})`,
    );
  return new AgentError("garbled", `the answer to ${command} holds no reading`);
}
