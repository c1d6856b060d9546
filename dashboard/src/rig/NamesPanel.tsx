import type { RigDetail } from "@hashwatt/protocol/http";
import type { RigIdentity, RigTie } from "@hashwatt/protocol/identity";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useWords } from "../words/words.js";
import { fetchIdentity, undoRig } from "./identityApi.js";
import style from "./NamesPanel.module.css";
import { nameAgent, nameText } from "./namePlace.js";

const REFRESH_MS = 60_000;
/** Events that are seen without asking for the rest. */
const FEW_EVENTS = 4;

/** Loaded when somebody merges or splits: few do, and seldom. */
const MergeDialog = lazy(() => import("./MergeDialog.js").then((made) => ({ default: made.MergeDialog })));
const SplitDialog = lazy(() => import("./SplitDialog.js").then((made) => ({ default: made.SplitDialog })));

/** The names of a rig, since when it is known by each, and where it was before. */
function Names({ identity, zone }: { identity: RigIdentity; zone: string }) {
  const { t, format } = useWords();
  if (identity.aliases.length === 0) return <p className={style.dim}>{t("names.none")}</p>;
  return (
    <table className={style.table} data-testid="aliases">
      <thead>
        <tr>
          <th scope="col">{t("names.kind")}</th>
          <th scope="col">{t("names.name")}</th>
          <th scope="col">{t("names.since")}</th>
        </tr>
      </thead>
      <tbody>
        {[...identity.aliases].reverse().map((alias) => (
          <tr key={`${alias.kind} ${alias.value}`} data-alias={alias.kind} data-present={alias.present}>
            <td>{t(`identity.${alias.kind}`)}</td>
            <td>
              {nameText(alias)}
              <small>
                {alias.kind === "address" ? ` ${nameAgent(alias)}` : ""}
                {alias.present ? "" : ` · ${t("names.former")}`}
              </small>
            </td>
            <td>{alias.sinceMs === null ? t("names.sinceUnknown") : format.moment(alias.sinceMs, zone)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface TieProps {
  tie: RigTie;
  text: string;
  zone: string;
  children?: ReactNode;
}

/** Another rig that this one is tied to, when, and the names that went over. */
function Tie({ tie, text, zone, children }: TieProps) {
  const { t, format } = useWords();
  const names = tie.names.map(nameText).join(", ");
  return (
    <li className={style.tie} data-tie={tie.id}>
      <div>
        {text}{" "}
        <Link href={`/rigs/${tie.id}`}>
          {tie.name} ({tie.id})
        </Link>
        <div className={style.dim}>
          {format.moment(tie.atMs, zone)}
          {names ? ` · ${t("names.wentOver", { names })}` : ""}
        </div>
      </div>
      {children}
    </li>
  );
}

/** How a rig is told apart, what an operator has said of it, and what may be said: merge, split, and undo of either. */
export function NamesPanel({ detail }: { detail: RigDetail }) {
  const { t, format } = useWords();
  const [, navigate] = useLocation();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const [open, setOpen] = useState<"merge" | "split">();
  const [all, setAll] = useState(false);
  const { data, atMs, error, retry } = useFetched(
    `identity ${detail.id}`,
    (signal) => fetchIdentity(detail.id, signal),
    REFRESH_MS,
  );
  const { zone } = detail;
  const undo = (id: string) =>
    void doing
      .run(() => undoRig(id))
      .then((done) => {
        if (done) retry();
      });
  const done = (id: string) => {
    setOpen(undefined);
    if (id === detail.id) retry();
    else navigate(`/rigs/${id}`);
  };
  const undoButton = (id: string) => (
    <SureButton text={t("keep.undo")} sure={t("keep.undoSure")} off={why} onSure={() => undo(id)} />
  );
  const handed = data?.handedTo;
  const events = all ? (data?.events ?? []) : (data?.events ?? []).slice(0, FEW_EVENTS);
  return (
    <Panel title={t("names.title")} note={t("names.note")}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("names.loading")} /> : null}
      {data ? (
        <>
          <Names identity={data} zone={zone} />
          <ul className={style.ties}>
            {handed ? (
              <Tie
                tie={handed}
                zone={zone}
                text={t(handed.kind === "merge" ? "names.mergedInto" : "names.splitInto")}
              >
                {undoButton(data.id)}
              </Tie>
            ) : null}
            {data.splitFrom ? (
              <Tie tie={data.splitFrom} zone={zone} text={t("names.splitFrom")}>
                {undoButton(data.splitFrom.id)}
              </Tie>
            ) : null}
            {data.joined.map((tie) => (
              <Tie key={tie.id} tie={tie} zone={zone} text={t("names.joined")}>
                {tie.into === data.id ? undoButton(tie.id) : null}
              </Tie>
            ))}
          </ul>
          {data.related.length > 0 && !handed ? (
            <>
              <h3 className={style.sub}>{t("names.related")}</h3>
              <ul className={style.ties}>
                {data.related.map((other) => (
                  <li key={other.id} className={style.tie} data-related={other.id}>
                    <div>
                      <Link href={`/rigs/${other.id}`}>
                        {other.name} ({other.id})
                      </Link>
                      <div className={style.dim}>
                        {[
                          other.model,
                          other.mac,
                          t("names.shares", {
                            what: other.shares.map((kind) => t(`identity.${kind}`)).join(", "),
                          }),
                          other.over ? t("names.over") : undefined,
                        ]
                          .filter(Boolean)
                          .join(" · ")}
                      </div>
                    </div>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
          {handed ? null : (
            <div className={style.actions}>
              <button
                type="button"
                className={controls.button}
                disabled={!may}
                title={why}
                onClick={() => setOpen("merge")}
              >
                {t("keep.merge")}
              </button>
              <button
                type="button"
                className={controls.button}
                disabled={!may}
                title={why}
                onClick={() => setOpen("split")}
              >
                {t("keep.split")}
              </button>
            </div>
          )}
          {why ? <p className={style.dim}>{why}</p> : null}
          {doing.error ? <Problem error={doing.error} /> : null}
          <h3 className={style.sub}>{t("names.events")}</h3>
          {events.length === 0 ? <p className={style.dim}>{t("names.noEvents")}</p> : null}
          <ul data-testid="rig-events">
            {events.map((event) => (
              <li key={`${event.atMs} ${event.text}`} className={style.event} data-event={event.kind}>
                <span className={style.when}>{format.moment(event.atMs, zone)}</span>
                <span>{event.text}</span>
              </li>
            ))}
          </ul>
          {data.events.length > FEW_EVENTS ? (
            <button type="button" className={style.more} onClick={() => setAll(!all)}>
              {t(all ? "names.fewEvents" : "names.allEvents", { n: data.events.length })}
            </button>
          ) : null}
          <Suspense fallback={null}>
            {open === "merge" ? (
              <MergeDialog identity={data} zone={zone} onClose={() => setOpen(undefined)} onDone={done} />
            ) : null}
            {open === "split" ? (
              <SplitDialog identity={data} zone={zone} onClose={() => setOpen(undefined)} onDone={done} />
            ) : null}
          </Suspense>
        </>
      ) : null}
    </Panel>
  );
}
