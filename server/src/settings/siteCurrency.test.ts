import { describe, expect, test } from "vitest";
import { rowsOf } from "../fixtures/bookedSites.js";
import { keptSettings } from "../fixtures/keptSettings.js";
import { BUCKET_MS } from "../rollup/row.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { exportSettings, importSettings } from "./settingsYaml.js";

const NOW = Date.UTC(2026, 10, 26);
const DAY_MS = 86_400_000;
const clock = { nowMs: () => NOW };
const RENT = { id: "rent", name: "Rent", perMonth: 3_000, validFrom: "2026-01-01", source: "contract" };
const rent = { kind: "siteCost", site: "farm", id: "rent", body: RENT };
const inUsd = {
  ...{ name: "Farm", zone: "Asia/Shanghai", currency: "USD", gridRegion: null, gridYear: null, demo: false },
};

describe("the currency of a site", () => {
  test("stays while monthly costs are in it that have none of their own", async () => {
    const { settings, siteSettings } = await keptSettings(clock);
    await settings.put(rent);
    await expect(siteSettings.put("farm", inUsd)).rejects.toMatchObject({
      code: "badRequest",
      message: "currency: monthly costs are in CNY (rent): take them out, and set them anew in USD",
    });
    expect(siteSettings.get("farm").currency).toBe("CNY");
    expect((await siteSettings.put("farm", { ...inUsd, currency: "CNY", name: "F" })).name).toBe("F");
    await settings.change([], [rent]);
    expect((await siteSettings.put("farm", inUsd)).currency).toBe("USD");
  });

  test("changes in a file that says the costs anew, and in none that does not", async () => {
    const { settings, siteSettings } = await keptSettings(clock);
    await settings.put(rent);
    const file = `hashwatt: 1
sites:
  farm: { name: Farm, zone: Asia/Shanghai, currency: USD, gridRegion: null }
`;
    const take = (text: string, dryRun = false) => importSettings(text, settings, siteSettings, { dryRun });
    expect((await take(file, true)).errors).toMatchObject([
      { line: 3, path: "sites.farm", message: expect.stringContaining("monthly costs are in CNY (rent)") },
    ]);
    const cost = `{ id: rent, name: Rent, perMonth: 420, validFrom: 2026-01-01, source: contract }`;
    expect(await take(`${file}costs:\n  farm: [${cost}]\n`)).toMatchObject({ applied: true, errors: [] });
    expect(settings.get(rent).body).toMatchObject({ perMonth: 420 });
    expect(siteSettings.get("farm").currency).toBe("USD");
  });

  test("stays where a file goes on saying the costs as they were", async () => {
    const { settings, siteSettings } = await keptSettings(clock);
    await settings.put(rent);
    const text = exportSettings(settings, siteSettings);
    const take = (changed: string) => importSettings(changed, settings, siteSettings, { dryRun: false });
    expect((await take(text.replace("currency: CNY", "currency: USD"))).errors).toMatchObject([
      { path: "sites.farm", message: expect.stringContaining("monthly costs are in CNY (rent)") },
    ]);
    expect(siteSettings.get("farm").currency).toBe("CNY");
    const anew = text.replace("currency: CNY", "currency: USD").replace("perMonth: 3000", "perMonth: 420");
    expect(await take(anew)).toMatchObject({ applied: true, errors: [] });
  });

  test("stays where the site was removed and is made again, while its hours cannot be priced anew", async () => {
    const state = new MemoryStateStore();
    const { siteSettings, rates } = await keptSettings(clock, { state });
    let fromMs = NOW - 500 * DAY_MS;
    state.ledger.span = async (site) => (site === "farm" ? { fromMs, toMs: NOW } : undefined);
    const oldestMs = NOW - 400 * DAY_MS;
    await state.putRollups(rowsOf([1], oldestMs, oldestMs + BUCKET_MS, { kw: 1, ths: 1 }), []);
    await siteSettings.remove("farm");
    await expect(siteSettings.put("farm", inUsd)).rejects.toThrow("are booked in CNY and too old");
    fromMs = oldestMs;
    const changed: unknown[] = [];
    rates.onChange((site, kind, range) => void changed.push([site, kind, range]));
    expect((await siteSettings.put("farm", inUsd)).currency).toBe("USD");
    // Hours that can be are.
    const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
    expect(changed).toContainEqual(["farm", "hashprice", always]);
    expect(changed).toContainEqual(["farm", "price", always]);
  });

  test("stays while hours are booked in it that cannot be priced anew", async () => {
    const state = new MemoryStateStore();
    const { siteSettings } = await keptSettings(clock, { state });
    let fromMs = NOW - 500 * DAY_MS;
    state.ledger.span = async (site) => (site === "farm" ? { fromMs, toMs: NOW } : undefined);
    const oldestMs = NOW - 400 * DAY_MS;
    await state.putRollups(rowsOf([1], oldestMs, oldestMs + BUCKET_MS, { kw: 1, ths: 1 }), []);
    await expect(siteSettings.put("farm", inUsd)).rejects.toMatchObject({
      code: "badRequest",
      message:
        "currency: hours since 2025-07-14 are booked in CNY and too old to be priced anew: what counts in USD must be another site",
    });
    fromMs = oldestMs;
    expect((await siteSettings.put("farm", inUsd)).currency).toBe("USD");
  });
});
