import type { SiteTotals } from "@hashwatt/protocol/http";

/** Sites whose money and day can be added: one currency, one zone. */
export interface MoneyGroup {
  key: string;
  currency: string;
  zone: string;
  sites: string[];
}

/** Groups sites by currency and zone, in the order in which they come. */
export function moneyGroups(sites: readonly Pick<SiteTotals, "site" | "currency" | "zone">[]): MoneyGroup[] {
  const groups = new Map<string, MoneyGroup>();
  for (const { site, currency, zone } of sites) {
    const key = `${currency} · ${zone}`;
    const group = groups.get(key);
    if (group) group.sites.push(site);
    else groups.set(key, { key, currency, zone, sites: [site] });
  }
  return [...groups.values()];
}
