import type { RegisterEntry, RegisterView } from "@hashwatt/protocol/register";
import { useState } from "react";
import { Link } from "wouter";
import { useServerNow } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import type { Doing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import { type EntryFilter, entryName, NAMES, PLACES, STATES, shownEntries } from "./entries.js";
import style from "./RegisterPage.module.css";
import { changeExpected, removeExpected } from "./registerApi.js";

/** More rows than anybody reads at a time. */
const MAX_ROWS = 300;
const PRESENCES = ["present", "silent", "missing"] as const;

/** Whether an entry's rig is there, which one it is, and when it was last heard. */
function Presence({ entry }: { entry: RegisterEntry }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  const { presence, rigs, answeredMs } = entry;
  const word =
    presence === "silent" && answeredMs !== null
      ? t("register.silentSince", { age: span(nowMs - answeredMs) })
      : t(`register.is.${presence}`);
  return (
    <span className={style.presence} data-presence={presence}>
      {word}
      {rigs.slice(0, 3).map((id) => (
        <Link key={id} href={`/rigs/${id}`}>
          {id}
        </Link>
      ))}
      {rigs.length > 3 ? `+${rigs.length - 3}` : null}
    </span>
  );
}

interface RowProps {
  entry: RegisterEntry;
  several: boolean;
  /** Why nothing may be changed. */
  off: string | undefined;
  onEdit(): void;
  change(work: () => Promise<unknown>): void;
}

function Row({ entry, several, off, onEdit, change }: RowProps) {
  const { t } = useWords();
  const name = entryName(entry);
  const known = NAMES.flatMap((kind) => {
    const value = entry[kind];
    return value && value !== name ? [value] : [];
  });
  const place = PLACES.flatMap((key) => (entry[key] ? [`${t(`register.${key}`)} ${entry[key]}`] : []));
  return (
    <tr data-entry={entry.id} data-state={entry.state}>
      <th scope="row">
        {name}
        {known.length > 0 ? <small>{known.join(" · ")}</small> : null}
      </th>
      <td className={style.place}>
        {[several ? entry.site : undefined, ...place].filter(Boolean).join(" · ")}
      </td>
      <td className={style.owner} data-label={t("register.owner")}>
        {entry.owner}
      </td>
      <td className={style.state}>
        <select
          className={controls.input}
          aria-label={t("register.stateOf", { name })}
          value={entry.state}
          disabled={off !== undefined}
          title={off}
          onChange={(event) => {
            const state = STATES.find((each) => each === event.target.value);
            if (state) change(() => changeExpected(entry.id, { state }));
          }}
        >
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`register.${state}`)}
            </option>
          ))}
        </select>
      </td>
      <td className={style.there}>
        <Presence entry={entry} />
      </td>
      <td className={style.doing}>
        <div className={style.actions}>
          <button
            type="button"
            className={controls.button}
            disabled={off !== undefined}
            title={off}
            onClick={onEdit}
          >
            {t("register.edit")}
          </button>
          <SureButton
            text={t("register.remove")}
            sure={t("register.removeSure")}
            off={off}
            onSure={() => change(() => removeExpected(entry.id))}
          />
        </div>
      </td>
    </tr>
  );
}

interface EntriesProps {
  view: RegisterView;
  several: boolean;
  off: string | undefined;
  doing: Doing;
  changed(): void;
  onEdit(entry: RegisterEntry): void;
}

/** The entries, filtered, each with what may be done to it. */
export function EntriesTable({ view, several, off, doing, changed, onEdit }: EntriesProps) {
  const { t, format } = useWords();
  const [filter, setFilter] = useState<EntryFilter>({ text: "", state: "", presence: "" });
  const set = (next: Partial<EntryFilter>) => setFilter((before) => ({ ...before, ...next }));
  const shown = shownEntries(view.entries, filter);
  const change = (work: () => Promise<unknown>) =>
    void doing.queue(work).then((done) => {
      if (done) changed();
    });
  return (
    <>
      <div className={style.filters}>
        <input
          className={`${controls.input} ${style.search}`}
          type="search"
          value={filter.text}
          onChange={(event) => set({ text: event.target.value })}
          placeholder={t("register.filter")}
          aria-label={t("register.filter")}
        />
        <select
          className={controls.input}
          aria-label={t("field.status")}
          value={filter.state}
          onChange={(event) => set({ state: event.target.value })}
        >
          <option value="">{t("register.anyState")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`register.${state}`)}
            </option>
          ))}
        </select>
        <select
          className={controls.input}
          aria-label={t("register.presence")}
          value={filter.presence}
          onChange={(event) => set({ presence: event.target.value })}
        >
          <option value="">{t("register.anyPresence")}</option>
          {PRESENCES.map((presence) => (
            <option key={presence} value={presence}>
              {t(`register.is.${presence}`)}
            </option>
          ))}
        </select>
        <span className={style.count} data-testid="register-count">
          {t("register.count", {
            n: format.number(shown.length, 0),
            total: format.number(view.entries.length, 0),
          })}
        </span>
      </div>
      {doing.error ? <Problem error={doing.error} /> : null}
      {shown.length === 0 ? (
        <Waiting text={t("register.noMatch")} height={120} />
      ) : (
        <table className={style.table} data-testid="register">
          <thead>
            <tr>
              <th scope="col">{t("register.rig")}</th>
              <th scope="col">{t("register.place")}</th>
              <th scope="col">{t("register.owner")}</th>
              <th scope="col">{t("field.status")}</th>
              <th scope="col">{t("register.presence")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, MAX_ROWS).map((entry) => (
              <Row
                key={entry.id}
                entry={entry}
                several={several}
                off={off}
                onEdit={() => onEdit(entry)}
                change={change}
              />
            ))}
          </tbody>
        </table>
      )}
      {shown.length > MAX_ROWS ? (
        <p className={style.dim}>{t("register.more", { n: format.number(shown.length - MAX_ROWS, 0) })}</p>
      ) : null}
    </>
  );
}
