import type { ReactNode } from "react";
import controls from "../parts/Controls.module.css";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";

interface RowsProps<T> {
  title: string;
  hint?: string;
  name: string;
  rows: readonly T[];
  empty: T;
  /** So many at least. */
  least?: number;
  onChange(rows: T[]): void;
  children(row: T, set: (change: Partial<T>) => void): ReactNode;
}

/** A part of a form that is there any number of times. */
export function Rows<T extends object>({
  title,
  hint,
  name,
  rows,
  empty,
  least = 0,
  onChange,
  children,
}: RowsProps<T>) {
  const { t } = useSettingsWords();
  return (
    <fieldset className={style.rows} data-rows={name}>
      <legend>
        {title} {hint ? <small>{hint}</small> : null}
      </legend>
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <div key={at} className={style.row}>
          {children(row, (change) =>
            onChange(rows.map((each, i) => (i === at ? { ...each, ...change } : each))),
          )}
          <button
            type="button"
            className={controls.button}
            aria-label={t("set.less")}
            disabled={rows.length <= least}
            onClick={() => onChange(rows.filter((_, i) => i !== at))}
          >
            ×
          </button>
        </div>
      ))}
      <button type="button" className={controls.button} onClick={() => onChange([...rows, empty])}>
        + {t("set.more")}
      </button>
    </fieldset>
  );
}
