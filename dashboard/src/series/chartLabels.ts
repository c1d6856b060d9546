import type uPlot from "uplot";
import { token } from "../theme/themeStore.js";
import type { ChartLine, ChartState } from "./chartOptions.js";
import { spread } from "./spread.js";

/** Below this width of the chart (CSS pixels) a margin for labels would cost too much of it: they stand above the plot. */
const LEAST_FOR_MARGIN = 560;
const LINE_HEIGHT = 14;
/** From the plot to a label beside it; a stroke joins the two. */
const REACH = 9;
const SWATCH = 14;
const BETWEEN = 14;

/** A line or level that is named; `value` is where it ends at the right. */
interface Named {
  text: string;
  value: number;
  colour: string;
  dash: boolean;
}

function namedOf(u: uPlot, state: ChartState, lines: readonly ChartLine[]): Named[] {
  const named = state.levels.map(
    ({ label, value, colour }): Named => ({ text: label, value, colour: token(colour), dash: true }),
  );
  lines.forEach((line, at) => {
    const text = state.endLabels[line.field];
    const values: ArrayLike<number | null | undefined> = u.data?.[at + 1] ?? [];
    let end = values.length - 1;
    while (end >= 0 && typeof values[end] !== "number") end--;
    const value = values[end];
    if (text && typeof value === "number")
      named.push({ text, value, colour: token(line.colour), dash: line.dash === true });
  });
  return named;
}

/** Width of a label in CSS pixels. It is measured on the very canvas: one outside the page may lack the page's font. */
function widthOf({ ctx }: uPlot, text: string): number {
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${token("--font")}`;
  const { width } = ctx.measureText(text);
  ctx.restore();
  return Math.ceil(width / devicePixelRatio);
}

const beside = (u: uPlot): boolean => u.width >= LEAST_FOR_MARGIN;

/** Lines of labels above the plot, as many as the width asks for. */
function rowsAbove(u: uPlot, named: readonly Named[]): Named[][] {
  const rows: Named[][] = [];
  let left = 0;
  for (const each of named) {
    const width = SWATCH + 4 + widthOf(u, each.text) + BETWEEN;
    if (rows.length === 0 || left + width - BETWEEN > u.width) {
      rows.push([]);
      left = 0;
    }
    rows.at(-1)!.push(each);
    left += width;
  }
  return rows;
}

/** Room to leave at the right of the plot for its labels, CSS pixels. */
export function marginRight(u: uPlot, state: ChartState, lines: readonly ChartLine[]): number {
  const texts = [...namedOf(u, state, lines).map(({ text }) => text), ...state.alongside];
  return texts.length === 0 || !beside(u)
    ? 2
    : REACH + 4 + Math.max(...texts.map((text) => widthOf(u, text)));
}

/** Room to leave above the plot for its labels, CSS pixels. */
export function marginTop(u: uPlot, state: ChartState, lines: readonly ChartLine[]): number {
  return beside(u) ? 8 : 8 + LINE_HEIGHT * rowsAbove(u, namedOf(u, state, lines)).length;
}

/** Names lines and levels outside the plot, where they cover nothing: beside their ends, or above it where it is narrow. */
export function drawLabels(u: uPlot, state: ChartState, lines: readonly ChartLine[]): void {
  const named = namedOf(u, state, lines);
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const stroke = (each: Named, fromX: number, fromY: number, toX: number, toY: number) => {
    ctx.strokeStyle = each.colour;
    ctx.lineWidth = ratio;
    ctx.setLineDash(each.dash ? [3 * ratio, 2 * ratio] : []);
    ctx.beginPath();
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
    ctx.stroke();
  };
  ctx.save();
  ctx.font = `${11 * ratio}px ${token("--font")}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  if (beside(u)) {
    const right = bbox.left + bbox.width;
    const shown = named
      .map((each) => ({ ...each, y: u.valToPos(each.value, "y", true) }))
      .filter(({ y }) => y >= bbox.top && y <= bbox.top + bbox.height)
      .sort((a, b) => a.y - b.y);
    const places = spread(
      shown.map(({ y }) => y),
      LINE_HEIGHT * ratio,
      bbox.top,
      bbox.top + bbox.height,
    );
    shown.forEach((each, at) => {
      stroke(each, right, each.y, right + (REACH - 3) * ratio, places[at]!);
      ctx.fillStyle = each.colour;
      ctx.fillText(each.text, right + REACH * ratio, places[at]!);
    });
  } else
    rowsAbove(u, named).forEach((row, line) => {
      const y = (4 + LINE_HEIGHT * (line + 0.5)) * ratio;
      let x = 2 * ratio;
      for (const each of row) {
        stroke(each, x, y, x + SWATCH * ratio, y);
        ctx.fillStyle = each.colour;
        ctx.fillText(each.text, x + (SWATCH + 4) * ratio, y);
        x += (SWATCH + 4 + widthOf(u, each.text) + BETWEEN) * ratio;
      }
    });
  ctx.restore();
}

/** Writes the unit of the y axis below its figures, in the corner that no axis uses. */
export function drawUnit(u: uPlot, { unit }: ChartState): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * ratio}px ${token("--font")}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "top";
  ctx.fillStyle = token("--ink3");
  ctx.fillText(unit, bbox.left - 6 * ratio, bbox.top + bbox.height + 9 * ratio);
  ctx.restore();
}
