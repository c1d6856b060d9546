import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "@hashwatt/protocol/sample";
import { afterEach, describe, expect, test } from "vitest";
import { keepSegments } from "../support/keptSegments.js";
import { root, startProgram } from "../support/program.js";
import { Timeline } from "../support/timeline.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A day of a simulated fleet as it lies in the spool, and when it was ready on the clock that its maker had. */
async function made(
  rigs: number,
  { speed = 1, layout }: { speed?: number; layout?: string } = {},
): Promise<{ readyMs: number; byRig: Sample[][] }> {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-past-"));
  folders.push(folder);
  const time = new Timeline(Date.now(), speed);
  const asked = JSON.stringify({ days: 1, rigs, seed: 1, port: 4028, spool: join(folder, "spool"), layout });
  const program = startProgram(process.execPath, [
    ...time.nodeArgs,
    join(root, "scripts/backfill.mjs"),
    asked,
  ]);
  await program.waitFor(`simulated: 1 days of ${rigs} rigs`, 90_000);
  const readyMs = time.nowMs();
  expect(await program.exit).toBe(0);
  const kept = keepSegments(folder, join(folder, "kept"));
  const byRig = new Map<string, Sample[]>();
  for (const { samples } of kept.batches())
    for (const sample of samples) {
      const own = byRig.get(sample.rig);
      if (own) own.push(sample);
      else byRig.set(sample.rig, [sample]);
    }
  kept.close();
  return { readyMs, byRig: [...byRig.values()] };
}

describe("the past of a simulated fleet", () => {
  test("ends at the present, however long it took to make", async () => {
    // Of this clock that is some minutes.
    const { readyMs, byRig } = await made(12, { speed: 120 });
    expect(byRig).toHaveLength(12);
    for (const samples of byRig) {
      const times = samples.map(({ atMs }) => atMs).sort((a, b) => a - b);
      expect(times.at(-1)! - times[0]!).toBeGreaterThan(24 * HOUR_MS + 2 * MINUTE_MS);
      // Nothing is left out on the way, and nothing is of a time that is still to come.
      expect(times.every((atMs, i) => i === 0 || atMs - times[i - 1]! === MINUTE_MS)).toBe(true);
      expect(times.at(-1)).toBeLessThanOrEqual(readyMs);
      expect(readyMs - times.at(-1)!).toBeLessThan(6 * MINUTE_MS);
    }
  });

  test.each(["per-address", "per-port"])("stops the fans of one rig, told apart as %s", async (layout) => {
    const { byRig } = await made(4, { layout });
    const standing = byRig.filter((samples) => samples.some(({ fansRpm }) => fansRpm?.includes(0)));
    expect(standing).toHaveLength(1);
  });
});
