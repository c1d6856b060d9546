import style from "./LongText.module.css";

/** A text by its short form; where that leaves something out, the whole opens below it by click or key. */
export function LongText({ short, text }: { short: string; text: string }) {
  if (short === text) return text;
  return (
    <details className={style.long}>
      <summary title={text}>{short}</summary>
      <div className={style.whole}>{text}</div>
    </details>
  );
}
