import type { FleetTable } from "../feed/fleetTable.js";
import { token } from "../theme/themeStore.js";
import type { Colour } from "./fleetQuery.js";
import type { HeatLayout } from "./heatLayout.js";
import { colourOf, heatValue, rampOf, SCALES } from "./heatScale.js";
import { rigStatus } from "./rigStatus.js";

/** Draws the heat-map: everything once, then only the cells that changed. Marks say in shape what colour cannot. */
export class HeatPainter {
  readonly #pen: CanvasRenderingContext2D;
  readonly #table: FleetTable;
  readonly #layout: HeatLayout;
  readonly #colour: Colour;
  readonly #ramp: readonly string[];
  readonly #place = new Map<number, number>();
  readonly #ink = {
    panel: token("--panel"),
    grid: token("--raised"),
    mark: token("--ink"),
    dim: token("--ink3"),
    bad: token("--bad"),
    badSoft: token("--bad-soft"),
  };

  /** Sizes the canvas for the layout; `ratio` is device pixels per CSS pixel. */
  constructor(
    canvas: HTMLCanvasElement,
    pen: CanvasRenderingContext2D,
    table: FleetTable,
    layout: HeatLayout,
    colour: Colour,
    ratio: number,
  ) {
    this.#pen = pen;
    this.#table = table;
    this.#layout = layout;
    this.#colour = colour;
    this.#ramp = rampOf(SCALES[colour]);
    canvas.width = Math.round(layout.width * ratio);
    canvas.height = Math.round(layout.height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    layout.rigs.forEach((rig, at) => {
      this.#place.set(rig, at);
    });
  }

  /** Draws all cells and labels as of the server's `nowMs`. */
  paintAll(nowMs: number): void {
    const { width, height, labels, rigs } = this.#layout;
    const pen = this.#pen;
    pen.clearRect(0, 0, width, height);
    pen.save();
    pen.font = `11px ${token("--font")}`;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    pen.fillStyle = this.#ink.dim;
    for (const label of labels) {
      let { text } = label;
      while (text.length > 1 && pen.measureText(text).width > label.width - 4) text = `${text.slice(0, -2)}…`;
      pen.fillText(text, label.x, label.y);
    }
    pen.restore();
    pen.font = `600 ${Math.min(13, this.#layout.pitch - 2)}px ${token("--font")}`;
    for (let at = 0; at < rigs.length; at++) this.#paint(at, nowMs);
  }

  /** Draws the cells of the given rigs again. */
  paintRigs(changed: Iterable<number>, nowMs: number): void {
    for (const rig of changed) {
      const at = this.#place.get(rig);
      if (at !== undefined) this.#paint(at, nowMs);
    }
  }

  #paint(at: number, nowMs: number): void {
    const { pitch, gap, x, y, rigs } = this.#layout;
    const table = this.#table;
    const row = table.row(rigs[at]!);
    const left = x[at]!;
    const top = y[at]!;
    const size = pitch - gap;
    const pen = this.#pen;
    pen.fillStyle = this.#ink.panel;
    pen.fillRect(left, top, size, size);
    if (row === undefined) return;
    const status = rigStatus(table, row, nowMs);
    if (status === "unreachable" || status === "stale" || status === "unknown") {
      pen.strokeStyle = this.#ink.dim;
      pen.lineWidth = 1;
      pen.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
      if (status === "stale" && size >= 6) this.#slash(left, top, size, this.#ink.dim);
      return;
    }
    if (status === "fault") {
      pen.fillStyle = this.#ink.badSoft;
      pen.fillRect(left, top, size, size);
      this.#cross(left, top, size);
      return;
    }
    const value = heatValue(table, row, this.#colour);
    const asleep = status === "sleeping" || status === "idle";
    pen.fillStyle =
      value === null || asleep ? this.#ink.grid : colourOf(this.#ramp, SCALES[this.#colour], value);
    pen.fillRect(left, top, size, size);
    if (asleep) {
      const dot = Math.max(1, Math.round(size / 6));
      pen.fillStyle = this.#ink.dim;
      pen.fillRect(left + (size - dot) / 2, top + (size - dot) / 2, dot, dot);
    } else if (this.#colour === "profit" && value !== null && value < 0 && size >= 6)
      this.#slash(left, top, size, "rgb(0 0 0 / 45%)");
    if (table.text("alert", row) === "danger") this.#alarm(left, top, size);
  }

  #slash(left: number, top: number, size: number, colour: string): void {
    const pen = this.#pen;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(left + 1, top + size - 1);
    pen.lineTo(left + size - 1, top + 1);
    pen.stroke();
  }

  #cross(left: number, top: number, size: number): void {
    const inset = size >= 10 ? size * 0.3 : 1;
    const pen = this.#pen;
    pen.strokeStyle = this.#ink.bad;
    pen.lineWidth = size >= 10 ? 1.6 : 1;
    pen.beginPath();
    pen.moveTo(left + inset, top + inset);
    pen.lineTo(left + size - inset, top + size - inset);
    pen.moveTo(left + size - inset, top + inset);
    pen.lineTo(left + inset, top + size - inset);
    pen.stroke();
  }

  /** A danger is framed, and where there is room it has an exclamation mark. */
  #alarm(left: number, top: number, size: number): void {
    const pen = this.#pen;
    pen.strokeStyle = this.#ink.mark;
    pen.lineWidth = size >= 8 ? 1.5 : 1;
    pen.strokeRect(left + 0.75, top + 0.75, size - 1.5, size - 1.5);
    if (size < 10) return;
    pen.fillStyle = "#fff";
    pen.fillText("!", left + size / 2, top + size / 2 + 0.5);
  }
}
