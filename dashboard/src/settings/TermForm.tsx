import { Field } from "./Field.js";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";
import { isShown, type TermDraft, type TermField } from "./termFields.js";

interface TermFormProps {
  fields: readonly TermField[];
  draft: TermDraft;
  fresh: boolean;
  onChange(draft: TermDraft): void;
}

/** The form of a pool, contract, overhead, fixed cost or source. */
export function TermForm({ fields, draft, fresh, onChange }: TermFormProps) {
  const { t } = useSettingsWords();
  return (
    <div className={style.grid} data-testid="termForm">
      <Field
        label={t("set.id")}
        name="id"
        value={draft.id ?? ""}
        disabled={!fresh}
        hint={t("set.idHint")}
        onChange={(id) => onChange({ ...draft, id })}
      />
      {fields
        .filter((field) => isShown(field, draft))
        .map(({ path, word, hint, type, options }) => (
          <Field
            key={path}
            label={t(word)}
            name={path}
            value={draft[path] ?? ""}
            {...(type && type !== "list" && { type })}
            hint={hint && t(hint)}
            options={options?.map(({ value, word: text }) => ({ value, text: text ? t(text) : value }))}
            onChange={(value) => onChange({ ...draft, [path]: value })}
          />
        ))}
    </div>
  );
}
