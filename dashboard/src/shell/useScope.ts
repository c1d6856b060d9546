import type { ScopeTotals, SiteTotals, Totals } from "@hashwatt/protocol/http";
import { useMemo } from "react";
import { ALL_SITES } from "../feed/feedStore.js";
import { useFeed, useRead } from "../feed/useFeed.js";
import { useSiteChoice } from "./siteChoice.js";

/** What a page is about: one site or all of them. */
export interface Scope {
  totals: Totals;
  /** Totals of the chosen site, or of the fleet. */
  sums: ScopeTotals;
  /** The chosen site's slug, or {@link ALL_SITES}. */
  key: string;
  /** The sites that belong to it. */
  sites: SiteTotals[];
  /** The sites' zone where they share one, else the browser's. */
  zone: string;
}

const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The scope of a choice; a choice that names no site of these totals means all. */
export function scopeOf(totals: Totals, choice: string): Scope {
  const site = totals.sites.find((each) => each.site === choice);
  const sites = site ? [site] : totals.sites;
  const zone = sites[0]?.zone;
  const shared = zone !== undefined && sites.every((each) => each.zone === zone);
  return {
    totals,
    sums: site ?? totals.fleet,
    key: site?.site ?? ALL_SITES,
    sites,
    zone: shared ? zone : browserZone(),
  };
}

/** The scope of the present choice; undefined until the first totals arrive. */
export function useScope(): Scope | undefined {
  const totals = useRead(useFeed().totals);
  const choice = useSiteChoice();
  return useMemo(() => totals && scopeOf(totals, choice), [totals, choice]);
}
