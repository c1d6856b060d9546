import { describe, expect, test } from "vitest";
import { keptSettings } from "../fixtures/keptSettings.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { SiteRecord } from "../store/state/state.js";
import { exportSettings, importSettings } from "./settingsYaml.js";

const NOW = Date.UTC(2026, 10, 26);
const clock = { nowMs: () => NOW };
const record = (site: string): SiteRecord => ({
  ...{ site, name: site, zone: "UTC", currency: "USD", demo: false },
});
const tariff = (currency: string) =>
  `{ id: t, name: T, currency: ${currency}, validFrom: 2026-01-01, source: s, energy: { kind: flat, price: 0.2 } }`;
/** A renamed site, and one whose currency changes with its tariff. */
const FILE = `hashwatt: 1
sites:
  a: { name: Anna, zone: UTC, currency: USD, gridRegion: null, price: 0.07, fxPerUsd: 1 }
  b: { name: b, zone: UTC, currency: EUR, gridRegion: null }
tariffs:
  b: [${tariff("EUR")}]
`;

async function setUp() {
  const state = new MemoryStateStore();
  const records = ["a", "b"].map(record);
  for (const site of records) await state.putSite(site);
  const kept = await keptSettings(clock, { state, records });
  const body = { id: "t", name: "T", currency: "USD", validFrom: "2026-01-01", source: "s" };
  await kept.settings.put({
    ...{ kind: "tariff", site: "b", id: "t" },
    body: { ...body, energy: { kind: "flat", price: 0.2 } },
  });
  const take = (text: string, dryRun = false) =>
    importSettings(text, kept.settings, kept.siteSettings, { dryRun });
  return { ...kept, take };
}

describe("a file of settings", () => {
  test("whose sites and tariffs hold together as a whole is taken as the dry run says", async () => {
    const { take, siteSettings, settings, state, rates } = await setUp();
    expect((await take(FILE, true)).errors).toEqual([]);
    expect(siteSettings.get("a").name).toBe("a");
    const done = await take(FILE);
    expect(done).toMatchObject({ applied: true, errors: [] });
    expect(done.changes.map(({ id, change }) => `${id} ${change}`)).toEqual([
      "a changed",
      "b changed",
      "t changed",
    ]);
    expect(siteSettings.get("a")).toMatchObject({ name: "Anna", prices: [{ pricePerKwh: 0.07 }] });
    expect(siteSettings.get("b").currency).toBe("EUR");
    expect(settings.list(settings.kindOf("tariff"))[0]).not.toHaveProperty("problems");
    expect(rates.now("b", NOW)).toMatchObject({ currency: "EUR", pricePerKwh: 0.2 });
    expect((await state.sites()).map(({ name, currency }) => `${name} ${currency}`)).toEqual([
      "Anna USD",
      "b EUR",
    ]);
    expect([await state.tariffs(), await state.fx()]).toMatchObject([
      [{ pricePerKwh: 0.07 }],
      [{ perUsd: 1 }],
    ]);
  });

  test("takes a price and a rate of a site that is as it was otherwise, and nothing where they are as set", async () => {
    const { take, siteSettings, settings, state } = await setUp();
    const site = (rest: string) => `hashwatt: 1
sites:
  a: { name: a, zone: UTC, currency: USD, gridRegion: null, ${rest} }
`;
    const changeOf = async (text: string) => (await take(text)).changes.map(({ change }) => change);
    expect(await changeOf(site("price: 0.07"))).toEqual(["changed"]);
    expect(await changeOf(site("price: 0.07"))).toEqual(["same"]);
    expect(await changeOf(site("fxPerUsd: 1"))).toEqual(["changed"]);
    expect(await changeOf(site("price: 0.07, fxPerUsd: 1"))).toEqual(["same"]);
    expect(siteSettings.get("a").prices.map(({ pricePerKwh }) => pricePerKwh)).toEqual([0.07]);
    expect(await state.fx()).toHaveLength(1);
    // What is exported can be set elsewhere, and changes nothing here.
    const exported = exportSettings(settings, siteSettings);
    expect(exported).toContain("price: 0.07");
    expect(new Set(await changeOf(exported))).toEqual(new Set(["same"]));
  });

  test("of which one part cannot be kept leaves everything as it is", async () => {
    const { take, siteSettings, settings, state } = await setUp();
    state.documents.change = async () => {
      throw new Error("the disk is full");
    };
    await expect(take(FILE)).rejects.toThrow("the disk is full");
    expect(siteSettings.list().map(({ name, currency }) => `${name} ${currency}`)).toEqual([
      "a USD",
      "b USD",
    ]);
    expect((await state.sites()).map(({ name }) => name)).toEqual(["a", "b"]);
    expect(await state.tariffs()).toEqual([]);
    expect(settings.get({ kind: "tariff", site: "b", id: "t" }).body).toMatchObject({ currency: "USD" });
  });

  test("with more sites than there may be is refused by the dry run too", async () => {
    const { take } = await setUp();
    const many = Array.from(
      { length: 256 },
      (_, i) => `  s${i}: { name: S, zone: UTC, currency: USD, gridRegion: null }`,
    );
    expect((await take(`hashwatt: 1\nsites:\n${many.join("\n")}`, true)).errors).toEqual([
      { line: null, path: "sites", message: "there may be 256, and these make 258" },
    ]);
  });
});

