import type { AlertRoute, AlertRouteInput } from "@hashwatt/protocol/alerting";
import { SEVERITIES, type Severity } from "@hashwatt/protocol/alertRules";
import { type FormEvent, useId, useState } from "react";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import style from "./Desk.module.css";
import { putRoute } from "./deskApi.js";
import { type DeskKey, useDeskWords } from "./deskWords.js";
import { listOf } from "./matchText.js";

interface RouteDialogProps {
  /** Undefined: a new one. */
  route: AlertRoute | undefined;
  channels: readonly string[];
  /** Routes that may be escalated to. */
  others: readonly string[];
  onClose(): void;
  onSaved(): void;
}

const LISTS = ["sites", "rules", "kinds", "subjects", "groups"] as const;

/** The form of one route. What it does not show (further windows, maintenance) stays as it is. */
export function RouteDialog({ route, channels, others, onClose, onSaved }: RouteDialogProps) {
  const { t } = useDeskWords();
  const form = useId();
  const doing = useDoing();
  const [values, setValues] = useState<Record<string, string>>(() => ({
    id: route?.id ?? "",
    name: route?.name ?? "",
    order: String(route?.order ?? 100),
    ...Object.fromEntries(LISTS.map((list) => [list, route?.match[list]?.join(", ") ?? ""])),
    quietFrom: route?.quiet?.[0]?.from ?? "",
    quietTo: route?.quiet?.[0]?.to ?? "",
    repeat: route?.repeatMin === undefined ? "" : String(route.repeatMin),
    after: route?.escalate ? String(route.escalate.afterMin) : "",
    to: route?.escalate?.to ?? "",
    digest: route?.digestAt ?? "",
  }));
  const [severities, setSeverities] = useState<readonly Severity[]>(route?.match.severities ?? []);
  const [chosen, setChosen] = useState<readonly string[]>(route?.channels ?? []);
  const [flags, setFlags] = useState({
    last: route?.last ?? false,
    escalationOnly: route?.escalationOnly ?? false,
    off: route?.off ?? false,
  });
  const set = (key: string, value: string) => setValues((before) => ({ ...before, [key]: value }));
  const has = (key: string) => Boolean(values[key]?.trim());
  const toggled = <T,>(list: readonly T[], each: T): T[] =>
    list.includes(each) ? list.filter((other) => other !== each) : [...list, each];
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const at = (key: string) => values[key]?.trim() ?? "";
    const match: AlertRouteInput["match"] = {
      ...(severities.length && { severities: [...severities] }),
      ...Object.fromEntries(LISTS.flatMap((list) => (listOf(at(list)) ? [[list, listOf(at(list))]] : []))),
    };
    const [, ...windows] = route?.quiet ?? [];
    const first =
      at("quietFrom") && at("quietTo")
        ? [{ ...route?.quiet?.[0], from: at("quietFrom"), to: at("quietTo") }]
        : [];
    const quiet = [...first, ...windows];
    const input: AlertRouteInput = {
      order: Number(at("order")),
      match,
      ...(at("name") && { name: at("name") }),
      ...(chosen.length && { channels: [...chosen] }),
      ...(quiet.length && { quiet }),
      ...(route?.pass && { pass: route.pass }),
      ...(route?.maintenance && { maintenance: route.maintenance }),
      ...(route?.resolved === false && { resolved: false }),
      ...(at("repeat") && { repeatMin: Number(at("repeat")) }),
      ...(at("after") && at("to") && { escalate: { afterMin: Number(at("after")), to: at("to") } }),
      ...(at("digest") && { digestAt: at("digest") }),
      ...Object.fromEntries(Object.entries(flags).filter(([, on]) => on)),
    };
    if (await doing.run(() => putRoute(at("id"), input))) onSaved();
  };
  const field = (
    key: string,
    label: DeskKey,
    {
      type = "text",
      hint,
      disabled,
      required,
    }: { type?: "text" | "time" | "number"; hint?: DeskKey; disabled?: boolean; required?: boolean } = {},
  ) => (
    <label className={style.field}>
      {t(label)}
      <input
        className={controls.input}
        name={key}
        type={type}
        value={values[key] ?? ""}
        disabled={disabled}
        required={required}
        maxLength={500}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => set(key, event.target.value)}
      />
      {hint ? <small>{t(hint)}</small> : null}
    </label>
  );
  const checks = <T extends string>(
    legend: string,
    options: readonly { value: T; text: string }[],
    on: readonly T[],
    toggle: (value: T) => void,
  ) => (
    <fieldset className={`${style.checks} ${style.wide}`}>
      <legend>{legend}</legend>
      {options.map(({ value, text }) => (
        <label key={value}>
          <input type="checkbox" checked={on.includes(value)} onChange={() => toggle(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
  return (
    <Dialog
      title={route ? t("desk.editRoute", { id: route.id }) : t("desk.addRoute")}
      onClose={onClose}
      actions={
        <FormActions
          form={form}
          no={t("desk.cancel")}
          yes={t("desk.save")}
          busy={doing.busy}
          onClose={onClose}
        />
      }
    >
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="route">
        {field("id", "desk.id", { hint: "desk.idHint", disabled: route !== undefined, required: true })}
        {field("name", "desk.name", { hint: "desk.optional" })}
        {field("order", "desk.orderNumber", { type: "number", required: true })}
        {checks(
          t("desk.severities"),
          SEVERITIES.map((value) => ({ value, text: t(`desk.severity.${value}`) })),
          severities,
          (value) => setSeverities((before) => toggled(before, value)),
        )}
        {checks(
          t("desk.channels"),
          // One that is gone stands there too: nothing is saved until it is taken out.
          [...new Set([...channels, ...(route?.channels ?? [])])].map((value) => ({ value, text: value })),
          chosen,
          (value) => setChosen((before) => toggled(before, value)),
        )}
        {LISTS.map((list) => (
          <div key={list}>{field(list, `desk.${list}`, { hint: `desk.hint.${list}` })}</div>
        ))}
        {/* Half of a pair would be left out: the other half is asked for. */}
        {field("quietFrom", "desk.quietFrom", {
          type: "time",
          hint: "desk.quietHint",
          required: has("quietTo"),
        })}
        {field("quietTo", "desk.quietTo", { type: "time", required: has("quietFrom") })}
        {field("repeat", "desk.repeat", { type: "number", hint: "desk.optional" })}
        {field("after", "desk.escalate", { type: "number", hint: "desk.optional", required: has("to") })}
        <label className={style.field}>
          {t("desk.escalateTo")}
          <select
            className={controls.input}
            name="to"
            value={values.to}
            required={has("after")}
            onChange={(event) => set("to", event.target.value)}
          >
            <option value="">—</option>
            {others
              .filter((id) => id !== route?.id)
              .map((id) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
          </select>
        </label>
        {field("digest", "desk.digest", { type: "time", hint: "desk.optional" })}
        <fieldset className={`${style.checks} ${style.wide}`}>
          {(["last", "escalationOnly", "off"] as const).map((flag) => (
            <label key={flag}>
              <input
                type="checkbox"
                checked={flags[flag]}
                onChange={(event) => setFlags((before) => ({ ...before, [flag]: event.target.checked }))}
              />
              {t(`desk.${flag}`)}
            </label>
          ))}
        </fieldset>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
