import type { Setting, TariffPreview } from "@hashwatt/protocol/settings";
import { useState } from "react";
import { getJson, query } from "../feed/fetchApi.js";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import table from "../money/MoneyTable.module.css";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { shortName } from "../parts/shortName.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import type { Scope } from "../shell/useScope.js";
import { useRefusal } from "../words/useSaid.js";
import { DocumentDialog } from "./DocumentDialog.js";
import { PriceChart } from "./PriceChart.js";
import style from "./Settings.module.css";
import { type Body, type Collection, fetchDocuments, removeDocument } from "./settingsApi.js";
import { type SettingsWords, useSettingsWords } from "./settingsWords.js";
import { useSettingsSites } from "./useSettingsSites.js";

const REFRESH_MS = 60_000;

/** The most telling figures of a document, in a few words. */
function saysOf(collection: Collection, body: Body, { t, format }: SettingsWords): string {
  const number = (value: unknown) => (typeof value === "number" ? format.plain(value) : "—");
  const currency = typeof body.currency === "string" ? ` ${body.currency}` : "";
  switch (collection) {
    case "tariffs": {
      const energy = (body.energy ?? {}) as Body;
      const kind = String(energy.kind);
      const prices =
        kind === "flat"
          ? [energy.price]
          : kind === "timeOfUse"
            ? Object.values((energy.bands ?? {}) as Body)
            : kind === "tiered" && Array.isArray(energy.tiers)
              ? (energy.tiers as Body[]).map(({ price }) => price)
              : [];
      const known = prices.filter((price): price is number => typeof price === "number");
      const [low, high] = [Math.min(...known), Math.max(...known)];
      const span = known.length === 0 ? "" : low === high ? number(low) : `${number(low)}–${number(high)}`;
      const name =
        kind === "flat" || kind === "timeOfUse" || kind === "tiered" || kind === "capped" || kind === "series"
          ? t(`set.kind.${kind}`)
          : kind;
      const demand = Array.isArray(body.demand) && body.demand.length > 0 ? ` · ${t("set.demand")}` : "";
      return `${name}${span ? ` ${span}${currency}/kWh` : ""}${demand}`;
    }
    case "pools":
      return `${body.algorithm === undefined ? "" : `${String(body.algorithm)} · `}${String(body.scheme)} ${number(body.feePercent)} %`;
    case "contracts":
      return `${number(body.kgPerKwh ?? 0)} kg/kWh`;
    case "overhead":
      return body.kind === "constant" ? number(body.factor) : String(body.cooling ?? "");
    case "sources":
      return String(body.kind);
    case "costs":
      return `${number(body.perMonth)} · ${t("set.perMonth")}`;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

interface DocumentsPanelProps {
  /** Sources have a panel of their own, which says how they are. */
  collection: Exclude<Collection, "sources">;
  scope: Scope;
}

/** Of more sites only the first ones' prices are drawn; choosing a site shows its own. */
const MOST_CHARTS = 4;

/** Prices of a site over the hours to come, as its tariffs stand; `version` names what stands, `name` the site where there are several. */
function PricesNow({ site, version, name }: { site: string; version: string; name: string | undefined }) {
  const { data } = useFetched(
    `preview ${site} ${version}`,
    (signal) => getJson<TariffPreview>(`/api/settings/preview?${query({ site })}`, signal),
    REFRESH_MS * 5,
  );
  return data ? <PriceChart preview={data} site={name} /> : null;
}

/** Documents of one kind with their validity: looked through, added, changed and removed. */
export function DocumentsPanel({ collection, scope }: DocumentsPanelProps) {
  const words = useSettingsWords();
  const { t, format } = words;
  const refused = useRefusal();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const { data, atMs, error, retry } = useFetched(
    `settings ${collection}`,
    (signal) => fetchDocuments(collection, signal),
    REFRESH_MS,
  );
  const [open, setOpen] = useState<{ setting?: Setting }>();
  const [saved, setSaved] = useState<string>();
  const sites = useSettingsSites(scope);
  const shown = (data ?? []).filter(({ site }) => site === "" || sites.some((each) => each.site === site));
  const nameOf = (site: string) => sites.find((each) => each.site === site)?.name ?? site;
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: scope.zone }).format(nowMs);
  return (
    <Panel title={t(`set.${collection}`)} note={t(`set.note.${collection}`)}>
      <div className={style.tools}>
        <button
          type="button"
          className={controls.go}
          disabled={!may || sites.length === 0}
          title={why}
          onClick={() => setOpen({})}
        >
          {t("set.add")}
        </button>
        {why ? <span className={style.dim}>{why}</span> : null}
        {saved ? (
          <span className={style.dim} role="status">
            {saved}
          </span>
        ) : null}
      </div>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("set.loading")} height={120} /> : null}
      {data && shown.length === 0 ? <Waiting text={t(`set.none.${collection}`)} /> : null}
      {shown.length > 0 ? (
        <table className={table.table} data-testid="documents">
          <thead>
            <tr>
              <th scope="col">{t("set.name")}</th>
              {sites.length > 1 ? <th scope="col">{t("set.site")}</th> : null}
              <th scope="col">{t("set.what")}</th>
              <th scope="col">{t("set.valid")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {shown.map((setting) => {
              const body = setting.body as Body;
              const source = textOf(body.source);
              return (
                <tr key={`${setting.site} ${setting.id}`} data-document={setting.id}>
                  <th scope="row">
                    {textOf(body.name) || setting.id}
                    <small>
                      {setting.id} · <LongText short={shortName(source)} text={source} />
                    </small>
                    {setting.problems?.map((problem) => (
                      <small key={problem} className={table.loss}>
                        ! {t("set.problem", { problem: refused(problem) })}
                      </small>
                    ))}
                  </th>
                  {sites.length > 1 ? <td data-label={t("set.site")}>{nameOf(setting.site)}</td> : null}
                  <td data-label={t("set.what")}>{saysOf(collection, body, words)}</td>
                  <td data-label={t("set.valid")}>
                    {body.validTo === undefined
                      ? t("set.since", { from: textOf(body.validFrom) })
                      : t("set.fromTo", { from: textOf(body.validFrom), to: textOf(body.validTo) })}
                  </td>
                  <td>
                    <div className={style.actions}>
                      <button
                        type="button"
                        className={controls.button}
                        disabled={!may}
                        title={why}
                        onClick={() => setOpen({ setting })}
                      >
                        {t("set.edit")}
                      </button>
                      <SureButton
                        text={t("set.remove")}
                        sure={t("set.removeSure")}
                        off={why}
                        onSure={() =>
                          void doing
                            .queue(() => removeDocument(collection, setting))
                            .then((done) => done && retry())
                        }
                      />
                    </div>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
      {collection === "tariffs"
        ? sites
            .slice(0, MOST_CHARTS)
            .map(({ site, name }) => (
              <PricesNow
                key={site}
                site={site}
                name={sites.length > 1 ? name : undefined}
                version={shown.map(({ id, etag }) => `${id} ${etag}`).join()}
              />
            ))
        : null}
      {open ? (
        <DocumentDialog
          key={open.setting?.id ?? "new"}
          collection={collection}
          setting={open.setting}
          sites={sites}
          site={scope.sites[0]?.site ?? sites[0]?.site ?? ""}
          today={today}
          onClose={() => setOpen(undefined)}
          onSaved={(fromMs) => {
            setOpen(undefined);
            setSaved(
              fromMs === undefined || fromMs > nowMs
                ? t("set.saved")
                : t("set.repriced", { from: format.date(fromMs, scope.zone) }),
            );
            retry();
          }}
        />
      ) : null}
    </Panel>
  );
}
