import type { AlertView } from "@hashwatt/protocol/http";
import { useState } from "react";
import { Link } from "wouter";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { replayId } from "../replay/replayId.js";
import { useSaid } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { fetchMembers } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { hasAllMembers, shownMembers } from "./shownMembers.js";

const REFRESH_MS = 10_000;
/** So many are listed at once; of more a filter finds the rest. */
const SHOWN = 200;
/** A replay shows the past: the server tells the members of now. */
const inReplay = replayId !== undefined;
/** Fewer need no filter. */
const FILTER_FROM = 20;

/** The members of an alert that stands for several; all of them are fetched once it is opened. */
export function AlertMembers({ alert }: { alert: AlertView }) {
  const { t, format } = useDeskWords();
  const [open, setOpen] = useState(false);
  if (!alert.members) return null;
  const { count, peak } = alert.members;
  return (
    <details
      className={style.members}
      data-members={alert.id}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        {t("desk.members", { n: format.number(count, 0) })}
        {peak > count ? ` · ${t("desk.membersPeak", { peak: format.number(peak, 0) })}` : ""}
      </summary>
      {open ? <Listed alert={alert} /> : null}
    </details>
  );
}

function Listed({ alert }: { alert: AlertView }) {
  const { t, format } = useDeskWords();
  const said = useSaid();
  const [text, setText] = useState("");
  const { data, atMs, error, retry } = useFetched(
    hasAllMembers(alert, inReplay) ? `members ${alert.id}` : undefined,
    (signal) => fetchMembers(alert.id, signal),
    REFRESH_MS,
  );
  const shown = shownMembers(alert, inReplay, data);
  if (!shown) return error ? <Problem error={error} onRetry={retry} /> : <Waiting text={t("desk.loading")} />;
  const { all, of } = shown;
  const wanted = text.trim().toLowerCase();
  const found = all.filter(({ subject, reason }) =>
    `${subject.name} ${reason} ${said(reason)}`.toLowerCase().includes(wanted),
  );
  const left = found.length - SHOWN;
  return (
    <>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {all.length > FILTER_FROM ? (
        <input
          type="search"
          className={controls.input}
          aria-label={t("desk.memberFilter")}
          placeholder={t("desk.memberFilter")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      ) : null}
      <p role="status" className={style.dim}>
        {wanted
          ? t("desk.found", { n: format.number(found.length, 0), of: format.number(all.length, 0) })
          : ""}
      </p>
      <ul>
        {found.slice(0, SHOWN).map(({ id, subject, rig, reason }) => (
          <li key={id} title={said(reason)}>
            {rig === undefined ? subject.name : <Link href={`/rigs/r${rig}`}>{subject.name}</Link>}
          </li>
        ))}
      </ul>
      {left > 0 ? <p className={style.dim}>{t("desk.memberMore", { n: format.number(left, 0) })}</p> : null}
      {of === undefined ? null : (
        <p className={style.dim}>
          {t("desk.memberKept", { n: format.number(all.length, 0), of: format.number(of, 0) })}
        </p>
      )}
    </>
  );
}
