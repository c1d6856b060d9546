import type { AgentView, AlertSubject, Input } from "@hashwatt/protocol/http";
import type { Slot } from "../rates/slot.js";

/** What the running stretch of a demand charge, or of a contract of power, comes to if it goes on so. */
export interface DemandFacts {
  name: string;
  /**
   * `peak`: beside the highest stretch of the billing period; `ratchet`: beside the share of an earlier period's peak that is billed in
   * any case, where that is more; `contract`: beside what was contracted.
   */
  beside: "peak" | "ratchet" | "contract";
  unit: "kW" | "kVA";
  /** What is billed so far: the highest stretch, or what is in its place, in `unit` as are the others. */
  most: number;
  projected: number;
  /** The median of the period's stretches that count. */
  usual: number;
  endsMs: number;
  /** What one more costs for the whole period; undefined where the tariff does not say. */
  perUnit: number | undefined;
  /** A new peak raises what is billed at least in so many periods to come, to so much of it. */
  ratchet: { percent: number; months: number } | undefined;
}

/** What is known of a site as a whole. */
export interface SiteFacts {
  kind: "site";
  id: string;
  name: string;
  site: string;
  zone: string;
  currency: string;
  demo: boolean;
  /** Rigs that should answer: neither muted nor in a planned stop, and known to have answered. */
  expected: number;
  answering: number;
  /** Since when agents are heard; Infinity while they are not. */
  heardSinceMs: number;
  /** What its mining rigs earn at most for a kWh: those whose hashprice is known and of the last day; undefined without such a rig. */
  breakEvenPerKwh: number | undefined;
  /** What those rigs draw. */
  miningW: number;
  /** What its figures rest on; of hashprices those of algorithms that its rigs mine. */
  inputs: readonly Input[];
  /** Prices from now on, as far as they are known, and those of the last thirty days in brief. */
  prices: readonly Slot[];
  pastPrices: { p95: number; median: number } | undefined;
  demand: DemandFacts | undefined;
  /** Carbon intensity now, and its mean over the last thirty days. */
  carbonNow: number | undefined;
  carbonMean: number | undefined;
}

/** What is known of an agent. */
export interface AgentFacts {
  kind: "agent";
  id: string;
  name: string;
  site: string;
  view: AgentView;
  /** Since when nothing has come of it, ms; 0 while it speaks; undefined where it was never heard. */
  silentMs: number | undefined;
  rigs: number;
  heardSinceMs: number;
}

/** What is known of the server itself. */
export interface ServerFacts {
  kind: "server";
  id: string;
  name: string;
  site: "";
  store: { ok: boolean; note: string };
  /** Room on the disk of its data folder; "none" where it keeps nothing, undefined where the disk does not tell. */
  disk: { freeBytes: number; totalBytes: number } | "none" | undefined;
}

/** What is known of a pool by the rigs of a site that have it in their list. */
export interface PoolFacts {
  kind: "pool";
  id: string;
  name: string;
  site: string;
  /** Rigs that answer and list it, and those of them that say it is dead. */
  rigs: number;
  lost: readonly AlertSubject[];
  /** How far it is by what the rigs that work for it say; undefined where none of them tells. */
  latency: PoolLatency | undefined;
}

/** The way to a pool and back. */
export interface PoolLatency {
  /** Median over the rigs that tell it. */
  ms: number;
  rigs: number;
  /** What it usually is, ms; undefined while that is not known. */
  usualMs: number | undefined;
  /** What those that work for it earn per hour by blocks of ten minutes; undefined where that is not known. */
  revenuePerH: number | undefined;
}

/** What is known of the network that the rigs mine on. */
export interface MarketFacts {
  kind: "market";
  id: string;
  name: string;
  site: "";
  /** By what factor the difficulty is expected to change, and in how many blocks; undefined where it is not known. */
  nextDifficulty: { ratio: number; blocks: number; source: string } | undefined;
}

export type Facts = SiteFacts | AgentFacts | ServerFacts | PoolFacts | MarketFacts;
export type FactsKind = Facts["kind"];
