import { systemClock } from "@hashwatt/protocol/time";
import { configSchema } from "@hashwatt/server/config/schema";
import { Events, openConfigured } from "@hashwatt/server/openConfigured";
import { Refusals } from "@hashwatt/server/refusals";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import type { StoredSample } from "@hashwatt/server/store/store";
import { jitter } from "./floors/replies.js";
import { evidenceOf, handleOf, scalarSample } from "./samples.js";

/** What a store, as a config names it, is filled with: `rawRigs` of the `rigs` have raw samples of a day, all have hourly rows of `days`. */
export interface Prefill {
  store: Record<string, unknown>;
  site: string;
  rigs: number;
  rawRigs: number;
  intervalMs: number;
  days: number;
  endMs: number;
}

const spread = (centre: number, n: number, k: number, salt: number) => {
  const mean = centre * (1 + 0.01 * jitter(n, k, salt));
  return { min: mean * 0.97, mean, max: mean * 1.03 };
};

/** A whole bucket of a rig that hashed all the time. */
function rollupRow(n: number, startMs: number, stepMs: number): RollupRow {
  const k = startMs / stepMs;
  const hashrateThs = spread(110, n, k, 1);
  const powerW = spread(3_250, n, k, 2);
  const kwh = (powerW.mean * stepMs) / 3.6e9;
  return {
    rig: n + 1,
    startMs,
    stepMs,
    algo: "sha256",
    samples: stepMs / 5_000,
    coveredMs: stepMs,
    miningMs: stepMs,
    hashCoveredMs: stepMs,
    thsHours: (hashrateThs.mean * stepMs) / 3.6e6,
    powerCoveredMs: stepMs,
    kwh,
    kwhBySource: [0, 0, kwh, 0, 0],
    hashrateThs,
    powerW,
    inletTempC: spread(28, n, k, 3),
    boardTempC: spread(65, n, k, 4),
    chipTempC: spread(74, n, k, 5),
    fanRpm: spread(5_500, n, k, 6),
    accepted: 40,
    rejected: 0,
  };
}

function siteRow(site: string, rows: readonly RollupRow[], startMs: number, stepMs: number): SiteRollupRow {
  const sum = (of: (row: RollupRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const kwh = sum((row) => row.kwh);
  return {
    site,
    algo: "sha256",
    startMs,
    stepMs,
    rigMs: rows.length * stepMs,
    coveredMs: rows.length * stepMs,
    miningMs: rows.length * stepMs,
    hashCoveredMs: rows.length * stepMs,
    hashSpanMs: stepMs,
    powerSpanMs: stepMs,
    thsHours: sum((row) => row.thsHours),
    powerCoveredMs: rows.length * stepMs,
    kwh,
    kwhBySource: [0, 0, kwh, 0, 0],
    nominalThs: 110 * rows.length,
  };
}

/** Fills the stores through themselves, as a server that ran for so long would have left it. */
export async function prefill(options: Prefill, say: (line: string) => void): Promise<void> {
  const { site, rigs, rawRigs, intervalMs, days, endMs } = options;
  const agent = "a1";
  const dayMs = 24 * HOUR_MS;
  const stores = await openConfigured(configSchema.parse({ store: options.store }).store, {
    clock: systemClock,
    refusals: new Refusals(() => systemClock.nowMs()),
    events: new Events(systemClock),
  });
  try {
    await stores.state.putSite({
      site,
      name: "Bench",
      zone: "Asia/Shanghai",
      currency: "USD",
      gridRegion: "CN-SD",
      demo: false,
    });
    await stores.state.putRigs(
      Array.from({ length: rigs }, (_, n) => ({
        rig: n + 1,
        site,
        agent,
        handle: handleOf(n),
        name: `rig ${n + 1}`,
        evidence: evidenceOf(n),
        aliases: [
          { kind: "mac" as const, value: evidenceOf(n).mac! },
          { kind: "address" as const, value: `${site}/${agent}/${handleOf(n)}` },
        ],
        firstSeenMs: endMs - days * dayMs,
        lastSeenMs: endMs,
      })),
    );
    say(`hourly rows of ${rigs} rigs over ${days} days`);
    const firstHour = Math.floor((endMs - days * dayMs) / HOUR_MS) * HOUR_MS;
    for (let from = firstHour; from + HOUR_MS <= endMs; from += dayMs) {
      const rows: RollupRow[] = [];
      const sites: SiteRollupRow[] = [];
      for (let hour = from; hour < from + dayMs && hour + HOUR_MS <= endMs; hour += HOUR_MS) {
        const ofHour = Array.from({ length: rigs }, (_, n) => rollupRow(n, hour, HOUR_MS));
        rows.push(...ofHour);
        sites.push(siteRow(site, ofHour, hour, HOUR_MS));
      }
      await stores.state.putRollups(rows, sites);
    }
    const firstBucket = Math.ceil((endMs - dayMs) / BUCKET_MS) * BUCKET_MS;
    for (let bucket = firstBucket; bucket + BUCKET_MS <= endMs; bucket += BUCKET_MS) {
      const rows = Array.from({ length: rawRigs }, (_, n) => rollupRow(n, bucket, BUCKET_MS));
      await stores.state.putRollups(rows, [siteRow(site, rows, bucket, BUCKET_MS)]);
    }
    const rounds = Math.floor(dayMs / intervalMs);
    say(`${rounds * rawRigs} raw samples of ${rawRigs} rigs over a day`);
    let samples: StoredSample[] = [];
    for (let k = 0; k < rounds; k++) {
      for (let n = 0; n < rawRigs; n++) {
        const atMs = endMs - dayMs + k * intervalMs + Math.floor((n / rawRigs) * intervalMs);
        const { rig: _handle, ...sample } = scalarSample(n, k, atMs, intervalMs);
        samples.push({ rig: n + 1, site, receivedMs: atMs + 60, sample });
      }
      if (samples.length < 5_000 && k < rounds - 1) continue;
      const mark = {
        site,
        agent,
        stream: "s1",
        seq: k + 1,
        updatedMs: endMs - dayMs + k * intervalMs,
        lost: 0,
      };
      await stores.telemetry.append({ samples, marks: [mark] });
      samples = [];
    }
  } finally {
    await stores.close();
  }
}
