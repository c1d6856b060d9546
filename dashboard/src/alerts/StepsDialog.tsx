import type { AlertView } from "@hashwatt/protocol/http";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Waiting } from "../parts/Problem.js";
import { useScope } from "../shell/useScope.js";
import { useSaid } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { fetchSteps } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { ruleName } from "./ruleName.js";

const REFRESH_MS = 5_000;

/** What was done and decided about an alert, and why, newest first. */
export function StepsDialog({ alert, onClose }: { alert: AlertView; onClose(): void }) {
  const { t, format, words } = useDeskWords();
  const said = useSaid();
  const scope = useScope();
  const { data, atMs, error, retry } = useFetched(
    `steps ${alert.id}`,
    (signal) => fetchSteps(alert.id, signal),
    REFRESH_MS,
  );
  const zone = scope?.totals.sites.find(({ site }) => site === alert.site)?.zone ?? scope?.zone ?? "UTC";
  const name = alert.members ? said(alert.subject.name) : alert.subject.name;
  const what = `${name}, ${ruleName(words.t, alert.rule)}`;
  return (
    <Dialog
      title={t("desk.historyTitle", { what })}
      onClose={onClose}
      actions={
        <button type="button" className={controls.button} onClick={onClose}>
          {t("desk.close")}
        </button>
      }
    >
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("desk.loading")} height={80} /> : null}
      {data?.length === 0 ? <p>{t("desk.historyNone")}</p> : null}
      {data && data.length > 0 ? (
        <ul className={style.steps} data-testid="steps">
          {[...data].reverse().map((step) => (
            <li key={`${step.atMs} ${step.text}`}>
              <time>{format.moment(step.atMs, zone)}</time>
              <span>
                {said(step.text)}
                {step.by ? ` · ${said(step.by)}` : ""}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Dialog>
  );
}
