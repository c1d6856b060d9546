import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Events, openConfigured } from "./openConfigured.js";
import { Refusals } from "./refusals.js";
import { BUCKET_MS } from "./rollup/row.js";
import type { EventRecord } from "./store/state/state.js";

const NOW = Date.UTC(2026, 2, 1, 12, 30);
const HOUR_MS = 3_600_000;

describe("the stores of a config", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "hashwatt-configured-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  async function open() {
    const clock = { nowMs: () => NOW } as never;
    const events = new Events(clock);
    const told: EventRecord[] = [];
    events.to((event) => told.push(event));
    const store = { dataDir, kind: "duckdb", rawDays: 7, rollupDays: 400 } as never;
    const refusals = new Refusals(() => NOW);
    return { stores: await openConfigured(store, { clock, refusals, events }), told };
  }

  it("tell of a telemetry file that is gone, with the time that its samples were of, and keep the rest", async () => {
    const first = await open();
    expect(first.told).toEqual([]);
    const seen = NOW - 3 * HOUR_MS;
    await first.stores.state.putRigs([
      {
        rig: 1,
        site: "n",
        agent: "a",
        handle: "h",
        name: "h",
        evidence: { address: "10.0.0.1" },
        aliases: [],
        firstSeenMs: seen,
        lastSeenMs: seen,
      },
    ]);
    await first.stores.state.putRollups(
      [
        {
          rig: 1,
          startMs: NOW - HOUR_MS,
          stepMs: BUCKET_MS,
          samples: 60,
          coveredMs: BUCKET_MS,
          miningMs: BUCKET_MS,
          hashCoveredMs: 0,
          thsHours: 0,
          powerCoveredMs: 0,
          kwh: 0,
          kwhBySource: [0, 0, 0, 0, 0],
        },
      ],
      [],
    );
    await first.stores.telemetry.append({
      samples: [{ rig: 1, receivedMs: NOW, sample: { atMs: seen, intervalMs: 5_000, status: "mining" } }],
      marks: [],
    });
    await first.stores.close();
    const whole = await open();
    expect(whole.told).toEqual([]);
    await whole.stores.close();

    const path = join(dataDir, "telemetry.duckdb");
    expect(existsSync(path)).toBe(true);
    rmSync(path);
    const { stores, told } = await open();
    expect(told).toEqual([
      {
        atMs: NOW,
        kind: "store-damage",
        text: expect.stringMatching(
          /^no raw samples are there, though rigs reported from 2026-03-01T09:30:00\.000Z until 2026-03-01T11:35:00\.000Z at least: those are gone/,
        ),
      },
    ]);
    expect(await stores.state.rollups({ fromMs: 0, toMs: NOW, stepMs: BUCKET_MS })).toHaveLength(1);
    await stores.close();
  });
});
