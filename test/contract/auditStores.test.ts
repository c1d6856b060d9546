import type { AuditEntry } from "@hashwatt/protocol/access";
import type { AuditQuery } from "@hashwatt/server/store/state/state";
import { describe, expect, it } from "vitest";
import { STATE_STORES, tempFolder } from "./support/telemetryStores.js";

describe.each(Object.entries(STATE_STORES))("state store %s", (_name, open) => {
  it("keeps the record of changes: newest first, by time, person and action, a page at a time, and trims it", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const entry = (atMs: number, more: Partial<AuditEntry> = {}): Omit<AuditEntry, "n"> => ({
      atMs,
      who: "ann",
      by: "user",
      address: "10.0.0.1",
      action: "user.add",
      object: "it's bob",
      before: null,
      after: { role: "viewer", sites: ["north"], days: 3, all: false },
      result: "done",
      ...more,
    });
    await store.audit.add(entry(1));
    await store.audit.add(entry(2, { action: "user.remove", before: { role: "viewer" }, after: null }));
    await store.audit.add(entry(3, { who: "", action: "login", result: "refused" }));
    await store.audit.add(entry(4, { who: "", action: "login", result: "refused" }));
    await store.audit.add(entry(5, { action: "users" }));
    const list = (query: Partial<AuditQuery> = {}) =>
      store.audit.list({ limit: 10, ...query }).then((all) => all.map(({ n }) => n));
    expect(await list()).toEqual([5, 4, 3, 2, 1]);
    expect((await store.audit.list({ limit: 10 })).at(-1)).toEqual({ n: 1, ...entry(1) });
    expect(await list({ limit: 2, before: 5 })).toEqual([4, 3]);
    expect(await list({ fromMs: 2, toMs: 4 })).toEqual([3, 2]);
    expect(await list({ who: "ann", action: "user." })).toEqual([2, 1]);
    expect(await list({ who: "", action: "login" })).toEqual([4, 3]);
    await store.audit.trim({ fromMs: 2, done: 1, notDone: 1, visits: 1 });
    expect(await list()).toEqual([5, 4]);
    await store.audit.add(entry(6));
    expect(await list()).toEqual([6, 5, 4]);
    for (const action of ["login", "settings.preview", "login"]) await store.audit.add(entry(7, { action }));
    await store.audit.trim({ fromMs: 2, done: 1, notDone: 1, visits: 2 });
    expect(await list()).toEqual([9, 8, 6, 4]);
    await store.close();
  });
});
