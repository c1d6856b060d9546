import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@hashwatt/protocol/time";
import { doctor } from "@hashwatt/server/doctor";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { freePort } from "../support/ports.js";
import { programs } from "../support/programs.js";
import { openInfluxStore } from "./support/influxStore.js";
import { tempFolder } from "./support/telemetryStores.js";

describe.skipIf(!programs.influxd)("the doctor of a server on an InfluxDB", () => {
  let influxd: Influxd;
  let folder: ReturnType<typeof tempFolder>;
  beforeAll(async () => {
    influxd = await startInfluxd({ auth: true });
  });
  afterAll(() => influxd[Symbol.asyncDispose]());
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => folder[Symbol.dispose]());

  /** What it says of the store. */
  const ofStore = async (influx: Record<string, unknown> = {}, days: Record<string, number> = {}) => {
    const path = join(folder.path, "server.yaml");
    writeFileSync(
      path,
      JSON.stringify({
        http: { port: await freePort() },
        broker: "off",
        store: {
          kind: "influxdb",
          dataDir: folder.path,
          influx: { url: influxd.url, ...influxd.admin, ...influx },
          ...days,
        },
      }),
    );
    const found = (await doctor(path, systemClock)).find(({ part }) => part === "store");
    return `${found?.grade}: ${found?.text}`;
  };
  const databases = async () => JSON.stringify(await influxd.query("SHOW DATABASES"));

  it("says what is missing, and makes nothing", async () => {
    expect(await ofStore({ database: "fresh" })).toBe(
      `ok: InfluxDB at ${influxd.url} answers, and the start makes the databases it lacks; no file of rigs known yet`,
    );
    expect(await ofStore({ database: "fresh", create: false })).toBe(
      `wrong: InfluxDB at ${influxd.url} has no database "fresh": create it with a retention of 7 days`,
    );
    expect(await databases()).not.toContain("fresh");
  });

  it("says how new the newest sample is, and whose retention is another", async () => {
    const store = await openInfluxStore(
      { url: influxd.url, ...influxd.admin, database: "held" },
      folder.path,
    );
    const atMs = Date.UTC(2026, 2, 1, 5);
    const sample = { atMs, intervalMs: 5_000, status: "idle" as const };
    await store.append({ samples: [{ rig: 1, receivedMs: atMs, sample }], marks: [] });
    await store.close();
    expect(await ofStore({ database: "held" })).toMatch(
      /^warn: InfluxDB 1\.6\.7\S* at \S+, newest sample of 2026-03-01T05:00:00\.000Z, 0 rigs known; InfluxDB keeps database "held" \d+ days, and the config says 7 days/,
    );
  });

  it("says that it is down, does not know us, or lets us not write", async () => {
    await ofStoreReady("mine");
    expect(await ofStore({ password: "wrong" })).toMatch(
      /^wrong: InfluxDB at \S+ does not know us: correct token, or username and password, in store\.influx/,
    );
    await influxd.query("CREATE USER \"reader\" WITH PASSWORD 'p'");
    for (const name of ["mine", "mine_5m", "mine_1h"])
      await influxd.query(`GRANT READ ON "${name}" TO "reader"`);
    expect(await ofStore({ database: "mine", username: "reader", password: "p" })).toMatch(
      /^wrong: InfluxDB at \S+ lets us not write "mine": give this token or user the permission to write it/,
    );
    expect(await ofStore({ url: `http://127.0.0.1:${await freePort()}` })).toMatch(
      /^wrong: no answer from InfluxDB at \S+ \(ECONNREFUSED\): start it, or correct store\.influx\.url$/,
    );
  });

  async function ofStoreReady(database: string): Promise<void> {
    using own = tempFolder();
    const store = await openInfluxStore({ url: influxd.url, ...influxd.admin, database }, own.path);
    await store.probe?.();
    await store.close();
  }
});
