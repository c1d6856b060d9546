import { useId } from "react";
import controls from "../parts/Controls.module.css";
import style from "./Settings.module.css";

interface FieldProps {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  hint?: string | undefined;
  type?: "text" | "date" | "number";
  options?: readonly { value: string; text: string }[] | undefined;
  required?: boolean;
  disabled?: boolean;
}

/** One field of a form: a line of text, a date, or one of a few. Numbers are typed as text, so that the server judges them. */
export function Field({
  label,
  name,
  value,
  onChange,
  hint,
  type = "text",
  options,
  required,
  disabled,
}: FieldProps) {
  const id = useId();
  const described = hint ? `${id}-hint` : undefined;
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      {options ? (
        <select
          id={id}
          aria-describedby={described}
          className={controls.input}
          name={name}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          aria-describedby={described}
          className={controls.input}
          name={name}
          type={type === "date" ? "date" : "text"}
          inputMode={type === "number" ? "decimal" : undefined}
          value={value}
          required={required}
          disabled={disabled}
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {hint ? <small id={described}>{hint}</small> : null}
    </div>
  );
}
