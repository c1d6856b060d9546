import type { StagedFleet } from "./fleet.js";
import { hottestChipC } from "./rigState.js";

const HOUR_MS = 3_600_000;

/** What a fleet is like at one moment, over all its rigs. */
export interface Look {
  /** ms after the start. */
  ms: number;
  outsideC: number;
  /** What rigs breathe, with power or without; undefined of a fleet of none. */
  inletC: { mean: number; max: number } | undefined;
  /** Hottest chip of each rig that has power and a board; undefined where no rig has both. */
  chipC: { mean: number; max: number } | undefined;
  hashrateThs: number;
  powerKw: number;
}

/** Mean and highest of these values; undefined of none. */
function spreadOf(values: readonly number[]): { mean: number; max: number } | undefined {
  if (values.length === 0) return undefined;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, max: Math.max(...values) };
}

/** Lets a fleet live through `hours` and looks at it every `everyMs`. */
export function watch(fleet: StagedFleet, hours: number, everyMs: number): Look[] {
  const looks: Look[] = [];
  for (let ms = 0; ms <= hours * HOUR_MS; ms += everyMs) {
    const atMs = fleet.time.startMs + ms;
    const states = fleet.seats.map(({ live }) => live.trueStateAt(atMs));
    const warm = states.filter(
      ({ phase, boards }) => phase !== "off" && boards.some(({ present }) => present),
    );
    looks.push({
      ms,
      outsideC: fleet.air.ambientC(atMs),
      inletC: spreadOf(states.map(({ inletTempC }) => inletTempC)),
      chipC: spreadOf(warm.map(hottestChipC)),
      hashrateThs: states.reduce((sum, { hashrateThs }) => sum + hashrateThs, 0),
      powerKw: states.reduce((sum, { powerW }) => sum + powerW, 0) / 1000,
    });
  }
  return looks;
}

interface Curve {
  label: string;
  colour: string;
  dash?: string;
  /** Undefined where there is no such value: the curve has a gap there. */
  of(look: Look): number | undefined;
}

interface Point {
  x: number;
  y: number;
}

interface Panel {
  title: string;
  height: number;
  curves: readonly Curve[];
  /** The axis begins at zero. */
  fromZero: boolean;
}

const WIDTH = 960;
const LEFT = 56;
const RIGHT = 132;
const TOP = 52;
const GAP = 40;
const LABEL_PX = 14;

const PANELS: readonly Panel[] = [
  {
    title: "Temperature, °C",
    height: 230,
    fromZero: false,
    curves: [
      { label: "hottest chip", colour: "#b3261e", of: (look) => look.chipC?.max },
      { label: "chips, mean", colour: "#b3261e", dash: "5 4", of: (look) => look.chipC?.mean },
      { label: "warmest inlet", colour: "#c77700", of: (look) => look.inletC?.max },
      { label: "inlets, mean", colour: "#c77700", dash: "5 4", of: (look) => look.inletC?.mean },
      { label: "outside", colour: "#3b6ea5", dash: "2 3", of: (look) => look.outsideC },
    ],
  },
  {
    title: "Hashrate, TH/s",
    height: 130,
    fromZero: true,
    curves: [{ label: "all rigs", colour: "#1b6e3c", of: (look) => look.hashrateThs }],
  },
  {
    title: "Power, kW",
    height: 130,
    fromZero: true,
    curves: [{ label: "all rigs", colour: "#5b4b9a", of: (look) => look.powerKw }],
  },
];

/** Round numbers that divide a range into a few parts. */
function ticks(low: number, high: number, about: number): number[] {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power;
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.floor((high - first) / step + 1e-9) + 1 }, (_, i) => first + i * step);
}

const px = (value: number): string => value.toFixed(1);

function text(x: number, y: number, content: string, more = ""): string {
  const safe = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${px(x)}" y="${px(y)}"${more}>${safe}</text>`;
}

/** Moves labels apart that would be written over each other, and leaves them in their order. */
function apart(wanted: readonly number[]): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < order.length; i++) order[i]!.y = Math.max(order[i]!.y, order[i - 1]!.y + LABEL_PX);
  const placed = [...wanted];
  for (const { y, i } of order) placed[i] = y;
  return placed;
}

/** The curve's points, a list for each stretch of looks that have a value. */
function stretchesOf(
  values: readonly (number | undefined)[],
  pointOf: (value: number, i: number) => Point,
): Point[][] {
  const stretches: Point[][] = [];
  for (const [i, value] of values.entries()) {
    if (value === undefined) continue;
    const point = pointOf(value, i);
    if (values[i - 1] === undefined) stretches.push([point]);
    else stretches.at(-1)?.push(point);
  }
  return stretches;
}

