import type { AlertMatch } from "@hashwatt/protocol/alerting";
import { SEVERITIES, type Severity } from "@hashwatt/protocol/alertRules";
import { type FormEvent, useId, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import style from "./Desk.module.css";
import { addSilence } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { listOf } from "./matchText.js";
import { fieldOf, instantOf, soon } from "./stopWindows.js";

/** How long a silence is unless another end is chosen. */
const SILENCE_MS = 4 * 3_600_000;
const LISTS = ["sites", "rules", "kinds", "subjects", "groups"] as const;

/** A silence of any alerts, from now or from a time to come; times by the clocks of `zone`. */
export function SilenceDialog({
  zone,
  onClose,
  onSaved,
}: {
  zone: string;
  onClose(): void;
  onSaved(): void;
}) {
  const { t } = useDeskWords();
  const form = useId();
  const doing = useDoing();
  const feed = useFeed();
  const [values, setValues] = useState<Record<string, string>>(() => ({
    until: fieldOf(soon(feed.serverNowMs() + SILENCE_MS), zone),
  }));
  const [severities, setSeverities] = useState<readonly Severity[]>([]);
  const set = (key: string, value: string) => setValues((before) => ({ ...before, [key]: value }));
  const at = (key: string) => values[key]?.trim() ?? "";
  const match: AlertMatch = {
    ...(severities.length && { severities: [...severities] }),
    ...Object.fromEntries(LISTS.flatMap((list) => (listOf(at(list)) ? [[list, listOf(at(list))]] : []))),
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const fromMs = instantOf(at("from"), zone);
    const silence = {
      match,
      untilMs: instantOf(at("until"), zone) ?? 0,
      ...(fromMs !== undefined && { fromMs }),
      ...(at("note") && { note: at("note") }),
    };
    if (await doing.run(() => addSilence(silence))) onSaved();
  };
  const field = (key: string, label: string, type: string, hint?: string) => (
    <label className={style.field}>
      {label}
      <input
        className={controls.input}
        name={key}
        type={type}
        value={values[key] ?? ""}
        required={key === "until"}
        maxLength={500}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => set(key, event.target.value)}
      />
      {hint ? <small>{hint}</small> : null}
    </label>
  );
  return (
    <Dialog
      title={t("desk.addSilence")}
      onClose={onClose}
      actions={
        <FormActions
          form={form}
          no={t("desk.cancel")}
          yes={t("desk.save")}
          busy={doing.busy}
          disabled={Object.keys(match).length === 0}
          onClose={onClose}
        />
      }
    >
      <p className={style.dim}>{t("desk.silenceText")}</p>
      {Object.keys(match).length === 0 ? (
        <p className={style.dim} role="status">
          {t("desk.silenceWhich")}
        </p>
      ) : null}
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="new-silence">
        {field("from", t("desk.stop.from"), "datetime-local", t("desk.fromHint", { zone }))}
        {field("until", t("desk.stop.to"), "datetime-local", zone)}
        <fieldset className={`${style.checks} ${style.wide}`}>
          <legend>{t("desk.severities")}</legend>
          {SEVERITIES.map((each) => (
            <label key={each}>
              <input
                type="checkbox"
                checked={severities.includes(each)}
                onChange={() =>
                  setSeverities((before) =>
                    before.includes(each) ? before.filter((other) => other !== each) : [...before, each],
                  )
                }
              />
              {t(`desk.severity.${each}`)}
            </label>
          ))}
        </fieldset>
        {LISTS.map((list) => (
          <div key={list}>{field(list, t(`desk.${list}`), "text", t(`desk.hint.${list}`))}</div>
        ))}
        {field("note", t("desk.note"), "text", t("desk.noteHint"))}
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
