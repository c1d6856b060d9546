import type { AlertView } from "@hashwatt/protocol/http";
import { foldHours, foldSite } from "@hashwatt/server/rollup/fold";
import { rollups } from "@hashwatt/server/rollup/rollup";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import { rawRow } from "@hashwatt/server/store/rawRow";
import type { RigRecord, StateStore } from "@hashwatt/server/store/state/state";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DAY_MS, fleetDay } from "./support/day.js";
import { DURABLE, STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const rig = (n: number, more: Partial<RigRecord> = {}): RigRecord => ({
  rig: n,
  site: "north",
  agent: "a1",
  handle: `h-${n}`,
  name: `Rig "${n}" o'hara`,
  evidence: {
    address: `10.0.0.${n}`,
    mac: "02:00:00:00:00:01",
    pools: [{ url: "stratum+tcp://p", user: "u.1" }],
  },
  aliases: [
    { kind: "mac", value: `02:${n}`, sinceMs: DAY_MS },
    { kind: "address", value: `north/a1/h-${n}` },
  ],
  firstSeenMs: DAY_MS,
  lastSeenMs: DAY_MS + n,
  ...more,
});
const alert = (id: string, more: Partial<AlertView> = {}): AlertView => ({
  id,
  rule: "offline",
  severity: "money",
  state: "firing",
  site: "north",
  rig: 1,
  subject: { kind: "rig", id: "r1", name: "it's rig 1" },
  pendingMs: DAY_MS,
  firedMs: null,
  resolvedMs: null,
  value: null,
  limit: null,
  unit: "min",
  reason: "silent",
  lossPerH: null,
  ...more,
});

describe.each(Object.entries(STATE_STORES))("state store %s", (name, open) => {
  let folder: ReturnType<typeof tempFolder>;
  let store: StateStore;

  beforeEach(async () => {
    folder = tempFolder();
    store = await open(folder.path);
  });
  afterEach(async () => {
    await store.close();
    folder[Symbol.dispose]();
  });

  const day = fleetDay({ seed: 3, rigs: 5, hours: 3, intervalMs: 30_000 });
  const rows: RollupRow[] = [];
  for (let n = 1; n <= 5; n++) {
    const own = day.filter((stored) => stored.rig === n).map(rawRow);
    rows.push(...rollups(own, DAY_MS, DAY_MS + 3 * HOUR_MS));
  }
  const hours = foldHours(rows);
  const known = [1, 2, 3, 4, 5].map((n) => ({
    rig: n,
    site: n < 3 ? "north" : "so'uth",
    firstSeenMs: 0,
    ...(n !== 4 && { nominalThs: 100 }),
  }));
  const sites: SiteRollupRow[] = [];
  for (let at = DAY_MS; at < DAY_MS + 3 * HOUR_MS; at += BUCKET_MS)
    sites.push(
      ...foldSite(
        rows.filter(({ startMs }) => startMs === at),
        known,
        at,
        BUCKET_MS,
      ),
    );
  const inOrder = (a: RollupRow, b: RollupRow) => a.startMs - b.startMs || a.rig - b.rig;

  it("gives rollup rows back as they were put, by step, window and rigs", async () => {
    await store.putRollups([...rows, ...hours], sites).then(() => store.settle());
    const all = { fromMs: DAY_MS, toMs: DAY_MS + 3 * HOUR_MS };
    expect(await store.rollups({ ...all, stepMs: BUCKET_MS })).toEqual([...rows].sort(inOrder));
    expect(await store.rollups({ ...all, stepMs: HOUR_MS })).toEqual([...hours].sort(inOrder));
    const part = { fromMs: DAY_MS + BUCKET_MS, toMs: DAY_MS + HOUR_MS, stepMs: BUCKET_MS, rigs: [4, 2] };
    expect(await store.rollups(part)).toEqual(
      rows
        .filter((row) => [2, 4].includes(row.rig) && row.startMs >= part.fromMs && row.startMs < part.toMs)
        .sort(inOrder),
    );
    for (const site of ["north", "so'uth", "none"])
      for (const algo of [undefined, "sha256d", "scrypt"]) {
        const wanted = sites
          .filter((row) => row.site === site && (algo === undefined || row.algo === algo))
          .sort((a, b) => a.startMs - b.startMs || (a.algo < b.algo ? -1 : 1));
        expect(await store.siteRollups({ ...all, stepMs: BUCKET_MS, site, ...(algo && { algo }) })).toEqual(
          wanted,
        );
      }
    expect(await store.newestRollup(BUCKET_MS)).toBe(Math.max(...rows.map(({ startMs }) => startMs)));
    expect(await store.oldestRollup(HOUR_MS)).toBe(DAY_MS);
  });

  it("gives columns of site rows by start: hourly up to where 5-minute ones take over, refolded hours in their place", async () => {
    const siteHours = sites
      .filter(({ startMs }) => startMs % HOUR_MS === 0)
      .map((row): SiteRollupRow => ({ ...row, stepMs: HOUR_MS }));
    await store.putRollups([], [...sites, ...siteHours]);
    // An hour that is written again may lie behind later ones in a file.
    await store.putRollups([], siteHours.slice(0, 2));
    const [fromMs, toMs] = [DAY_MS, DAY_MS + 3 * HOUR_MS];
    for (const { site, algo } of new Map(sites.map((row) => [`${row.site} ${row.algo}`, row])).values())
      for (const hoursToMs of [0, DAY_MS + HOUR_MS, DAY_MS + 2 * HOUR_MS, toMs, toMs + HOUR_MS]) {
        const wanted = [
          ...siteHours.filter(({ startMs }) => startMs < hoursToMs),
          ...sites.filter(({ startMs }) => startMs >= hoursToMs),
        ].filter((row) => row.site === site && row.algo === algo);
        const columns = ["kwh", "nominalThs", "rigMs"] as const;
        const read = await store.siteColumns({ site, algo, fromMs, hoursToMs, toMs, columns });
        expect([...read.startMs]).toEqual(wanted.map(({ startMs }) => startMs));
        expect([...read.stepMs]).toEqual(wanted.map(({ stepMs }) => stepMs));
        for (const [c, name] of columns.entries())
          expect([...read.columns[c]!]).toEqual(wanted.map((row) => row[name] ?? Number.NaN));
      }
    const none = await store.siteColumns({
      site: "none",
      algo: "x",
      fromMs,
      hoursToMs: fromMs,
      toMs,
      columns: ["kwh"],
    });
    expect(none).toEqual({
      startMs: new Float64Array(),
      stepMs: new Float64Array(),
      columns: [new Float64Array()],
    });
  });

  it("replaces rows of the same rig, step and start, in one call or in many, and no others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.record({ pick: fc.nat(), samples: fc.nat({ max: 999 }) }), {
            minLength: 1,
            maxLength: 30,
          }),
          { maxLength: 6 },
        ),
        async (puts) => {
          using place = tempFolder();
          const own = await open(place.path);
          const held = new Map<string, RollupRow>();
          for (const put of puts) {
            const chosen = put.map(({ pick, samples }) => ({
              ...[...rows, ...hours][pick % (rows.length + hours.length)]!,
              samples,
            }));
            await own.putRollups(chosen, []);
            for (const row of chosen) held.set(`${row.stepMs} ${row.startMs} ${row.rig}`, row);
          }
          for (const stepMs of [BUCKET_MS, HOUR_MS])
            expect(await own.rollups({ fromMs: 0, toMs: DAY_MS * 2, stepMs })).toEqual(
              [...held.values()].filter((row) => row.stepMs === stepMs).sort(inOrder),
            );
          await own.close();
        },
      ),
      { numRuns: 8 },
    );
    await store.putRollups([], sites);
    await store.putRollups([], [{ ...sites[0]!, kwh: 99 }]);
    const first = await store.siteRollups({
      fromMs: 0,
      toMs: DAY_MS + 1,
      stepMs: BUCKET_MS,
      site: sites[0]!.site,
    });
    expect(first.filter(({ algo }) => algo === sites[0]!.algo)).toEqual([{ ...sites[0]!, kwh: 99 }]);
  });

  it("drops rows of one step before an instant and says how many", async () => {
    await store.putRollups([...rows, ...hours], sites);
    const before = DAY_MS + HOUR_MS;
    expect(await store.dropRollups(BUCKET_MS, before)).toBe(
      rows.filter(({ startMs }) => startMs < before).length,
    );
    expect(await store.oldestRollup(BUCKET_MS)).toBe(before);
    expect(await store.rollups({ fromMs: 0, toMs: DAY_MS * 2, stepMs: HOUR_MS })).toHaveLength(hours.length);
    expect(await store.dropRollups(BUCKET_MS, before)).toBe(0);
  });

  it("keeps rigs by key with their evidence and aliases", async () => {
    await store.putRigs([rig(2), rig(1), rig(3)]);
    await store.putRigs([
      rig(2, { name: "moved", aliases: [{ kind: "serial", value: "S'1" }] }),
      rig(3),
      rig(3, { agent: "a2" }),
    ]);
    await store.putRigs([]);
    expect(await store.rigs()).toEqual([
      rig(1),
      rig(2, { name: "moved", aliases: [{ kind: "serial", value: "S'1" }] }),
      rig(3, { agent: "a2" }),
    ]);
  });

  it("keeps sites, prices and rates by what they are valid for", async () => {
    const site = { site: "north", name: "Nörd", zone: "Europe/Berlin", currency: "EUR", demo: false };
    await store.putSite({ ...site, gridRegion: "DE" });
    await store.putSite({ ...site, site: "alpha", gridRegion: "DE", gridYear: 2022, demo: true });
    await store.putSite({ ...site, name: "Nord" });
    expect(await store.sites()).toEqual([
      { ...site, site: "alpha", gridRegion: "DE", gridYear: 2022, demo: true },
      { ...site, name: "Nord" },
    ]);
    const tariff = {
      site: "north",
      validFromMs: 0,
      pricePerKwh: 0.062,
      currency: "EUR",
      source: "contract",
      demo: false,
    };
    await store.putTariff({ ...tariff, validFromMs: DAY_MS });
    await store.putTariff({ ...tariff, pricePerKwh: 1 });
    await store.putTariff(tariff);
    expect(await store.tariffs()).toEqual([tariff, { ...tariff, validFromMs: DAY_MS }]);
    const fx = { currency: "EUR", validFromMs: 0, perUsd: 0.92, source: "by hand" };
    await store.putFx(fx);
    await store.putFx({ ...fx, perUsd: 0.93 });
    expect(await store.fx()).toEqual([{ ...fx, perUsd: 0.93 }]);
  });

  it("keeps alerts by id: all that stand, and what was resolved lately", async () => {
    await store.putAlerts([
      alert("a"),
      alert("b", { pendingMs: DAY_MS + 5 }),
      alert("c", { resolvedMs: DAY_MS + 1, state: "resolved" }),
    ]);
    await store.putAlerts([alert("a", { value: 6.5, reason: "silent for 6.5 min" })]);
    expect((await store.alerts(DAY_MS)).map(({ id }) => id)).toEqual(["b", "a", "c"]);
    expect((await store.alerts(DAY_MS + 2)).map(({ id }) => id)).toEqual(["b", "a"]);
    expect((await store.alerts(DAY_MS)).find(({ id }) => id === "a")).toEqual(
      alert("a", { value: 6.5, reason: "silent for 6.5 min" }),
    );
  });

  it("keeps notifications until they are dropped, events newest first, and settings", async () => {
    const note = {
      id: "n'1",
      notifier: "webhook",
      body: { a: [1, null, "x"] },
      createdMs: 5,
      dueMs: 6,
      attempts: 0,
    };
    await store.putNotification(note);
    await store.putNotification({ ...note, attempts: 1, dueMs: 60 });
    await store.putNotification({ ...note, id: "n2", createdMs: 1 });
    expect(await store.notifications()).toEqual([
      { ...note, id: "n2", createdMs: 1 },
      { ...note, attempts: 1, dueMs: 60 },
    ]);
    await store.dropNotification("n2");
    expect(await store.notifications()).toHaveLength(1);
    const events = [
      { atMs: 5, kind: "loss", text: "it's lost" },
      { atMs: 5, kind: "swap", site: "north", rig: 3, text: "board swapped" },
      { atMs: 9, kind: "loss", text: "again" },
    ];
    for (const event of events) await store.addEvent(event);
    expect(await store.events(5, 10)).toEqual([events[2], events[1], events[0]]);
    expect(await store.events(6, 10)).toEqual([events[2]]);
    expect(await store.events(0, 2)).toEqual([events[2], events[1]]);
    expect(await store.events(0, 9, [3, 4])).toEqual([events[1]]);
    expect(await store.events(0, 9, [])).toEqual([]);
    expect(await store.setting("k")).toBeUndefined();
    await store.putSetting("k", "v'1");
    await store.putSetting("k", "v2");
    expect(await store.setting("k")).toBe("v2");
  });

  if (DURABLE.includes(name)) {
    it("holds all of it after it was closed and opened again", async () => {
      await store.putRollups([...rows, ...hours], sites);
      await store.putRigs([rig(1)]);
      await store.addEvent({ atMs: 1, kind: "k", text: "first" });
      await store.close();
      store = await open(folder.path);
      await store.addEvent({ atMs: 1, kind: "k", text: "second" });
      expect(await store.rigs()).toEqual([rig(1)]);
      expect(await store.rollups({ fromMs: 0, toMs: DAY_MS * 2, stepMs: BUCKET_MS })).toEqual(
        [...rows].sort(inOrder),
      );
      expect((await store.events(0, 5)).map(({ text }) => text)).toEqual(["second", "first"]);
      expect(await store.bytes()).toBeGreaterThan(0);
      expect(await store.usedBytes()).toBeGreaterThan(0);
    });

    it("replaces the rows of a large fleet quickly enough to do it every 5 minutes", async () => {
      const fleet = (samples: number) =>
        Array.from({ length: 10_000 }, (_, i) => ({ ...rows[5]!, rig: i + 1, startMs: DAY_MS, samples }));
      await store.putRollups(fleet(1), []);
      await store.putRollups(fleet(2), []);
      const held = await store.rollups({ fromMs: DAY_MS, toMs: DAY_MS + 1, stepMs: BUCKET_MS });
      expect(held).toHaveLength(10_000);
      expect(held.every(({ samples }) => samples === 2)).toBe(true);
    });
  }
});
