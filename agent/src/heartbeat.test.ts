import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Condition, feelPulse, startHeartbeat } from "./heartbeat.js";

const START = Date.UTC(2026, 10, 26);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-heartbeat-"));
});
// A beat may still be on its way to the disk.
afterEach(() => vi.waitFor(() => rmSync(folder, { recursive: true, force: true }), { timeout: 10_000 }));

describe("the heartbeat", () => {
  it("is written at once and tells how the agent is", async () => {
    const clock = fakeClock(START);
    const log = pino({ enabled: false });
    using _beat = startHeartbeat(
      folder,
      "1.2.3",
      () => ({ connected: false, rigs: { mining: 46, idle: 0, unreachable: 2 }, spooled: 7 }),
      clock,
      log,
    );
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual(["heartbeat.json"]));
    expect(feelPulse(folder, clock.nowMs())).toEqual({
      alive: true,
      text: "alive, version 1.2.3; rigs: 46 mining, 2 unreachable; broker not reachable; 7 batches to be acknowledged",
    });
  });

  it("is missed after 45 s, and is there again with the next beat", async () => {
    const clock = fakeClock(START);
    const log = pino({ enabled: false });
    const condition: Condition = { connected: true, rigs: {}, spooled: 0, spoolError: "no space left" };
    using beat = startHeartbeat(folder, "1.2.3", () => condition, clock, log);
    await vi.waitFor(() => expect(feelPulse(folder, START).alive).toBe(true));
    expect(feelPulse(folder, START + 45_000)).toMatchObject({ alive: true });
    expect(feelPulse(folder, START + 46_000)).toEqual({
      alive: false,
      text: "the agent has given no sign of life for 46 s",
    });
    expect(feelPulse(folder, START - 3_600_000).alive).toBe(false);
    await clock.advance(50_000);
    // Beats go to a real disk, which this clock does not wait for: the next one is at most one more beat away.
    await vi.waitFor(async () => {
      await clock.advance(10_000);
      expect(feelPulse(folder, clock.nowMs())).toEqual({
        alive: true,
        text: "alive, version 1.2.3; no rigs yet; broker connected; 0 batches to be acknowledged; spool: no space left",
      });
    });
    beat[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });

  it("that cannot be written is logged once, and nothing is said to live there", async () => {
    const logged: { msg: string; code: string }[] = [];
    const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const clock = fakeClock(START);
    const gone = join(folder, "gone");
    using _beat = startHeartbeat(gone, "1", () => ({ connected: true, rigs: {}, spooled: 0 }), clock, log);
    await vi.waitFor(() => expect(logged).toHaveLength(1));
    await clock.advance(30_000);
    expect(logged).toMatchObject([{ msg: "heartbeat not written", code: "ENOENT" }]);
    expect(feelPulse(gone, START)).toEqual({
      alive: false,
      text: `no agent has run here yet: there is no ${gone}/heartbeat.json`,
    });
    writeFileSync(join(folder, "heartbeat.json"), "{}");
    expect(feelPulse(folder, START).text).toContain("not understood");
  });
});
