import { BUCKET_MS, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import type { StoredDocument } from "@hashwatt/server/store/state/documents";
import { describe, expect, it } from "vitest";
import { DURABLE, STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const document = (more: Partial<StoredDocument> = {}): StoredDocument => ({
  kind: "tariff",
  site: "no'rth",
  id: "a",
  body: { name: "it's 吉林", prices: [-0.5, 1e-9, null], nested: { on: true } },
  changedMs: 1_790_000_000_123,
  ...more,
});

describe.each(Object.entries(STATE_STORES))("state store %s", (name, open) => {
  it("keeps documents by kind, site and id, replaces and drops them, and gives copies", async () => {
    using folder = tempFolder();
    let store = await open(folder.path);
    expect(await store.documents.all()).toEqual([]);
    await store.documents.change({});
    await store.documents.change({
      put: [
        document({ id: "b" }),
        document({ changedMs: 1 }),
        document(),
        document({ kind: "pool", site: "", body: [] }),
        document({ site: "south" }),
      ],
    });
    const [first] = await store.documents.all("tariff");
    (first!.body as { name: string }).name = "changed in memory";
    expect(await store.documents.all("tariff")).toEqual([
      document(),
      document({ id: "b" }),
      document({ site: "south" }),
    ]);
    await store.documents.change({
      put: [document({ body: "anew", changedMs: 2 })],
      drop: [
        document({ id: "b" }),
        document({ id: "nowhere" }),
        { kind: "tariff", site: "south", id: "a" },
        document(),
      ],
    });
    const left = [document({ kind: "pool", site: "", body: [] }), document({ body: "anew", changedMs: 2 })];
    expect(await store.documents.all()).toEqual(left);
    expect(await store.documents.all("alertRule")).toEqual([]);
    if (DURABLE.includes(name)) {
      await store.close();
      store = await open(folder.path);
      expect(await store.documents.all()).toEqual(left);
    }
    await store.close();
  });

  it("keeps records of sites with the documents of one change", async () => {
    using folder = tempFolder();
    let store = await open(folder.path);
    const site = { site: "it's", name: "S", zone: "UTC", currency: "EUR", gridRegion: "DE", demo: false };
    const price = { site: "it's", validFromMs: 1, pricePerKwh: 1, currency: "EUR", source: "s", demo: false };
    const rate = { currency: "EUR", validFromMs: 1, perUsd: 0.9, source: "by hand" };
    await store.putSite({ ...site, name: "before" });
    await store.documents.change({ put: [document()], sites: [site], prices: [price], fx: [rate] });
    await store.documents.change({ sites: [{ ...site, site: "other" }], prices: [price] });
    const kept = async () => Promise.all([store.documents.all(), store.sites(), store.tariffs(), store.fx()]);
    const expected = [[document()], [site, { ...site, site: "other" }], [price], [rate]];
    expect(await kept()).toEqual(expected);
    if (DURABLE.includes(name)) {
      await store.close();
      store = await open(folder.path);
      expect(await kept()).toEqual(expected);
    }
    await store.close();
  });

  it("drops a site with its flat prices, and no other", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const site = { site: "it's", name: "S", zone: "UTC", currency: "EUR", demo: false };
    const price = { site: "it's", validFromMs: 1, pricePerKwh: 1, currency: "EUR", source: "s", demo: false };
    await store.putSite(site);
    await store.putSite({ ...site, site: "other" });
    await store.putTariff(price);
    await store.putTariff({ ...price, site: "other" });
    await store.dropSite("it's");
    await store.dropSite("nowhere");
    expect(await store.sites()).toEqual([{ ...site, site: "other" }]);
    expect(await store.tariffs()).toEqual([{ ...price, site: "other" }]);
    await store.close();
  });

  it("gives columns of a site's rows of every algorithm where none is named", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const row = (algo: string, startMs: number, kwh: number): SiteRollupRow => ({
      ...{ site: "north", algo, startMs, stepMs: BUCKET_MS, kwh, kwhBySource: [0, 0, 0, 0, 0] },
      ...{ rigMs: 1, coveredMs: 1, miningMs: 1, hashCoveredMs: 1, thsHours: 1, powerCoveredMs: 1 },
      ...{ hashSpanMs: 1, powerSpanMs: 1 },
    });
    await store.putRollups([], [row("a", 0, 1), row("b", 0, 2), row("a", BUCKET_MS, 3)]);
    const query = { site: "north", fromMs: 0, hoursToMs: 0, toMs: 2 * BUCKET_MS, columns: ["kwh"] } as const;
    const { startMs, columns } = await store.siteColumns(query);
    expect([...startMs]).toEqual([0, 0, BUCKET_MS]);
    expect([...columns[0]!].sort()).toEqual([1, 2, 3]);
    expect([...(await store.siteColumns({ ...query, algo: "a" })).columns[0]!]).toEqual([1, 3]);
    await store.close();
  });
});
