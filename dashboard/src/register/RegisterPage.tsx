import { useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { fetchRig } from "../feed/fetchApi.js";
import { useFetched } from "../feed/useFeed.js";
import { useRegister } from "../fleet/RegisterTable.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useMay } from "../session/useMay.js";
import { useScope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { EntriesTable } from "./EntriesTable.js";
import { EntryDialog, type EntryDraft } from "./EntryDialog.js";
import { ImportDialog } from "./ImportDialog.js";
import style from "./RegisterPage.module.css";

const REFRESH_MS = 60_000;

/** What is asked for in the address: an entry to edit, or a rig to add. */
function useAsked(search: string) {
  const params = new URLSearchParams(search);
  const add = params.get("add") ?? undefined;
  const rig = useFetched(add && `rig ${add}`, (signal) => fetchRig(add ?? "", signal), REFRESH_MS).data;
  return { edit: params.get("edit") ?? undefined, add, rig };
}

/** The register of expected rigs: looked through, added to, changed, imported and exported. */
export function RegisterPage() {
  const { t, format } = useWords();
  usePageTitle(t("register.title"));
  const scope = useScope();
  const [, navigate] = useLocation();
  const asked = useAsked(useSearch());
  const { data, atMs, error, retry } = useRegister(scope?.key ?? "");
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const [draft, setDraft] = useState<EntryDraft>();
  const [importing, setImporting] = useState(false);
  if (!scope) return <Waiting text={t("waiting.first")} height={300} />;
  const sites = scope.totals.sites.map(({ site }) => site);
  const entry = data?.entries.find(({ id }) => id === asked.edit);
  const fromAddress: EntryDraft | undefined = !may
    ? undefined
    : entry
      ? { entry }
      : asked.rig && {
          told: {
            site: asked.rig.site,
            ...(asked.rig.evidence.mac
              ? { mac: asked.rig.evidence.mac }
              : { address: asked.rig.evidence.address }),
            ...(asked.rig.evidence.serial && { serial: asked.rig.evidence.serial }),
          },
        };
  const open = draft ?? fromAddress;
  const close = () => {
    setDraft(undefined);
    if (asked.edit ?? asked.add) navigate("/fleet/register", { replace: true });
  };
  const unexpected = data?.unexpected.length ?? 0;
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("register.title")}</h1>
      <Link href="/fleet" className={style.back}>
        ← {t("nav.fleet")}
      </Link>
      <Panel
        title={t("register.title")}
        note={t("register.note")}
        aside={
          data && data.entries.length > 0 ? (
            <span className={style.lists}>
              <Link href="/fleet?status=missing">
                {t("register.missingCount", { n: format.number(data.missing, 0) })}
              </Link>
              <Link href="/fleet?status=unexpected">
                {t("register.unexpectedCount", { n: format.number(unexpected, 0) })}
              </Link>
            </span>
          ) : undefined
        }
      >
        <div className={style.tools}>
          <button
            type="button"
            className={controls.go}
            disabled={!may}
            title={why}
            onClick={() => setDraft({ told: sites.length === 1 ? {} : { site: scope.key } })}
          >
            {t("register.add")}
          </button>
          <button
            type="button"
            className={controls.button}
            disabled={!may}
            title={why}
            onClick={() => setImporting(true)}
          >
            {t("register.import")}
          </button>
          <a className={controls.button} href="/api/register.csv" download="register.csv">
            {t("register.export")}
          </a>
          {why ? <span className={style.dim}>{why}</span> : null}
        </div>
        <FetchProblem error={error} atMs={atMs} retry={retry} />
        {!data && !error ? <Waiting text={t("register.loading")} height={200} /> : null}
        {data?.entries.length === 0 ? <Waiting text={t("register.empty")} height={120} /> : null}
        {data && data.entries.length > 0 ? (
          <EntriesTable
            view={data}
            several={scope.sites.length > 1}
            off={why}
            doing={doing}
            changed={retry}
            onEdit={(each) => setDraft({ entry: each })}
          />
        ) : null}
      </Panel>
      {open && data ? (
        <EntryDialog
          key={open.entry?.id ?? "new"}
          draft={open}
          entries={data.entries}
          sites={sites}
          onClose={close}
          onSaved={() => {
            close();
            retry();
          }}
        />
      ) : null}
      {importing ? <ImportDialog onClose={() => setImporting(false)} onImported={retry} /> : null}
    </div>
  );
}
