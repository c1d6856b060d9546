import type { SettingsImport } from "@hashwatt/protocol/settings";
import { useState } from "react";
import controls from "../parts/Controls.module.css";
import { Panel } from "../parts/Panel.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import style from "./Settings.module.css";
import { importYaml } from "./settingsApi.js";
import { useSettingsWords } from "./settingsWords.js";
import { ImportResult } from "./YamlEditor.js";

/** All settings as a file, and a file back into the settings: first what it would do, then all of it or nothing. */
export function FilesPanel() {
  const { t } = useSettingsWords();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const [file, setFile] = useState<{ yaml: string; result: SettingsImport }>();
  const look = (chosen: File | undefined) => {
    setFile(undefined);
    if (chosen)
      void doing.run(async () => {
        const yaml = await chosen.text();
        setFile({ yaml, result: await importYaml(yaml, true) });
      });
  };
  const moves = file?.result.changes.filter(({ change }) => change !== "same") ?? [];
  const ready =
    file !== undefined && !file.result.applied && file.result.errors.length === 0 && moves.length > 0;
  return (
    <Panel title={t("set.files")} note={t("set.filesNote")}>
      <div className={style.tools}>
        <a className={controls.button} href="/api/settings/export.yaml" download="settings.yaml">
          {t("set.export")}
        </a>
      </div>
      <p>{t("set.importHow")}</p>
      <label className={style.file}>
        {t("set.file")}
        <input
          type="file"
          accept=".yaml,.yml,text/yaml,application/yaml"
          disabled={!may || doing.busy}
          title={why}
          onClick={(event) => {
            event.currentTarget.value = "";
          }}
          onChange={(event) => look(event.target.files?.[0])}
        />
      </label>
      {doing.error ? <Problem error={doing.error} /> : null}
      {file ? (
        <>
          <ImportResult result={file.result} />
          <ul className={style.list}>
            {moves.slice(0, 50).map(({ kind, site, id, change }) => (
              <li key={`${kind} ${site} ${id}`}>
                {t("set.changeOf", { kind, id, site: site || "—" })}: {t(`set.change.${change}`)}
              </li>
            ))}
          </ul>
          <button
            type="button"
            className={controls.go}
            disabled={!ready || doing.busy}
            onClick={() =>
              void doing.run(async () =>
                setFile({ yaml: file.yaml, result: await importYaml(file.yaml, false) }),
              )
            }
          >
            {t("set.importDo")}
          </button>
        </>
      ) : null}
    </Panel>
  );
}
