import { Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useScope } from "../shell/useScope.js";
import { AccessPage } from "./AccessPage.js";
import { DocumentsPanel } from "./DocumentsPanel.js";
import { FilesPanel } from "./FilesPanel.js";
import style from "./Settings.module.css";
import { SECTIONS, type Section, SettingsTabs } from "./SettingsTabs.js";
import { SitesPanel } from "./SitesPanel.js";
import { SourcesPanel } from "./SourcesPanel.js";
import { COLLECTIONS } from "./settingsApi.js";
import { useSettingsWords } from "./settingsWords.js";

function Shown({ section }: { section: Section }) {
  const { t } = useSettingsWords();
  const scope = useScope();
  usePageTitle(t(`set.${section}`));
  const collection = COLLECTIONS.find((each) => each !== "sources" && each === section);
  if (section === "access") return <AccessPage />;
  if (section === "sites") return <SitesPanel />;
  if (section === "files") return <FilesPanel />;
  if (!scope) return <Waiting text={t("waiting.first")} height={300} />;
  if (section === "sources") return <SourcesPanel scope={scope} />;
  return collection && collection !== "sources" ? (
    <DocumentsPanel key={collection} collection={collection} scope={scope} />
  ) : null;
}

/** What an operator sets while the server runs, one subject a page; an unknown one is the first. */
export function SettingsPage({ section }: { section: string | undefined }) {
  const { t } = useSettingsWords();
  const at = SECTIONS.find((each) => each === section) ?? "sites";
  return (
    <div className={style.page}>
      {at === "access" ? null : (
        <h1 className="srOnly">
          {t("set.page")}: {t(`set.${at}`)}
        </h1>
      )}
      <SettingsTabs at={at} />
      <Shown section={at} />
    </div>
  );
}
