import { useSyncExternalStore } from "react";
import { remember, remembered } from "../remembered.js";

/** What a person chose; "system" follows the machine. */
export const THEMES = ["system", "dark", "light"] as const;
export type ThemeChoice = (typeof THEMES)[number];

const listeners = new Set<() => void>();
const systemLight = matchMedia("(prefers-color-scheme: light)");
let choice: ThemeChoice = THEMES.find((theme) => theme === remembered("theme")) ?? "system";
let version = 0;

const shown = (): "dark" | "light" =>
  choice === "system" ? (systemLight.matches ? "light" : "dark") : choice;

function apply(): void {
  document.documentElement.dataset.theme = shown();
  version++;
  for (const listener of listeners) listener();
}

/** Sets the theme on the document and follows the system from now on; called once, before the first drawing. */
export function startTheme(): void {
  systemLight.addEventListener("change", apply);
  apply();
}

/** Chooses a theme and remembers it. */
export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  remember("theme", next);
  apply();
}

const subscribe = (onChange: () => void) => {
  listeners.add(onChange);
  return () => {
    listeners.delete(onChange);
  };
};

/** The chosen theme. */
export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(subscribe, () => choice);

/** A number that changes with the theme; canvases draw again when it does. */
export const useThemeVersion = (): number => useSyncExternalStore(subscribe, () => version);

/** A token's present value, for canvases, which cannot use `var()`. */
export const token = (name: `--${string}`): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
