import { Link } from "wouter";
import { Panel } from "../parts/Panel.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useWords } from "../words/words.js";

/** The page for an address that leads nowhere. */
export function NotFound() {
  const { t } = useWords();
  usePageTitle(t("missing.title"));
  return (
    <Panel title={t("missing.title")}>
      <p>{t("missing.text")}</p>
      <p>
        <Link href="/">{t("missing.back")}</Link>
      </p>
    </Panel>
  );
}
