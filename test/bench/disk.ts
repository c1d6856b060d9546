import { statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Sample } from "@hashwatt/protocol/sample";
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";
import type { StoredSample, TelemetryStore } from "@hashwatt/server/store/store";
import { scratch } from "../support/stack.js";
import { type Bench, bounded, reported } from "./figure.js";
import { fullSample, scalarSample } from "./samples.js";

const RIGS = 1_000;
const INTERVAL_MS = 5_000;
const SCALAR_ROUNDS = 1_100;
/** Two hours and a bit: compaction takes whole hours that are over. */
const FULL_RIGS = 250;
const FULL_ROUNDS = 1_500;
const HOUR_MS = 3_600_000;

type Make = (n: number, k: number, atMs: number, intervalMs: number) => Sample;

/** Appends `rounds` readings of each rig, in the order of time, a commit per round as a server at that rate would make a few. */
async function fill(
  store: TelemetryStore,
  make: Make,
  rigs: number,
  rounds: number,
  startMs: number,
): Promise<void> {
  for (let k = 0; k < rounds; k++) {
    const samples: StoredSample[] = [];
    for (let n = 0; n < rigs; n++) {
      const atMs = startMs + k * INTERVAL_MS + Math.floor((n / rigs) * INTERVAL_MS);
      const { rig: _handle, ...sample } = make(n, k, atMs, INTERVAL_MS);
      samples.push({ rig: n + 1, receivedMs: atMs + 60 + ((n * 7 + k) % 90), sample });
    }
    const mark = {
      site: "bench",
      agent: "a1",
      stream: "s1",
      seq: k + 1,
      updatedMs: startMs + k * INTERVAL_MS,
      lost: 0,
    };
    await store.append({ samples, marks: [mark] });
  }
}

/** Bytes that hold data: blocks that a deletion freed are the file's to fill again. */
async function usedBytes(path: string): Promise<number> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("CHECKPOINT");
  const result = await connection.runAndReadAll(
    "SELECT (block_size * used_blocks)::DOUBLE AS bytes FROM pragma_database_size()",
  );
  const bytes = Number(result.getRowObjectsJS()[0]?.bytes);
  connection.closeSync();
  instance.closeSync();
  return bytes;
}

/** What a sample takes on disk, written by the store itself and checkpointed. */
export const bench: Bench = async ({ say }) => {
  const folder = scratch("bench-disk");
  const startMs = Date.UTC(2026, 0, 5);
  const open = async (name: string) => {
    const path = join(folder.path, name);
    const { store } = await DuckTelemetryStore.open({ path, nowMs: Date.now, report: say });
    return { path, store };
  };
  try {
    say(`${RIGS * SCALAR_ROUNDS} samples of 12 scalars`);
    const scalars = await open("telemetry.duckdb");
    const startedMs = performance.now();
    await fill(scalars.store, scalarSample, RIGS, SCALAR_ROUNDS, startMs);
    const rate = (RIGS * SCALAR_ROUNDS) / ((performance.now() - startedMs) / 1000);
    await scalars.store.close();
    const perScalar = statSync(scalars.path).size / (RIGS * SCALAR_ROUNDS);

    say(`${FULL_RIGS * FULL_ROUNDS} full samples`);
    const full = await open("boards.duckdb");
    await fill(full.store, fullSample, FULL_RIGS, FULL_ROUNDS, startMs);
    await full.store.close();
    const perFull = (await usedBytes(full.path)) / (FULL_RIGS * FULL_ROUNDS);
    const again = await open("boards.duckdb");
    const endMs = startMs + FULL_ROUNDS * INTERVAL_MS;
    await again.store.compactBoards(Math.floor(endMs / HOUR_MS) * HOUR_MS);
    await again.store.close();
    const compacted = (await usedBytes(again.path)) / (FULL_RIGS * FULL_ROUNDS);
    return [
      bounded(
        "a sample of 12 scalars",
        perScalar,
        "B",
        { atMost: 25 },
        { note: `${RIGS * SCALAR_ROUNDS} samples, size of the file after a checkpoint` },
      ),
      reported("a full sample: boards and fans at full rate", perFull, "B"),
      reported("a full sample: boards and fans by the minute once their hour closed", compacted, "B", {
        note: "of two hours at one reading each 5 s",
      }),
      reported("samples made and stored", rate, "/s"),
    ];
  } finally {
    folder.remove();
  }
};