describe("a file of settings that is wrong", () => {
  const errorsOf = async (text: string) => (await (await setUp()).take(text, true)).errors;
  const first = (text: string) => errorsOf(text).then(([error]) => error);

  test("is told each key that a block has twice, with its line", async () => {
    const text = `hashwatt: 1
sites:
  a: { name: A, zone: UTC, name: B }
  "a": {}
pools:
  a:
    - id: p
      id: q
    - { id: p, deep: { 1: x, 1: y, "1": z } }
hashwatt: 1
`;
    const repeated = { path: "", message: "Map keys must be unique" };
    expect(await errorsOf(text)).toEqual([3, 4, 8, 9, 10].map((line) => ({ line, ...repeated })));
  });

  test("is told what is no YAML with its line, and a second document", async () => {
    expect(await first("hashwatt: 1\nsites: [a")).toMatchObject({ line: 2, path: "" });
    expect(await first("hashwatt: 1\n}")).toMatchObject({ line: 2, path: "" });
    expect(await errorsOf("hashwatt: 1\n---\nhashwatt: 1\n")).toEqual([
      { line: 2, path: "", message: "a second document begins here (---); keep one" },
    ]);
    expect(await errorsOf("")).toEqual([
      { line: null, path: "", message: "is no file of settings: it begins with hashwatt: 1" },
    ]);
  });

  test("is not read where it holds more than a parser can take at once", async () => {
    expect(await errorsOf(`hashwatt: 1\npools: [${"1,".repeat(400_000)}\n`)).toEqual([
      { line: 2, path: "", message: "is more than one file may hold: split it by site" },
    ]);
  });

  const thousands = 20_000;
  test.each([
    ["keys that mean nothing", Array.from({ length: thousands }, (_, i) => `k${i}: 1\n`).join("")],
    ["one key", "k: 1\n".repeat(thousands)],
    ["brackets", "}".repeat(thousands)],
    ["ends", "...\n".repeat(thousands)],
    ["lists that do not end", "a: [\n".repeat(thousands)],
    ["anchors", "- &a *a\n".repeat(thousands)],
    ["sites", `sites: {${Array.from({ length: thousands }, (_, i) => `s${i}`).join(",")}}`],
    ["documents", `pools: {"*": [${"{},".repeat(thousands)}]}`],
    ["documents of a site without end", `pools: {? ${"s".repeat(thousands)} : [${"{},".repeat(1_000)}]}`],
  ])("is refused in a moment where it is nothing but %s", async (_what, text) => {
    const errors = await errorsOf(text);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThanOrEqual(1_001);
    if (errors.length > 1_000)
      expect(errors.at(-1)).toEqual({
        ...{ line: null, path: "" },
        message: "there are more than 1000 mistakes, of which these are the first",
      });
    expect(JSON.stringify(errors).length).toBeLessThan(1_000_000);
  });
});

test("a site whose new price cannot be kept stays as it is", async () => {
  const { siteSettings, state, rates } = await setUp();
  const told: string[] = [];
  rates.onChange((site, kind) => told.push(`${site} ${kind}`));
  const broken = async (): Promise<never> => {
    throw new Error("the disk is full");
  };
  state.documents.change = broken;
  state.putTariff = broken;
  const change = {
    name: "Anna",
    zone: "UTC",
    currency: "USD",
    gridRegion: null,
    gridYear: null,
    demo: false,
  };
  await expect(siteSettings.put("a", { ...change, price: 0.07 })).rejects.toThrow("the disk is full");
  expect(siteSettings.get("a")).toMatchObject({ name: "a", prices: [] });
  expect([(await state.sites())[0]?.name, told]).toEqual(["a", []]);
});
