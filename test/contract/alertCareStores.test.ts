import type { AlertCare } from "@hashwatt/server/alerts/delivery/alertCare";
import { testAlert } from "@hashwatt/server/fixtures/alert";
import type { QueuedNotification } from "@hashwatt/server/store/state/state";
import { describe, expect, it } from "vitest";
import { DURABLE, STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const care = (id: string, more: Partial<AlertCare> = {}): AlertCare => ({
  id,
  seen: "firing/1//",
  told: { ops: { atMs: 1, firedMs: 1, route: "it's" } },
  escalated: [],
  steps: [{ atMs: 1, text: "Told" }],
  ...more,
});
const message = (id: string, more: Partial<QueuedNotification> = {}): QueuedNotification => ({
  id,
  notifier: "ops",
  body: { v: 1, alerts: [] },
  createdMs: 5,
  dueMs: 6,
  attempts: 0,
  ...more,
});

describe.each(Object.entries(STATE_STORES))("state store %s", (name, open) => {
  it("keeps what is done about alerts with the messages that it makes, and why a message failed", async () => {
    using folder = tempFolder();
    let store = await open(folder.path);
    await store.alertCare.keep({ cares: [], notifications: [], atMs: 1 });
    const cares = [care("a'1"), care("b"), care("a'1", { seen: "later" })];
    await store.alertCare.keep({ cares, notifications: [message("m'1"), message("m2")], atMs: 5 });
    await store.alertCare.keep({ cares: [care("c")], notifications: [message("m2", { dueMs: 9 })], atMs: 9 });
    const failed = message("m'1", { attempts: 2, failed: { atMs: 7, reason: "it's gone" } });
    await store.putNotification(failed);
    if (DURABLE.includes(name)) {
      await store.close();
      store = await open(folder.path);
    }
    expect(await store.notifications()).toEqual([failed, message("m2", { dueMs: 9 })]);
    expect(await store.alertCare.of(["c", "b", "a'1", "none"])).toEqual([
      care("a'1", { seen: "later" }),
      care("b"),
      care("c"),
    ]);
    await store.alertCare.trim(6);
    expect(await store.alertCare.of(["a'1", "b", "c"])).toEqual([care("c")]);
    await store.close();
  });

  it("forgets alerts that ended before an instant, and neither one that goes on nor a young event", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const ended = { state: "resolved" as const };
    await store.putAlerts([
      testAlert("old", { ...ended, resolvedMs: 99 }),
      testAlert("young", { ...ended, resolvedMs: 100, pendingMs: 2 }),
      testAlert("open", { pendingMs: 1 }),
    ]);
    await store.addEvent({ atMs: 1, kind: "k", text: "kept" });
    await store.trimHistory(100);
    expect((await store.alerts(0)).map(({ id }) => id)).toEqual(["young", "open"]);
    expect(await store.events(0, 9)).toMatchObject([{ text: "kept" }]);
    await store.close();
  });
});
