import type { DictColumn, FleetColumns } from "@hashwatt/protocol/http";
import {
  LIVE_COLUMNS,
  type LiveColumn,
  type LiveRow,
  STATIC_COLUMNS,
  type StaticColumn,
  type StaticRow,
} from "@hashwatt/protocol/live";
import { type RigView, slowestFanRpm } from "./rigView.js";

type Cell = number | string | null;

/** Money and carbon to a millionth: beyond it digits are noise of the arithmetic and only weight on the wire. */
const micro = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 1e6) / 1e6;

const STATIC: Record<StaticColumn, (view: RigView) => Cell> = {
  name: (view) => view.record.name,
  site: (view) => view.record.site,
  agent: (view) => view.record.agent,
  address: (view) => view.record.evidence.address,
  make: (view) => view.record.evidence.make ?? null,
  model: (view) => view.record.evidence.model ?? null,
  firmware: (view) => view.record.evidence.firmware ?? null,
  algo: (view) => view.algo ?? null,
  nominalThs: (view) => view.record.evidence.nominalThs ?? null,
};

const LIVE: Record<LiveColumn, (view: RigView) => Cell> = {
  status: (view) => view.reading?.status ?? null,
  hashrateThs: (view) => view.reading?.hashrateThs ?? null,
  powerW: (view) => view.reading?.powerW ?? null,
  powerSource: (view) => view.reading?.powerSource ?? null,
  inletTempC: (view) => view.reading?.inletTempC ?? null,
  boardTempC: (view) => view.reading?.boardTempC ?? null,
  chipTempC: (view) => view.reading?.chipTempC ?? null,
  limitC: (view) => view.limits.chip?.limitC ?? view.limits.board?.limitC ?? null,
  fanRpm: (view) => slowestFanRpm(view.reading?.fansRpm) ?? null,
  revenuePerH: (view) => micro(view.figures.revenuePerH),
  costPerH: (view) => micro(view.figures.costPerH),
  profitPerH: (view) => micro(view.figures.profitPerH),
  co2KgPerH: (view) => micro(view.figures.co2KgPerH),
  intervalMs: (view) => view.reading?.intervalMs ?? null,
  pollMs: (view) => view.reading?.pollMs ?? null,
  atMs: (view) => view.reading?.atMs ?? null,
  receivedMs: (view) => view.receivedMs ?? null,
  alert: (view) => view.alert,
  faults: (view) => view.reading?.faults?.length || null,
};

/** Columns whose few distinct texts are written once. */
const DICTIONARY = new Set<string>([
  "site",
  "agent",
  "make",
  "model",
  "firmware",
  "algo",
  "status",
  "powerSource",
  "alert",
]);

const STATIC_CELLS = STATIC_COLUMNS.map((column) => STATIC[column]);
const LIVE_CELLS = LIVE_COLUMNS.map((column) => LIVE[column]);

/** What seldom changes of a rig, as a row of the fleet channel. */
export const staticRow = (view: RigView): StaticRow => [view.rig, ...STATIC_CELLS.map((cell) => cell(view))];

/** What changes with every reading, as a row of the fleet channel. */
export function liveRow(view: RigView): LiveRow {
  const row: LiveRow = [view.rig];
  for (const cell of LIVE_CELLS) row.push(cell(view));
  return row;
}

function dictionary(views: readonly RigView[], cell: (view: RigView) => Cell): DictColumn {
  const dict: string[] = [];
  const known = new Map<string, number>();
  const ix = views.map((view) => {
    const value = cell(view);
    if (value === null) return -1;
    const text = String(value);
    let at = known.get(text);
    if (at === undefined) {
      at = dict.push(text) - 1;
      known.set(text, at);
    }
    return at;
  });
  return { dict, ix };
}

/** The whole fleet as columns, current up to `seq` of the fleet channel in `epoch`. */
export function fleetColumns(
  views: Iterable<RigView>,
  at: Pick<FleetColumns, "epoch" | "seq" | "serverMs">,
): FleetColumns {
  const rows = [...views];
  const columns: FleetColumns["columns"] = {};
  for (const [name, cell] of [...Object.entries(STATIC), ...Object.entries(LIVE)])
    columns[name] = DICTIONARY.has(name) ? dictionary(rows, cell) : rows.map(cell);
  return { ...at, rig: rows.map((view) => view.rig), columns };
}
