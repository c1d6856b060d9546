import type { SettingsImport } from "@hashwatt/protocol/settings";
import { SaidText } from "../parts/SaidText.js";
import { useRefusal } from "../words/useSaid.js";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";

/** What an import did or would do, and what is wrong with it by line. */
export function ImportResult({ result }: { result: SettingsImport }) {
  const { t } = useSettingsWords();
  const said = useRefusal();
  const count = (change: string) => result.changes.filter((each) => each.change === change).length;
  if (result.errors.length > 0)
    return (
      <div className={style.errors} role="alert" data-testid="yamlErrors">
        <b>! {t("set.errors", { n: result.errors.length })}</b>
        <ul>
          {result.errors.slice(0, 20).map(({ line, path, message }) => (
            <li key={`${line} ${path} ${message}`}>
              {line === null ? "" : `${t("set.line", { line })}: `}
              {path ? <code>{path}</code> : null} <SaidText text={said(message)} />
            </li>
          ))}
        </ul>
      </div>
    );
  const counts = { added: count("added"), changed: count("changed"), same: count("same") };
  return (
    <p role="status" data-testid="yamlChecked">
      {t(result.applied ? "set.imported" : "set.checked", counts)}
    </p>
  );
}

interface YamlEditorProps {
  text: string;
  result: SettingsImport | undefined;
  onChange(text: string): void;
}

/** A text field for YAML with numbered lines, and below it what the server says of it. */
export function YamlEditor({ text, result, onChange }: YamlEditorProps) {
  const { t } = useSettingsWords();
  const lines = text.split("\n").length;
  const wrong = new Set(result?.errors.map(({ line }) => line));
  return (
    <div className={style.yaml}>
      <div className={style.editor}>
        <div className={style.numbers} aria-hidden="true">
          {Array.from({ length: lines }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <div key={at} data-wrong={wrong.has(at + 1) ? "" : undefined}>
              {at + 1}
            </div>
          ))}
        </div>
        <textarea
          aria-label={t("set.yaml")}
          value={text}
          rows={Math.min(24, Math.max(10, lines + 1))}
          spellCheck={false}
          wrap="off"
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      {result ? <ImportResult result={result} /> : null}
    </div>
  );
}
