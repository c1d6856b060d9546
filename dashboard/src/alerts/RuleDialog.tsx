import { SEVERITIES } from "@hashwatt/protocol/alertRules";
import type { RuleList, RuleView } from "@hashwatt/protocol/ruleView";
import type { Setting } from "@hashwatt/protocol/settings";
import { type FormEvent, useId, useState } from "react";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { SaidText } from "../parts/SaidText.js";
import { useDoing } from "../parts/useDoing.js";
import { useScope } from "../shell/useScope.js";
import { useRefusal } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { putRuleSetting } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { freeId } from "./freeId.js";
import { listOf } from "./matchText.js";
import { ruleName } from "./ruleName.js";

interface RuleDialogProps {
  /** Other numbers are set for this one; undefined: a rule of one's own. */
  rule?: RuleView;
  /** What is changed; undefined: a new one. */
  setting?: Setting;
  taken: readonly Setting[];
  fields: RuleList["fields"];
  onClose(): void;
  onSaved(): void;
}

const NUMBERS_OF_RULE = ["limit", "clear", "holdS", "samples", "resolveS"] as const;
const SHOWN: ReadonlySet<string> = new Set([
  ...["rule", "name", "when", "on", "severity", "enabled"],
  ...NUMBERS_OF_RULE,
]);
const NUMBERS_OF_OWN = ["clear", "resolveS"] as const;

/** Other numbers for a rule, everywhere, at a site or for some rigs; or a rule of one's own, whose errors are told with the place in it. */
export function RuleDialog({ rule, setting, taken, fields, onClose, onSaved }: RuleDialogProps) {
  const { t, words } = useDeskWords();
  const refused = useRefusal();
  const scope = useScope();
  const form = useId();
  const doing = useDoing();
  const [values, setValues] = useState<Record<string, string>>(() => {
    const body = (setting?.body ?? {}) as Record<string, unknown>;
    const texts = Object.entries(body).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(", ") : String(value),
    ]);
    return { site: setting?.site ?? "", ...Object.fromEntries(texts) };
  });
  const [enabled, setEnabled] = useState(values.enabled !== "false");
  const set = (key: string, value: string) => setValues((before) => ({ ...before, [key]: value }));
  const numbers = rule
    ? NUMBERS_OF_RULE.filter((key) => rule.limit !== null || (key !== "limit" && key !== "clear"))
    : NUMBERS_OF_OWN;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const at = (key: string) => values[key]?.trim() ?? "";
    const site = at("site");
    // What the form does not show stays as it is.
    const kept = Object.entries((setting?.body ?? {}) as object).filter(([key]) => !SHOWN.has(key));
    const body = {
      ...Object.fromEntries(kept),
      ...(rule ? { rule: rule.id } : { name: at("name"), when: at("when") }),
      ...(rule && listOf(at("on")) && { on: listOf(at("on")) }),
      ...(at("severity") && { severity: at("severity") }),
      ...Object.fromEntries(numbers.flatMap((key) => (at(key) ? [[key, Number(at(key))]] : []))),
      ...(!enabled && { enabled: false }),
    };
    const ids = taken.filter((each) => each.site === site).map(({ id }) => id);
    const id = setting?.id ?? freeId(rule ? `set-${rule.id}` : at("name"), ids, "rule");
    if (await doing.run(() => putRuleSetting(site, id, body, setting?.etag))) onSaved();
  };
  const placeholder = (key: (typeof NUMBERS_OF_RULE)[number]): string => {
    if (!rule) return "";
    const own = { ...rule, holdS: rule.holdMs / 1_000, resolveS: rule.resolveHoldMs / 1_000 };
    return String(own[key] ?? "");
  };
  return (
    <Dialog
      title={
        rule
          ? t("desk.editRule", { rule: ruleName(words.t, rule.id) })
          : setting
            ? (values.name ?? setting.id)
            : t("desk.addOwn")
      }
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
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="rule">
        {rule ? null : (
          <>
            <label className={style.field}>
              {t("desk.name")}
              <input
                className={controls.input}
                name="name"
                value={values.name ?? ""}
                required
                maxLength={100}
                autoComplete="off"
                onChange={(event) => set("name", event.target.value)}
              />
            </label>
            <label className={`${style.field} ${style.wide}`}>
              {t("desk.f.when")}
              <input
                className={`${controls.input} ${style.code}`}
                name="when"
                value={values.when ?? ""}
                required
                maxLength={500}
                autoComplete="off"
                spellCheck={false}
                aria-invalid={doing.error !== undefined}
                onChange={(event) => set("when", event.target.value)}
              />
              <small>{t("desk.whenHint")}</small>
            </label>
          </>
        )}
        {doing.error ? (
          <div className={`${style.bad} ${style.wide}`} role="alert">
            <SaidText text={refused(doing.error.message)} />
          </div>
        ) : null}
        <label className={style.field}>
          {t("desk.f.site")}
          <select
            className={controls.input}
            name="site"
            value={values.site}
            disabled={setting !== undefined}
            onChange={(event) => set("site", event.target.value)}
          >
            <option value="">{t("desk.set.all")}</option>
            {(scope?.totals.sites ?? []).map(({ site, name }) => (
              <option key={site} value={site}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {rule ? (
          <label className={style.field}>
            {t("desk.f.on")}
            <input
              className={controls.input}
              name="on"
              value={values.on ?? ""}
              maxLength={500}
              autoComplete="off"
              onChange={(event) => set("on", event.target.value)}
            />
            <small>{t("desk.stop.rigsHint")}</small>
          </label>
        ) : null}
        <label className={style.field}>
          {t("desk.f.severity")}
          <select
            className={controls.input}
            name="severity"
            value={values.severity ?? ""}
            onChange={(event) => set("severity", event.target.value)}
          >
            <option value="">{rule ? t("desk.asIs") : t("desk.severity.warning")}</option>
            {SEVERITIES.map((each) => (
              <option key={each} value={each}>
                {t(`desk.severity.${each}`)}
              </option>
            ))}
          </select>
        </label>
        {numbers.map((key) => (
          <label key={key} className={style.field}>
            {t(`desk.f.${key}`)}
            <input
              className={controls.input}
              name={key}
              type="number"
              step="any"
              value={values[key] ?? ""}
              placeholder={placeholder(key)}
              onChange={(event) => set(key, event.target.value)}
            />
          </label>
        ))}
        <label className={`${style.checks} ${style.wide}`}>
          <input
            type="checkbox"
            name="enabled"
            checked={enabled}
            onChange={(event) => setEnabled(event.target.checked)}
          />
          {t("desk.f.enabled")}
        </label>
        {rule ? null : (
          <details className={`${style.wide} ${style.dim}`}>
            <summary>{t("desk.fieldsHint")}</summary>
            <code className={style.code}>
              {fields.map(({ name, unit }) => `${name}${unit ? ` (${unit})` : ""}`).join(", ")}
            </code>
          </details>
        )}
      </form>
    </Dialog>
  );
}
