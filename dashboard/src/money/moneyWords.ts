import { enMoney } from "../words/enMoney.js";
import { type PageWords, usePageWords } from "../words/pageWords.js";
import { zhMoney } from "../words/zhMoney.js";

export type MoneyKey = keyof typeof enMoney;
export type MoneyWords = PageWords<MoneyKey>;
/** Phrases of Money and Carbon. */
export const MONEY_CATALOGUE = { en: enMoney as Readonly<Record<MoneyKey, string>>, "zh-CN": zhMoney };
/** The words of the pages Money and Carbon. */
export const useMoneyWords = (): MoneyWords => usePageWords(MONEY_CATALOGUE);
