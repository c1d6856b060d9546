import type { AlertSubject } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";
import type { PoolFacts } from "./facts.js";
import { PoolLatencies } from "./poolLatencies.js";

/** Pools and accounts that so many rigs of a site have in their list are meant to be there. */
const USUAL_SHARE = 0.2;
const LEAST_RIGS = 4;
const MAX_URLS = 2_000;
const DEAD = /dead|down|error|offline|unreachable/i;

/** Pools and accounts that a site's rigs are meant to work for. */
export interface UsualPools {
  hosts: ReadonlySet<string>;
  accounts: ReadonlySet<string>;
  rigs: number;
}

interface Listed {
  rigs: number;
  lost: AlertSubject[];
}

/** Which pools the rigs of each site list, which of them say that one is dead, and what is usual there. */
export class PoolCensus {
  readonly #hosts = new Map<string, string>();
  #listed = new Map<string, Listed>();
  #accounts = new Map<string, Map<string, number>>();
  #rigs = new Map<string, number>();
  #usual = new Map<string, UsualPools>();
  readonly #latencies = new PoolLatencies();

  /** Forgets what was counted, to count anew. */
  begin(): void {
    this.#listed = new Map();
    this.#accounts = new Map();
    this.#rigs = new Map();
    this.#latencies.begin();
  }

  /** Counts a rig that answers. */
  add(view: RigView, subject: AlertSubject): void {
    const { pools } = view.record.evidence;
    if (!pools?.length) return;
    const { site } = view.record;
    const { pool: inUse, status: doing } = view.reading ?? {};
    if (inUse !== undefined && doing === "mining") this.#latencies.add(`${site} ${this.hostOf(inUse)}`, view);
    this.#rigs.set(site, (this.#rigs.get(site) ?? 0) + 1);
    const hosts = new Set<string>();
    const accounts = new Set<string>();
    for (const { url, user, status } of pools) {
      const host = this.hostOf(url);
      if (user !== undefined) accounts.add(accountOf(user));
      if (hosts.has(host)) continue;
      hosts.add(host);
      const listed = this.#listedAt(site, host);
      listed.rigs++;
      if (status !== undefined && DEAD.test(status)) listed.lost.push(subject);
    }
    let its = this.#accounts.get(site);
    if (!its) {
      its = new Map();
      this.#accounts.set(site, its);
    }
    for (const account of accounts) its.set(account, (its.get(account) ?? 0) + 1);
  }

  /** Notes the pools of a rig that does not answer: they are there, though nothing is known of them by it. */
  mention({ record }: RigView): void {
    for (const { url } of record.evidence.pools ?? []) this.#listedAt(record.site, this.hostOf(url));
  }

  /** The pools as facts, once all rigs are counted. */
  facts(nowMs: number): PoolFacts[] {
    const usual = new Map<string, { hosts: Set<string>; accounts: Set<string>; rigs: number }>();
    for (const [site, rigs] of this.#rigs) {
      if (rigs < LEAST_RIGS) continue;
      const least = Math.max(2, USUAL_SHARE * rigs);
      const accounts = [...(this.#accounts.get(site) ?? [])].flatMap(([name, count]) =>
        count >= least ? name : [],
      );
      usual.set(site, { hosts: new Set(), accounts: new Set(accounts), rigs });
    }
    const facts: PoolFacts[] = [];
    for (const [key, { rigs, lost }] of this.#listed) {
      const [site, host] = key.split(" ") as [string, string];
      const its = usual.get(site);
      if (its && rigs >= Math.max(2, USUAL_SHARE * its.rigs)) its.hosts.add(host);
      const latency = this.#latencies.of(key, nowMs);
      facts.push({ kind: "pool", id: `${site}/${host}`, name: host, site, rigs, lost, latency });
    }
    this.#usual = usual;
    return facts;
  }

  /** How far pools usually are, as text that outlives a process. */
  text(): string {
    return this.#latencies.text();
  }

  /** Takes back what {@link text} gave; false for a text that is none. */
  restore(text: string): boolean {
    return this.#latencies.restore(text);
  }

  #listedAt(site: string, host: string): Listed {
    const key = `${site} ${host}`;
    let listed = this.#listed.get(key);
    if (!listed) {
      listed = { rigs: 0, lost: [] };
      this.#listed.set(key, listed);
    }
    return listed;
  }

  /** What is usual at a site, as last counted; undefined where too few rigs tell. */
  usual(site: string): UsualPools | undefined {
    return this.#usual.get(site);
  }

  /** Host and port of a pool's address. */
  hostOf(url: string): string {
    let host = this.#hosts.get(url);
    if (host === undefined) {
      if (this.#hosts.size >= MAX_URLS) this.#hosts.clear();
      host = hostOfPool(url);
      this.#hosts.set(url, host);
    }
    return host;
  }
}

/** Host and port of a pool's address. */
export const hostOfPool = (url: string): string =>
  url
    .replace(/^[a-z0-9+]+:\/\//i, "")
    .replace(/[/#?].*$/, "")
    .toLowerCase();

/** The account of a pool's user: what stands before the worker's name. */
export const accountOf = (user: string): string => user.split(/[.:]/, 1)[0]!.toLowerCase();
