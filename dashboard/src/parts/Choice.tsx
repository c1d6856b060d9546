import { useId } from "react";
import style from "./Choice.module.css";

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string }[];
  value: T;
  onChoose(value: T): void;
}

/** One of a few, side by side: a group of radio buttons, with the keyboard of one. */
export function Choice<T extends string>({ label, options, value, onChoose }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={style.choice}>
      <legend className="srOnly">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={style.option}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  );
}
