import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { doctor } from "./doctor.js";

describe("the doctor", () => {
  let folder: string;
  let blocker: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-doctor-"));
  });
  afterEach(() => {
    blocker?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const examine = async (config: object, clock = systemClock) => {
    const path = join(folder, "server.yaml");
    const defaults = {
      http: { port: 0 },
      broker: { embedded: { port: 0 } },
      store: { kind: "duckdb", dataDir: join(folder, "data") },
    };
    writeFileSync(path, JSON.stringify({ ...defaults, ...config }));
    const findings = await doctor(path, clock);
    return {
      findings,
      wrong: findings.filter((finding) => !finding.ok).map(({ part, text }) => `${part}: ${text}`),
    };
  };

  test("finds nothing wrong with a healthy machine, and says what will stay unknown", async () => {
    const { findings, wrong } = await examine({ sites: [{ site: "farm" }] });
    expect(wrong).toEqual([]);
    expect(findings.map((finding) => finding.part)).toEqual([
      "config",
      "site farm",
      "clock",
      "http",
      "disk",
      "store",
      "broker",
    ]);
    expect(findings[1]?.text).toContain("no price, so profit stays unknown");
  });

  test("names a config that does not hold and looks no further", async () => {
    const { wrong } = await examine({ htpp: {} });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain("did you mean http?");
  });

  test("names a port that is taken", async () => {
    blocker = createServer();
    await new Promise<void>((resolve) => blocker?.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    const { wrong } = await examine({ http: { port } });
    expect(wrong).toEqual([expect.stringContaining(`http: port ${port} of 127.0.0.1 is in use`)]);
  });

  test("names a broker that cannot be reached", async () => {
    const { wrong } = await examine({ broker: { url: "mqtt://127.0.0.1:9" } });
    expect(wrong).toEqual([
      expect.stringMatching(/^broker: mqtt:\/\/127\.0\.0\.1:9: the broker cannot be reached/),
    ]);
  });

  test("names a folder that cannot be written", async () => {
    writeFileSync(join(folder, "file"), "");
    const { wrong } = await examine({ store: { kind: "duckdb", dataDir: join(folder, "file", "data") } });
    expect(wrong.map((text) => text.split(":")[0])).toEqual(["disk", "store"]);
  });

  test("names a clock that lies before the program was made", async () => {
    const { wrong } = await examine(
      { store: { kind: "memory", dataDir: folder } },
      fakeClock(Date.UTC(2020, 0, 1)),
    );
    expect(wrong).toEqual([expect.stringContaining("clock: this machine says 2020-01-01")]);
  });
});
