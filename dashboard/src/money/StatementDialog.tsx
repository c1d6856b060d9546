import type { StatementImport } from "@hashwatt/protocol/reconciliation";
import { useEffect, useState } from "react";
import { sendJson } from "../feed/fetchApi.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { decodeCsv } from "../register/decodeCsv.js";
import { useRefusal } from "../words/useSaid.js";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";

interface StatementDialogProps {
  site: string;
  which: "payouts" | "bills";
  onClose(): void;
  onImported(): void;
}

/** Takes a CSV file of payouts, bills or interval data: first what would become of it, then all of it or nothing. */
export function StatementDialog({ site, which, onClose, onImported }: StatementDialogProps) {
  const { t } = useMoneyWords();
  const said = useRefusal();
  const doing = useDoing();
  const [pool, setPool] = useState("");
  const [account, setAccount] = useState("");
  const [file, setFile] = useState<{ csv: string; beside: string; preview?: StatementImport }>();
  const [done, setDone] = useState<StatementImport>();
  const named = {
    ...(pool.trim() && { pool: pool.trim() }),
    ...(account.trim() && { account: account.trim() }),
  };
  const beside = JSON.stringify(named);
  const send = (csv: string, dryRun: boolean) =>
    sendJson<StatementImport>(
      "POST",
      `/api/reconciliation/${which}`,
      { site, csv, dryRun, ...(which === "payouts" && named) },
      new AbortController().signal,
    );
  const look = (read: () => Promise<string> | string) =>
    void doing.run(async () => {
      setDone(undefined);
      const csv = await read();
      setFile({ csv, beside });
      setFile({ csv, beside, preview: await send(csv, true) });
    });
  const lookAgain = () => {
    if (file && file.beside !== beside) look(() => file.csv);
  };
  // What was named while a look was under way is looked at after it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the end of a look matters; a name is typed letter by letter
  useEffect(() => {
    if (!doing.busy) lookAgain();
  }, [doing.busy]);
  const choose = (chosen: File | undefined) => {
    setFile(undefined);
    if (chosen) look(async () => decodeCsv(new Uint8Array(await chosen.arrayBuffer())));
  };
  // Of other names it says nothing.
  const preview = file?.beside === beside ? file.preview : undefined;
  const ready = preview && preview.refusedRows === 0 && preview.added + preview.changed > 0 && !done;
  return (
    <Dialog
      title={t(which === "payouts" ? "recon.importPayouts" : "recon.importBills")}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("money.whyClose")}
          </button>
          <button
            type="button"
            className={controls.go}
            disabled={!ready || doing.busy}
            onClick={() =>
              void doing.run(async () => {
                setDone(await send(file!.csv, false));
                onImported();
              })
            }
          >
            {t("recon.take")}
          </button>
        </>
      }
    >
      <p>{t(which === "payouts" ? "recon.howPayouts" : "recon.howBills")}</p>
      {which === "payouts" ? (
        <>
          <label className={style.file}>
            {t("recon.pool")}
            <input
              className={controls.input}
              value={pool}
              maxLength={100}
              onChange={(event) => setPool(event.target.value)}
              onBlur={lookAgain}
            />
          </label>
          <label className={style.file}>
            {t("recon.account")}
            <input
              className={controls.input}
              value={account}
              maxLength={100}
              onChange={(event) => setAccount(event.target.value)}
              onBlur={lookAgain}
            />
          </label>
        </>
      ) : null}
      <label className={style.file}>
        CSV
        <input
          type="file"
          disabled={doing.busy}
          accept=".csv,.txt,text/csv,text/plain"
          onClick={(event) => {
            event.currentTarget.value = "";
          }}
          onChange={(event) => choose(event.target.files?.[0])}
        />
      </label>
      {doing.error ? <Problem error={doing.error} /> : null}
      {preview && !done ? (
        <p data-testid="statementCounts">
          {t("recon.would", { added: preview.added, changed: preview.changed, same: preview.same })}
        </p>
      ) : null}
      {preview && preview.refusedRows > 0 ? (
        <div role="alert">
          <b>! {t("recon.refused", { n: preview.refusedRows })}</b>
          <ul className={style.sources}>
            {preview.refused.map(({ line, column, message }) => (
              <li key={`${line} ${column ?? ""} ${message}`}>
                {t("recon.line", { line })}
                {column ? `, ${column}` : ""}: {said(message)}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {done ? (
        <p role="status">{t("recon.done", { added: done.added, changed: done.changed, same: done.same })}</p>
      ) : null}
    </Dialog>
  );
}
