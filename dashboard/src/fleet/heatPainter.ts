import type { FleetTable } from "../feed/fleetTable.js";
import { token } from "../theme/themeStore.js";
import type { Colour } from "./fleetQuery.js";
import type { HeatLayout } from "./heatLayout.js";
import { heatValue, inkOn, rampOf, SCALES, stepOf } from "./heatScale.js";
import { rigStatus } from "./rigStatus.js";

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What tells rigs of one block apart: the last part of the name. */
const shortName = (name: string): string => {
  // A rig that is named by its address is told apart by the host, not by the port that all have.
  const host = /^(\d+\.){3}\d+(?=:\d+$)/.exec(name)?.[0] ?? name;
  return host.split(/[-./: ]+/).at(-1) || name;
};

/** Draws the heat-map: everything once, then only the cells that changed. Marks say in shape what colour cannot. */
export class HeatPainter {
  readonly #pen: CanvasRenderingContext2D;
  readonly #table: FleetTable;
  readonly #layout: HeatLayout;
  readonly #colour: Colour;
  readonly #ramp: readonly string[];
  /** Ink that can be read on each step of the ramp. */
  readonly #onRamp: readonly string[];
  readonly #show: (value: number) => string;
  readonly #font = token("--font");
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
    /** Writes a value for a tile. */
    show: (value: number) => string,
  ) {
    this.#pen = pen;
    this.#table = table;
    this.#layout = layout;
    this.#colour = colour;
    this.#ramp = rampOf(SCALES[colour]);
    this.#onRamp = this.#ramp.map(inkOn);
    this.#show = show;
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
    pen.font = `11px ${this.#font}`;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    pen.fillStyle = this.#ink.dim;
    for (const label of labels) {
      let { text } = label;
      while (text.length > 1 && pen.measureText(text).width > label.width - 4) text = `${text.slice(0, -2)}…`;
      pen.fillText(text, label.x, label.y);
    }
    pen.restore();
    pen.font = `600 ${Math.min(13, this.#layout.cellHeight)}px ${this.#font}`;
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
    const { cellWidth: width, cellHeight: height, tiles, x, y, rigs } = this.#layout;
    const table = this.#table;
    const row = table.row(rigs[at]!);
    const box: Box = { left: x[at]!, top: y[at]!, width, height };
    const pen = this.#pen;
    this.#fill(box, this.#ink.panel);
    if (row === undefined) return;
    const status = rigStatus(table, row, nowMs);
    const value = heatValue(table, row, this.#colour);
    const silent = status === "unreachable" || status === "stale" || status === "unknown";
    const asleep = status === "sleeping" || status === "idle";
    const alert = table.text("alert", row);
    let ink = this.#ink.dim;
    if (silent) {
      pen.strokeStyle = this.#ink.dim;
      pen.lineWidth = 1;
      pen.strokeRect(box.left + 0.5, box.top + 0.5, width - 1, height - 1);
    } else if (status === "fault") this.#fill(box, this.#ink.badSoft);
    else if (value === null || asleep) this.#fill(box, this.#ink.grid);
    else {
      // What passed its own limit is at the end of the ramp, however cool that is for another model.
      const over = this.#colour === "temp" && alert === "danger";
      const step = over ? this.#ramp.length - 1 : stepOf(SCALES[this.#colour], value);
      this.#fill(box, this.#ramp[step]!);
      ink = this.#onRamp[step]!;
    }
    if (tiles) this.#write(box, row, silent || asleep ? null : value, ink);

    // In a tile the mark keeps to its corner, a small cell is all mark.
    const mark = tiles ? { left: box.left + width - 17, top: box.top + 4, width: 13, height: 13 } : box;
    if (status === "stale" && mark.width >= 6) this.#slash(mark, this.#ink.dim);
    else if (status === "fault") this.#cross(mark, this.#ink.bad);
    else if (asleep) {
      const dot = Math.max(1, Math.round(mark.width / 6));
      this.#fill(
        {
          left: mark.left + (mark.width - dot) / 2,
          top: mark.top + (mark.height - dot) / 2,
          width: dot,
          height: dot,
        },
        this.#ink.dim,
      );
    } else if (!silent && this.#colour === "profit" && value !== null && value < 0 && mark.width >= 6)
      this.#slash(mark, "rgb(0 0 0 / 45%)");
    if (silent) return;
    if (alert === "danger") this.#alarm(box, mark, ink);
    else if (status !== "fault" && !asleep && (table.number("faults", row) ?? 0) > 0) this.#cross(mark, ink);
    else if (alert === "money" && this.#colour !== "profit" && !asleep) this.#triangle(mark, ink, false);
  }

  #fill({ left, top, width, height }: Box, colour: string): void {
    this.#pen.fillStyle = colour;
    this.#pen.fillRect(left, top, width, height);
  }

  /** Name and figure of a tile. */
  #write({ left, top, width }: Box, row: number, value: number | null, ink: string): void {
    const pen = this.#pen;
    pen.save();
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    pen.fillStyle = ink;
    pen.font = `10.5px ${this.#font}`;
    const name = shortName(this.#table.text("name", row) ?? "");
    pen.fillText(name, left + 6, top + 14, width - 24);
    pen.font = `600 13px ${this.#font}`;
    pen.fillText(value === null ? "—" : this.#show(value), left + 6, top + 30, width - 12);
    pen.restore();
  }

  #slash({ left, top, width, height }: Box, colour: string): void {
    const pen = this.#pen;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(left + 1, top + height - 1);
    pen.lineTo(left + width - 1, top + 1);
    pen.stroke();
  }

  #cross({ left, top, width, height }: Box, colour: string): void {
    const inset = width >= 10 ? width * 0.25 : 1;
    const pen = this.#pen;
    pen.strokeStyle = colour;
    pen.lineWidth = width >= 10 ? 1.6 : 1;
    pen.beginPath();
    pen.moveTo(left + inset, top + inset);
    pen.lineTo(left + width - inset, top + height - inset);
    pen.moveTo(left + width - inset, top + inset);
    pen.lineTo(left + inset, top + height - inset);
    pen.stroke();
  }

  /** ▲ for danger, filled; ▽ for money, hollow and pointing down. Left out where there is no room. */
  #triangle({ left, top, width, height }: Box, colour: string, danger: boolean): void {
    if (width < 10) return;
    const pen = this.#pen;
    const size = Math.min(width, height, 13) / 2 - 2;
    const x = left + width / 2;
    const y = top + height / 2;
    const tip = danger ? -size : size;
    pen.beginPath();
    pen.moveTo(x, y + tip);
    pen.lineTo(x + size, y - tip);
    pen.lineTo(x - size, y - tip);
    pen.closePath();
    if (danger) {
      pen.fillStyle = colour;
      pen.fill();
    } else {
      pen.strokeStyle = colour;
      pen.lineWidth = 1.2;
      pen.stroke();
    }
  }

  /** A danger is framed, and where there is room it has its mark. */
  #alarm(box: Box, mark: Box, ink: string): void {
    const pen = this.#pen;
    pen.strokeStyle = this.#ink.mark;
    pen.lineWidth = mark.width >= 8 ? 1.5 : 1;
    pen.strokeRect(box.left + 0.75, box.top + 0.75, box.width - 1.5, box.height - 1.5);
    this.#triangle(mark, ink, true);
  }
}
