import uPlot from "uplot";
import { token } from "../theme/themeStore.js";
import { drawLabels, drawUnit, marginRight, marginTop } from "./chartLabels.js";
import { loneValues } from "./loneValues.js";
import { roundSteps } from "./roundSteps.js";

/** A line of the chart; `dash` for what is no measurement, `band` the fields of its extremes. */
export interface ChartLine {
  field: string;
  label: string;
  colour: `--${string}`;
  dash?: boolean;
  band?: [low: string, high: string];
}
/** A dashed level: a nominal value or a limit, labelled outside the plot. */
export interface ChartLevel {
  value: number;
  label: string;
  colour: `--${string}`;
}

/** What the hooks read while they draw; the component changes it in place between draws. */
export interface ChartState {
  fromMs: number;
  toMs: number;
  gaps: readonly (readonly [number, number])[];
  levels: readonly ChartLevel[];
  /** Label of a line, by its field. */
  endLabels: Readonly<Record<string, string>>;
  /** Labels of charts below or above with the same times: the margin fits them too, so that times stand in line. */
  alongside: readonly string[];
  factor: number;
  unit: string;
  /** Axis texts. */
  clock(ms: number): string;
  day(ms: number): string;
  number(value: number, decimals: number): string;
}

const font = () => `11px ${token("--font")}`;

function hatch(context: CanvasRenderingContext2D): CanvasPattern | string {
  const size = Math.round(6 * devicePixelRatio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (!pen) return token("--hatch");
  pen.strokeStyle = token("--hatch");
  pen.lineWidth = 1.3 * devicePixelRatio;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") ?? token("--hatch");
}

function drawGaps(u: uPlot, state: ChartState, fill: CanvasPattern | string): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = fill;
  for (const [fromMs, toMs] of state.gaps) {
    const left = Math.max(bbox.left, u.valToPos(fromMs, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(toMs, "x", true));
    if (right - left >= 1) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

function drawLevels(u: uPlot, state: ChartState): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const level of state.levels) {
    const y = u.valToPos(level.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = token(level.colour);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** The smallest share of its value that the y axis spans: noise must not look like change. */
const LEAST_SPAN = 0.08;

function yRange(state: ChartState, low: number | null, high: number | null): [number, number] {
  let min = low ?? Number.POSITIVE_INFINITY;
  let max = high ?? Number.NEGATIVE_INFINITY;
  for (const level of state.levels) {
    min = Math.min(min, level.value);
    max = Math.max(max, level.value);
  }
  if (min > max) return [0, 1];
  const least = Math.abs(max) * LEAST_SPAN || 1;
  const pad = Math.max((max - min) * 0.12, (least - (max - min)) / 2);
  const from = min - pad;
  return [min >= 0 && from < 0 ? 0 : from, max + pad];
}

/** A value between two gaps makes no line: it is drawn as a dot. */
const aloneIn = (u: uPlot, at: number): number[] => loneValues(u.data[at] ?? []);

/** Options of a time chart: x in epoch ms of `zone`, y in canonical units labelled in the state's unit. */
export function chartOptions(
  size: { width: number; height: number },
  zone: string,
  lines: readonly ChartLine[],
  state: ChartState,
  onCursor: (u: uPlot) => void,
): uPlot.Options {
  let fill: CanvasPattern | string | undefined;
  const axis = { stroke: token("--ink3"), font: font(), ticks: { show: false } };
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of lines)
    series.push({
      label: line.label,
      stroke: token(line.colour),
      width: line.dash ? 1 : 1.5,
      ...(line.dash && { dash: [4, 4] }),
      points: { show: true, size: 4, width: 0, fill: token(line.colour), filter: aloneIn },
      spanGaps: false,
    });
  for (const line of lines) {
    if (!line.band) continue;
    const at = series.length;
    for (const field of line.band)
      series.push({
        label: field,
        stroke: "transparent",
        width: 0,
        points: { show: false },
        spanGaps: false,
      });
    bands.push({ series: [at + 1, at], fill: token("--accent-soft") });
  }
  return {
    ...size,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), zone),
    padding: [(u) => marginTop(u, state, lines), (u) => marginRight(u, state, lines), 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { setScale: false, x: false, y: false },
      points: { size: 7, one: true },
    },
    scales: {
      x: { time: true, range: () => [state.fromMs, state.toMs] },
      y: { range: (_u, low, high) => yRange(state, low, high) },
    },
    series,
    bands,
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        gap: 4,
        space: 48,
        values: (u, splits) => {
          // A label whose half would be cut off at the end of the axis, or lie over its unit, is left out.
          const edgeMs = ((state.toMs - state.fromMs) * 17 * devicePixelRatio) / Math.max(1, u.bbox.width);
          const coarse = (splits[1] ?? 0) - (splits[0] ?? 0) >= 86_400_000;
          let last = "";
          return splits.map((ms) => {
            if (ms > state.toMs - edgeMs || ms < state.fromMs + edgeMs) return "";
            const clock = state.clock(ms);
            const label =
              coarse || (clock === "00:00" && state.toMs - state.fromMs > 172_800_000)
                ? state.day(ms)
                : clock;
            // Steps of seconds have no more labels than minutes.
            if (label === last) return "";
            last = label;
            return label;
          });
        },
      },
      {
        ...axis,
        grid: { stroke: token("--grid"), width: 1 },
        size: 44,
        gap: 6,
        space: 34,
        // Ticks are chosen in the unit that is written, so that they are round in it.
        splits: (_u, _axis, low, high) =>
          roundSteps(low / state.factor, high / state.factor).map((at) => at * state.factor),
        values: (_u, splits) => {
          const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0)) / state.factor;
          const decimals = step > 0 ? Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9))) : 0;
          return splits.map((value) => state.number(value / state.factor, decimals));
        },
      },
    ],
    hooks: {
      drawClear: [
        (u) => {
          fill ??= hatch(u.ctx);
          drawGaps(u, state, fill);
        },
      ],
      draw: [
        (u) => {
          drawLevels(u, state);
          drawLabels(u, state, lines);
          drawUnit(u, state);
        },
      ],
      setCursor: [onCursor],
    },
  };
}
