import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import type { JobView } from "@hashwatt/protocol/jobs";
import type { RuleView } from "@hashwatt/protocol/ruleView";
import { type FormEvent, useId, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { Problem } from "../parts/Problem.js";
import { SaidText } from "../parts/SaidText.js";
import { useDoing } from "../parts/useDoing.js";
import { useScope } from "../shell/useScope.js";
import { useRefusal, useSaid } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { tryRule, tryRuleLong } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { tryLine } from "./tryLine.js";
import { useJob } from "./useJob.js";

/** What is tried: a rule that comes with the server, or one as it is written, at its site ("" = everywhere). */
export type Tried = { title: string } & ({ rule: RuleView } | { when: string; site: string });

const HOUR_MS = 3_600_000;
const BUCKET_MS = 300_000;
const SPANS_H = [6, 24, 168, 720] as const;
/** Rows of history beyond which the server works on it in the background: a request is waited for only so long. */
const ROWS_AT_ONCE = 300_000;
const SHOWN = 50;
const SETTINGS = [1, 2] as const;

/** What a job says while it goes on and once it has ended. */
function JobEnd({ job: first }: { job: JobView }) {
  const { t } = useDeskWords();
  const said = useSaid();
  const refused = useRefusal();
  const { job, goesOn, error: unheard } = useJob(first);
  const { state, progress, said: lines, error } = job;
  return (
    <div data-testid="try-job" data-state={state}>
      {goesOn ? (
        <p className={style.dim} role="status">
          {t("desk.trying")}{" "}
          {progress.total === null
            ? ""
            : t("desk.tried.progress", { done: progress.done, total: progress.total })}
        </p>
      ) : null}
      {error ? (
        <div className={style.bad} role="alert">
          ! <SaidText text={refused(error)} />
        </div>
      ) : null}
      {unheard ? <Problem error={unheard} /> : null}
      <ul className={style.list}>
        {lines.map((line) => (
          <li key={line}>{tryLine(line, said)}</li>
        ))}
      </ul>
    </div>
  );
}

function Found({ found, zone }: { found: DryRun; zone: string }) {
  const { t, format, span } = useDeskWords();
  const said = useSaid();
  const share = format.percent(found.coverage);
  return (
    <div data-testid="tried">
      <div className={style.sides}>
        {found.tried.map(({ settings, fired, rigs, firingMs, alerts }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the settings stand in the order in which they were asked
          <section key={i} data-side={i + 1} aria-label={t("desk.setting", { n: i + 1 })}>
            <b>
              {t("desk.setting", { n: i + 1 })}: {t("desk.tried.fired", { n: fired })}
            </b>
            <div className={style.dim}>
              {settings.limit === undefined
                ? ""
                : `${t("desk.set.limit", { n: format.plain(settings.limit) })} · `}
              {settings.holdS === undefined ? "" : `${t("desk.set.holdS", { n: settings.holdS })} · `}
              {t(`desk.tried.${found.subject}s`, {
                n: rigs,
                span: span(firingMs),
              })}
            </div>
            <ul className={style.list}>
              {alerts.slice(0, SHOWN).map(({ rig, name, firedMs, resolvedMs, reason }) => (
                <li key={`${rig ?? name} ${firedMs}`}>
                  <span>
                    <time>{format.moment(firedMs, zone)}</time> · <b>{name}</b> ·{" "}
                    {resolvedMs === null ? t("desk.tried.goesOn") : span(resolvedMs - firedMs)}
                  </span>
                  <span className={style.dim}>{said(reason)}</span>
                </li>
              ))}
            </ul>
            {fired > SHOWN ? <p className={style.dim}>{t("desk.tried.more", { n: fired - SHOWN })}</p> : null}
          </section>
        ))}
      </div>
      <p className={style.dim}>
        {t(
          found.subject === "rig" ? `desk.tried.basis.${found.basis}` : `desk.tried.basis.${found.subject}`,
          {
            n: found.judged,
            all: found.rigs,
            from: format.moment(found.rawFromMs, zone),
          },
        )}
        {found.coverage < 0.995
          ? ` · ${t("desk.tried.coverage", { share: `${share.text} ${share.unit}` })}`
          : ""}
      </p>
    </div>
  );
}

/** Tries a rule on stored history with one or two settings side by side. Nobody is told of what it finds. */
export function TryDialog({ tried, onClose }: { tried: Tried; onClose(): void }) {
  const { t } = useDeskWords();
  const feed = useFeed();
  const scope = useScope();
  const form = useId();
  const doing = useDoing();
  const [hours, setHours] = useState<number>(24);
  const [values, setValues] = useState<Record<string, string>>({
    site: "when" in tried ? tried.site : (scope?.key ?? ""),
  });
  const [found, setFound] = useState<DryRun>();
  const [job, setJob] = useState<JobView>();
  const set = (key: string, value: string) => setValues((before) => ({ ...before, [key]: value }));
  const sites = scope?.totals.sites ?? [];
  const site = sites.find((each) => each.site === values.site);
  // What is only true or not has no limit that another could stand in the place of.
  const numbers =
    "rule" in tried && tried.rule.limit === null ? (["holdS"] as const) : (["limit", "holdS"] as const);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    const toMs = Math.round(feed.serverNowMs());
    const fromMs = toMs - hours * HOUR_MS;
    const sides: DryRunOrder["settings"] = SETTINGS.map((n) =>
      Object.fromEntries(
        numbers.flatMap((key) => (values[`${key}${n}`]?.trim() ? [[key, Number(values[`${key}${n}`])]] : [])),
      ),
    );
    const [first = {}, second = {}] = sides;
    const order = {
      ...("rule" in tried ? { rule: tried.rule.id } : { when: tried.when }),
      ...(site && { site: site.site }),
      fromMs,
      toMs,
      settings: Object.keys(second).length ? [first, second] : [first],
    };
    const rigs = site?.rigs ?? scope?.totals.fleet.rigs ?? 0;
    const isLong = (rigs * (toMs - fromMs)) / BUCKET_MS > ROWS_AT_ONCE;
    setFound(undefined);
    setJob(undefined);
    await doing.run(async () => {
      if (isLong) setJob(await tryRuleLong(order));
      else setFound(await tryRule(order));
    });
  };
  return (
    <Dialog
      title={t("desk.tryTitle", { rule: tried.title })}
      onClose={onClose}
      actions={
        <FormActions
          form={form}
          no={t("desk.close")}
          yes={doing.busy ? t("desk.trying") : t("desk.tryGo")}
          busy={doing.busy}
          onClose={onClose}
        />
      }
    >
      <p className={style.dim}>{t("desk.tryText")}</p>
      <form id={form} className={style.form} onSubmit={(event) => void go(event)} data-testid="try">
        <label className={style.field}>
          {t("desk.span")}
          <select
            className={controls.input}
            name="hours"
            value={hours}
            onChange={(event) => setHours(Number(event.target.value))}
          >
            {SPANS_H.map((h) => (
              <option key={h} value={h}>
                {h < 48 ? t("desk.hours", { n: h }) : t("desk.days", { n: h / 24 })}
              </option>
            ))}
          </select>
        </label>
        <label className={style.field}>
          {t("desk.f.site")}
          <select
            className={controls.input}
            name="site"
            value={values.site}
            onChange={(event) => set("site", event.target.value)}
          >
            <option value="">{t("desk.set.all")}</option>
            {sites.map((each) => (
              <option key={each.site} value={each.site}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <div className={`${style.sides} ${style.wide}`}>
          {SETTINGS.map((n) => (
            <fieldset key={n} className={style.side}>
              <legend>{t("desk.setting", { n })}</legend>
              {numbers.map((key) => (
                <label key={key} className={style.field}>
                  {t(`desk.f.${key}`)}
                  <input
                    className={controls.input}
                    name={`${key}${n}`}
                    type="number"
                    step="any"
                    value={values[`${key}${n}`] ?? ""}
                    placeholder={
                      "rule" in tried
                        ? String((key === "limit" ? tried.rule.limit : tried.rule.holdMs / 1_000) ?? "")
                        : ""
                    }
                    onChange={(event) => set(`${key}${n}`, event.target.value)}
                  />
                </label>
              ))}
            </fieldset>
          ))}
        </div>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
      {found ? <Found found={found} zone={site?.zone ?? scope?.zone ?? "UTC"} /> : null}
      {job ? <JobEnd key={job.id} job={job} /> : null}
    </Dialog>
  );
}
