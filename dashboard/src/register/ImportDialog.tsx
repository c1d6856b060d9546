import type { RegisterImport, RegisterPreview } from "@hashwatt/protocol/register";
import { useState } from "react";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import { decodeCsv } from "./decodeCsv.js";
import { COLUMNS, entryName, PLACES } from "./entries.js";
import style from "./ImportDialog.module.css";
import { importCsv, previewCsv } from "./registerApi.js";

function Refused({ preview }: { preview: RegisterPreview }) {
  const { t, format } = useWords();
  const { refused, refusedRows } = preview;
  return (
    <>
      <p className={style.refused} role="alert">
        <b>! {t("register.refusedRows", { n: format.number(refusedRows, 0) })}.</b> {t("register.refusedAll")}
      </p>
      <div className={style.scroll}>
        <table className={style.table} data-testid="refused">
          <thead>
            <tr>
              <th scope="col">{t("register.line")}</th>
              <th scope="col">{t("register.column")}</th>
              <th scope="col">{t("register.why")}</th>
            </tr>
          </thead>
          <tbody>
            {refused.map(({ line, column, message }) => (
              <tr key={`${line} ${column ?? ""}`}>
                <td>{format.number(line, 0)}</td>
                <td>{column}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refusedRows > refused.length ? (
        <p className={style.dim}>{t("register.firstShown", { n: refused.length })}</p>
      ) : null}
    </>
  );
}

function Rows({ preview: { rows, added, changed, same } }: { preview: RegisterPreview }) {
  const { t, format } = useWords();
  if (rows.length === 0) return null;
  return (
    <>
      <div className={style.scroll}>
        <table className={style.table} data-testid="preview">
          <thead>
            <tr>
              <th scope="col">{t("register.line")}</th>
              <th scope="col">{t("register.rig")}</th>
              <th scope="col">{t("register.place")}</th>
              <th scope="col">{t("register.becomes")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, rig, becomes, id }) => (
              <tr key={line} data-becomes={becomes}>
                <td>{format.number(line, 0)}</td>
                <td>{entryName(rig)}</td>
                <td>
                  {PLACES.flatMap((key) => (rig[key] ? [`${t(`register.${key}`)} ${rig[key]}`] : [])).join(
                    " · ",
                  )}
                </td>
                <td>{t(`register.becomes.${becomes}`, { id: id ?? "" })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {added + changed + same > rows.length ? (
        <p className={style.dim}>{t("register.firstShown", { n: rows.length })}</p>
      ) : null}
    </>
  );
}

/** Takes a CSV file, says what would become of each row, and imports all of it or nothing. */
export function ImportDialog({ onClose, onImported }: { onClose(): void; onImported(): void }) {
  const { t, format } = useWords();
  const doing = useDoing();
  const [file, setFile] = useState<{ csv: string; preview: RegisterPreview }>();
  const [done, setDone] = useState<RegisterImport>();
  const look = (chosen: File | undefined) => {
    setFile(undefined);
    setDone(undefined);
    if (!chosen) return;
    void doing.run(async () => {
      const csv = decodeCsv(new Uint8Array(await chosen.arrayBuffer()));
      setFile({ csv, preview: await previewCsv(csv) });
    });
  };
  const take = () => {
    if (!file) return;
    void doing.run(async () => {
      setDone(await importCsv(file.csv));
      setFile(undefined);
      onImported();
    });
  };
  const preview = file?.preview;
  const moves = preview ? preview.added + preview.changed : 0;
  const ready = preview !== undefined && preview.refusedRows === 0 && moves > 0;
  return (
    <Dialog
      title={t("register.importTitle")}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t(done ? "register.close" : "access.cancel")}
          </button>
          {done ? null : (
            <button
              type="button"
              className={controls.go}
              disabled={!ready}
              aria-disabled={doing.busy}
              onClick={take}
            >
              {t("register.importDo", { n: format.number(moves, 0) })}
            </button>
          )}
        </>
      }
    >
      <p>{t("register.importHow", { columns: COLUMNS.join(", ") })}</p>
      <label className={style.file}>
        {t("register.file")}
        <input
          type="file"
          disabled={doing.busy}
          accept=".csv,.txt,text/csv,text/plain"
          // The same file, mended, is another one.
          onClick={(event) => {
            event.currentTarget.value = "";
          }}
          onChange={(event) => look(event.target.files?.[0])}
        />
      </label>
      {doing.busy && !preview ? <Waiting text={t("register.reading")} /> : null}
      {doing.error ? <Problem error={doing.error} /> : null}
      {preview ? (
        <>
          <p data-testid="counts">
            {t("register.preview", {
              added: format.number(preview.added, 0),
              changed: format.number(preview.changed, 0),
              same: format.number(preview.same, 0),
            })}
          </p>
          {preview.refusedRows > 0 ? <Refused preview={preview} /> : null}
          {preview.refusedRows === 0 && moves === 0 ? <p>{t("register.nothing")}</p> : null}
          <Rows preview={preview} />
        </>
      ) : null}
      {done ? (
        <p className={style.done} role="status">
          {t("register.imported", {
            added: format.number(done.added, 0),
            changed: format.number(done.changed, 0),
            same: format.number(done.same, 0),
            total: format.number(done.total, 0),
          })}
        </p>
      ) : null}
    </Dialog>
  );
}