/** A stretch as a line; one look between two gaps is a dot, since a line of one point is not seen. */
function drawStretch(points: readonly Point[], { colour, dash }: Curve): string {
  const [first] = points;
  if (first !== undefined && points.length === 1)
    return `<circle cx="${px(first.x)}" cy="${px(first.y)}" r="1.6" fill="${colour}"/>`;
  const joined = points.map(({ x, y }) => `${px(x)},${px(y)}`).join(" ");
  return `<polyline fill="none" stroke="${colour}" stroke-width="1.8"${dash ? ` stroke-dasharray="${dash}"` : ""} points="${joined}"/>`;
}

function drawPanel(
  { title, height, curves, fromZero }: Panel,
  looks: readonly Look[],
  top: number,
): string[] {
  const valuesOf = curves.map(({ of }) => looks.map(of));
  const known = valuesOf.flat().filter((value) => value !== undefined);
  const heading = text(LEFT, top - 10, title, ' class="title"');
  if (known.length === 0)
    return [
      heading,
      text((LEFT + WIDTH - RIGHT) / 2, top + height / 2, "no values", ' text-anchor="middle"'),
    ];
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const low = fromZero ? 0 : Math.floor(least / 10) * 10;
  const high = fromZero ? most * 1.08 || 1 : Math.max(low + 10, Math.ceil(most / 10) * 10);
  const endMs = looks.at(-1)?.ms || 1;
  const x = (ms: number) => LEFT + ((WIDTH - LEFT - RIGHT) * ms) / endMs;
  const y = (value: number) => top + height * (1 - (value - low) / (high - low));
  const marks = ticks(low, high, height / 32).flatMap((value) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(value))}" y2="${px(y(value))}" class="grid"/>`,
    text(LEFT - 8, y(value) + 4, String(Math.round(value * 10) / 10), ' text-anchor="end"'),
  ]);
  // A curve is labelled where it ends, and one without any value at the floor, where it says so.
  const lasts = valuesOf.map((values) => values.findLast((value) => value !== undefined));
  const labels = apart(lasts.map((last) => y(last ?? low) + 4));
  const lines = curves.flatMap((curve, i) => [
    ...stretchesOf(valuesOf[i] ?? [], (value, at) => ({ x: x((looks[at] as Look).ms), y: y(value) })).map(
      (points) => drawStretch(points, curve),
    ),
    text(
      WIDTH - RIGHT + 8,
      labels[i] as number,
      lasts[i] === undefined ? `${curve.label}: none` : curve.label,
      ` fill="${curve.colour}"`,
    ),
  ]);
  return [heading, ...marks, ...lines];
}

/** The looks as an SVG: temperatures, hashrate and power over the hours of the site's own clock, `startMs` being its first moment. */
export function picture(looks: readonly Look[], startMs: number, title: string): string {
  const endMs = looks.at(-1)?.ms || 1;
  const hours = endMs / HOUR_MS;
  const everyH = [1, 2, 3, 6, 12, 24].find((step) => hours / step <= 12) ?? 24;
  let top = TOP + 14;
  const body: string[] = [];
  for (const panel of PANELS) {
    body.push(...drawPanel(panel, looks, top));
    top += panel.height + GAP;
  }
  const bottom = top - GAP;
  const firstMs = (everyH - ((startMs / HOUR_MS) % everyH)) * HOUR_MS;
  for (let ms = firstMs % (everyH * HOUR_MS); ms <= endMs; ms += everyH * HOUR_MS) {
    const at = LEFT + ((WIDTH - LEFT - RIGHT) * ms) / endMs;
    const clock = new Date(startMs + ms).toISOString().slice(11, 16);
    body.push(
      `<line x1="${px(at)}" x2="${px(at)}" y1="${bottom}" y2="${bottom + 5}" class="tick"/>`,
      text(at, bottom + 19, clock, ' text-anchor="middle"'),
    );
  }
  const height = bottom + 34;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" fill="#333">`,
    `<title>${title.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</title>`,
    "<style>text{font:12px system-ui,sans-serif}.title{font-weight:600}.head{font-size:15px;font-weight:600}.grid{stroke:#e3e3e3}.tick{stroke:#888}</style>",
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(LEFT, 26, title, ' class="head"'),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}
