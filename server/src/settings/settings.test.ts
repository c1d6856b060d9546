import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tariffsSchema } from "../config/tariffs.js";
import { keptSettings } from "../fixtures/keptSettings.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { DocumentKind } from "./documentKind.js";
import { allTerms, openSettings } from "./openSettings.js";
import { seedTariffs } from "./seedTariffs.js";
import { Settings } from "./settings.js";

const NOW = Date.UTC(2026, 7, 15, 4);
const clock = { nowMs: () => NOW };
const body = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  name: `tariff ${id}`,
  currency: "CNY",
  validFrom: "2026-01-01",
  source: "contract",
  energy: { kind: "flat", price: 0.5 },
  ...more,
});
const document = (id: string, more: Record<string, unknown> = {}) => ({
  kind: "tariff",
  site: "farm",
  id,
  body: body(id, more),
});

describe("settings", () => {
  test("keep a document as it was written, give it an etag, and refuse a change of what was changed meanwhile", async () => {
    const { settings, state } = await keptSettings(clock);
    const hours = {
      kind: "timeOfUse",
      bands: { a: 1, b: 2 },
      rules: [{ band: "a" }, { band: "b", hours: ["16:30-21"] }],
    };
    const first = await settings.put(document("a", { energy: hours }));
    expect(first.setting).toMatchObject({ body: { energy: hours }, changedMs: NOW });
    const etag = first.setting!.etag;
    await settings.put(document("a", { name: "renamed" }), { etag });
    await expect(settings.put(document("a"), { etag })).rejects.toMatchObject({ code: "conflict" });
    await expect(settings.put(document("a"), { create: true })).rejects.toMatchObject({ code: "conflict" });
    await expect(settings.change([], [document("b")], { etag })).rejects.toMatchObject({ code: "conflict" });
    expect((await state.documents.all())[0]).toMatchObject({ body: { name: "renamed" }, changedMs: NOW + 1 });
  });

  test("of a site take one of two changes that come at one time from the same state, and one of two that make it", async () => {
    const { siteSettings, rates } = await keptSettings(clock);
    const { etag, ...farm } = siteSettings.get("farm");
    const zones: string[] = [];
    rates.onChange((_site, kind) => void (kind === "price" && zones.push(siteSettings.get("farm").zone)));
    const to = (zone: string) => ({ ...farm, zone });
    const conflict = { status: "rejected", reason: { code: "conflict" } };
    const changes = [to("UTC"), to("Asia/Tokyo")].map((change) => siteSettings.put("farm", change, { etag }));
    expect(await Promise.allSettled(changes)).toMatchObject([{ status: "fulfilled" }, conflict]);
    expect(siteSettings.get("farm").zone).toBe("UTC");
    const made = ["a", "b"].map((name) => siteSettings.put("new", { ...farm, name }, { create: true }));
    expect(await Promise.allSettled(made)).toMatchObject([{ status: "fulfilled" }, conflict]);
    expect(siteSettings.get("new").name).toBe("a");
    // Without a condition both count, and the second is told by what the first has left.
    zones.length = 0;
    await Promise.all([to("Asia/Tokyo"), to("UTC")].map((change) => siteSettings.put("farm", change)));
    expect(zones).toEqual(["Asia/Tokyo", "UTC"]);
  });

  test("price a site at once, and say which input changes over which range", async () => {
    const { settings, rates } = await keptSettings(clock);
    const heard: unknown[] = [];
    rates.onChange((...change) => heard.push(change));
    expect(rates.now("farm", NOW).pricePerKwh).toBeUndefined();
    const { reprice } = await settings.put(document("a", { validFrom: "2026-08-01", validTo: "2026-09-01" }));
    expect(rates.now("farm", NOW).pricePerKwh).toBe(0.5);
    const fromMs = Date.UTC(2026, 6, 31, 16);
    expect(reprice).toEqual([{ site: "farm", input: "price", fromMs, toMs: Date.UTC(2026, 7, 31, 16) }]);
    expect(heard).toEqual([["farm", "price", expect.objectContaining({ fromMs })]]);
    await settings.change([], [document("a")]);
    expect(rates.now("farm", NOW).pricePerKwh).toBeUndefined();
  });

  test.each([
    [document("a", { currency: "USD" }), "tariff a: currency: is USD, but the site counts in CNY"],
    [document("a", { energy: { kind: "flat", prize: 1 } }), "tariff a: energy.price: "],
    [
      document("a", {
        energy: { kind: "timeOfUse", bands: { a: 1 }, rules: [{ band: "a", hours: ["0-23"] }] },
      }),
      "tariff a: energy.rules: no rule fits 23:00 of a workday in January; begin with a rule that fits always",
    ],
    [{ ...document("a"), id: "b" }, 'tariff b: id: is "a", and it is put as "b"'],
    [{ ...document("a"), site: "none" }, 'tariff a: there is no site "none"'],
    [{ ...document("a"), site: "" }, "tariff a: belongs to a site: say which with ?site="],
    [
      document("a", { taxPercentage: 3 }),
      'tariff a: Unrecognized key: "taxPercentage"; did you mean taxPercent?',
    ],
    [
      document("next", { validFrom: "2026-03-01" }),
      '"held" and "next" are both valid on 2026-03-01; end the first',
    ],
  ])("refuse what does not hold together, and nothing is kept (%#)", async (wrong, says) => {
    const { settings, state } = await keptSettings(clock);
    await settings.put(document("held"));
    await expect(settings.put(wrong)).rejects.toMatchObject({
      code: "badRequest",
      message: expect.stringContaining(says),
    });
    await expect(
      settings.change([document("fine", { validFrom: "2020-01-01", validTo: "2021-01-01" }), wrong]),
    ).rejects.toThrow();
    expect((await state.documents.all()).map(({ id }) => id)).toEqual(["held"]);
  });

  test.each([
    [{ energy: { kind: "series", series: "spot" } }, 'tariff a: series "spot" has no price for this moment'],
    [{ validTo: "2026-02-01" }, "no tariff is valid now"],
    [
      { energy: { kind: "tiered", tiers: [{ upToKwh: 5, price: 1 }, { price: 2 }] } },
      "tariff a: which price the billing period has reached is not known yet",
    ],
  ])("say why a site's tariffs give no price (%#)", async (more, says) => {
    const { settings, rates } = await keptSettings(clock);
    await settings.put(document("a", more));
    const price = rates.now("farm", NOW).inputs.find(({ kind }) => kind === "price");
    expect(price).toMatchObject({ value: null, note: says });
  });

  test("price nothing with a market in other money than the site's, and say so", async () => {
    const { settings, rates, series } = await keptSettings(clock);
    await settings.put(document("a", { energy: { kind: "series", series: "spot" } }));
    const slot = { startMs: NOW, endMs: NOW + 3_600_000, value: 0.09, source: "m", asOfMs: NOW };
    await series.putAll([{ series: "price/spot", slots: [{ ...slot, note: "EUR/MWh" }] }]);
    expect(rates.now("farm", NOW).inputs.find(({ kind }) => kind === "price")).toMatchObject({
      value: null,
      note: 'tariff a: series "spot" is in EUR, the site counts in CNY',
    });
    await series.putAll([{ series: "price/spot", slots: [{ ...slot, value: 0.7, note: "CNY/MWh" }] }]);
    expect(rates.now("farm", NOW).pricePerKwh).toBe(0.7);
  });

  test("put one tariff in the place of another in one change, and look at their site's other documents alone", async () => {
    const { settings } = await keptSettings(clock);
    await settings.put(document("old"));
    await expect(settings.put(document("new", { validFrom: "2026-06-01" }))).rejects.toThrow("both valid");
    await settings.change([
      document("old", { validTo: "2026-06-01" }),
      document("new", { validFrom: "2026-06-01" }),
    ]);
    expect(settings.list(settings.kindOf("tariffs"), "farm").map(({ id }) => id)).toEqual(["new", "old"]);
    expect(() => settings.kindOf("tarifs")).toThrow("did you mean tariffs?");
  });

  test("tell of a document that is wrong by now, price nothing with it, and let the others be changed", async () => {
    const state = new MemoryStateStore();
    await state.documents.change({
      put: [
        { ...document("odd", { energy: { kind: "solar" } }), changedMs: 1 },
        { ...document("fine"), changedMs: 1 },
      ],
    });
    const { settings, sites } = await keptSettings(clock, { state });
    const warned: unknown[] = [];
    const log = { warn: (...line: unknown[]) => void warned.push(line) };
    await openSettings([], state, (site) => sites.get(site), clock, { log });
    const why = expect.stringContaining("energy.kind: ");
    const where = { kind: "tariff", site: "farm", id: "odd" };
    expect(warned).toEqual([[{ ...where, why }, "a setting is wrong and counts for nothing"]]);
    expect(
      settings.list(settings.kindOf("tariffs")).map(({ id, problems }) => [id, problems?.length]),
    ).toEqual([
      ["fine", undefined],
      ["odd", 1],
    ]);
    expect(
      allTerms(settings)
        .get("farm")
        ?.tariffs?.map(({ id }) => id),
    ).toEqual(["fine"]);
    await settings.put(document("fine", { name: "still changed" }));
  });

  test("leave documents of other kinds to whom they belong, also when their site goes", async () => {
    const state = new MemoryStateStore();
    const stop = { kind: "plannedStop", site: "farm", id: "s", body: {}, changedMs: 1 };
    await state.documents.change({ put: [stop] });
    const { settings, siteSettings } = await keptSettings(clock, { state });
    await settings.put(document("a"));
    await siteSettings.remove("farm");
    expect(await state.documents.all()).toEqual([stop]);
  });

  test("never tell a secret, and keep it where a change says ***", async () => {
    const kind: DocumentKind = {
      kind: "secretive",
      collection: "secretives",
      perSite: "never",
      schema: z.strictObject({ url: z.string(), token: z.string().optional() }),
      secrets: ["token"],
    };
    const { documents } = new MemoryStateStore();
    const settings = await Settings.open({ documents, kinds: [kind], site: () => undefined, clock });
    const own = { kind: "secretive", site: "", id: "x" };
    await expect(settings.put({ ...own, body: { url: "u", token: "***" } })).rejects.toThrow("token: is ***");
    const { setting } = await settings.put({ ...own, body: { url: "u", token: "hush" } });
    expect(setting!.body).toEqual({ url: "u", token: "***" });
    await settings.put({ ...own, body: { url: "v", token: "***" } });
    expect((await documents.all())[0]!.body).toEqual({ url: "v", token: "hush" });
  });
});

describe("tariffs of the config", () => {
  const given = (...tariffs: object[]) => [
    { site: "farm", demo: false, tariffs: tariffsSchema.parse(tariffs) },
  ];

  test("are taken over once, then the database rules until the config says otherwise", async () => {
    const { settings, state } = await keptSettings(clock);
    const rules = { kind: "timeOfUse", bands: { a: 1 }, rules: [{ band: "a", hours: ["0-24"] }] };
    await seedTariffs(given(body("a", { energy: rules })), settings, state);
    expect(settings.get(document("a")).body).toEqual(body("a", { energy: rules }));
    await settings.put(document("a", { name: "edited" }));
    await seedTariffs(given(body("a", { energy: rules })), settings, state);
    expect(settings.get(document("a")).body).toMatchObject({ name: "edited" });
    await seedTariffs(given(body("b")), settings, state);
    expect(settings.list(settings.kindOf("tariffs")).map(({ id }) => id)).toEqual(["b"]);
    await expect(
      seedTariffs(given({ ...body("c"), currency: "USD" }), settings, state),
    ).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("site farm: tariff c: currency: is USD"),
    });
  });
});
