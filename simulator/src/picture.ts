import type { StagedFleet } from "./fleet.js";
import { hottestChipC } from "./rigState.js";

const HOUR_MS = 3_600_000;

/** What a fleet is like at one moment, over all its rigs. */
export interface Look {
  /** ms after the start. */
  ms: number;
  outsideC: number;
  inletC: { mean: number; max: number };
  /** Hottest chip of each rig that has power. */
  chipC: { mean: number; max: number };
  hashrateThs: number;
  powerKw: number;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Lets a fleet live through `hours` and looks at it every `everyMs`. */
export function watch(fleet: StagedFleet, hours: number, everyMs: number): Look[] {
  const looks: Look[] = [];
  for (let ms = 0; ms <= hours * HOUR_MS; ms += everyMs) {
    const atMs = fleet.time.startMs + ms;
    const states = fleet.seats.map(({ live }) => live.trueStateAt(atMs));
    const inlets = states.map(({ inletTempC }) => inletTempC);
    const chips = states.filter(({ phase }) => phase !== "off").map(hottestChipC);
    looks.push({
      ms,
      outsideC: fleet.air.ambientC(atMs),
      inletC: { mean: meanOf(inlets), max: Math.max(...inlets) },
      chipC: { mean: meanOf(chips), max: Math.max(...chips) },
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
  of(look: Look): number;
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
      { label: "hottest chip", colour: "#b3261e", of: (look) => look.chipC.max },
      { label: "chips, mean", colour: "#b3261e", dash: "5 4", of: (look) => look.chipC.mean },
      { label: "warmest inlet", colour: "#c77700", of: (look) => look.inletC.max },
      { label: "inlets, mean", colour: "#c77700", dash: "5 4", of: (look) => look.inletC.mean },
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

function drawPanel(panel: Panel, looks: readonly Look[], top: number): string[] {
  const values = panel.curves.flatMap(({ of }) => looks.map(of));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const low = panel.fromZero ? 0 : Math.floor(least / 10) * 10;
  const high = panel.fromZero ? most * 1.08 || 1 : Math.ceil(most / 10) * 10;
  const endMs = looks.at(-1)?.ms || 1;
  const x = (ms: number) => LEFT + ((WIDTH - LEFT - RIGHT) * ms) / endMs;
  const y = (value: number) => top + panel.height * (1 - (value - low) / (high - low));
  const marks = ticks(low, high, panel.height / 32).flatMap((value) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(value))}" y2="${px(y(value))}" class="grid"/>`,
    text(LEFT - 8, y(value) + 4, String(Math.round(value * 10) / 10), ' text-anchor="end"'),
  ]);
  const last = looks.at(-1) as Look;
  const labels = apart(panel.curves.map(({ of }) => y(of(last)) + 4));
  const curves = panel.curves.flatMap(({ label, colour, dash, of }, i) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="1.8"${dash ? ` stroke-dasharray="${dash}"` : ""} points="${looks
      .map((look) => `${px(x(look.ms))},${px(y(of(look)))}`)
      .join(" ")}"/>`,
    text(WIDTH - RIGHT + 8, labels[i] as number, label, ` fill="${colour}"`),
  ]);
  return [text(LEFT, top - 10, panel.title, ' class="title"'), ...marks, ...curves];
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
