import { useSyncExternalStore } from "react";
import { remember, remembered } from "../remembered.js";

const listeners = new Set<() => void>();
let chosen: string | undefined;

/** The site that the person chose to look at; empty for all of them. */
const get = (): string => {
  chosen ??= remembered("site") ?? "";
  return chosen;
};

/** Chooses a site by its slug, or all with the empty string, and remembers it. */
export function chooseSite(site: string): void {
  chosen = site;
  remember("site", site);
  for (const listener of listeners) listener();
}

/** The choice as it stands; it may name a site that is gone: see `useScope`. */
export const useSiteChoice = (): string =>
  useSyncExternalStore((onChange) => {
    listeners.add(onChange);
    return () => {
      listeners.delete(onChange);
    };
  }, get);
