import type { PlannedStop } from "@hashwatt/protocol/plannedStops";
import { type FormEvent, useId, useState } from "react";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import type { Scope } from "../shell/useScope.js";
import style from "./Desk.module.css";
import { putStop } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { freeId } from "./freeId.js";
import { listOf } from "./matchText.js";
import { instantOf } from "./stopWindows.js";

interface StopDialogProps {
  scope: Scope;
  /** Ids that are there already. */
  taken: readonly string[];
  onClose(): void;
  onSaved(): void;
}

/** A Monday: the names of the days are asked of the browser. */
const MONDAY_MS = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;

/** Plans a stop of a site or of some of its rigs. */
export function StopDialog({ scope, taken, onClose, onSaved }: StopDialogProps) {
  const { t, language } = useDeskWords();
  const form = useId();
  const doing = useDoing();
  const [when, setWhen] = useState<"once" | "weekly">("once");
  const [days, setDays] = useState<readonly number[]>([]);
  const [values, setValues] = useState<Record<string, string>>({ site: scope.sites[0]?.site ?? "" });
  const set = (key: string, value: string) => setValues((before) => ({ ...before, [key]: value }));
  const site = scope.totals.sites.find((each) => each.site === values.site);
  const dayName = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!site) return;
    const { name = "", rigs = "", from = "", to = "" } = values;
    const time: PlannedStop["time"] =
      when === "once"
        ? { fromMs: instantOf(from, site.zone) ?? 0, toMs: instantOf(to, site.zone) ?? 0 }
        : { days: [...days].sort(), from, to };
    const named = listOf(rigs);
    const stop: PlannedStop = { name, time, ...(named && { rigs: named }) };
    if (await doing.run(() => putStop(site.site, freeId(name, taken, "stop"), stop))) onSaved();
  };
  const field = (key: "name" | "rigs" | "from" | "to", label: string, type: string, hint?: string) => (
    <label className={style.field}>
      {label}
      <input
        className={controls.input}
        name={key}
        type={type}
        value={values[key] ?? ""}
        required={key !== "rigs"}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => set(key, event.target.value)}
      />
      {hint ? <small>{hint}</small> : null}
    </label>
  );
  const type = when === "once" ? "datetime-local" : "time";
  return (
    <Dialog
      title={t("desk.addStop")}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("desk.cancel")}
          </button>
          <button
            type="submit"
            form={form}
            className={controls.go}
            disabled={when === "weekly" && days.length === 0}
            aria-disabled={doing.busy}
          >
            {t("desk.save")}
          </button>
        </>
      }
    >
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="stop">
        {field("name", t("desk.name"), "text")}
        <label className={style.field}>
          {t("desk.stop.site")}
          <select
            className={controls.input}
            name="site"
            value={values.site}
            onChange={(event) => set("site", event.target.value)}
          >
            {scope.totals.sites.map((each) => (
              <option key={each.site} value={each.site}>
                {each.name}
              </option>
            ))}
          </select>
          <small>{site?.zone}</small>
        </label>
        {field("rigs", t("desk.stop.rigs"), "text", t("desk.stop.rigsHint"))}
        <div className={style.wide}>
          <Choice
            label={t("desk.stop.when")}
            options={[
              { value: "once", text: t("desk.stop.once") },
              { value: "weekly", text: t("desk.stop.weekly") },
            ]}
            value={when}
            onChoose={(next) => {
              setWhen(next);
              setValues(({ from: _from, to: _to, ...rest }) => rest);
            }}
          />
        </div>
        {when === "weekly" ? (
          <fieldset className={`${style.checks} ${style.wide}`}>
            <legend>{t("desk.stop.days")}</legend>
            {[1, 2, 3, 4, 5, 6, 7].map((day) => (
              <label key={day}>
                <input
                  type="checkbox"
                  checked={days.includes(day)}
                  onChange={() =>
                    setDays((before) =>
                      before.includes(day) ? before.filter((each) => each !== day) : [...before, day],
                    )
                  }
                />
                {dayName.format(MONDAY_MS + (day - 1) * DAY_MS)}
              </label>
            ))}
          </fieldset>
        ) : null}
        {field("from", t("desk.stop.from"), type)}
        {field("to", t("desk.stop.to"), type)}
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
