import type { LedgerSums, RigHour } from "@hashwatt/server/store/state/ledger";
import type { Influxd } from "../../support/influxd.js";

/** Points of the ledger's hours as an InfluxDB 1.x holds them, sorted: tags, time, energy, its cost and how long that is known. */
export async function ledgerPoints(
  influxd: Pick<Influxd, "query">,
  database: string,
  measurement: string,
): Promise<string[]> {
  const fields = 'SELECT "kwh", "energyCost", "pricedMs"';
  const { series = [] } = await influxd.query(`${fields} FROM "${measurement}" GROUP BY *`, database);
  return series
    .flatMap(({ tags, values }) =>
      values.map(([at, ...amounts]) =>
        [tags?.site, tags?.rig, tags?.algo, at, ...amounts.map((amount) => amount ?? "")].join(" "),
      ),
    )
    .sort();
}

/** The same of hours as the state has them. What is not known is no field. */
export const pointsOf = (hours: readonly (LedgerSums | RigHour)[], site: string): string[] =>
  hours
    .map((hour) => {
      const { energyMwh, energyCostMicro, pricedMs } = hour.sums;
      const [kwh, cost] = [energyMwh, energyCostMicro].map((amount) => (amount === null ? "" : amount / 1e6));
      const rig = "rig" in hour ? `r${hour.rig}` : "";
      return [site, rig, hour.algo, hour.startMs, kwh, cost, pricedMs].join(" ");
    })
    .sort();
