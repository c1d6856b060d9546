import type { ChangePreview, Setting, SettingsImport, TariffPreview } from "@hashwatt/protocol/settings";
import { useRef, useState } from "react";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useIntoView } from "../parts/useIntoView.js";
import { ChangeNote } from "./ChangeNote.js";
import { Field } from "./Field.js";
import { PriceChart, RepriceNote } from "./PriceChart.js";
import style from "./Settings.module.css";
import {
  type Body,
  type Collection,
  importYaml,
  previewChange,
  previewTariffs,
  putDocument,
} from "./settingsApi.js";
import { useSettingsWords } from "./settingsWords.js";
import { TariffForm } from "./TariffForm.js";
import { TermForm } from "./TermForm.js";
import { newTariff, type TariffDraft, tariffBody, tariffDraft } from "./tariffDraft.js";
import { fits, TERM_FIELDS, type TermDraft, termBody, termDraft } from "./termFields.js";
import { toYaml } from "./toYaml.js";
import { YamlEditor } from "./YamlEditor.js";

interface DocumentDialogProps {
  collection: Collection;
  /** The document to change; absent for a new one. */
  setting?: Setting | undefined;
  sites: readonly { site: string; name: string; currency: string; zone: string }[];
  /** The site of a new one. */
  site: string;
  today: string;
  onClose(): void;
  /** Saved; `fromMs` says from when on something is priced anew. */
  onSaved(fromMs: number | undefined): void;
}

/** What is in a form, whichever it is. */
type Draft = { tariff: TariffDraft } | { term: TermDraft };

function draftOf(
  collection: Collection,
  body: Body | undefined,
  currency: string,
  today: string,
): Draft | undefined {
  if (collection === "tariffs") {
    const tariff = body ? tariffDraft(body) : newTariff(currency, today);
    return tariff && { tariff };
  }
  const fields = TERM_FIELDS[collection];
  if (body && !fits(fields, body)) return undefined;
  return { term: termDraft(fields, body ?? { validFrom: today }) };
}

const bodyOf = (collection: Collection, draft: Draft): Body =>
  "tariff" in draft || collection === "tariffs"
    ? tariffBody((draft as { tariff: TariffDraft }).tariff)
    : termBody(TERM_FIELDS[collection], draft.term);

