import type { PowerSource } from "@hashwatt/protocol/sample";
import type { FleetTable } from "../feed/fleetTable.js";
import { rigStatus } from "../fleet/rigStatus.js";

/** What the rigs of one model draw. `source` is where most of it comes from; `sourceShare` how much (0–1). */
export interface ModelPower {
  /** Its make where only that is known; null for rigs that say neither. */
  model: string | null;
  rigs: number;
  /** Rigs whose power is known. */
  knownRigs: number;
  powerW: number;
  source: PowerSource | null;
  sourceShare: number;
}

/** Power by model over the given rigs, the largest first; old readings and unknown figures are left out of the sums. */
export function powerByModel(table: FleetTable, rigs: readonly number[], nowMs: number): ModelPower[] {
  const models = new Map<string | null, ModelPower & { bySource: Map<string, number> }>();
  for (const rig of rigs) {
    const row = table.row(rig);
    if (row === undefined) continue;
    const model = table.text("model", row) ?? table.text("make", row);
    let entry = models.get(model);
    if (!entry) {
      entry = { model, rigs: 0, knownRigs: 0, powerW: 0, source: null, sourceShare: 0, bySource: new Map() };
      models.set(model, entry);
    }
    entry.rigs++;
    const powerW = table.number("powerW", row);
    const status = rigStatus(table, row, nowMs);
    if (powerW === null || status === "stale" || status === "unreachable" || status === "unknown") continue;
    entry.knownRigs++;
    entry.powerW += powerW;
    const source = table.text("powerSource", row);
    if (source) entry.bySource.set(source, (entry.bySource.get(source) ?? 0) + powerW);
  }
  return [...models.values()]
    .map(({ bySource, ...entry }) => {
      for (const [source, powerW] of bySource)
        if (entry.powerW > 0 && powerW / entry.powerW > entry.sourceShare) {
          entry.source = source as PowerSource;
          entry.sourceShare = powerW / entry.powerW;
        }
      return entry;
    })
    .sort((a, b) => b.powerW - a.powerW || b.rigs - a.rigs);
}
