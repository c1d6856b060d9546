import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Integration suites share two cores with the processes they start, so their files run one after another. */
const serial = {
  fileParallelism: false,
  maxWorkers: 1,
  // Modules are loaded once for all files.
  isolate: false,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

/** For suites that start programs: they start those of the last compilation. */
const programs = { globalSetup: ["test/support/freshPrograms.ts"] };

/** The same suite once more on a real InfluxDB; test/support/testStore.ts reads which store it is. */
const onInflux = { env: { HASHWATT_TEST_STORE: "influxdb" } };
/** Test files that run on the store of the run: the others have none on their way, or name their own. */
const onStores = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) =>
      /\b(startStack\(|startWatchedFleet\(|startTestStore\(\))/.test(
        readFileSync(new URL(path, import.meta.url), "utf8"),
      ),
    );
/** What happens to an InfluxDB happens to no other store. */
const INFLUX_ONLY = ["test/chaos/influxAway.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{protocol,agent,server,dashboard,simulator}/src/**/*.test.{ts,tsx}",
            "test/support/**/*.test.ts",
          ],
          testTimeout: 60_000,
          // Modules are loaded once for all files: half the time of the suite was loading them.
          isolate: false,
        },
      },
      {
        test: {
          name: "contract",
          ...programs,
          include: ["test/contract/**/*.test.ts"],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...serial, ...programs } },
      {
        test: {
          name: "e2e-influx",
          include: onStores("test/e2e"),
          ...serial,
          ...programs,
          ...onInflux,
        },
      },
      {
        test: {
          name: "fuzz",
          ...programs,
          include: ["test/fuzz/**/*.test.ts"],
          ...serial,
          testTimeout: 600_000,
        },
      },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], ...serial, ...programs } },
      {
        test: {
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          exclude: INFLUX_ONLY,
          ...serial,
          ...programs,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: "chaos-influx",
          include: ["test/chaos/**/*.test.ts"],
          ...serial,
          ...programs,
          testTimeout: 180_000,
          ...onInflux,
        },
      },
    ],
  },
});
