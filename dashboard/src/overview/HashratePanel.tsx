import { useMemo } from "react";
import type { LivePoint } from "../feed/liveTail.js";
import { useFeed } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Problem } from "../parts/Problem.js";
import type { ChartLevel, ChartLine } from "../series/chartOptions.js";
import { mergeWindow } from "../series/mergeWindow.js";
import { SeriesChart } from "../series/SeriesChart.js";
import type { Scope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { knownAlgos, mainAlgo, type ScopeHistory } from "./useScopeHistory.js";

const DAY_MS = 86_400_000;
/** A young fleet's chart spans at least so much. */
const LEAST_MS = 120_000;
const FIELDS = ["hashrateThs", "nominalThs"];
/** Totals come at least once a minute while a fleet is alive. */
const HOLD_MS = 60_000;

/** The day's hashrate against nominal; it continues with every live total. */
export function HashratePanel({ scope, history }: { scope: Scope; history: ScopeHistory }) {
  const { t, format } = useWords();
  const feed = useFeed();
  const algo = mainAlgo(scope) ?? "";
  const toMs = scope.totals.serverMs;
  const live = feed.totalsTail(scope.key).points.map(
    ({ atMs, values }): LivePoint => ({
      atMs,
      values: {
        hashrateThs: values[`hashrateThs:${algo}`] ?? null,
        nominalThs: values[`nominalThs:${algo}`] ?? null,
      },
    }),
  );
  // A fleet that is younger than a day fills the chart from its first reading on.
  const hash = history.fineHash ?? history.hash;
  const first = hash?.columns.hashrateThs?.findIndex((value) => value !== null) ?? -1;
  const firstMs = Math.min(
    first < 0 ? toMs : (hash?.tMs[first] ?? toMs),
    live.find(({ values }) => values.hashrateThs !== null)?.atMs ?? toMs,
  );
  const loaded = history.hash !== undefined || history.error !== undefined;
  const fromMs = Math.max(toMs - DAY_MS, loaded ? Math.min(firstMs, toMs - LEAST_MS) : 0);
  const young = fromMs > toMs - DAY_MS + HOLD_MS;
  const merged = mergeWindow(hash, live, { fromMs, toMs, fields: FIELDS, holdMs: HOLD_MS });
  // Before a young fleet's first reading nothing was missed.
  const data = young ? { ...merged, gaps: merged.gaps.filter(([gapMs]) => gapMs > firstMs) } : merged;
  const now = scope.sums.algos.find((each) => each.algo === algo);
  const nominal = format.hashrate(now?.nominalThs);
  const covers =
    now?.nominalRigs !== undefined && now.nominalRigs < now.rigs
      ? `, ${t("figure.ofRigs", { n: format.number(now.nominalRigs, 0), total: format.number(now.rigs, 0) })}`
      : "";
  const nominalLabel = t("level.nominal", { value: `${nominal.text} ${nominal.unit}${covers}` });
  // Where the history knows no nominal, since some rig has none, the present one stands as a level.
  const withNominal = history.hash?.columns.nominalThs?.some((value) => value !== null) === true;
  const lines = useMemo((): ChartLine[] => {
    const hashrate: ChartLine = { field: "hashrateThs", label: t("field.hashrate"), colour: "--accent" };
    const line: ChartLine = { field: "nominalThs", label: t("field.nominal"), colour: "--ink3", dash: true };
    return withNominal ? [hashrate, line] : [hashrate];
  }, [t, withNominal]);
  const level = now?.nominalThs;
  const levels: ChartLevel[] =
    withNominal || level === null || level === undefined
      ? []
      : [{ value: level, label: nominalLabel, colour: "--ink3" }];
  return (
    <Panel
      title={young ? t("hashrate.young") : t("hashrate.title")}
      note={young ? t("hashrate.since", { time: format.clock(firstMs, scope.zone) }) : t("hashrate.note")}
      aside={knownAlgos(scope).length > 1 ? algo : undefined}
    >
      {history.error && !history.hash ? <Problem error={history.error} onRetry={history.retry} /> : null}
      <SeriesChart
        label={t("hashrate.young")}
        data={data}
        fromMs={fromMs}
        toMs={toMs}
        zone={scope.zone}
        kind="hashrate"
        lines={lines}
        levels={levels}
        endLabels={withNominal && nominal.unit ? { nominalThs: nominalLabel } : {}}
        height={190}
      />
    </Panel>
  );
}
