import { testAlert } from "@hashwatt/server/fixtures/alert";
import { it } from "vitest";
import { STATE_STORES, tempFolder } from "./support/telemetryStores.js";
it("x", async () => {
  using folder = tempFolder();
  const store = await STATE_STORES.duckdb!(folder.path);
  for (let k = 0; k < 3; k++) {
    const alerts = Array.from({ length: 10_000 }, (_, i) => testAlert(`a${i}-${k >> 1}`, { reason: "Chip 101 °C, limit 95 °C by the firmware's own limit" }));
    const c = process.cpuUsage(); const t = performance.now();
    await store.putAlerts(alerts);
    const d = process.cpuUsage(c);
    console.log(Math.round(performance.now() - t), "ms wall", (d.user + d.system) / 1000, "ms cpu");
  }
  await store.close();
});
