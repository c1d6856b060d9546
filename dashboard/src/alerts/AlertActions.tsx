import type { AlertView } from "@hashwatt/protocol/http";
import { useState } from "react";
import { useServerNow } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useSaid } from "../words/useSaid.js";
import { AlertDialog, type Asked } from "./AlertDialog.js";
import style from "./Desk.module.css";
import { unacknowledge, unsnooze } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { ruleName } from "./ruleName.js";
import { StepsDialog } from "./StepsDialog.js";

/** What can be done about an alert; what it changes comes back over the live feed, to every screen. */
export function AlertActions({ alert }: { alert: AlertView }) {
  const { t, words } = useDeskWords();
  const said = useSaid();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const [asked, setAsked] = useState<Asked | "steps">();
  const open = alert.state !== "resolved";
  const snoozed = (alert.snoozedUntilMs ?? 0) > nowMs;
  const name = alert.members ? said(alert.subject.name) : alert.subject.name;
  // Who hears the buttons of a list one after the other must hear of which alert each is.
  const labelOf = (text: string) => `${text}: ${name}, ${ruleName(words.t, alert.rule)}`;
  const button = (key: string, text: string, act: () => void) => (
    <button
      type="button"
      aria-label={labelOf(text)}
      data-act={key}
      className={controls.button}
      disabled={!may}
      title={why}
      onClick={act}
    >
      {text}
    </button>
  );
  return (
    <>
      <div className={style.actions}>
        {!open
          ? null
          : alert.ack
            ? button("unack", t("desk.unack"), () => void doing.run(() => unacknowledge(alert.id)))
            : button("ack", t("desk.ack"), () => setAsked("ack"))}
        {!open
          ? null
          : snoozed
            ? button("unsnooze", t("desk.unsnooze"), () => void doing.run(() => unsnooze(alert.id)))
            : button("snooze", t("desk.snooze"), () => setAsked("snooze"))}
        {open ? button("silence", t("desk.silence"), () => setAsked("silence")) : null}
        <button
          type="button"
          aria-label={labelOf(t("desk.history"))}
          data-act="steps"
          className={controls.button}
          onClick={() => setAsked("steps")}
        >
          {t("desk.history")}
        </button>
      </div>
      {doing.error ? <Problem error={doing.error} /> : null}
      {asked === "steps" ? <StepsDialog alert={alert} onClose={() => setAsked(undefined)} /> : null}
      {asked && asked !== "steps" ? (
        <AlertDialog asked={asked} alert={alert} onClose={() => setAsked(undefined)} />
      ) : null}
    </>
  );
}
