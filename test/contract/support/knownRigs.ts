import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";

/** Makes the state of an installation that knows so many rigs; of two installations with another `seenMs` the rigs are others. */
export async function knownRigs(folder: string, rigs: number, seenMs: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { store } = await DuckStateStore.open({ path: join(folder, "hashwatt.duckdb"), nowMs: Date.now });
  await store.putSite({ site: "north", name: "North", zone: "UTC", currency: "USD", demo: false });
  await store.putRigs(
    Array.from({ length: rigs }, (_, i) => ({
      rig: i + 1,
      site: "north",
      agent: "a1",
      handle: `h${i + 1}`,
      name: `Rig ${i + 1}`,
      evidence: { address: `10.0.0.${i + 1}` },
      aliases: [{ kind: "address" as const, value: `north/a1/h${i + 1}` }],
      firstSeenMs: seenMs + i,
      lastSeenMs: seenMs + i,
    })),
  );
  await store.close();
}
