/** A labelled block of cells, in the order they are laid out: left to right, top to bottom. */
export interface HeatGroup {
  label: string;
  rigs: readonly number[];
}
/** Where everything lies, in CSS pixels. `cellWidth` and `cellHeight` leave the gap out. */
export interface HeatLayout {
  width: number;
  height: number;
  cellWidth: number;
  cellHeight: number;
  /** Cells are large enough to carry the rig's name and figure. */
  tiles: boolean;
  labels: { text: string; x: number; y: number; width: number }[];
  rigs: number[];
  x: number[];
  y: number[];
}

/** A tile holds two short lines of text. */
const TILE = { least: 62, height: 38, gap: 2 };
const LABEL_HEIGHT = 17;
const GROUP_GAP = 12;
const LARGEST = 26;
const SMALLEST = 4;

/** More blocks than this, or blocks smaller than four rigs, and labels say less than they cost. */
const MOST_GROUPS = 48;
const LEAST_PER_GROUP = 4;

/**
 * Divides rigs by the longest part of their name that makes useful blocks: "A-01-07" by "A-01", else by "A". One unlabelled
 * block where names have no such parts.
 */
export function groupByName(rigs: readonly number[], nameOf: (rig: number) => string): HeatGroup[] {
  const parts = rigs.map((rig) => nameOf(rig).split(/[-./: ]+/));
  const deepest = Math.min(4, ...parts.map((part) => part.length)) - 1;
  for (let depth = deepest; depth >= 1; depth--) {
    const groups = new Map<string, number[]>();
    rigs.forEach((rig, at) => {
      const label = parts[at]!.slice(0, depth).join("-");
      const group = groups.get(label);
      if (group) group.push(rig);
      else groups.set(label, [rig]);
    });
    if (groups.size < 2) return [{ label: "", rigs }];
    if (groups.size <= MOST_GROUPS && rigs.length / groups.size >= LEAST_PER_GROUP)
      return [...groups].map(([label, members]) => ({ label, rigs: members }));
  }
  return [{ label: "", rigs }];
}

/** Lays blocks out in lines; `rows` fixes their height, without it they are about square. */
function place(groups: readonly HeatGroup[], width: number, pitch: number, rows?: number): HeatLayout {
  const gap = pitch >= 14 ? 2 : pitch >= 4 ? 1 : 0;
  const size = pitch - gap;
  const layout: HeatLayout = {
    width,
    height: 0,
    cellWidth: size,
    cellHeight: size,
    tiles: false,
    labels: [],
    rigs: [],
    x: [],
    y: [],
  };
  const labelled = groups.some((group) => group.label !== "");
  const top = labelled ? LABEL_HEIGHT : 0;
  const most = Math.max(1, Math.floor((width + gap) / pitch));
  let left = 0;
  let lineTop = 0;
  let lineHeight = 0;
  for (const group of groups) {
    const wanted = rows
      ? Math.ceil(group.rigs.length / rows)
      : Math.ceil(Math.sqrt(group.rigs.length * 0.75));
    const columns = groups.length === 1 ? most : Math.min(most, Math.max(rows ? 1 : 3, wanted));
    const high = Math.ceil(group.rigs.length / columns);
    const wide = columns * pitch - gap;
    if (left > 0 && left + wide > width) {
      left = 0;
      lineTop += lineHeight + GROUP_GAP;
      lineHeight = 0;
    }
    if (group.label)
      layout.labels.push({ text: group.label, x: left, y: lineTop + 11, width: wide + GROUP_GAP });
    group.rigs.forEach((rig, at) => {
      layout.rigs.push(rig);
      layout.x.push(left + (at % columns) * pitch);
      layout.y.push(lineTop + top + Math.floor(at / columns) * pitch);
    });
    lineHeight = Math.max(lineHeight, top + high * pitch - gap);
    left += wide + GROUP_GAP;
  }
  layout.height = lineTop + lineHeight;
  return layout;
}

/** A small fleet without racks as tiles; undefined where they would not fit. */
function placeTiles(rigs: readonly number[], width: number, mostHeight: number): HeatLayout | undefined {
  const { least, height, gap } = TILE;
  const most = Math.floor((width + gap) / (least + gap));
  if (most < 1 || rigs.length === 0) return undefined;
  const lines = Math.ceil(rigs.length / most);
  if (lines * (height + gap) - gap > mostHeight) return undefined;
  // As many to a line as make the lines about equally long.
  const columns = Math.max(Math.ceil(rigs.length / lines), Math.min(most, 6));
  const cellWidth = Math.floor((width + gap) / columns) - gap;
  return {
    width,
    height: lines * (height + gap) - gap,
    cellWidth,
    cellHeight: height,
    tiles: true,
    labels: [],
    rigs: [...rigs],
    x: rigs.map((_, at) => (at % columns) * (cellWidth + gap)),
    y: rigs.map((_, at) => Math.floor(at / columns) * (height + gap)),
  };
}

/** Lays groups out in `width` with the largest cells that keep within `mostHeight`; the smallest cells may exceed it. */
export function heatLayout(groups: readonly HeatGroup[], width: number, mostHeight: number): HeatLayout {
  const tiles = groups.length === 1 ? placeTiles(groups[0]!.rigs, width, mostHeight) : undefined;
  if (tiles) return tiles;
  for (let pitch = LARGEST; pitch > SMALLEST; pitch--) {
    const square = place(groups, width, pitch);
    if (square.height <= mostHeight) return square;
    // Blocks as high as there is room use the width better when a few of them are large.
    const rows = Math.floor((mostHeight - LABEL_HEIGHT) / pitch);
    const tall = rows > 0 ? place(groups, width, pitch, rows) : square;
    if (tall.height <= mostHeight) return tall;
  }
  return place(groups, width, SMALLEST);
}

/** The rig whose cell is at (x, y); undefined between and outside of cells. */
export function rigAt(layout: HeatLayout, x: number, y: number): number | undefined {
  for (let at = 0; at < layout.rigs.length; at++) {
    const left = layout.x[at]!;
    const top = layout.y[at]!;
    if (x >= left && x <= left + layout.cellWidth && y >= top && y <= top + layout.cellHeight)
      return layout.rigs[at];
  }
  return undefined;
}
