import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { systemClock } from "@hashwatt/protocol/time";
import { readGridFactors, readNetworkSnapshot } from "@hashwatt/server/bundledData";
import { factorSlots } from "@hashwatt/server/ledger/factorSlots";
import { Pricer } from "@hashwatt/server/ledger/pricer";
import { GridFactors } from "@hashwatt/server/rates/carbon/gridFactors";
import { overheadSchema } from "@hashwatt/server/rates/overhead/overhead";
import { RateSeries } from "@hashwatt/server/rates/rateSeries";
import { Rates } from "@hashwatt/server/rates/rates";
import { tariffSchema } from "@hashwatt/server/rates/tariffs/tariff";
import { BUCKET_MS } from "@hashwatt/server/rollup/row";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import type { RigRecord } from "@hashwatt/server/store/state/state";
import { evidenceOf, handleOf } from "./samples.js";

export const STATE_FILE = "hashwatt.duckdb";
const SITE = { name: "Bench", zone: "Asia/Shanghai", currency: "USD", gridRegion: "CN-SD", demo: false };

/** A state file with 5-minute rows of rigs at a site over a stretch of time, as a server that ran for so long would have left it. */
export interface LedgerFill {
  folder: string;
  site: string;
  rigs: number;
  fromMs: number;
  toMs: number;
  /** Where the rigs are read, where they are there; a rig is known again by its address. */
  addresses?: readonly { host: string; port: number }[];
}

export const openState = (folder: string): Promise<DuckStateStore> =>
  DuckStateStore.open({ path: join(folder, STATE_FILE), nowMs: () => Date.now() }).then(({ store }) => store);

function recordOf(n: number, { site, fromMs, toMs, addresses }: LedgerFill): RigRecord {
  const read = addresses?.[n];
  const handle = read ? `${read.host.replaceAll(".", "-")}-${read.port}` : handleOf(n);
  return {
    rig: n + 1,
    site,
    agent: "a1",
    handle,
    name: `rig ${n + 1}`,
    evidence: read ? { address: read.host, port: read.port, algo: "sha256" } : evidenceOf(n),
    aliases: [{ kind: "address", value: `${site}/a1/${handle}` }],
    firstSeenMs: fromMs,
    lastSeenMs: toMs,
  };
}

/** Fills it; the rows are written by DuckDB itself, which is a hundred times as fast as through the store. */
export async function fillRollups(fill: LedgerFill): Promise<void> {
  const { folder, site, rigs, fromMs, toMs } = fill;
  const state = await openState(folder);
  await state.putSite({ site, ...SITE });
  await state.putRigs(Array.from({ length: rigs }, (_, n) => recordOf(n, fill)));
  await state.close();
  const instance = await DuckDBInstance.create(join(folder, STATE_FILE), { memory_limit: "512MB" });
  const connection = await instance.connect();
  const kw = "3.25 * (1 + 0.01 * sin(b * 0.37 + r))";
  const ths = "110 * (1 + 0.01 * cos(b * 0.21 + r))";
  await connection.run(`INSERT INTO texts SELECT 1, 'sha256' WHERE NOT EXISTS (SELECT 1 FROM texts)`);
  await connection.run(
    `INSERT INTO rollups_5m BY NAME
     SELECT ${fromMs} + b * ${BUCKET_MS} AS start_ms, r::INTEGER AS rig, 1 AS algo, 60 AS samples, ${BUCKET_MS} AS covered_ms,
       ${BUCKET_MS} AS mining_ms, ${BUCKET_MS} AS hash_covered_ms, round(${ths} / 12, 7) AS ths_hours,
       ${BUCKET_MS} AS power_covered_ms, round(${kw} / 12, 9) AS kwh, round(${kw} / 12, 9) AS kwh_firmware,
       0 AS kwh_meter, 0 AS kwh_psu, 0 AS kwh_model, 0 AS kwh_nameplate, 40 AS accepted, 0 AS rejected
     FROM range(0, ${(toMs - fromMs) / BUCKET_MS}) t(b), range(1, ${rigs + 1}) s(r)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Prices of a day in three bands, each hour of the year somewhere. */
const tariff = tariffSchema.parse({
  id: "bench",
  name: "three bands",
  currency: "USD",
  validFrom: "2020-01-01",
  source: "made for this bench",
  energy: {
    kind: "timeOfUse",
    bands: { high: 0.11, middle: 0.07, low: 0.03 },
    rules: [{ band: "middle" }, { band: "high", hours: ["16-21"] }, { band: "low", hours: ["0-6"] }],
  },
});

const overhead = overheadSchema.parse({
  id: "bench",
  name: "constant",
  kind: "constant",
  factor: 1.05,
  validFrom: "2020-01-01",
  source: "made for this bench",
});

/** The rates and the pricer of such a state, as a server makes them. `rest` as there, or none. */
export async function openPricer(
  state: DuckStateStore,
  { site, rigs, fromMs, toMs }: LedgerFill,
  rest?: (tookMs: number) => Promise<void>,
): Promise<{ pricer: Pricer; series: RateSeries; heard(): Promise<unknown> }> {
  const series = new RateSeries(state.rateSeries);
  const slot = { startMs: fromMs, endMs: toMs, source: "made for this bench", asOfMs: fromMs };
  await series.put("hashprice/bench", [{ ...slot, value: 38.5 }]);
  await series.put("hashpriceBtc/bench", [{ ...slot, value: 0.0005 }]);
  const record = { site, ...SITE };
  const rates = new Rates(
    {
      snapshot: readNetworkSnapshot(),
      factors: new GridFactors(readGridFactors()),
      tariffs: [],
      fx: [],
      series,
      terms: new Map([[site, { tariffs: [tariff], overheads: [overhead] }]]),
    },
    [record],
  );
  const known = Array.from({ length: rigs }, (_, n) => ({
    rig: n + 1,
    site,
    algo: "sha256",
    firstSeenMs: fromMs,
  }));
  const pricer = new Pricer({
    state,
    rates: factorSlots(rates, state.ledger.devFees),
    feeders: async () => undefined,
    rigs: () => known,
    sites: () => [record],
    meteredSites: [],
    keepMs: Number.MAX_SAFE_INTEGER,
    clock: systemClock,
    log: { info: () => undefined, error: (...said: unknown[]) => console.error(...said) },
    ...(rest && { rest }),
  });
  const heard: Promise<void>[] = [];
  rates.onChange((of, _kind, range) => heard.push(pricer.rateChanged(of, range)));
  await pricer.load();
  return { pricer, series, heard: () => Promise.all(heard) };
}
