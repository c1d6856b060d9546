// Appends to the telemetry store of a folder until it is killed, and says each commit that was acknowledged.
// Usage: node appendForEver.mjs <folder> <first seq>
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";

const [folder, first] = [process.argv[2], Number(process.argv[3])];
const SIZE = 50;
const START = Date.UTC(2026, 2, 1);
const { store } = await DuckTelemetryStore.open({
  path: `${folder}/telemetry.duckdb`,
  nowMs: () => START,
  report: () => undefined,
});
for (let seq = first; ; seq++) {
  const samples = Array.from({ length: SIZE }, (_, i) => ({
    rig: i + 1,
    receivedMs: START + seq * 1_000 + 5,
    sample: {
      atMs: START + seq * 1_000,
      intervalMs: 1_000,
      status: "mining",
      powerW: 3_000 + (seq % 100),
      boards: [{ slot: 0, hashrateThs: 33.1, hwErrors: seq }],
      fansRpm: [5_000, 5_100],
    },
  }));
  const mark = { site: "n", agent: "a", stream: "s", seq, updatedMs: START + seq, lost: 0 };
  await store.append({ samples, marks: [mark] });
  process.stdout.write(`${seq}\n`);
}
