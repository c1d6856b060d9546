import { useMemo } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFeed, useRead } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import { Panel } from "../parts/Panel.js";
import panel from "../parts/Panel.module.css";
import { Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { replayId } from "../replay/replayId.js";
import { useScope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { TABLE_COLUMNS } from "./columns.js";
import style from "./FleetPage.module.css";
import { COLOURS, type FleetQuery, fleetPath, parseFleetQuery } from "./fleetQuery.js";
import { HeatLegend, HeatMap } from "./HeatMap.js";
import { isRegisterList, RegisterTable, useRegister } from "./RegisterTable.js";
import { RigTable } from "./RigTable.js";
import { useNaturalOrder, useRowOrder } from "./useRowOrder.js";

const STATES = ["mining", "starting", "idle", "sleeping", "fault", "unreachable", "stale"] as const;
const FILTERS = [...STATES, "faults", "alert"] as const;

/** The fleet as a heat-map and as a table; what is filtered and how it is sorted stands in the address. */
export function FleetPage() {
  const { t, format } = useWords();
  usePageTitle(t("nav.fleet"));
  const { fleet } = useFeed();
  const structure = useRead(fleet.structure);
  const scope = useScope();
  const search = useSearch();
  const [, navigate] = useLocation();
  const query = useMemo(() => parseFleetQuery(search), [search]);
  const natural = useNaturalOrder(scope?.key ?? "");
  const rigs = useRowOrder(natural, query);
  const register = useRegister(scope?.key ?? "");
  const counts = {
    missing: register.data?.missing,
    unexpected: register.data?.unexpected.length,
  };
  const change = (next: Partial<FleetQuery>) => navigate(fleetPath({ ...query, ...next }), { replace: true });

  // biome-ignore lint/correctness/useExhaustiveDependencies: models change in place, structure says when
  const models = useMemo(() => {
    const { table } = fleet;
    const all = new Set(
      natural.map((rig) => table.text("model", table.row(rig) ?? -1)).filter((model) => model !== null),
    );
    return [...all].sort();
  }, [natural, structure]);
  const sites = scope?.sites;
  const siteNames = useMemo(
    () => Object.fromEntries((sites ?? []).map((each) => [each.site, each.name])),
    [sites],
  );
  const key = JSON.stringify((sites ?? []).map((each) => [each.site, each.currency]));
  const currencies = useMemo(() => Object.fromEntries(JSON.parse(key)) as Record<string, string>, [key]);
  const namesKey = JSON.stringify(siteNames);
  const names = useMemo(() => JSON.parse(namesKey) as Record<string, string>, [namesKey]);

  if (structure === 0 || !scope) return <Waiting text={t("fleet.loading")} height={300} />;
  if (natural.length === 0) return <Waiting text={t("fleet.empty")} height={300} />;
  const shown = isRegisterList(query.status) ? counts[query.status] : rigs.length;
  const filtered = query.text !== "" || query.status !== "" || query.model !== "";
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("nav.fleet")}</h1>
      <Panel
        title={t("fleet.map")}
        note={t(`colour.${query.colour}.note`)}
        aside={
          <Choice
            label={t("colour.choose")}
            options={COLOURS.map((value) => ({ value, text: t(`colour.${value}`) }))}
            value={query.colour}
            onChoose={(colour) => change({ colour })}
          />
        }
      >
        <HeatMap rigs={natural} colour={query.colour} mostHeight={300} />
        <div style={{ marginTop: 10 }}>
          <HeatLegend colour={query.colour} />
        </div>
      </Panel>
      <section className={`${panel.panel} ${style.table}`} aria-label={t("fleet.table")}>
        <div className={`${style.tools} ${style.toolbar}`}>
          <input
            className={style.search}
            type="search"
            value={query.text}
            onChange={(event) => change({ text: event.target.value })}
            placeholder={t("fleet.search")}
            aria-label={t("fleet.search")}
          />
          <select
            className={style.select}
            aria-label={t("field.status")}
            value={query.status}
            onChange={(event) => change({ status: event.target.value })}
          >
            <option value="">{t("fleet.anyStatus")}</option>
            {FILTERS.map((status) => {
              const n =
                status === "alert"
                  ? scope.sums.alertsFiring
                  : status === "faults"
                    ? undefined
                    : scope.sums.byStatus[status];
              return (
                <option key={status} value={status}>
                  {t(`status.${status}`)}
                  {n ? ` · ${format.number(n, 0)}` : ""}
                </option>
              );
            })}
            {(["missing", "unexpected"] as const).map((list) => (
              <option key={list} value={list}>
                {t(`register.${list}`)}
                {counts[list] ? ` · ${format.number(counts[list], 0)}` : ""}
              </option>
            ))}
          </select>
          <select
            className={style.select}
            aria-label={t("field.model")}
            value={query.model}
            onChange={(event) => change({ model: event.target.value })}
          >
            <option value="">{t("fleet.anyModel")}</option>
            {models.map((model) => (
              <option key={model} value={model}>
                {model}
              </option>
            ))}
          </select>
          <span className={style.sort}>
            <select
              className={style.select}
              aria-label={t("fleet.sort")}
              value={query.sort}
              onChange={(event) => {
                const column = TABLE_COLUMNS.find(({ key }) => key === event.target.value);
                if (column) change({ sort: column.key, descending: column.number });
              }}
            >
              {TABLE_COLUMNS.filter(({ key }) => key !== "site" || Object.keys(names).length > 1).map(
                ({ key, word }) => (
                  <option key={key} value={key}>
                    {t("fleet.sort")}: {t(word)}
                  </option>
                ),
              )}
            </select>
            <button
              type="button"
              className={style.direction}
              aria-label={t(query.descending ? "fleet.descending" : "fleet.ascending")}
              onClick={() => change({ descending: !query.descending })}
            >
              {query.descending ? "↓" : "↑"}
            </button>
          </span>
          {filtered ? (
            <button
              type="button"
              className={style.clear}
              onClick={() => change({ text: "", status: "", model: "" })}
            >
              {t("fleet.clear")}
            </button>
          ) : null}
          {replayId === undefined ? (
            <Link href="/fleet/register" className={style.register}>
              {t("register.title")}
            </Link>
          ) : null}
          <span className={style.count} data-testid="fleet-count">
            {t("fleet.count", { n: format.number(shown, 0), total: format.number(natural.length, 0) })}
          </span>
        </div>
        {isRegisterList(query.status) ? (
          <RegisterTable list={query.status} register={register} />
        ) : (
          <RigTable
            rigs={rigs}
            query={query}
            onSort={(sort, descending) => change({ sort, descending })}
            siteNames={names}
            currencies={currencies}
          />
        )}
      </section>
    </div>
  );
}
