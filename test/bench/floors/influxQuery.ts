import { serve } from "../worker.js";
import { BareInflux } from "./bareInflux.js";

/** The bare query on the product's own database: means per step straight from the points, no hold, no money, no HTTP of ours. */
interface Answer {
  results: { error?: string; series?: { values: unknown[][] }[] }[];
}
let influx = { url: "", database: "" };

serve({
  open(options: typeof influx) {
    influx = options;
  },
  async rig({ rig, fromMs, toMs, stepMs }: Record<"rig" | "fromMs" | "toMs" | "stepMs", number>) {
    const statement = `SELECT mean("hashrateThs"), mean("powerW"), max("chipTempC"), min("fanRpm") FROM "rig"
      WHERE "rig" = 'r${rig}' AND time >= ${fromMs}ms AND time < ${toMs}ms GROUP BY time(${stepMs}ms) fill(none)`;
    const startedMs = performance.now();
    const answer = (await BareInflux.query(influx.url, statement, influx.database)) as Answer;
    const ms = performance.now() - startedMs;
    const [result] = answer.results;
    if (result?.error) throw new Error(result.error);
    return { ms, points: result?.series?.[0]?.values.length ?? 0 };
  },
});
