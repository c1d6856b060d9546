import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { axisUnit, type Shown } from "../format.js";
import { useWidth } from "../parts/useWidth.js";
import { useThemeVersion } from "../theme/themeStore.js";
import { useWords } from "../words/words.js";
import { type ChartLevel, type ChartLine, type ChartState, chartOptions } from "./chartOptions.js";
import type { Merged } from "./mergeWindow.js";
import style from "./SeriesChart.module.css";

interface SeriesChartProps {
  /** Says what is drawn, for people who do not see it. */
  label: string;
  data: Merged;
  fromMs: number;
  toMs: number;
  /** IANA zone of the x axis. */
  zone: string;
  kind: "hashrate" | "power" | "temp" | "humidity";
  lines: readonly ChartLine[];
  levels?: readonly ChartLevel[];
  endLabels?: Readonly<Record<string, string>>;
  /** Labels of the charts that share the times with this one. */
  alongside?: readonly string[];
  height: number;
}

const NO_LEVELS: readonly ChartLevel[] = [];
const NO_LABELS = {};
const NO_TEXTS: readonly string[] = [];

function columnsOf(data: Merged, lines: readonly ChartLine[]): uPlot.AlignedData {
  const bands = lines.flatMap((line) => line.band ?? []);
  const fields = [...lines.map((line) => line.field), ...bands];
  return [data.tMs, ...fields.map((field) => data.columns[field] ?? [])];
}

const validZone = (zone: string): string => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
};

/** A chart over time: gaps hatched, levels dashed, and under the pointer the value with its time and age. */
export function SeriesChart(props: SeriesChartProps) {
  const {
    label,
    data,
    fromMs,
    toMs,
    zone,
    kind,
    lines,
    levels = NO_LEVELS,
    endLabels = NO_LABELS,
    alongside = NO_TEXTS,
    height,
  } = props;
  const { t, format, span } = useWords();
  const theme = useThemeVersion();
  const [ref, width] = useWidth<HTMLDivElement>();
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const state = useRef<ChartState>(undefined);

  let most = 0;
  let empty = true;
  for (const line of lines)
    for (const value of data.columns[line.field] ?? []) {
      if (value === null) continue;
      empty = false;
      if (value > most) most = value;
    }
  for (const level of levels) if (level.value > most) most = level.value;
  // A rig that stands at zero is measured in the unit it would run at.
  const { factor, unit } = axisUnit(kind, most > 0 ? most : 1);
  const show = (value: number): Shown =>
    kind === "hashrate"
      ? format.hashrate(value)
      : kind === "power"
        ? format.power(value)
        : kind === "humidity"
          ? format.percent(value)
          : format.temp(value);

  const present: ChartState = {
    fromMs,
    toMs,
    gaps: data.gaps,
    levels,
    endLabels,
    alongside,
    factor,
    unit,
    clock: (ms) => format.clock(ms, zone),
    day: (ms) => format.day(ms, zone),
    number: (value, decimals) => format.number(value, decimals),
  };

  const onCursor = useRef<(u: uPlot) => void>(undefined);
  onCursor.current = (u) => {
    const element = tip.current;
    const { idx, left } = u.cursor;
    if (!element) return;
    if (idx === null || idx === undefined || left === undefined || left < 0) {
      element.hidden = true;
      return;
    }
    const atMs = data.tMs[idx];
    const parts = lines.flatMap((line) => {
      const value = data.columns[line.field]?.[idx];
      if (value === null || value === undefined) return [];
      const shown = show(value);
      const low = line.band && data.columns[line.band[0]]?.[idx];
      const high = line.band && data.columns[line.band[1]]?.[idx];
      const range =
        typeof low === "number" && typeof high === "number" ? ` (${show(low).text}–${show(high).text})` : "";
      return [`${lines.length > 1 ? `${line.label} ` : ""}${shown.text} ${shown.unit}${range}`];
    });
    element.hidden = false;
    element.replaceChildren();
    for (const part of parts.length > 0 ? parts : [t("chart.gap")]) {
      const row = document.createElement("div");
      row.textContent = part;
      element.append(row);
    }
    if (atMs !== undefined) {
      const when = document.createElement("small");
      when.textContent = t("chart.at", {
        time: toMs - fromMs > 90_000_000 ? format.moment(atMs, zone) : format.seconds(atMs, zone),
        age: span(Math.max(0, toMs - atMs)),
      });
      element.append(when);
    }
    const x = u.over.offsetLeft + left;
    const room = u.over.offsetLeft + u.over.clientWidth;
    const wide = element.offsetWidth;
    element.style.transform = `translateX(${Math.round(x + 12 + wide > room ? Math.max(0, x - 12 - wide) : x + 12)}px)`;
  };

  const shape = lines.map((line) => `${line.field}${line.colour}${line.band ?? ""}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plot only for a new shape, zone, theme or size; data follows below
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || width === 0 || empty) return;
    state.current = present;
    const made = new uPlot(
      chartOptions({ width, height }, validZone(zone), lines, state.current, (u) => onCursor.current?.(u)),
      columnsOf(data, lines),
      element,
    );
    plot.current = made;
    return () => {
      plot.current = undefined;
      made.destroy();
    };
  }, [width > 0, empty, height, zone, shape, theme]);

  useEffect(() => {
    if (width > 0 && plot.current && plot.current.width !== width) plot.current.setSize({ width, height });
  }, [width, height]);

  useLayoutEffect(() => {
    if (!plot.current || !state.current) return;
    Object.assign(state.current, present);
    plot.current.setData(columnsOf(data, lines));
  });

  const last = data.columns[lines[0]?.field ?? ""]?.findLast((value) => value !== null);
  const said = typeof last === "number" ? show(last) : undefined;
  return (
    <figure>
      <figcaption className="srOnly">
        {label}. {said ? t("chart.last", { value: `${said.text} ${said.unit}` }) : t("chart.none")}
      </figcaption>
      <div ref={ref} className={style.chart} style={{ height }} aria-hidden="true">
        {/* Where nothing was measured there is nothing to put a scale on. */}
        {empty ? (
          <div className={style.none}>
            <span>{t("chart.none")}</span>
          </div>
        ) : null}
        <div ref={tip} className={style.tip} hidden />
      </div>
    </figure>
  );
}
