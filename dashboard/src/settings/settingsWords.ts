import { enSettings } from "../words/enSettings.js";
import { type PageWords, usePageWords } from "../words/pageWords.js";
import { zhSettings } from "../words/zhSettings.js";

export type SettingsKey = keyof typeof enSettings;
export type SettingsWords = PageWords<SettingsKey>;
/** Phrases of the pages below Settings. */
export const SETTINGS_CATALOGUE = {
  en: enSettings as Readonly<Record<SettingsKey, string>>,
  "zh-CN": zhSettings,
};
/** The words of the pages below Settings. */
export const useSettingsWords = (): SettingsWords => usePageWords(SETTINGS_CATALOGUE);
