import type { AgentView, AlertSubject, Input } from "@hashwatt/protocol/http";
import type { Slot } from "../rates/slot.js";

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
  /** What its mining rigs earn at most for a kWh; undefined where it is not known. */
  breakEvenPerKwh: number | undefined;
  /** What its mining rigs draw. */
  miningW: number;
  inputs: readonly Input[];
  /** Prices from now on, as far as they are known, and those of the last thirty days in brief. */
  prices: readonly Slot[];
  pastPrices: { p95: number; median: number } | undefined;
  /** What the running stretch of a demand charge comes to if it goes on so, beside the highest of the billing period. */
  demand: { name: string; peakKw: number; projectedKw: number; endsMs: number; perKw: number } | undefined;
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
  /** Room on the disk of its data folder; undefined where it keeps nothing. */
  disk: { freeBytes: number; totalBytes: number } | undefined;
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
