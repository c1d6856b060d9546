import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWhenDone } from "../support/compareSpool.js";
import { startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import type { SpoolKeeper } from "../support/spooled.js";
import type { Stack } from "../support/stack.js";
import { startTestStore, storeKind, type TestStore } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { startWatchedFleet, type WatchedFleet } from "../support/watchedFleet.js";

const RIGS = 40;

/** It begins on the store of the run and ends on the other: the two runs go both ways. */
const from = storeKind;
const to = from === "duckdb" ? "influxdb" : "duckdb";

describe.skipIf(!programs.influxd)(`an installation moves from ${from} to ${to}`, () => {
  let other: TestStore;
  let watched: WatchedFleet;
  let stack: Stack;
  let spool: SpoolKeeper;

  const samples = async () =>
    (await stack.get<{ counters: { samples: number } }>("/api/health")).counters.samples;
  /** Changes the key `store` of the server's config. */
  const configure = (change: (store: Record<string, unknown>) => void) => {
    const path = join(stack.folder, "server.yaml");
    const config = JSON.parse(readFileSync(path, "utf8")) as { store: Record<string, unknown> };
    change(config.store);
    writeFileSync(path, JSON.stringify(config));
  };
  const copy = async () => {
    const program = startOurs("server", ["store", "copy", "--from", from, "--to", to, "--url", stack.url]);
    expect(await program.exit, program.lines.join("\n")).toBe(0);
    return Number(/^(\d+) samples copied/m.exec(program.lines.join("\n"))?.[1]);
  };

  beforeAll(async () => {
    other = await startTestStore(to);
    watched = await startWatchedFleet({ rigs: RIGS, seed: 17, base: "127.62.0.1", broker: "embedded" });
    ({ stack, spool } = watched);
    if (to === "influxdb") {
      await stack.server.stop();
      configure((store) => Object.assign(store, { influx: other.config("").influx }));
      await stack.startServer();
    }
    await until("there is something to copy", async () => (await samples()) > RIGS * 15, 60_000);
  });
  afterAll(async () => {
    await watched?.close();
    await other?.close();
  });

  test("with all of its history, each sample once, though its server is killed amidst the copy", async () => {
    const answer = await fetch(`${stack.url}/api/jobs/copy`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: { kind: from }, to: { kind: to } }),
    });
    expect(answer.status, await answer.text()).toBe(202);
    stack.server.signal("SIGKILL");
    await stack.server.exit;
    await stack.startServer();
    const [job] = await stack.get<{ state: string; error: string }[]>("/api/jobs");
    expect(job).toMatchObject({ state: "failed", error: expect.stringContaining("the server ended before") });
    const copied = await copy();
    expect(copied).toBeGreaterThan(RIGS * 10);
    const taken = await samples();
    await until("ingest goes on", async () => (await samples()) > taken + RIGS * 3);

    await stack.server.stop();
    configure((store) => {
      store.kind = to;
    });
    await stack.startServer();
    expect(await copy()).toBeGreaterThan(0);
    const { lost, double, spooled } = await compareWhenDone(stack, spool, { store: other });
    expect(spooled).toBeGreaterThan(copied);
    expect(lost).toEqual([]);
    expect(double).toEqual([]);
  });
});
