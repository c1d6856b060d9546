import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { systemClock } from "@hashwatt/protocol/time";
import {
  type ExportOrder,
  type ExportParts,
  exportBytes,
  exportFile,
} from "@hashwatt/server/export/exportRows";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "@hashwatt/server/rollup/row";
import { type OpenStores, openStores } from "@hashwatt/server/store/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./support/telemetryStores.js";

const START = Date.UTC(2026, 8, 1, 23);
const TO = START + 2 * HOUR_MS;
const LAST = TO - BUCKET_MS;
const NEVER = new AbortController().signal;

const row = (startMs: number): RollupRow => ({
  rig: 1,
  startMs,
  stepMs: BUCKET_MS,
  algo: "sha256",
  samples: 60,
  coveredMs: BUCKET_MS,
  miningMs: BUCKET_MS,
  hashCoveredMs: BUCKET_MS,
  thsHours: 10,
  powerCoveredMs: BUCKET_MS,
  kwh: 0.25,
  kwhBySource: [0, 0, 0.25, 0, 0],
});

describe("exports of a data folder", () => {
  const folder = tempFolder();
  let stores: OpenStores;
  let parts: ExportParts;
  const order = (more: Partial<ExportOrder> = {}): ExportOrder => ({
    data: "rigs",
    format: "csv",
    fromMs: START,
    toMs: TO,
    ...more,
  });

  beforeAll(async () => {
    stores = await openStores({ dataDir: folder.path, kind: "duckdb", clock: systemClock });
    const { state, telemetry } = stores;
    await state.putSite({ site: "s", name: "S", zone: "UTC", currency: "USD", demo: false });
    const record = {
      rig: 1,
      site: "s",
      agent: "a",
      handle: "h",
      evidence: { address: "10.0.0.1" },
      aliases: [],
    };
    await state.putRigs([{ ...record, name: '=cmd|"x"', firstSeenMs: START, lastSeenMs: TO }]);
    const starts = Array.from({ length: 24 }, (_, i) => START + i * BUCKET_MS);
    // Its last bucket is of another algorithm.
    await state.putRollups(
      starts.map((at) => ({ ...row(at), ...(at === LAST && { algo: "Scrypt" }) })),
      [],
    );
    const price = { value: 0.1, source: "@risk", asOfMs: START };
    const hashprice = { value: 40, source: "Bitcoin", asOfMs: START };
    const poolFactor = { value: 0.95, source: "Pool", asOfMs: START };
    const others = {
      "revenue/scrypt": { value: 160_000, source: "Litecoin", asOfMs: START },
      "poolFactor/scrypt": { value: 0.99, source: "Scrypt's", asOfMs: START },
      "poolFactor/sha256": { value: 0.98, source: "Pool; before the firmware's fee", asOfMs: START },
    };
    const buckets = starts.map((startMs, i) => ({
      startMs,
      rigs: 1,
      hashprice,
      poolFactor,
      others,
      ...(i < 12 && { price }),
    }));
    const stay = {
      rig: 1,
      site: "s",
      fromMs: -Infinity,
      toMs: Infinity,
      knownFromMs: START,
      algo: "sha256",
      gone: false,
    };
    await state.ledger.price({
      site: "s",
      fromMs: START,
      toMs: TO,
      buckets,
      stays: [stay],
      own: [],
      hoursToMs: TO,
    });
    const sample = {
      atMs: START,
      intervalMs: 5_000,
      status: "mining" as const,
      powerW: 3_000,
      powerSource: "psu" as const,
    };
    await telemetry.append({ samples: [{ rig: 1, site: "s", receivedMs: START, sample }], marks: [] });
    parts = { state, telemetry, rigs: () => [{ rig: 1, site: "s" }], clock: systemClock };
  });
  afterAll(async () => {
    await stores.close();
    folder[Symbol.dispose]();
  });

  it("are CSV with one header, days in order, empty cells for what is unknown, and no cell that runs as a formula", async () => {
    const path = join(folder.path, "rigs.csv");
    expect(await exportFile(parts, order(), path, { signal: NEVER })).toBe(3);
    const [header, first, other, second, ...none] = readFileSync(path, "utf8").trim().split("\n");
    const columns = header!.split(",");
    const cell = (line: string, name: string) => line.split(",")[columns.indexOf(name)];
    expect(first).toContain(`2026-09-01T23:00:00Z,${START},s,r1,"'=cmd|""x""",sha256,USD,`);
    expect(cell(first!, "energy_mwh")).toBe("3000000");
    expect(cell(first!, "energy_cost_micro")).toBe("300000");
    expect(cell(other!, "algo")).toBe("Scrypt");
    expect(second).toContain("2026-09-02T00:00:00Z");
    expect(cell(second!, "energy_cost_micro")).toBe("");
    expect(none).toEqual([]);
    // A file that is there is not written over, and stays.
    await expect(exportFile(parts, order(), path, { signal: NEVER })).rejects.toThrow("EEXIST");
    expect(readFileSync(path, "utf8")).toContain("r1");
  });

  it("stream the same, with the sources of each 5 minutes, and leave no piece behind", async () => {
    const piece = join(folder.path, "piece");
    const chunks: Buffer[] = [];
    for await (const chunk of exportBytes(parts, order({ data: "sites", site: "s" }), piece, NEVER))
      chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString().trim().split("\n");
    expect(lines).toHaveLength(25);
    expect(lines[1]).toContain("0.1,'@risk");
    // Each algorithm stands beside what it was priced by.
    const header = lines[0]!.split(",");
    const priced = [lines[1]!, lines[24]!].map((line) =>
      ["algo", "hashprice", "hashprice_source"].map((name) => line.split(",")[header.indexOf(name)]),
    );
    expect(priced).toEqual([
      ["sha256", "40.0", "Bitcoin"],
      ["Scrypt", "160000.0", "Litecoin"],
    ]);
    const pools = [lines[1]!, lines[24]!].map((line) =>
      ["", "_source", "_before_dev_fee", "_before_dev_fee_source"].map(
        (name) => line.split(",")[header.indexOf(`pool_factor${name}`)],
      ),
    );
    expect(pools).toEqual([
      ["0.95", "Pool", "0.98", "Pool; before the firmware's fee"],
      ["0.99", "Scrypt's", "", ""],
    ]);
    expect(existsSync(piece)).toBe(false);
  });

  it("are Parquet that DuckDB reads, of the ledger and of raw readings", async () => {
    const path = join(folder.path, "samples.parquet");
    expect(
      await exportFile(parts, order({ data: "samples", format: "parquet" }), path, { signal: NEVER }),
    ).toBe(1);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`SELECT rig, status, power_w, power_source FROM '${path}'`);
    expect(reader.getRowObjects()).toEqual([
      { rig: "r1", status: "mining", power_w: 3_000, power_source: "psu" },
    ]);
    connection.closeSync();
    instance.closeSync();
    const aborted = AbortSignal.abort(new Error("cancelled"));
    const cut = join(folder.path, "cut.csv");
    await expect(exportFile(parts, order(), cut, { signal: aborted })).rejects.toThrow("cancelled");
    expect(existsSync(cut)).toBe(false);
  });
});
