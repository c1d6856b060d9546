import { ratesViewSchema } from "@hashwatt/protocol/rates";
import { systemClock } from "@hashwatt/protocol/time";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FakeServer, serveFake } from "../support/fakeHttp.js";

describe("sources of rates that are made while the server runs", () => {
  let server: RunningServer;
  let strict: RunningServer;
  let strangers: FakeServer;
  const asked: string[] = [];
  beforeAll(async () => {
    vi.stubEnv("HASHWATT_SOURCE_MAPS", "s3cret-of-the-maps");
    strangers = await serveFake(({ path, headers }) => {
      asked.push(`${path} ${headers["auth-token"] ?? ""}`.trim());
      if (path.startsWith("/v2/prices")) return { status: 200, body: { data: { amount: "91000" } } };
      if (path.startsWith("/v3/carbon-intensity"))
        return {
          status: 200,
          body: { zone: "FR", history: [{ carbonIntensity: 50, datetime: new Date().toISOString() }] },
        };
      return { status: 503 };
    });
    const start = (privateSources: boolean) =>
      startServer(
        configSchema.parse({
          http: { port: 0 },
          broker: "off",
          store: { kind: "memory" },
          sites: [{ site: "farm", zone: "Europe/Paris", currency: "USD", gridRegion: "COUNTRY-FRA" }],
          sources: [{ id: "kraken", kind: "kraken", url: `${strangers.url}/away`, everyMinutes: 60 }],
          privateSources,
        }),
        "0.1.0",
        systemClock,
        pino({ level: "silent" }),
      );
    [server, strict] = await Promise.all([start(true), start(false)]);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([server.close(), strict.close(), strangers.close()]);
  });

  const ask = async (method: string, path: string, body?: unknown, of = server) => {
    const answer = await fetch(`${of.url}${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: JSON.parse(text) };
  };
  const put = (body: { id: string; [key: string]: unknown }, of = server) =>
    ask("PUT", `/api/settings/sources/${body.id}`, body, of);
  const source = async (id: string) =>
    ratesViewSchema.parse((await ask("GET", "/api/rates")).json).sources.find((each) => each.id === id);
  const coinbase = (more: object = {}) => ({
    id: "price",
    kind: "coinbase",
    url: strangers.url,
    everyMinutes: 60,
    ...more,
  });

  test("are asked at once, say how they are, and are gone when they are removed", async () => {
    expect((await put(coinbase())).status).toBe(200);
    await vi.waitFor(async () =>
      expect(await source("price")).toMatchObject({
        from: "settings",
        problem: null,
        values: [{ series: "btc/USD", value: 91_000 }],
      }),
    );
    // What is the same goes on; what is another begins anew.
    await put(coinbase());
    expect((await source("price"))?.succeededMs).not.toBeNull();
    await put(coinbase({ url: `${strangers.url}/away` }));
    await vi.waitFor(async () => expect((await source("price"))?.problem?.text).toMatch(/answers 503$/));
    // The last good figure stays, with its date.
    expect((await source("price"))?.values[0]).toMatchObject({ value: 91_000, asOfMs: expect.any(Number) });
    expect((await source("price"))?.lastError?.text).toMatch(/answers 503$/);
    expect(asked.filter((path) => path.includes("/v2/prices"))).toHaveLength(2);
    expect((await ask("DELETE", "/api/settings/sources/price")).status).toBe(200);
    expect(await source("price")).toBeUndefined();
    expect(await source("kraken")).toMatchObject({ from: "config" });
  });

  test("name their secrets, which no answer holds, and give carbon to the sites that they name", async () => {
    const maps = { id: "maps", kind: "electricity-maps", url: strangers.url, zone: "FR", sites: ["farm"] };
    expect((await put({ ...maps, key: "s3cret" })).json.message).toBe(
      "source maps: key: must say where the secret lies, as { env: NAME } or { file: NAME }, and never be it",
    );
    await put({ ...maps, key: { env: "HASHWATT_SOURCE_MAPS" } });
    await vi.waitFor(() => expect(asked).toContain("/v3/carbon-intensity/history s3cret-of-the-maps"));
    await vi.waitFor(async () => expect((await source("maps"))?.succeededMs).not.toBeNull());
    const { json } = await ask("GET", "/api/totals");
    const carbon = json.sites[0].inputs.find(({ kind }: { kind: string }) => kind === "carbon");
    expect(carbon).toMatchObject({ value: 0.05, source: "Electricity Maps, FR" });
    for (const path of ["/api/settings/sources", "/api/rates", "/api/audit"])
      expect((await ask("GET", path)).text).not.toContain("s3cret-of-the-maps");
    expect((await source("maps"))?.strangeSites).toEqual([]);
    await put({ ...maps, sites: ["farm", "frm"], key: { env: "HASHWATT_SOURCE_MAPS" } });
    await vi.waitFor(async () => expect((await source("maps"))?.strangeSites).toEqual(["frm"]));
    // A variable that is not there yet is a problem of the source, not of the settings.
    await put({ ...maps, key: { env: "HASHWATT_SOURCE_NONE" } });
    await vi.waitFor(async () =>
      expect((await source("maps"))?.problem?.text).toBe(
        "key.env: the variable HASHWATT_SOURCE_NONE is not set where the server runs",
      ),
    );
  });

  test.each([
    ["a private address", { url: "http://10.0.0.8/x" }, "url: 10.0.0.8 is private or local"],
    ["this machine by name", { url: "http://localhost:9/" }, "url: localhost:9 is private or local"],
    ["a secret in its address", { url: "https://x.example/?api_key=1" }, 'url: has "api_key" in its query'],
    ["the name of one of the config", { id: "kraken" }, 'id: "kraken" is a source of the server\'s config'],
    [
      "another's variable",
      { kind: "coingecko", key: { env: "HASHWATT_SERVER_HTTP_PASSWORD" } },
      "key.env: must begin with HASHWATT_SOURCE_",
    ],
    [
      "a file anywhere",
      { kind: "csv", url: undefined, file: "/etc/passwd", series: "price/spot" },
      "file: must be the name of a file in the folder sources of the server's data folder",
    ],
    [
      "a file above",
      { kind: "coingecko", key: { file: "../key" } },
      "key.file: must be the name of a file in the folder sources",
    ],
    ["no kind", { kind: "coinbse" }, "kind: "],
  ])("may not have %s", async (_what, more, words) => {
    const body = { ...coinbase({ url: "https://api.coinbase.com" }), ...more } as { id: string };
    const { status, json } = await put(body, strict);
    expect([status, json.error]).toEqual([400, "badRequest"]);
    expect(json.message).toContain(words);
  });

  test("are part of the settings' YAML", async () => {
    const yaml =
      'hashwatt: 1\nsources:\n  "*":\n    - id: local\n      kind: coinbase\n      url: http://rates.invalid/\n';
    expect((await ask("POST", "/api/settings/import", { yaml }, strict)).json).toMatchObject({
      applied: true,
      changes: [{ kind: "source", site: "", id: "local", change: "added" }],
    });
    const answer = await fetch(`${strict.url}/api/settings/export.yaml`);
    expect(await answer.text()).toContain("id: local\n      kind: coinbase");
  });
});
