import { describe, expect, test } from "vitest";
import { readGridFactors } from "./bundledData.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import { seedSites } from "./siteSeeds.js";
import { MemoryStateStore } from "./store/state/memory.js";

const factors = new GridFactors(readGridFactors());
const seed = (state: MemoryStateStore, nowMs: number, site: object) =>
  seedSites([{ site: "farm", demo: false, ...site }], state, factors, nowMs);

describe("sites of the config", () => {
  test("are made with defaults where nothing is said", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, {});
    expect(await state.sites()).toEqual([
      { site: "farm", name: "farm", zone: "UTC", currency: "USD", demo: false },
    ]);
    expect(await state.tariffs()).toEqual([]);
  });

  test("insert a price once, and again only when it changes, valid from then", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { price: 0.06 });
    await seed(state, 2_000, { price: 0.06 });
    await seed(state, 3_000, { price: 0.07 });
    expect((await state.tariffs()).map((t) => [t.validFromMs, t.pricePerKwh])).toEqual([
      [1_000, 0.06],
      [3_000, 0.07],
    ]);
  });

  test("leave alone what an operator has edited since", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { name: "Old", zone: "Asia/Shanghai", gridRegion: "CN-SD" });
    const [record] = await state.sites();
    await state.putSite({ ...record!, name: "Edited", gridRegion: "CN-JL" });
    await seed(state, 2_000, { name: "Old", zone: "Asia/Shanghai", gridRegion: "CN-SD" });
    expect((await state.sites())[0]).toMatchObject({ name: "Edited", gridRegion: "CN-JL" });
    await seed(state, 3_000, { name: "New" });
    expect((await state.sites())[0]).toMatchObject({
      name: "New",
      gridRegion: "CN-JL",
      zone: "Asia/Shanghai",
    });
  });

  test("begin with what is said for the first time only, and keep what was said or edited when it is said no more", async () => {
    const state = new MemoryStateStore();
    const initial = { zone: "Europe/Berlin", currency: "USD", price: 0.06, gridRegion: "COUNTRY-USA" };
    await seed(state, 1_000, { demo: true, zone: "Asia/Shanghai", currency: "CNY", price: 0.45, initial });
    const [first] = await state.sites();
    expect(first).toMatchObject({ zone: "Asia/Shanghai", currency: "CNY", gridRegion: "COUNTRY-USA" });
    await seed(state, 2_000, { demo: true, initial });
    expect(await state.sites()).toEqual([first]);
    await state.putSite({ ...first!, zone: "Asia/Urumqi" });
    await seed(state, 3_000, { demo: true, initial });
    expect(await state.sites()).toEqual([{ ...first, zone: "Asia/Urumqi" }]);
    expect((await state.tariffs()).map((t) => [t.validFromMs, t.pricePerKwh, t.currency])).toEqual([
      [0, 0.45, "CNY"],
    ]);
  });

  test("begin with all of it, though the first start ended in the middle", async () => {
    const initial = { zone: "Europe/Berlin", currency: "EUR", price: 0.06, fxPerUsd: 0.9 };
    for (const step of ["putSite", "putTariff", "putFx", "putSetting"] as const) {
      const state = new MemoryStateStore();
      const killed = { [step]: () => Promise.reject(new Error("killed")) };
      Object.assign(state, killed);
      await expect(seed(state, 1_000, { initial })).rejects.toThrow("killed");
      Reflect.deleteProperty(state, step);
      await seed(state, 2_000, { initial });
      expect(await state.sites(), step).toMatchObject([{ zone: "Europe/Berlin", currency: "EUR" }]);
      expect((await state.tariffs()).at(-1), step).toMatchObject({ pricePerKwh: 0.06, currency: "EUR" });
    }
  });

  test("change from what they began with by what is said later, from then on", async () => {
    const state = new MemoryStateStore();
    const initial = { zone: "Europe/Berlin", currency: "USD", price: 0.06 };
    await seed(state, 1_000, { demo: true, initial });
    expect(await state.sites()).toMatchObject([{ zone: "Europe/Berlin", currency: "USD" }]);
    const [record] = await state.sites();
    await state.putSite({ ...record!, zone: "Asia/Shanghai" });
    await seed(state, 2_000, { demo: true, zone: "Europe/Berlin", price: 0.1, initial });
    expect(await state.sites()).toMatchObject([{ zone: "Europe/Berlin", currency: "USD" }]);
    expect((await state.tariffs()).map((t) => [t.validFromMs, t.pricePerKwh])).toEqual([
      [0, 0.06],
      [2_000, 0.1],
    ]);
  });

  test("are as the config says when they were removed and come back", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { zone: "Asia/Shanghai", currency: "CNY" });
    await state.dropSite("farm");
    await seed(state, 2_000, { zone: "Asia/Shanghai", currency: "CNY" });
    expect(await state.sites()).toMatchObject([{ zone: "Asia/Shanghai", currency: "CNY" }]);
  });

  test("price anew in the new currency when it changes", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { price: 0.06 });
    await seed(state, 2_000, { price: 0.06, currency: "CNY", fxPerUsd: 7.1 });
    expect((await state.tariffs()).at(-1)).toMatchObject({
      currency: "CNY",
      pricePerKwh: 0.06,
      validFromMs: 2_000,
    });
    expect(await state.fx()).toMatchObject([{ currency: "CNY", perUsd: 7.1 }]);
  });

  test("are refused in another currency while monthly costs are in the one before, with what to do", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { currency: "CNY" });
    const rent = { kind: "siteCost", site: "farm", id: "rent", body: {}, changedMs: 1_000 };
    await state.documents.change({ put: [rent] });
    await expect(seed(state, 2_000, { currency: "USD" })).rejects.toMatchObject({
      code: "config",
      message:
        "site farm: currency: monthly costs are in CNY (rent): take them out, and set them anew in USD; until then say currency: CNY",
    });
    expect(await state.sites()).toMatchObject([{ currency: "CNY" }]);
    await seed(state, 3_000, { currency: "CNY" });
    await state.documents.change({ drop: [rent] });
    await seed(state, 4_000, { currency: "USD" });
    expect(await state.sites()).toMatchObject([{ currency: "USD" }]);
  });

  test("mark what belongs to the simulated fleet", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { price: 0.06, demo: true });
    expect((await state.tariffs())[0]).toMatchObject({ demo: true });
    expect((await state.sites())[0]).toMatchObject({ demo: true });
  });

  test("set the price again when a simulated site becomes a real one", async () => {
    const state = new MemoryStateStore();
    await seed(state, 1_000, { price: 0.06, demo: true });
    await seed(state, 2_000, { price: 0.06, demo: false });
    await seed(state, 3_000, { price: 0.06, demo: false });
    expect((await state.tariffs()).map(({ validFromMs, demo }) => [validFromMs, demo])).toEqual([
      [0, true],
      [2_000, false],
    ]);
  });

  test("are refused with a grid region that has no factor, naming the nearest", async () => {
    await expect(seed(new MemoryStateStore(), 1_000, { gridRegion: "CN-SDD" })).rejects.toThrow(
      /grid region "CN-SDD"; did you mean CN-SD\?/,
    );
  });
});
