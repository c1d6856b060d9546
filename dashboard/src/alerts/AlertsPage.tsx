import { Link } from "wouter";
import { usePageTitle } from "../parts/usePageTitle.js";
import { replayId } from "../replay/replayId.js";
import { DeliveryPanels } from "./DeliveryPanels.js";
import style from "./Desk.module.css";
import { useDeskWords } from "./deskWords.js";
import { OpenAlerts } from "./OpenAlerts.js";
import { QuietPanels } from "./QuietPanels.js";
import { RulesPanels } from "./RulesPanels.js";

const SECTIONS = ["open", "rules", "delivery", "quiet"] as const;

/** Alerts, who is told of them, and when nobody is; one subject a page. */
export function AlertsPage({ section }: { section?: string | undefined }) {
  const { t } = useDeskWords();
  usePageTitle(t("nav.alerts"));
  const at = (replayId === undefined && SECTIONS.find((each) => each === section)) || "open";
  return (
    <div className={style.page}>
      <h1 className="srOnly">
        {t("nav.alerts")}: {t(`desk.tab.${at}`)}
      </h1>
      {replayId === undefined ? (
        <nav className={style.tabs} aria-label={t("desk.tabs")}>
          {SECTIONS.map((each) => (
            <Link
              key={each}
              href={each === "open" ? "/alerts" : `/alerts/${each}`}
              aria-current={each === at ? "page" : undefined}
            >
              {t(`desk.tab.${each}`)}
            </Link>
          ))}
        </nav>
      ) : null}
      {at === "open" ? (
        <OpenAlerts />
      ) : at === "rules" ? (
        <RulesPanels />
      ) : at === "delivery" ? (
        <DeliveryPanels />
      ) : (
        <QuietPanels />
      )}
    </div>
  );
}
