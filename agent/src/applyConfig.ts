import { isDeepStrictEqual } from "node:util";
import type { AgentConfig } from "./config.js";
import { inRange, parseRange, parseRigAddress } from "./discovery/targets.js";
import { Secret } from "./secret.js";
import { toHandle } from "./toSample.js";
import type { Fleet, RigTarget } from "./watchFleet.js";

/** Keys that take effect while the agent runs; all others with its next start. */
const LIVE_KEYS: ReadonlySet<string> = new Set([
  "rigs",
  "ranges",
  "exclude",
  "scanEveryMs",
  "logins",
  "defaultLogins",
  "nameplates",
] satisfies (keyof AgentConfig)[]);

/** Keys that differ and take effect only with the next start. */
export const keysForRestart = (before: AgentConfig, after: AgentConfig): string[] =>
  (Object.keys({ ...before, ...after }) as (keyof AgentConfig)[]).filter(
    (key) => !LIVE_KEYS.has(key) && !isDeepStrictEqual(plain(before[key]), plain(after[key])),
  );

/** Secrets compare by what they hold. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Rigs of a config that are watched whether or not they answer. */
export const staticRigs = (config: Pick<AgentConfig, "rigs">): RigTarget[] =>
  config.rigs.map(({ address, ...rest }) => ({ ...rest, ...parseRigAddress(address) }));

/**
 * Has a fleet watch what a config names, and no more what it does not: rigs that were found stay while a range holds them and
 * nothing excludes them. A rig that stays is not disturbed. Returns how many came and went.
 */
export function applyRigs(
  config: Pick<AgentConfig, "rigs" | "ranges" | "exclude">,
  fleet: Pick<Fleet, "add" | "remove" | "pollEvery" | "targets">,
): { added: number; removed: number } {
  const named = new Map(staticRigs(config).map((target) => [toHandle(target.address, target.port), target]));
  const ranges = config.ranges.map(({ range, ...target }) => ({ span: parseRange(range), target }));
  const holes = config.exclude.map(parseRange);
  const wishFor = ({ address, port }: RigTarget): Omit<RigTarget, "address"> | undefined => {
    const own = named.get(toHandle(address, port));
    if (own || holes.some((hole) => inRange(hole, address))) return own;
    return ranges.find(({ span, target }) => target.port === port && inRange(span, address))?.target;
  };
  let added = 0;
  let removed = 0;
  for (const target of [...fleet.targets()]) {
    const wish = wishFor(target);
    if (wish?.httpPort === target.httpPort && wish?.v3Port === target.v3Port && wish) {
      if (wish.intervalMs !== target.intervalMs)
        fleet.pollEvery(target.address, target.port, wish.intervalMs);
      continue;
    }
    fleet.remove(target.address, target.port);
    if (wish) fleet.add({ ...wish, address: target.address });
    else removed++;
  }
  for (const target of named.values()) if (fleet.add(target)) added++;
  return { added, removed };
}