/** The editor of one document: by a form where that has a place for all of it, else as YAML; a tariff shows what it comes to first. */
export function DocumentDialog({
  collection,
  setting,
  sites,
  site: first,
  today,
  onClose,
  onSaved,
}: DocumentDialogProps) {
  const { t } = useSettingsWords();
  const doing = useDoing();
  const everywhere = collection === "sources";
  const [site, setSite] = useState(setting?.site ?? (everywhere ? "" : first));
  const currency = sites.find((each) => each.site === site)?.currency ?? "USD";
  const held = setting?.body as Body | undefined;
  const [draft, setDraft] = useState<Draft | undefined>(() => draftOf(collection, held, currency, today));
  const [yaml, setYaml] = useState<string>();
  const [checked, setChecked] = useState<SettingsImport>();
  const [preview, setPreview] = useState<TariffPreview>();
  const [change, setChange] = useState<ChangePreview>();
  /** The form was asked for while the YAML says what the form does not. */
  const [losing, setLosing] = useState(false);
  const asYaml = yaml !== undefined || draft === undefined;
  const written = (body: Body | undefined) =>
    toYaml({ hashwatt: 1, [collection]: { [site || "*"]: [body ?? { id: "new" }] } });
  const text = yaml ?? written(held);
  /** Grows with every change: an answer about what stood there before says nothing of what stands there now. */
  const changes = useRef(0);
  const forget = () => {
    changes.current++;
    setPreview(undefined);
    setChange(undefined);
    setChecked(undefined);
    setLosing(false);
  };
  const edit = (next: Draft) => {
    setDraft(next);
    forget();
  };
  const toSite = (next: string) => {
    setSite(next);
    forget();
  };
  const edited = draft !== undefined && yaml !== undefined && yaml !== written(bodyOf(collection, draft));
  const toMode = (mode: "form" | "yaml") => {
    if (mode === "form" && edited) return setLosing(true);
    changes.current++;
    setChecked(undefined);
    setLosing(false);
    setYaml(mode === "yaml" && draft ? written(bodyOf(collection, draft)) : undefined);
  };
  const lose = () => {
    forget();
    setYaml(undefined);
  };
  /** Asks, and takes the answer unless something was changed meanwhile. */
  const ask = <T,>(question: () => Promise<T>, take: (answer: T) => void) =>
    void doing.run(async () => {
      const asked = changes.current;
      const answer = await question();
      if (asked === changes.current) take(answer);
    });
  const check = () => ask(() => importYaml(text, true), setChecked);
  const look = () => {
    if (!draft) return;
    const body = bodyOf(collection, draft);
    if (collection === "tariffs") ask(() => previewTariffs(site, [body]), setPreview);
    else ask(() => previewChange(collection, site, body), setChange);
  };
  const save = async () => {
    let fromMs: number | undefined;
    const done = await doing.run(async () => {
      if (asYaml) {
        const result = await importYaml(text, false);
        setChecked(result);
        if (!result.applied) throw new Error("not taken");
        return;
      }
      const body = bodyOf(collection, draft);
      const { reprice } = await putDocument(collection, site, String(body.id), body, setting?.etag);
      fromMs = reprice.length > 0 ? Math.min(...reprice.map((each) => each.fromMs)) : undefined;
    });
    if (done) onSaved(fromMs);
  };
  const found = useIntoView<HTMLDivElement>(preview ?? change);
  const needsLook = !asYaml && collection === "tariffs" && !preview;
  const ready = asYaml ? checked !== undefined && checked.errors.length === 0 : !needsLook;
  return (
    <Dialog
      title={`${t(setting ? "set.edit" : "set.add")} · ${t(`set.${collection}`)}`}
      onClose={onClose}
      actions={
        <>
          {needsLook ? <span className={style.dim}>{t("set.previewFirst")}</span> : null}
          <button type="button" className={controls.button} onClick={onClose}>
            {t("set.cancel")}
          </button>
          {asYaml ? (
            <button type="button" className={controls.button} aria-disabled={doing.busy} onClick={check}>
              {t("set.check")}
            </button>
          ) : null}
          {!asYaml ? (
            <button type="button" className={controls.button} aria-disabled={doing.busy} onClick={look}>
              {t("set.preview")}
            </button>
          ) : null}
          <button
            type="button"
            className={controls.go}
            disabled={!ready || doing.busy}
            onClick={() => void save()}
          >
            {t("set.save")}
          </button>
        </>
      }
    >
      <div className={style.modes}>
        {draft ? (
          <Choice
            label={t("set.how")}
            options={[
              { value: "form", text: t("set.form") },
              { value: "yaml", text: t("set.yaml") },
            ]}
            value={asYaml ? "yaml" : "form"}
            onChoose={toMode}
          />
        ) : (
          <p className={style.dim}>{t("set.yamlOnly")}</p>
        )}
        {asYaml || everywhere ? null : (
          <Field
            label={t("set.site")}
            name="site"
            value={site}
            disabled={setting !== undefined}
            options={sites.map((each) => ({ value: each.site, text: each.name }))}
            onChange={toSite}
          />
        )}
      </div>
      {losing ? (
        <div className={style.tools} role="alert" data-testid="yamlLost">
          <span className={style.bad}>! {t("set.yamlLost")}</span>
          <button type="button" className={controls.danger} onClick={lose}>
            {t("set.yamlLose")}
          </button>
        </div>
      ) : null}
      {asYaml ? (
        <>
          <p className={style.dim}>{t("set.yamlHint")}</p>
          <YamlEditor
            text={text}
            result={checked}
            onChange={(next) => {
              setYaml(next);
              forget();
            }}
          />
        </>
      ) : "tariff" in draft ? (
        <TariffForm draft={draft.tariff} fresh={!setting} onChange={(tariff) => edit({ tariff })} />
      ) : collection === "tariffs" ? null : (
        <TermForm
          fields={TERM_FIELDS[collection]}
          draft={draft.term}
          fresh={!setting}
          onChange={(term) => edit({ term })}
        />
      )}
      {doing.error && !(asYaml && checked && checked.errors.length > 0) ? (
        <Problem error={doing.error} />
      ) : null}
      <div ref={found}>
        {change && !asYaml ? <ChangeNote preview={change} sites={sites} /> : null}
        {preview && !asYaml ? (
          <>
            <PriceChart preview={preview} />
            <RepriceNote preview={preview} />
          </>
        ) : null}
      </div>
    </Dialog>
  );
}
