import { describe, expect, test } from "vitest";
import { runBacklog } from "../bench/backlogRun.js";
import { stackRuns, storeKind } from "../support/testStore.js";

describe.skipIf(!stackRuns)("a backlog over a slow and distant link", () => {
  test("comes in whole and once, beside live readings", async () => {
    const lines: string[] = [];
    const { filled, check, live, during, firstLiveMs, inMs, complaints } = await runBacklog({
      rigs: 60,
      hours: 1,
      intervalMs: 30_000,
      store: storeKind,
      broker: "mosquitto",
      sums: false,
      patienceMs: 200_000,
      say: (line) => lines.push(line),
    });
    expect(filled.samples).toBe(60 * 121);
    // A second's readings to a record: what an agent that hears nothing gathers.
    expect(filled.records).toBeLessThanOrEqual(3_700);
    expect(check, complaints).toMatchObject({
      stored: 60 * 121,
      lost: 0,
      double: 0,
      invented: 0,
      example: "",
    });
    expect(live.spooled).toBeGreaterThan(0);
    expect(live).toMatchObject({ lost: 0, double: 0 });
    expect(firstLiveMs).toBeLessThan(inMs);
    expect(during.length, lines.join("\n")).toBeGreaterThan(0);
  }, 300_000);
});
