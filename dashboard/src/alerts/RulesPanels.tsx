import type { RuleView } from "@hashwatt/protocol/ruleView";
import type { Setting } from "@hashwatt/protocol/settings";
import { useState } from "react";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SaidText } from "../parts/SaidText.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useRefusal } from "../words/useSaid.js";
import { zhUnits } from "../words/zhUnits.js";
import style from "./Desk.module.css";
import { fetchRuleSettings, fetchRules, removeRuleSetting } from "./deskApi.js";
import { type DeskKey, useDeskWords } from "./deskWords.js";
import { RuleDialog } from "./RuleDialog.js";
import { ruleName } from "./ruleName.js";
import { RULE_SOURCE } from "./ruleSource.js";
import { type Tried, TryDialog } from "./TryDialog.js";

const REFRESH_MS = 60_000;

/** What the body of a rule's setting may say, as the server answers it. */
type Told = Partial<Record<"rule" | "name" | "when" | "severity", string>> &
  Partial<Record<(typeof NUMBERS)[number], number>> & { on?: string[]; enabled?: boolean };
const NUMBERS = ["limit", "clear", "holdS", "samples", "resolveS"] as const;
const toldOf = ({ body }: Setting): Told => (body ?? {}) as Told;

type Editing = { setting?: Setting; rule?: RuleView };

/** The rules that come with the server, what was set in their place, and rules of one's own; each may be tried on history. */
export function RulesPanels() {
  const { t, format, span, words, language } = useDeskWords();
  const refused = useRefusal();
  const unitOf = (unit: string) => (language === "en" ? unit : (zhUnits[unit] ?? unit));
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const rules = useFetched("rules", fetchRules, REFRESH_MS);
  const settings = useFetched("rule settings", fetchRuleSettings, REFRESH_MS);
  const [editing, setEditing] = useState<Editing>();
  const [trying, setTrying] = useState<Tried>();
  const all = settings.data ?? [];
  const own = all.filter((each) => toldOf(each).rule === undefined);
  const remove = (setting: Setting) =>
    void doing
      .queue(() => removeRuleSetting(setting))
      .then((done) => {
        if (done) settings.retry();
      });
  const button = (text: DeskKey, onClick: () => void, act: string) => (
    <button
      type="button"
      className={controls.button}
      disabled={!may}
      title={why}
      data-act={act}
      onClick={onClick}
    >
      {t(text)}
    </button>
  );
  const saysOf = (setting: Setting): string => {
    const told = toldOf(setting);
    return [
      setting.site || t("desk.set.all"),
      ...(told.on ? [told.on.join(", ")] : []),
      ...(told.enabled === false ? [t("desk.set.disabled")] : []),
      ...(told.severity ? [t(`desk.severity.${told.severity}` as DeskKey)] : []),
      ...NUMBERS.flatMap((key) =>
        told[key] === undefined ? [] : [t(`desk.set.${key}`, { n: format.plain(told[key]) })],
      ),
    ].join(" · ");
  };
  const defaultsOf = (rule: RuleView): string =>
    [
      t(`desk.severity.${rule.severity}`),
      rule.limit === null
        ? ""
        : t("desk.limitClear", {
            limit: format.plain(rule.limit),
            clear: format.plain(rule.clear),
            unit: unitOf(rule.unit ?? ""),
          }),
      rule.holdMs > 0 ? t("desk.ofTime", { span: span(rule.holdMs) }) : "",
      t("desk.readings", { n: rule.samples }),
      rule.resolveHoldMs > 0 ? t("desk.rest", { span: span(rule.resolveHoldMs) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  const settingLine = (setting: Setting, rule?: RuleView) => (
    <div key={`${setting.site} ${setting.id}`} data-setting={setting.id} className={style.set}>
      <span>{saysOf(setting)}</span>
      {setting.problems?.map((problem) => (
        <div key={problem} className={style.bad}>
          ! <SaidText text={refused(problem)} />
        </div>
      ))}
      <div className={style.actions}>
        {button("desk.edit", () => setEditing({ setting, ...(rule && { rule }) }), "edit")}
        <SureButton
          text={t("desk.remove")}
          sure={t("desk.removeSure")}
          off={may ? undefined : (why ?? "")}
          onSure={() => remove(setting)}
        />
      </div>
    </div>
  );
  return (
    <>
      <Panel title={t("desk.own")} note={t("desk.ownNote")}>
        <div className={style.tools}>
          <button
            type="button"
            className={controls.go}
            disabled={!may}
            title={why}
            onClick={() => setEditing({})}
          >
            {t("desk.addOwn")}
          </button>
          {why ? <span className={style.dim}>{why}</span> : null}
        </div>
        <FetchProblem {...settings} />
        {settings.data && own.length === 0 ? <Waiting text={t("desk.ownNone")} /> : null}
        {own.length > 0 ? (
          <ul className={style.list} data-testid="own-rules">
            {own.map((setting) => {
              const { name, when } = toldOf(setting);
              return (
                <li key={`${setting.site} ${setting.id}`}>
                  <span>
                    <b>{name ?? setting.id}</b>{" "}
                    <code className={style.ruleId}>
                      {setting.site ? `${setting.site}.${setting.id}` : setting.id}
                    </code>
                  </span>
                  <code className={style.code}>{when}</code>
                  {settingLine(setting)}
                  <div className={style.actions}>
                    {button(
                      "desk.try",
                      () => setTrying({ title: name ?? setting.id, when: when ?? "", site: setting.site }),
                      "try",
                    )}
                  </div>
                </li>
              );
            })}
          </ul>
        ) : null}
        {doing.error ? <Problem error={doing.error} /> : null}
      </Panel>
      <Panel title={t("desk.theRules")} note={t("desk.theRulesNote")}>
        <FetchProblem {...rules} />
        {!rules.data && !rules.error ? <Waiting text={t("desk.loading")} height={200} /> : null}
        <ul className={style.list} data-testid="rules">
          {(rules.data?.rules ?? []).map((rule) => {
            const source = RULE_SOURCE[rule.id as keyof typeof RULE_SOURCE];
            const set = all.filter((each) => toldOf(each).rule === rule.id);
            return (
              <li key={rule.id} data-rule-id={rule.id}>
                <span>
                  <b>{ruleName(words.t, rule.id)}</b> <code className={style.ruleId}>{rule.id}</code> ·{" "}
                  {t(`why.${rule.id}` as DeskKey)}
                </span>
                <span className={style.dim}>
                  {t("desk.default")}: {defaultsOf(rule)} · {t(source)}
                </span>
                {set.map((setting) => settingLine(setting, rule))}
                <div className={style.actions}>
                  {button("desk.change", () => setEditing({ rule }), "change")}
                  {rule.canBeTried
                    ? button("desk.try", () => setTrying({ title: ruleName(words.t, rule.id), rule }), "try")
                    : null}
                </div>
              </li>
            );
          })}
        </ul>
      </Panel>
      {editing ? (
        <RuleDialog
          {...editing}
          taken={all}
          fields={rules.data?.fields ?? []}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            settings.retry();
          }}
        />
      ) : null}
      {trying ? <TryDialog tried={trying} onClose={() => setTrying(undefined)} /> : null}
    </>
  );
}
