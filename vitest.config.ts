import { defineConfig } from "vitest/config";

/** Integration suites share two cores with the processes they start, so their files run one after another. */
const serial = { fileParallelism: false, maxWorkers: 1, testTimeout: 60_000, hookTimeout: 60_000 };

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
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...serial } },
      { test: { name: "browser", include: ["test/browser/**/*.test.ts"], ...serial } },
      { test: { name: "chaos", include: ["test/chaos/**/*.test.ts"], ...serial, testTimeout: 180_000 } },
    ],
  },
});
