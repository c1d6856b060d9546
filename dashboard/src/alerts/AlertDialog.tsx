import type { AlertMatch } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import { type FormEvent, useId, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useSaid } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { acknowledge, addSilence, snooze } from "./deskApi.js";
import { type DeskKey, useDeskWords } from "./deskWords.js";
import { ruleName } from "./ruleName.js";

/** What is asked about an alert. */
export type Asked = "ack" | "snooze" | "silence";

const MINUTE_MS = 60_000;
const SPANS_MIN = [30, 60, 240, 480, 1_440, 4_320] as const;

/** The choices of what a silence is of, from this alert alone to all that are like it. */
function choicesOf({ rule, site, subject }: AlertView): { key: DeskKey; match: AlertMatch }[] {
  const subjects = [subject.id];
  return [
    { key: "desk.which.subject", match: { rules: [rule], subjects } },
    { key: "desk.which.subjectAll", match: { subjects } },
    ...(site
      ? [
          { key: "desk.which.ruleSite" as const, match: { rules: [rule], sites: [site] } },
          { key: "desk.which.site" as const, match: { sites: [site] } },
        ]
      : []),
    { key: "desk.which.rule", match: { rules: [rule] } },
  ];
}

/** Takes an alert up, puts it off, or keeps quiet about alerts like it, with a note that everybody sees. */
export function AlertDialog({ asked, alert, onClose }: { asked: Asked; alert: AlertView; onClose(): void }) {
  const { t, words } = useDeskWords();
  const feed = useFeed();
  const form = useId();
  const doing = useDoing();
  const [note, setNote] = useState("");
  const [min, setMin] = useState(60);
  const [which, setWhich] = useState(0);
  const rule = ruleName(words.t, alert.rule);
  const said = useSaid();
  const name = alert.members ? said(alert.subject.name) : alert.subject.name;
  const what = `${name}, ${rule}`;
  const choices = choicesOf(alert);
  const spanText = (m: number) =>
    m < 60
      ? t("desk.min", { n: m })
      : m < 1_440
        ? t("desk.hours", { n: m / 60 })
        : t("desk.days", { n: m / 1_440 });
  const act = async (event: FormEvent) => {
    event.preventDefault();
    const untilMs = Math.round(feed.serverNowMs() + min * MINUTE_MS);
    const done = await doing.run(async () => {
      if (asked === "ack") await acknowledge(alert.id, note.trim());
      else if (asked === "snooze") await snooze(alert.id, untilMs, note.trim());
      else
        await addSilence({
          match: choices[which]!.match,
          untilMs,
          ...(note.trim() && { note: note.trim() }),
        });
    });
    if (done) onClose();
  };
  return (
    <Dialog
      title={asked === "silence" ? t("desk.silenceTitle") : t(`desk.${asked}Title`, { what })}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("desk.cancel")}
          </button>
          <button type="submit" form={form} className={controls.go} aria-disabled={doing.busy}>
            {asked === "ack" ? t("desk.ack") : asked === "snooze" ? t("desk.snooze") : t("desk.do")}
          </button>
        </>
      }
    >
      <p className={style.dim}>{t(`desk.${asked}Text`)}</p>
      <form
        id={form}
        className={style.form}
        onSubmit={(event) => void act(event)}
        data-testid={`do-${asked}`}
      >
        {asked === "silence" ? (
          <label className={`${style.field} ${style.wide}`}>
            {t("desk.which")}
            <select
              className={controls.input}
              name="which"
              value={which}
              onChange={(event) => setWhich(Number(event.target.value))}
            >
              {choices.map(({ key }, at) => (
                <option key={key} value={at}>
                  {t(key, { rule, name, site: alert.site })}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {asked === "ack" ? null : (
          <label className={style.field}>
            {t("desk.for")}
            <select
              className={controls.input}
              name="min"
              value={min}
              onChange={(event) => setMin(Number(event.target.value))}
            >
              {SPANS_MIN.map((m) => (
                <option key={m} value={m}>
                  {spanText(m)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className={`${style.field} ${style.wide}`}>
          {t("desk.note")}
          <input
            className={controls.input}
            name="note"
            value={note}
            maxLength={500}
            autoComplete="off"
            onChange={(event) => setNote(event.target.value)}
          />
          <small>{t("desk.noteHint")}</small>
        </label>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
