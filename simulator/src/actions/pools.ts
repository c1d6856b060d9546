import { numberOf, textOf } from "../parameters.js";
import type { PoolLink } from "../rigState.js";
import type { Action, Sketch } from "./action.js";

const POOL = {
  kind: "count",
  default: 1,
  least: 0,
  most: 3,
  says: "which pool, from 1; 0 is all of them",
} as const;

function change({ given }: Sketch, pool: number, changed: Partial<PoolLink>): void {
  given.pools = given.pools.map((link, i) => (pool === 0 || i === pool - 1 ? { ...link, ...changed } : link));
}

export const poolDown: Action = {
  name: "pool-down",
  says: "a pool does not answer",
  parameters: { pool: POOL },
  apply(sketch, values) {
    change(sketch, numberOf(values, "pool"), { alive: false });
  },
};

export const poolSlow: Action = {
  name: "pool-slow",
  says: "the way to a pool is long, so that shares come stale",
  parameters: {
    pool: POOL,
    latency: { kind: "duration", default: 2000, says: "there and back" },
  },
  apply(sketch, values) {
    change(sketch, numberOf(values, "pool"), { latencyMs: numberOf(values, "latency") });
  },
};

export const poolRejects: Action = {
  name: "pool-rejects",
  says: "a pool turns shares down",
  parameters: {
    pool: POOL,
    share: { kind: "number", default: 0.15, least: 0, most: 1, says: "share of the shares" },
  },
  apply(sketch, values) {
    change(sketch, numberOf(values, "pool"), { rejectRatio: numberOf(values, "share") });
  },
};

export const poolHijack: Action = {
  name: "pool-hijack",
  says: "somebody has put his own pool and worker into the rig",
  parameters: {
    url: { kind: "text", default: "stratum+tcp://pool.hijack.example:3333", says: "of the pool" },
    user: { kind: "text", default: "stranger.x1", says: "its worker" },
  },
  apply(sketch, values) {
    change(sketch, 1, { url: textOf(values, "url"), user: textOf(values, "user") });
  },
};

export const theft: Action = {
  name: "theft",
  says: "part of the work is paid to somebody else: the reported rate stays, accepted shares fall",
  parameters: { share: { kind: "number", default: 0.2, least: 0, most: 1, says: "share of the work" } },
  apply({ given }, values) {
    given.divertedRatio = 1 - (1 - given.divertedRatio) * (1 - numberOf(values, "share"));
  },
};
