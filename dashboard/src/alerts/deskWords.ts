import { enDesk } from "../words/enDesk.js";
import { enRuleWhy } from "../words/enRuleWhy.js";
import { type PageWords, usePageWords } from "../words/pageWords.js";
import { zhDesk } from "../words/zhDesk.js";
import { zhRuleWhy } from "../words/zhRuleWhy.js";

const EN = { ...enDesk, ...enRuleWhy };
export type DeskKey = keyof typeof EN;
/** Phrases of the Alerts page. */
export const DESK_CATALOGUE = {
  en: EN as Readonly<Record<DeskKey, string>>,
  "zh-CN": { ...zhDesk, ...zhRuleWhy },
};
/** The words of the Alerts page. */
export const useDeskWords = (): PageWords<DeskKey> => usePageWords(DESK_CATALOGUE);
