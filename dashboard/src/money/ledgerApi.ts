import type { Ledger, LedgerExplanation, LedgerSites, LedgerStep } from "@hashwatt/protocol/ledger";
import type { SiteList } from "@hashwatt/protocol/settings";
import { getJson, query } from "../feed/fetchApi.js";

/** A stretch of time. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** The ledger of one site. */
export const fetchLedger = (site: string, { fromMs, toMs }: Stretch, step: LedgerStep, signal: AbortSignal) =>
  getJson<Ledger>(`/api/ledger?${query({ site, from: fromMs, to: toMs, step })}`, signal);
/** Totals of every site. */
export const fetchLedgerSites = ({ fromMs, toMs }: Stretch, signal: AbortSignal) =>
  getJson<LedgerSites>(`/api/ledger/sites?${query({ from: fromMs, to: toMs })}`, signal);
/** How the figures of a stretch came about. */
export const fetchExplanation = (site: string, { fromMs, toMs }: Stretch, signal: AbortSignal) =>
  getJson<LedgerExplanation>(`/api/ledger/explain?${query({ site, from: fromMs, to: toMs })}`, signal);
/** Sites with what the law of their region says. */
export const fetchSites = (signal: AbortSignal) => getJson<SiteList>("/api/sites", signal);
