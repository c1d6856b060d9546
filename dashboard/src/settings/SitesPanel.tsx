import type { SiteSettings } from "@hashwatt/protocol/settings";
import { useState } from "react";
import { useFetched } from "../feed/useFeed.js";
import table from "../money/MoneyTable.module.css";
import { Notices } from "../money/RegionNotices.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { Field } from "./Field.js";
import style from "./Settings.module.css";
import { fetchSiteSettings, putSite } from "./settingsApi.js";
import { useSettingsWords } from "./settingsWords.js";

const REFRESH_MS = 60_000;

interface SiteDialogProps {
  site?: SiteSettings | undefined;
  onClose(): void;
  onSaved(): void;
}

function SiteDialog({ site, onClose, onSaved }: SiteDialogProps) {
  const { t } = useSettingsWords();
  const doing = useDoing();
  const [values, setValues] = useState({
    id: site?.site ?? "",
    name: site?.name ?? "",
    zone: site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    currency: site?.currency ?? "USD",
    gridRegion: site?.gridRegion ?? "",
    gridYear: site?.gridYear == null ? "" : String(site.gridYear),
    price: "",
    fx: "",
  });
  const field = (key: keyof typeof values, label: string, hint?: string, number = false) => (
    <Field
      label={label}
      name={key}
      value={values[key]}
      hint={hint}
      {...(number && { type: "number" as const })}
      disabled={key === "id" && site !== undefined}
      onChange={(value) => setValues((before) => ({ ...before, [key]: value }))}
    />
  );
  /** What is no number goes as it is: the server says so. */
  const number = (text: string) =>
    Number.isFinite(Number(text)) ? Number(text) : (text as unknown as number);
  const save = async () => {
    const { id, name, zone, currency, gridRegion, gridYear, price, fx } = values;
    const done = await doing.run(() =>
      putSite(
        id.trim(),
        {
          name: name.trim(),
          zone: zone.trim(),
          currency: currency.trim().toUpperCase(),
          gridRegion: gridRegion.trim() || null,
          gridYear: gridYear.trim() ? number(gridYear.trim()) : null,
          demo: site?.demo ?? false,
          ...(price.trim() && { price: number(price.trim()) }),
          ...(fx.trim() && { fxPerUsd: number(fx.trim()) }),
        },
        site?.etag,
      ),
    );
    if (done) onSaved();
  };
  return (
    <Dialog
      title={site ? `${t("set.edit")} · ${site.name}` : t("set.newSite")}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("set.cancel")}
          </button>
          <button
            type="button"
            className={controls.go}
            disabled={!values.id.trim() || !values.name.trim()}
            aria-disabled={doing.busy}
            onClick={() => void save()}
          >
            {t("set.save")}
          </button>
        </>
      }
    >
      <div className={style.grid} data-testid="siteForm">
        {field("id", t("set.id"), t("set.idHint"))}
        {field("name", t("set.name"))}
        {field("zone", t("set.zone"), t("set.zoneHint"))}
        {field("currency", t("set.currency"))}
        {field("gridRegion", t("set.grid"), t("set.gridHint"))}
        {field(
          "gridYear",
          t("set.gridYear"),
          site?.gridYears.length
            ? t("set.gridYears", { years: site.gridYears.join(", ") })
            : t("set.gridYearHint"),
          true,
        )}
        {field("price", t("set.priceNow"), t("set.priceHint"), true)}
        {values.currency.trim().toUpperCase() === "USD"
          ? null
          : field("fx", t("set.fx", { currency: values.currency }), t("set.fxHint"), true)}
      </div>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}

/** Every site with its zone, currency and grid, and what the law of its region says. */
export function SitesPanel() {
  const { t, format } = useSettingsWords();
  const { may, why } = useMay("operator");
  const { data, atMs, error, retry } = useFetched("site settings", fetchSiteSettings, REFRESH_MS);
  const [open, setOpen] = useState<{ site?: SiteSettings }>();
  const notices = [
    ...new Map(
      (data ?? [])
        .flatMap((site) => site.notices)
        .map((notice) => [`${notice.region} ${notice.fact}`, notice]),
    ).values(),
  ];
  return (
    <>
      {notices.length > 0 ? <Notices notices={notices} /> : null}
      <Panel title={t("set.sites")} note={t("set.sitesNote")}>
        <div className={style.tools}>
          <button
            type="button"
            className={controls.go}
            disabled={!may}
            title={why}
            onClick={() => setOpen({})}
          >
            {t("set.add")}
          </button>
          {why ? <span className={style.dim}>{why}</span> : null}
        </div>
        <FetchProblem error={error} atMs={atMs} retry={retry} />
        {!data && !error ? <Waiting text={t("set.loading")} height={120} /> : null}
        {data && data.length > 0 ? (
          <table className={table.table} data-testid="siteSettings">
            <thead>
              <tr>
                <th scope="col">{t("set.site")}</th>
                <th scope="col">{t("set.zone")}</th>
                <th scope="col">{t("set.currency")}</th>
                <th scope="col">{t("set.grid")}</th>
                <th scope="col">{t("set.prices")}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.map((site) => {
                const last = site.prices.at(-1);
                return (
                  <tr key={site.site} data-site={site.site}>
                    <th scope="row">
                      {site.name}
                      <small>{site.site}</small>
                    </th>
                    <td data-label={t("set.zone")}>{site.zone}</td>
                    <td data-label={t("set.currency")}>{site.currency}</td>
                    <td data-label={t("set.grid")}>
                      {site.gridRegion ?? t("set.gridNone")}
                      {site.gridRegion === null ? null : (
                        <small>
                          {site.gridYear === null
                            ? t("set.gridYearNewest", { year: String(site.gridYears[0] ?? "—") })
                            : t("set.gridYearSet", { year: String(site.gridYear) })}
                        </small>
                      )}
                    </td>
                    <td data-label={t("set.prices")}>
                      {last
                        ? `${format.plain(last.pricePerKwh)} ${last.currency}/kWh${last.validFromMs > 0 ? `, ${t("set.since", { from: format.date(last.validFromMs, site.zone) })}` : ""}`
                        : "—"}
                    </td>
                    <td>
                      <div className={style.actions}>
                        <button
                          type="button"
                          className={controls.button}
                          disabled={!may}
                          title={why}
                          onClick={() => setOpen({ site })}
                        >
                          {t("set.edit")}
                        </button>
                      </div>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ) : null}
      </Panel>
      {open ? (
        <SiteDialog
          key={open.site?.site ?? "new"}
          site={open.site}
          onClose={() => setOpen(undefined)}
          onSaved={() => {
            setOpen(undefined);
            retry();
          }}
        />
      ) : null}
    </>
  );
}
