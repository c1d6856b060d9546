import type { ExpectedRig, RegisterEntry } from "@hashwatt/protocol/register";
import { type FormEvent, useId, useState } from "react";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import style from "./EntryDialog.module.css";
import { changeOf, entryName, entryNamed, NAMES, PLACES, STATES } from "./entries.js";
import { addExpected, changeExpected } from "./registerApi.js";

/** An entry to change, or what is known already of one to add. */
export interface EntryDraft {
  entry?: RegisterEntry;
  told?: ExpectedRig;
}

interface EntryDialogProps {
  draft: EntryDraft;
  /** All entries: what others are called already, and what their places are. */
  entries: readonly RegisterEntry[];
  sites: readonly string[];
  onClose(): void;
  onSaved(): void;
}

type Column = (typeof NAMES)[number] | (typeof PLACES)[number] | "owner";

/** The form of one expected rig. */
export function EntryDialog({ draft: { entry, told }, entries, sites, onClose, onSaved }: EntryDialogProps) {
  const { t } = useWords();
  const form = useId();
  const doing = useDoing();
  const start: ExpectedRig = entry ?? told ?? {};
  const [values, setValues] = useState<Record<string, string>>(() => ({
    ...Object.fromEntries(
      [...NAMES, ...PLACES, "owner" as const].map((column) => [column, start[column] ?? ""]),
    ),
    site: start.site || sites[0] || "",
    state: start.state ?? "active",
  }));
  const set = (column: string, value: string) => setValues((before) => ({ ...before, [column]: value }));
  const change = changeOf(entry, values);
  const named = NAMES.some((kind) => values[kind]?.trim());
  const nothing = entry !== undefined && Object.keys(change).length === 0;
  const rig = changeOf(undefined, values) as ExpectedRig;
  const held = entryNamed(entries, rig, entry?.id);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const done = await doing.run(() => (entry ? changeExpected(entry.id, change) : addExpected(rig)));
    if (done) onSaved();
  };
  /** What others say there, so that one rack has one name. */
  const suggestions = (column: Column) =>
    [...new Set(entries.flatMap((each) => each[column] ?? []))].sort().slice(0, 200);
  const field = (column: Column, suggest: boolean) => (
    <label key={column} className={style.field}>
      {t(`register.${column}`)}
      <input
        className={controls.input}
        name={column}
        value={values[column] ?? ""}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        list={suggest ? `${form}-${column}` : undefined}
        onChange={(event) => set(column, event.target.value)}
      />
      {suggest ? (
        <datalist id={`${form}-${column}`}>
          {suggestions(column).map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      ) : null}
      {column === "worker" ? <small>{t("register.workerHint")}</small> : null}
    </label>
  );
  return (
    <Dialog
      title={entry ? t("register.editTitle", { name: entryName(entry) }) : t("register.add")}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("access.cancel")}
          </button>
          <button
            type="submit"
            form={form}
            className={controls.go}
            disabled={!named || nothing}
            aria-disabled={doing.busy}
          >
            {t("register.save")}
          </button>
        </>
      }
    >
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="entry">
        <fieldset className={style.group}>
          <legend>{t("register.known")}</legend>
          {NAMES.map((column) => field(column, false))}
        </fieldset>
        <fieldset className={style.group}>
          <legend>{t("register.stands")}</legend>
          {sites.length > 1 ? (
            <label className={style.field}>
              {t("register.site")}
              <select
                className={controls.input}
                name="site"
                value={values.site}
                onChange={(event) => set("site", event.target.value)}
              >
                {sites.map((site) => (
                  <option key={site} value={site}>
                    {site}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          {PLACES.map((column) => field(column, true))}
        </fieldset>
        <fieldset className={style.group}>
          <legend>{t("register.rest")}</legend>
          {field("owner", true)}
          <label className={style.field}>
            {t("field.status")}
            <select
              className={controls.input}
              name="state"
              value={values.state}
              onChange={(event) => set("state", event.target.value)}
            >
              {STATES.map((state) => (
                <option key={state} value={state}>
                  {t(`register.${state}`)}
                </option>
              ))}
            </select>
          </label>
        </fieldset>
      </form>
      {held ? (
        <p className={style.held} role="status">
          ! {t("register.collides", { name: entryName(held), id: held.id })}
        </p>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}
