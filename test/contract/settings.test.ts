import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsImportSchema, siteListSchema, tariffPreviewSchema } from "@hashwatt/protocol/settings";
import { systemClock } from "@hashwatt/protocol/time";
import { apiClient } from "@hashwatt/server/cli/apiClient";
import { settingsCommand, urdbCommand } from "@hashwatt/server/cli/settingsCommand";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const TARIFF = {
  id: "tou",
  name: "Time of use",
  currency: "CNY",
  validFrom: "2020-01-01",
  source: "contract 17",
  energy: {
    kind: "timeOfUse",
    bands: { day: 0.8, night: 0.3 },
    rules: [{ band: "day" }, { band: "night", hours: ["22-6"] }],
  },
  adders: [{ name: "levy", perKwh: 0.1 }],
};

describe("settings over the API", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "memory" },
        sites: [{ site: "jilin", zone: "Asia/Shanghai", currency: "CNY", gridRegion: "CN-JL", price: 0.6 }],
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  });
  afterAll(() => server.close());

  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      json: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined,
    };
  };
  const yaml = (text: string, dryRun = false) =>
    ask("POST", `/api/settings/import?dryRun=${dryRun}`, text, { "content-type": "application/yaml" });

  test("put a tariff, price with it at once, and refuse what was changed meanwhile and what does not hold together", async () => {
    const path = "/api/settings/tariffs/tou?site=jilin";
    const put = await ask("PUT", path, TARIFF);
    expect(put).toMatchObject({
      status: 200,
      json: { reprice: [{ site: "jilin", input: "price", toMs: null }] },
    });
    const { etag } = put.json.setting;
    const read = await ask("GET", path);
    expect(read.json).toMatchObject({ kind: "tariff", site: "jilin", body: TARIFF, etag });
    const again = { ...TARIFF, name: "renamed" };
    expect((await ask("PUT", path, again, { "if-match": etag })).status).toBe(200);
    expect(await ask("PUT", path, again, { "if-match": etag })).toMatchObject({
      status: 409,
      json: { error: "conflict" },
    });
    const totals = (await ask("GET", "/api/totals")).json;
    expect(totals.sites[0].inputs.find(({ kind }: { kind: string }) => kind === "price")).toMatchObject({
      source: "contract 17",
    });
    const twice = await ask("PUT", "/api/settings/tariffs/b?site=jilin", { ...TARIFF, id: "b" });
    expect(twice).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining("are both valid on") },
    });
    expect((await ask("GET", "/api/settings/tariff/none?site=jilin")).status).toBe(404);
    expect((await ask("GET", "/api/settings/tarifs")).json.message).toContain("did you mean tariffs?");
  });

  test("preview the next 48 hours of a proposal, band by band, and leave everything as it is", async () => {
    const bands = { day: 1, night: 0.2 };
    const proposed = { ...TARIFF, energy: { ...TARIFF.energy, bands } };
    const { json } = await ask("POST", "/api/settings/preview", { site: "jilin", tariffs: [proposed] });
    const preview = tariffPreviewSchema.parse(json);
    expect(preview.toMs - preview.fromMs).toBe(48 * 3_600_000);
    expect(preview.slots.reduce((ms, slot) => ms + slot.endMs - slot.startMs, 0)).toBe(48 * 3_600_000);
    expect(
      new Set(preview.slots.map(({ band, pricePerKwh }) => `${band} ${pricePerKwh?.toFixed(6)}`)),
    ).toEqual(new Set(["day 1.100000", "night 0.300000"]));
    expect(preview.slots[0]!.parts[1]).toEqual({ name: "levy", perKwh: 0.1 });
    const now = tariffPreviewSchema.parse((await ask("GET", "/api/settings/preview?site=jilin")).json);
    expect(now.slots.some(({ pricePerKwh }) => pricePerKwh === 1.1)).toBe(false);
    const without = await ask("POST", "/api/settings/preview", { site: "jilin", without: ["tou"] });
    expect(without.json.slots.map(({ pricePerKwh }: { pricePerKwh: number }) => pricePerKwh)).toContain(0.6);
  });

  test("set, show and forget sites, with the notice of a region where mining is prohibited", async () => {
    const site = { name: "Nord", zone: "Europe/Oslo", currency: "NOK", gridRegion: "COUNTRY-NOR" };
    const made = await ask("PUT", "/api/settings/sites/nord", site, { "if-none-match": "*" });
    expect(made).toMatchObject({ status: 200, json: { ...site, notices: [] } });
    const wrong = await ask("PUT", "/api/settings/sites/nord", { ...site, zone: "Europe/Osloo" });
    expect(wrong.json.message).toContain("did you mean Europe/Oslo?");
    const priced = await ask(
      "PUT",
      "/api/settings/sites/nord",
      { ...site, price: 0.4 },
      { "if-match": made.json.etag },
    );
    expect(priced.json.prices).toMatchObject([{ pricePerKwh: 0.4, currency: "NOK" }]);
    const sites = siteListSchema.parse((await ask("GET", "/api/sites")).json);
    expect(sites.map(({ site: id, notices }) => [id, notices.length])).toEqual([
      ["jilin", 2],
      ["nord", 0],
    ]);
    expect(sites[0]!.notices[0]).toMatchObject({ status: "prohibited", date: "2021-09-24" });
    const currency = await ask("PUT", "/api/settings/sites/jilin", { ...site, currency: "USD" });
    expect(currency.json.message).toContain("tou: currency: is CNY, but the site counts in USD");
    expect((await ask("DELETE", "/api/settings/sites/nord")).status).toBe(200);
    expect((await ask("DELETE", "/api/settings/sites/jilin")).json.message).toContain("the config names it");
  });

  test("are told as YAML that an import reads back as the same, and take a file whole or not at all", async () => {
    const whole = await ask("GET", "/api/settings/export.yaml");
    expect(whole.text).toContain("hashwatt: 1");
    const same = settingsImportSchema.parse((await yaml(whole.text)).json);
    expect([same.applied, new Set(same.changes.map(({ change }) => change))]).toEqual([
      true,
      new Set(["same"]),
    ]);
    const file = [
      "hashwatt: 1",
      "sites:",
      "  sued: { name: Sued, zone: Europe/Berlin, currency: EUR, gridRegion: null }",
      "tariffs:",
      "  sued:",
      "    - { id: a, name: A, currency: EUR, validFrom: 2026-01-01, source: s, energy: { kind: flat, price: 0.2 } }",
      "pools:",
      "  sued:",
      "    - { id: p, name: P, scheme: FPPS, feePercent: 2, validFrom: 2026-01-01, source: s }",
    ].join("\n");
    const tried = settingsImportSchema.parse((await yaml(file, true)).json);
    expect(tried.applied).toBe(false);
    expect(tried.changes.map(({ id, change }) => `${id} ${change}`)).toEqual([
      "sued added",
      "a added",
      "p added",
    ]);
    expect((await ask("GET", "/api/settings/sites/sued")).status).toBe(404);
    const broken = file.replace("price: 0.2", "price: cheap").replace("Europe/Berlin", "Mars/Base");
    expect((await yaml(broken)).json).toMatchObject({
      applied: false,
      errors: [
        { line: 3, path: "sites.sued.zone", message: expect.stringContaining("is no IANA time zone") },
      ],
    });
    expect((await yaml(file.replace("price: 0.2", "price: cheap"))).json).toMatchObject({
      applied: false,
      errors: [{ line: 6, path: "tariff a energy.price" }],
    });
    expect((await ask("GET", "/api/settings/sites/sued")).status).toBe(404);
    expect((await yaml(file)).json.applied).toBe(true);
    expect((await ask("GET", "/api/settings/pools?site=sued")).json).toHaveLength(1);
    expect((await yaml("hashwatt: 1\ntariff: {}")).json.errors[0]).toMatchObject({
      line: 2,
      message: expect.stringContaining("did you mean tariffs?"),
    });
    expect((await yaml("a: [")).json.errors[0].line).toBe(1);
    expect((await yaml("hashwatt: 1\n---\nhashwatt: 1")).json.errors[0].message).toContain("keep one");
  });

  test("are exported, checked and imported by the command line, each error with file and line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hashwatt-settings-"));
    const file = join(folder, "settings.yaml");
    const run = async (...words: string[]) => {
      const lines: string[] = [];
      const out = (text: string) => void lines.push(text);
      const client = { api: apiClient({ url: server.url, token: undefined, trust: {} }, systemClock) };
      const command = {
        ...client,
        out,
        clock: systemClock,
        terminal: process.stderr,
        signal: new AbortController().signal,
      };
      const failed = await settingsCommand(command as never, words).then(
        () => undefined,
        (error: Error) => error.message,
      );
      return { text: lines.join("\n"), failed };
    };
    const { text } = await run("export");
    writeFileSync(file, text.replace("name: renamed", "name: from a file"));
    expect(await run("check", file)).toMatchObject({
      text: expect.stringContaining("tariff tou of jilin: would be changed"),
    });
    expect((await run("import", file)).text).toContain("tariff tou of jilin: changed");
    expect((await run("import", file)).text).not.toContain("changed");
    writeFileSync(file, text.replace("currency: CNY\n      validFrom", "currency: EUR\n      validFrom"));
    const refused = await run("import", file);
    expect(refused.text).toMatch(
      /settings\.yaml:\d+: tariff tou currency: is EUR, but the site counts in CNY/,
    );
    expect(refused.failed).toContain("nothing of it was taken");
    writeFileSync(file, JSON.stringify({ name: "x" }));
    const lines: string[] = [];
    await expect(urdbCommand((line) => lines.push(line), file, "jilin")).rejects.toThrow(
      "cannot be read as a tariff",
    );
    expect(lines.join()).toContain("energyratestructure");
    rmSync(folder, { recursive: true });
  });

  test("make bills of the billing periods of a site", async () => {
    const bills = await ask("GET", "/api/bills?site=jilin");
    expect(bills.json.at(-1)).toMatchObject({
      site: "jilin",
      tariff: "tou",
      open: true,
      coverage: 0,
      kwh: 0,
    });
    expect((await ask("GET", "/api/bills?site=none")).status).toBe(404);
    expect((await ask("GET", "/api/bills?site=jilin&from=2&to=1")).json.message).toContain("from: ");
  });
});
