import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { InTurn } from "./discovery/inTurn.js";
import type { Knock } from "./discovery/knock.js";
import { type Answered, scan } from "./discovery/scan.js";
import { expandRanges } from "./discovery/targets.js";
import { toHandle } from "./toSample.js";
import type { Fleet, RigTarget } from "./watchFleet.js";

/** A range to look for rigs in. */
export interface WatchedRange extends Omit<RigTarget, "address"> {
  range: string;
}

/** Where to look, where not, and how often at last. */
export interface LookingPlan {
  ranges: readonly WatchedRange[];
  exclude: readonly string[];
  everyMs: number;
}

/** When everything comes up after a power cut, this program is there before the rigs are. */
const FIRST_WAIT_MS = 15_000;
/** Hosts that have a web page and no cgminer API are asked who they are, so many at a time. */
const ASKED = 32;
/** One that is no rig is left alone for so long. */
const NO_RIG_MS = 3_600_000;

/** What looking needs. */
export interface Looking {
  fleet: Pick<Fleet, "add" | "has">;
  /** Whether a host that has no cgminer API is a rig. */
  isRig(target: RigTarget): Promise<boolean>;
  clock: Clock;
  log: Logger;
  knock?: Knock;
  /** Connections under way at a time. */
  concurrency?: number;
}

/** Ranges that are being looked through. */
export interface RangeWatch {
  /** Looks elsewhere from now on, beginning at once. */
  change(plan: LookingPlan): void;
  /** Resolves with the end of the signal. */
  readonly done: Promise<void>;
}

/**
 * Looks for rigs in the ranges now, after 15 s, after twice that and so on until it is every `everyMs`, and has the fleet
 * watch what answers. What is watched already is not disturbed, and goes on being watched when it falls silent.
 */
export function watchRanges(first: LookingPlan, looking: Looking, signal: AbortSignal): RangeWatch {
  const { fleet, isRig, clock, log, knock, concurrency } = looking;
  const noRigs = new Map<string, number>();
  const asked = new InTurn(ASKED);
  let plan = first;
  let round = new AbortController();
  signal.addEventListener("abort", () => round.abort(), { once: true });

  /** Looks through the ranges once; returns how many addresses were tried and how many rigs were new. */
  const look = async (own: AbortSignal) => {
    let tried = 0;
    let added = 0;
    for (const { range, ...target } of plan.ranges) {
      const { port, httpPort, v3Port } = target;
      const unknown = expandRanges([range], plan.exclude).filter((address) => !fleet.has(address, port));
      tried += unknown.length;
      const asking: Promise<void>[] = [];
      const watch = (address: string) => {
        if (!own.aborted && fleet.add({ ...target, address })) added++;
      };
      const ask = async (address: string) => {
        const key = toHandle(address, port);
        if ((noRigs.get(key) ?? Number.NEGATIVE_INFINITY) > clock.monoMs()) return;
        if (await asked.run(() => isRig({ ...target, address }))) {
          noRigs.delete(key);
          watch(address);
        } else if (!own.aborted) noRigs.set(key, clock.monoMs() + NO_RIG_MS);
      };
      const found = (address: string, what: Answered) => {
        if (what === "api") watch(address);
        else asking.push(ask(address));
      };
      await scan(unknown, { port, httpPort, v3Port, concurrency }, { found }, clock, own, knock);
      await Promise.all(asking);
      if (own.aborted) break;
    }
    return { tried, added };
  };

  const watching = async () => {
    let last: string | undefined;
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const own = round.signal;
      const { tried, added } = await look(own);
      // Scans that find what the last one found are no news.
      const found = `${tried} ${added}`;
      if (plan.ranges.length && !own.aborted && (added || found !== last))
        log.info({ tried, added }, "ranges scanned");
      last = found;
      const forMs = plan.ranges.length ? Math.min(waitMs, plan.everyMs) : plan.everyMs;
      await clock.sleep(forMs, own).catch(() => undefined);
      waitMs = own.aborted ? FIRST_WAIT_MS : Math.min(waitMs * 2, plan.everyMs);
      if (own.aborted && !signal.aborted) round = new AbortController();
    }
  };

  return {
    change(next) {
      plan = next;
      noRigs.clear();
      round.abort();
    },
    done: watching(),
  };
}
