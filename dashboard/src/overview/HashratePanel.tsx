import { useMemo } from "react";
import type { LivePoint } from "../feed/liveTail.js";
import { useFeed } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Problem } from "../parts/Problem.js";
import type { ChartLine } from "../series/chartOptions.js";
import { mergeWindow } from "../series/mergeWindow.js";
import { SeriesChart } from "../series/SeriesChart.js";
import type { Scope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { mainAlgo, type ScopeHistory } from "./useScopeHistory.js";

const DAY_MS = 86_400_000;
const FIELDS = ["hashrateThs", "nominalThs"];
/** Totals come at least once a minute while a fleet is alive. */
const HOLD_MS = 60_000;

/** The day's hashrate against nominal; it continues with every live total. */
export function HashratePanel({ scope, history }: { scope: Scope; history: ScopeHistory }) {
  const { t, format } = useWords();
  const feed = useFeed();
  const algo = mainAlgo(scope) ?? "";
  const toMs = scope.totals.serverMs;
  const fromMs = toMs - DAY_MS;
  const live = feed.totalsTail(scope.key).points.map(
    ({ atMs, values }): LivePoint => ({
      atMs,
      values: {
        hashrateThs: values[`hashrateThs:${algo}`] ?? null,
        nominalThs: values[`nominalThs:${algo}`] ?? null,
      },
    }),
  );
  const data = mergeWindow(history.hash, live, { fromMs, toMs, fields: FIELDS, holdMs: HOLD_MS });
  const nominal = format.hashrate(scope.sums.algos.find((each) => each.algo === algo)?.nominalThs);
  const lines = useMemo(
    (): ChartLine[] => [
      { field: "hashrateThs", label: t("field.hashrate"), colour: "--accent" },
      { field: "nominalThs", label: t("field.nominal"), colour: "--ink3", dash: true },
    ],
    [t],
  );
  return (
    <Panel
      title={t("hashrate.title")}
      note={t("hashrate.note")}
      aside={scope.sums.algos.length > 1 ? algo : undefined}
    >
      {history.error && !history.hash ? <Problem error={history.error} onRetry={history.retry} /> : null}
      <SeriesChart
        label={t("hashrate.title")}
        data={data}
        fromMs={fromMs}
        toMs={toMs}
        zone={scope.zone}
        kind="hashrate"
        lines={lines}
        endLabels={
          nominal.unit ? { nominalThs: t("level.nominal", { value: `${nominal.text} ${nominal.unit}` }) } : {}
        }
        height={190}
      />
    </Panel>
  );
}
