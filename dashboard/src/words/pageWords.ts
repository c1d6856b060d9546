import { useMemo } from "react";
import { fill, type Language, useWords, type WordKey, type Words } from "./words.js";

/** Phrases of one page in every language, loaded together with the page. */
export type PageCatalogue<K extends string> = Readonly<Record<Language, Readonly<Record<K, string>>>>;

/** Words that know the phrases of a page besides those of the whole screen. */
export interface PageWords<K extends string> extends Omit<Words, "t"> {
  t(key: WordKey | K, values?: Readonly<Record<string, string | number>>): string;
  /** The words without the page's, for parts that know only these. */
  words: Words;
}

/** The words of the chosen language with those of `own`, a catalogue that never changes. */
export function usePageWords<K extends string>(own: PageCatalogue<K>): PageWords<K> {
  const words = useWords();
  return useMemo(() => {
    const phrases: Readonly<Record<string, string>> = own[words.language];
    return {
      ...words,
      words,
      t: (key, values = {}) => {
        const phrase = phrases[key];
        return phrase === undefined ? words.t(key as WordKey, values) : fill(phrase, values);
      },
    };
  }, [words, own]);
}
