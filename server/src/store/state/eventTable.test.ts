import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DuckFile } from "../duck/file.js";
import { STATE_MIGRATIONS } from "../duck/migrations.js";
import { EventTable } from "./eventTable.js";

test("a hundred thousand events are kept, and trimmed while the server runs, the oldest first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-events-"));
  const { file } = await DuckFile.open({
    ...{ path: join(folder, "state.duckdb"), migrations: STATE_MIGRATIONS, nowMs: () => 0 },
    ...{ damaged: "throw", memoryLimit: "96MB", restLimit: "32MB", checkpointAt: "2MB", threads: 1 },
  });
  const session = await file.session();
  try {
    await session.run(
      "INSERT INTO events SELECT i, i, 'flood', NULL, NULL, 'n ' || i FROM range(1, 100001) t(i)",
    );
    const table = await EventTable.open(session, session);
    for (let n = 100_001; n <= 100_003; n++) await table.add({ atMs: n, kind: "flood", text: `n ${n}` });
    const held = () => table.since(0, 200_000);
    expect(await held()).toHaveLength(100_003);
    await table.trim();
    expect(await held()).toHaveLength(100_000);
    expect((await held()).at(-1)).toMatchObject({ text: "n 4" });
    expect((await held())[0]).toMatchObject({ text: "n 100003" });
  } finally {
    await file.close();
    rmSync(folder, { recursive: true });
  }
});
