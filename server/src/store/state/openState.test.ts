import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPresent } from "../../present.js";
import { HOUR_MS, type RollupRow } from "../../rollup/row.js";
import { restore } from "../backup/restore.js";
import { openStores } from "../registry.js";
import { nightlyExport } from "./export.js";
import type { RigRecord } from "./state.js";

const NOW = Date.UTC(2026, 2, 1, 12, 30);
const clock = { nowMs: () => NOW };
const rollupRow = (rig: number, startMs: number): RollupRow => ({
  rig,
  startMs,
  stepMs: 300_000,
  samples: 60,
  coveredMs: 300_000,
  miningMs: 300_000,
  hashCoveredMs: 0,
  thsHours: 0,
  powerCoveredMs: 0,
  kwh: 0,
  kwhBySource: [0, 0, 0, 0, 0],
});

const rigRecord = (rig: number): RigRecord => ({
  rig,
  site: "n",
  agent: "a",
  handle: `h${rig}`,
  name: `rig ${rig}`,
  evidence: { address: `10.0.0.${rig}` },
  aliases: [{ kind: "address", value: `n/a/h${rig}` }],
  firstSeenMs: NOW,
  lastSeenMs: NOW,
});

describe("the state of a data folder", () => {
  let dataDir: string;
  const open = () => openStores({ dataDir, kind: "duckdb", clock });
  const stateFile = () => join(dataDir, "hashwatt.duckdb");

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "hashwatt-state-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("is restored, where its file cannot be read or is gone, from the newest export that can be, and says so", async () => {
    let stores = await open();
    await stores.state.putSetting("name", "of an older night");
    await nightlyExport(stores.state, { dataDir, nowMs: NOW - 24 * HOUR_MS });
    await stores.state.putSetting("name", "of the operator");
    await stores.state.putRollups([rollupRow(1, NOW - HOUR_MS), rollupRow(2, NOW - 60 * 24 * HOUR_MS)], []);
    const path = await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await stores.state.putSetting("name", "later than the export");
    await stores.close();
    const bytes = readFileSync(stateFile());
    bytes.fill(0x5a, 0, 9_000);
    writeFileSync(stateFile(), bytes);

    stores = await open();
    expect(stores.reports).toEqual([
      expect.stringMatching(
        new RegExp(`^state restored from ${path}; the former state file is at .*; .* is damaged: .*is gone$`),
      ),
    ]);
    expect(await stores.state.setting("name")).toBe("of the operator");
    expect(await stores.state.rollups({ fromMs: 0, toMs: NOW, stepMs: 300_000 })).toHaveLength(2);
    await expect(restore(dataDir, path, clock)).rejects.toMatchObject({ code: "storeLocked" });
    await stores.close();
    const aside = readdirSync(dataDir).find((name) => name.startsWith("hashwatt.duckdb.before-restore-"));
    expect(readFileSync(join(dataDir, aside!)).equals(bytes)).toBe(true);

    rmSync(stateFile());
    writeFileSync(join(path, "settings.parquet"), "no parquet");
    stores = await open();
    expect(stores.reports).toEqual([
      expect.stringMatching(/^state restored from .*state-20260228; .* is missing; what was changed/),
      expect.stringContaining(`${path} cannot be restored`),
    ]);
    expect(await stores.state.setting("name")).toBe("of an older night");
    await stores.close();
    const again = await open();
    expect(again.reports).toEqual([]);
    await again.close();
  });

  it("is refused and left alone where its file cannot be read and there is no export", async () => {
    await (await open()).close();
    const bytes = readFileSync(stateFile());
    bytes.fill(0x5a, 0, 9_000);
    writeFileSync(stateFile(), bytes);
    await expect(open()).rejects.toMatchObject({
      code: "storeDamaged",
      message: expect.stringContaining("restore a backup, or move the file away"),
    });
    expect(readFileSync(stateFile()).equals(bytes)).toBe(true);
  });

  it("numbers new rigs beyond every key that an older state cannot know of", async () => {
    let stores = await open();
    await stores.state.putRigs([rigRecord(7)]);
    expect(await stores.state.setting("rigs.nextKey")).toBeUndefined();
    await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await stores.state.putRigs([rigRecord(8)]);
    await stores.close();
    rmSync(stateFile());
    stores = await open();
    const { identities } = await loadPresent([], stores, NOW);
    const from = { site: "n", agent: "a", stream: "s", live: true };
    expect(identities.ownerOf(from, "another", true, NOW, 1_000)).toBe(50_008);
    await stores.close();
    // What was cut from a log may have been rigs too.
    writeFileSync(`${stateFile()}.wal`, Buffer.from("6400626500 02ffff0123".replaceAll(" ", ""), "hex"));
    stores = await open();
    expect(stores.reports).toHaveLength(1);
    expect(Number(await stores.state.setting("rigs.nextKey"))).toBe(100_008);
    await stores.close();
  });
});
