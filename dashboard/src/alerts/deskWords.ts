import { enDesk } from "../words/enDesk.js";
import { type PageWords, usePageWords } from "../words/pageWords.js";
import { zhDesk } from "../words/zhDesk.js";

export type DeskKey = keyof typeof enDesk;
/** Phrases of the Alerts page. */
export const DESK_CATALOGUE = { en: enDesk as Readonly<Record<DeskKey, string>>, "zh-CN": zhDesk };
/** The words of the Alerts page. */
export const useDeskWords = (): PageWords<DeskKey> => usePageWords(DESK_CATALOGUE);
