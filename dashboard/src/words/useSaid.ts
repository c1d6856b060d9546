import { useSyncExternalStore } from "react";
import { refusalSaid } from "./refusal.js";
import { translator } from "./sentences.js";
import { type Language, useWords } from "./words.js";

type Say = (text: string) => string;

const asItIs: Say = (text) => text;
/** How many texts are remembered: what is on a screen, and some. */
const REMEMBERED = 2_000;

let chinese: Say | undefined;
let chineseRefusal: Say | undefined;
let isAsked = false;
const listeners = new Set<() => void>();

/** Sentences are loaded when a screen first speaks that language. */
async function load(): Promise<void> {
  const [{ zhSentences }, { zhRefusals }] = await Promise.all([
    import("./zhSentences.js"),
    import("./zhRefusals.js"),
  ]);
  const sayRefusal = translator(zhRefusals);
  chineseRefusal = (text) => refusalSaid(sayRefusal, text);
  const say = translator(zhSentences);
  const known = new Map<string, string>();
  chinese = (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const now = say(text) ?? text;
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, now);
    return now;
  };
  for (const listener of listeners) listener();
}

function sayIn(language: Language): Say {
  if (language === "en") return asItIs;
  if (!isAsked) {
    isAsked = true;
    // Without it the server's own words stay, which say the same.
    load().catch(() => {
      isAsked = false;
    });
  }
  return chinese ?? asItIs;
}

const subscribe = (onChange: () => void) => {
  listeners.add(onChange);
  return () => {
    listeners.delete(onChange);
  };
};

/** Says what the server refuses in the language of the screen, as far as it knows it. */
export function useRefusal(): Say {
  const { language } = useWords();
  return useSyncExternalStore(subscribe, () => {
    sayIn(language);
    return language === "en" ? asItIs : (chineseRefusal ?? asItIs);
  });
}

/** Says texts of the server (reasons of alerts, decisions, problems of channels) in the language of the screen, as far as it knows them. */
export function useSaid(): Say {
  const { language } = useWords();
  return useSyncExternalStore(subscribe, () => sayIn(language));
}
