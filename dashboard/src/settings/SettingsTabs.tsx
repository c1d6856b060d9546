import { useEffect, useRef } from "react";
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
  const ref = useRef<HTMLElement>(null);
  // On a narrow screen there are more tabs than room: that of the page is in it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another place
  useEffect(() => {
    ref.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [at]);
  return (
    <nav ref={ref} className={style.tabs} aria-label={t("set.tabs")}>
      {SECTIONS.map((section) => (
        <Link key={section} href={`/settings/${section}`} aria-current={section === at ? "page" : undefined}>
          {t(`set.${section}`)}
        </Link>
      ))}
    </nav>
  );
}
