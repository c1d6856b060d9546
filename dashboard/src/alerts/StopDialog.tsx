import type { PlannedStop, PlannedStopView } from "@hashwatt/protocol/plannedStops";
import { type FormEvent, useId, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import type { Scope } from "../shell/useScope.js";
import style from "./Desk.module.css";
import { putStop } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { freeId } from "./freeId.js";
import { listOf } from "./matchText.js";
import { fieldOf, instantOf, proposed } from "./stopWindows.js";

interface StopDialogProps {
  scope: Scope;
  /** What is changed; undefined: a new one. */
  stop: PlannedStopView | undefined;
  /** Ids that are there already. */
  taken: readonly string[];
  onClose(): void;
  onSaved(): void;
}

/** A Monday: the names of the days are asked of the browser. */
const MONDAY_MS = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;

/** What the fields of the form hold of a stop. */
function fieldsOf({ site, name, rigs, time }: PlannedStopView, zone: string): Record<string, string> {
  const [from, to] =
    "fromMs" in time ? [fieldOf(time.fromMs, zone), fieldOf(time.toMs, zone)] : [time.from, time.to];
  return { site, name, rigs: rigs?.join(", ") ?? "", from, to };
}

/** Plans a stop of a site or of some of its rigs, or changes one. */
export function StopDialog({ scope, stop: before, taken, onClose, onSaved }: StopDialogProps) {
  const { t, language } = useDeskWords();
  const nowMs = useFeed().serverNowMs();
  const form = useId();
  const doing = useDoing();
  const [when, setWhen] = useState<"once" | "weekly">(before && "days" in before.time ? "weekly" : "once");
  const [days, setDays] = useState<readonly number[]>(
    before && "days" in before.time ? before.time.days : [],
  );
  const [values, setValues] = useState<Record<string, string>>(() =>
    before
      ? fieldsOf(before, scope.totals.sites.find((each) => each.site === before.site)?.zone ?? scope.zone)
      : {
          site: scope.sites[0]?.site ?? "",
          ...proposed(nowMs, scope.sites[0]?.zone ?? scope.zone),
        },
  );
  /** Whether the times are those of a person, not what the form proposes. */
  const [timed, setTimed] = useState(before !== undefined);
  const set = (key: string, value: string) => setValues((all) => ({ ...all, [key]: value }));
  const chooseSite = (key: string) => {
    const zone = scope.totals.sites.find((each) => each.site === key)?.zone;
    // The times are the clocks of the site: what is proposed means the same instant there.
    const times = when === "once" && !timed && zone !== undefined ? proposed(nowMs, zone) : {};
    setValues((all) => ({ ...all, site: key, ...times }));
  };
  const site = scope.totals.sites.find((each) => each.site === values.site);
  const dayName = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!site) return;
    const { name = "", rigs = "", from = "", to = "" } = values;
    const time: PlannedStop["time"] =
      when === "once"
        ? { fromMs: instantOf(from, site.zone) ?? 0, toMs: instantOf(to, site.zone) ?? 0 }
        : { ...(before && "days" in before.time && before.time), days: [...days].sort(), from, to };
    const named = listOf(rigs);
    const stop: PlannedStop = { name, time, ...(named && { rigs: named }) };
    if (await doing.run(() => putStop(site.site, before?.id ?? freeId(name, taken, "stop"), stop))) onSaved();
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
        onChange={(event) => {
          set(key, event.target.value);
          if (key === "from" || key === "to") setTimed(true);
        }}
      />
      {hint ? <small>{hint}</small> : null}
    </label>
  );
  const type = when === "once" ? "datetime-local" : "time";
  return (
    <Dialog
      title={before ? before.name : t("desk.addStop")}
      onClose={onClose}
      actions={
        <FormActions
          form={form}
          no={t("desk.cancel")}
          yes={t("desk.save")}
          busy={doing.busy}
          disabled={when === "weekly" && days.length === 0}
          onClose={onClose}
        />
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
            disabled={before !== undefined}
            onChange={(event) => chooseSite(event.target.value)}
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
              setTimed(false);
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
            {days.length === 0 ? <small role="status">{t("desk.stop.daysNone")}</small> : null}
          </fieldset>
        ) : null}
        {field("from", t("desk.stop.from"), type)}
        {field("to", t("desk.stop.to"), type)}
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
