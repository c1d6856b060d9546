import type { AlertView } from "@hashwatt/protocol/http";
import { useServerNow } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useSaid } from "../words/useSaid.js";
import type { AskedOf } from "./AskedDialog.js";
import style from "./Desk.module.css";
import { unacknowledge, unsnooze } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { ruleName } from "./ruleName.js";

/** What can be done about an alert, `onAsk` for what is asked first; what it changes comes back over the live feed, to every screen. */
export function AlertActions({ alert, onAsk }: { alert: AlertView; onAsk(kind: AskedOf["kind"]): void }) {
  const { t, words } = useDeskWords();
  const said = useSaid();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
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
            : button("ack", t("desk.ack"), () => onAsk("ack"))}
        {!open
          ? null
          : snoozed
            ? button("unsnooze", t("desk.unsnooze"), () => void doing.run(() => unsnooze(alert.id)))
            : button("snooze", t("desk.snooze"), () => onAsk("snooze"))}
        {open ? button("silence", t("desk.silence"), () => onAsk("silence")) : null}
        <button
          type="button"
          aria-label={labelOf(t("desk.history"))}
          data-act="steps"
          className={controls.button}
          onClick={() => onAsk("steps")}
        >
          {t("desk.history")}
        </button>
      </div>
      {doing.error ? <Problem error={doing.error} /> : null}
    </>
  );
}
