import style from "./SaidText.module.css";

/** A text of the server. What has several lines points at a place by a caret: from its second line on it stands as it was written. */
export function SaidText({ text }: { text: string }) {
  const at = text.indexOf("\n");
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <pre className={style.lines} data-caret="">
        {text.slice(at + 1)}
      </pre>
    </>
  );
}
