import type { AuditEntry, Facets } from "@hashwatt/protocol/access";
import { useState } from "react";
import { useFetched } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { useWords, type WordKey } from "../words/words.js";
import style from "./Access.module.css";
import { fetchAudit } from "./accessApi.js";

const REFRESH_MS = 60_000;

const ACTIONS = [
  { value: "", word: "audit.all" },
  { value: "login", word: "audit.logins" },
  { value: "user.", word: "audit.ofUsers" },
  { value: "token.", word: "audit.ofTokens" },
  { value: "job.", word: "audit.ofJobs" },
  { value: "rig.", word: "audit.ofRigs" },
  { value: "register.", word: "audit.ofRegister" },
] as const satisfies readonly { value: string; word: WordKey }[];
type Action = (typeof ACTIONS)[number]["value"];

const facets = (of: Facets | null): string =>
  of === null
    ? ""
    : Object.entries(of)
        .map(([key, value]) => `${key} ${value === null ? "—" : String(value)}`)
        .join(", ");

function Entry({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const { t, format } = useWords();
  const { atMs, who, by, address, action, object, before, after, result } = entry;
  const change = [facets(before), facets(after)].filter(Boolean).join(" → ");
  return (
    <tr data-action={action} data-result={result}>
      <td className={style.when}>
        {format.date(atMs, zone)} {format.seconds(atMs, zone)}
      </td>
      <td data-label={t("audit.who")}>
        {by === "machine" || who === "" ? t(`audit.by.${by}`) : who}
        {address ? <small> {address}</small> : null}
      </td>
      <td data-label={t("audit.what")}>
        <code>{action}</code> {object === who && action.startsWith("log") ? "" : object}
      </td>
      <td data-label={t("audit.change")}>{change}</td>
      <td data-label={t("audit.result")}>
        <span className={style.result} data-result={result}>
          {t(`audit.${result}`)}
        </span>
      </td>
    </tr>
  );
}

/** What was done, by whom, from where: newest first, a page at a time. `round` grows when something was changed here. */
export function AuditPanel({ zone, round }: { zone: string; round: number }) {
  const { t } = useWords();
  const [user, setUser] = useState("");
  const [action, setAction] = useState<Action>("");
  const [before, setBefore] = useState<number>();
  const page = useFetched(
    `audit ${round} ${before ?? ""} ${action} ${user}`,
    (signal) => fetchAudit({ user: user || undefined, action: action || undefined, before }, signal),
    REFRESH_MS,
  );
  return (
    <Panel title={t("audit.title")} note={t("audit.note")}>
      <div className={style.filters}>
        <Choice
          label={t("audit.action")}
          options={ACTIONS.map(({ value, word }) => ({ value, text: t(word) }))}
          value={action}
          onChoose={(value) => {
            setBefore(undefined);
            setAction(value);
          }}
        />
        <input
          className={controls.input}
          placeholder={t("audit.user")}
          aria-label={t("audit.user")}
          maxLength={64}
          value={user}
          onChange={(event) => {
            setBefore(undefined);
            setUser(event.target.value.trim());
          }}
        />
      </div>
      <FetchProblem {...page} />
      {page.data?.entries.length ? (
        <table className={style.table} data-testid="audit">
          <thead>
            <tr>
              <th scope="col">{t("audit.when")}</th>
              <th scope="col">{t("audit.who")}</th>
              <th scope="col">{t("audit.what")}</th>
              <th scope="col">{t("audit.change")}</th>
              <th scope="col">{t("audit.result")}</th>
            </tr>
          </thead>
          <tbody>
            {page.data.entries.map((entry) => (
              <Entry key={entry.n} entry={entry} zone={zone} />
            ))}
          </tbody>
        </table>
      ) : (
        <Waiting text={t(page.data ? "audit.none" : "access.loading")} height={120} />
      )}
      <div className={style.pages}>
        <button
          type="button"
          className={controls.button}
          disabled={before === undefined}
          onClick={() => setBefore(undefined)}
        >
          {t("audit.newest")}
        </button>
        <button
          type="button"
          className={controls.button}
          disabled={page.data === undefined || page.data.next === null}
          onClick={() => setBefore(page.data?.next ?? undefined)}
        >
          {t("audit.older")}
        </button>
      </div>
    </Panel>
  );
}
