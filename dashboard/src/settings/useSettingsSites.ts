import { ALL_SITES } from "../feed/feedStore.js";
import { useFetched } from "../feed/useFeed.js";
import type { Scope } from "../shell/useScope.js";
import { fetchSiteSettings } from "./settingsApi.js";

const REFRESH_MS = 60_000;

/** What settings must know of a site. */
export interface SettingsSite {
  site: string;
  name: string;
  currency: string;
  zone: string;
}

/** The sites that may be chosen for a setting, one without rigs among them: what it pays is set before its first rig comes. */
export function useSettingsSites(scope: Scope): SettingsSite[] {
  const { data } = useFetched("settings sites", fetchSiteSettings, REFRESH_MS);
  return (data ?? scope.sites)
    .filter(({ site }) => scope.key === ALL_SITES || site === scope.key)
    .map(({ site, name, currency, zone }) => ({ site, name, currency, zone }));
}
