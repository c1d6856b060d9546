import { Link } from "wouter";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";

/** Pages below Settings, in the order of their tabs. */
export const SECTIONS = [
  "sites",
  "tariffs",
  "pools",
  "contracts",
  "overhead",
  "costs",
  "sources",
  "files",
  "access",
] as const;
export type Section = (typeof SECTIONS)[number];

/** The way to each page of the settings. */
export function SettingsTabs({ at }: { at: Section }) {
  const { t } = useSettingsWords();
  return (
    <nav className={style.tabs} aria-label={t("set.tabs")}>
      {SECTIONS.map((section) => (
        <Link key={section} href={`/settings/${section}`} aria-current={section === at ? "page" : undefined}>
          {t(`set.${section}`)}
        </Link>
      ))}
    </nav>
  );
}
