import { fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { MemoryAudit } from "../store/state/memoryAudit.js";
import { LOOKS } from "../store/state/noChanges.js";
import { Audit, type Deed } from "./audit.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const deed = (more: Partial<Deed> = {}): Deed => ({
  who: "ann",
  by: "user",
  address: "10.0.0.1",
  action: "user.add",
  object: "bob",
  ...more,
});

describe("the record of changes", () => {
  test("counts what is refused to one who makes too much of it, says so later, and misses nothing that is done", async () => {
    const clock = fakeClock(0);
    const store = new MemoryAudit();
    const audit = new Audit(store, clock, pino({ level: "silent" }));
    for (let i = 0; i < 250; i++) await audit.note(deed({ result: "refused" }));
    await audit.note(deed({ who: "bob", result: "failed" }));
    await audit.note(deed());
    expect(store.all()).toHaveLength(202);
    await clock.advance(HOUR_MS);
    await audit.note(deed({ result: "refused", after: { role: "admin" } }));
    expect(store.all().at(-1)).toMatchObject({ after: { role: "admin", notRecordedBefore: 50 } });
    await audit.note(deed({ result: "refused" }));
    expect(store.all().at(-1)).toMatchObject({ after: null });
  });

  test("is not filled by who logs in and out all day", async () => {
    const clock = fakeClock(0);
    const store = new MemoryAudit();
    const audit = new Audit(store, clock, pino({ level: "silent" }));
    for (let i = 0; i < 150; i++)
      for (const action of ["login", "logout"]) await audit.note(deed({ action, object: "ann" }));
    expect(store.all()).toHaveLength(200);
    await audit.note(deed({ action: "login", result: "refused" }));
    await audit.note(deed());
    await audit.note(deed({ who: "bob", action: "login", object: "bob" }));
    expect(store.all()).toHaveLength(203);
    await clock.advance(HOUR_MS);
    await audit.note(deed({ action: "login" }));
    expect(store.all().at(-1)).toMatchObject({ who: "ann", after: { notRecordedBefore: 100 } });
  });

  test("has nothing of who only looked, whatever number of times, and what of it was refused", async () => {
    const store = new MemoryAudit();
    const audit = new Audit(store, fakeClock(0), pino({ level: "silent" }));
    for (const action of LOOKS) for (let i = 0; i < 50; i++) await audit.note(deed({ action }));
    await audit.note(deed({ action: "settings.preview", result: "refused" }));
    expect(store.all()).toMatchObject([{ action: "settings.preview", result: "refused" }]);
  });

  test("keeps to its number of entries within the hour too", async () => {
    const store = new MemoryAudit();
    let trims = 0;
    store.trim = async () => void trims++;
    const audit = new Audit(store, fakeClock(0), pino({ level: "silent" }));
    for (let i = 0; i < 2_500; i++) await audit.note(deed());
    expect(trims).toBe(2);
  });

  test("is trimmed to 400 days at the start and every hour", async () => {
    const clock = fakeClock(0);
    const store = new MemoryAudit();
    const audit = new Audit(store, clock, pino({ level: "silent" }));
    await audit.note(deed());
    using _trimming = audit.start();
    await clock.advance(400 * DAY_MS - HOUR_MS);
    await audit.note(deed({ object: "carol" }));
    expect(store.all()).toHaveLength(2);
    await clock.advance(2 * HOUR_MS);
    expect(store.all().map(({ object }) => object)).toEqual(["carol"]);
  });

  test("loses an entry when the disk takes none, says so in the log, and goes on", async () => {
    const logged: string[] = [];
    const store = new MemoryAudit();
    let full = true;
    const audit = new Audit(
      {
        add: (entry) => (full ? Promise.reject(new Error("no room")) : store.add(entry)),
        list: (query) => store.list(query),
        trim: (bound) => store.trim(bound),
      },
      fakeClock(0),
      pino({ level: "error" }, { write: (line) => logged.push(line) }),
    );
    await audit.note(deed());
    expect(logged.join("")).toMatch(/no room.*audit entry not written/);
    full = false;
    await audit.note(deed({ object: "carol" }));
    expect((await audit.page({ limit: 10 })).entries).toMatchObject([{ object: "carol" }]);
  });
});
