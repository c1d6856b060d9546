import { useMemo, useSyncExternalStore } from "react";
import { type Format, formatFor, spanParts } from "../format.js";
import { remember, remembered } from "../remembered.js";
import { en } from "./en.js";
import { zh } from "./zh.js";

/** Every phrase of the screen. */
export type WordKey = keyof typeof en;
/** A catalogue: all of the phrases in one language. `{name}` is filled in; `{n|rig|rigs}` picks by number. */
export type Catalogue = Record<WordKey, string>;
/** A language that the screen speaks, by its BCP 47 tag. */
export type Language = "en" | "zh-CN";
/** Languages by their own names. */
export const LANGUAGES: Readonly<Record<Language, { name: string; words: Catalogue }>> = {
  en: { name: "English", words: en },
  "zh-CN": { name: "简体中文", words: zh },
};

/** Fills a phrase's places; a place without a value stays visible, so that a mistake is seen. */
export function fill(phrase: string, values: Readonly<Record<string, string | number>>): string {
  return phrase.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (place, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (value === undefined) return place;
      if (one === undefined || many === undefined) return String(value);
      return Number(value) === 1 ? one : many;
    },
  );
}

/** Everything a component needs to speak: phrases, numbers, spans of time. */
export interface Words {
  language: Language;
  t(key: WordKey, values?: Readonly<Record<string, string | number>>): string;
  format: Format;
  /** "0.4 s", "4 min"; null or undefined is "—". */
  span(ms: number | null | undefined): string;
}

/** Builds the words of a language; numbers follow the browser's own variant of it where it has one ("en-IN"). */
export function wordsOf(language: Language, preferred: readonly string[] = []): Words {
  const { words } = LANGUAGES[language];
  const short = language.split("-")[0]!;
  const locale = preferred.find((tag) => tag === short || tag.startsWith(`${short}-`)) ?? language;
  const t: Words["t"] = (key, values = {}) => fill(words[key], values);
  return {
    language,
    t,
    format: formatFor(locale),
    span(ms) {
      if (ms === null || ms === undefined) return "—";
      const { n, unit } = spanParts(ms);
      return t(`span.${unit}`, { n });
    },
  };
}

const isLanguage = (tag: string | undefined): tag is Language => tag !== undefined && tag in LANGUAGES;
const listeners = new Set<() => void>();
let current: Language | undefined;

function language(): Language {
  if (current) return current;
  const kept = remembered("language");
  const chinese = navigator.languages.findIndex((tag) => tag.startsWith("zh"));
  const english = navigator.languages.findIndex((tag) => tag.startsWith("en"));
  const preferred = chinese >= 0 && (english < 0 || chinese < english) ? "zh-CN" : "en";
  current = isLanguage(kept) ? kept : preferred;
  document.documentElement.lang = current;
  return current;
}

/** Changes the language of the screen and remembers it. */
export function speak(next: Language): void {
  current = next;
  remember("language", next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

const subscribe = (onChange: () => void) => {
  listeners.add(onChange);
  return () => {
    listeners.delete(onChange);
  };
};

/** The words of the chosen language. */
export function useWords(): Words {
  const chosen = useSyncExternalStore(subscribe, language);
  return useMemo(() => wordsOf(chosen, navigator.languages), [chosen]);
}
