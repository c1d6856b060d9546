import type { StoredDocument } from "@hashwatt/server/store/state/state";
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
});
