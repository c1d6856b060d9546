import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fleetColumnsSchema, healthSchema, rigDetailSchema, totalsSchema } from "@hashwatt/protocol/http";
import { LIVE_COLUMNS, STATIC_COLUMNS } from "@hashwatt/protocol/live";
import { fakeClock } from "@hashwatt/protocol/time";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Agents } from "../agents.js";
import { AlertBook } from "../alerts/book.js";
import { RULES } from "../alerts/rules/registry.js";
import { readGridFactors, readNetworkSnapshot } from "../bundledData.js";
import { ServerError } from "../error.js";
import { keptFleet } from "../fixtures/keptFleet.js";
import { keptSettings } from "../fixtures/keptSettings.js";
import { memoryJobs } from "../fixtures/memoryJobs.js";
import { memoryTelling } from "../fixtures/memoryTelling.js";
import { noRates } from "../fixtures/noRates.js";
import { noReplays } from "../fixtures/noReplays.js";
import { openAccess } from "../fixtures/openAccess.js";
import { Fleet } from "../fleet/fleet.js";
import { Identities } from "../identity/identities.js";
import { Hub } from "../live/hub.js";
import { Overview } from "../overview.js";
import { GridFactors } from "../rates/carbon/gridFactors.js";
import { Rates } from "../rates/rates.js";
import { Refusals } from "../refusals.js";
import { Sites } from "../sites.js";
import { MemoryTelemetryStore } from "../store/memory.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { HistoryQuery } from "./apiParts.js";
import { buildApp } from "./app.js";
import { HostGuard } from "./hostGuard.js";

const NOW = Date.UTC(2026, 10, 26, 12);
const DAY_MS = 86_400_000;

const HEALTHY = { ok: true, serverMs: NOW, startedMs: NOW, parts: {}, counters: {} };

describe("the API", () => {
  let app: FastifyInstance;
  let dashboardDir: string;
  const asked: { of: string | number; query: HistoryQuery; fields: readonly string[] | undefined }[] = [];
  const refusals = new Refusals(() => NOW);
  let broken = false;

  beforeAll(async () => {
    dashboardDir = mkdtempSync(join(tmpdir(), "hashwatt-dashboard-"));
    mkdirSync(join(dashboardDir, "assets"));
    writeFileSync(join(dashboardDir, "index.html"), "<!doctype html><title>Hashwatt</title>");
    writeFileSync(join(dashboardDir, "assets/main-a1b2.js"), "export {};");
    writeFileSync(join(dashboardDir, "robots.txt"), "User-agent: *");
    const clock = fakeClock(NOW);
    const identities = new Identities([]);
    const site = { site: "farm", name: "Farm", zone: "Asia/Shanghai", currency: "USD", demo: false };
    const rates = new Rates(
      { snapshot: readNetworkSnapshot(), factors: new GridFactors(readGridFactors()), tariffs: [], fx: [] },
      [site],
    );
    const sites = new Sites([site], () => undefined);
    const fleet = new Fleet({ rates: (name, nowMs) => rates.now(name, nowMs), limits: () => ({}) });
    const source = { site: "farm", agent: "a1", stream: "s", live: true };
    for (let i = 1; i <= 60; i++) {
      identities.describe(source, { [`h${i}`]: { address: `10.0.0.${i}`, algo: "SHA256" } }, NOW);
      identities.ownerOf(source, `h${i}`, true, NOW, 1);
      fleet.apply(
        fleet.putRig(identities.index.record(i)!),
        { atMs: NOW, intervalMs: 5_000, status: "mining", hashrateThs: 100 + i },
        NOW,
      );
    }
    const book = new AlertBook(RULES);
    const overview = new Overview(
      {
        fleet,
        index: identities.index,
        sites,
        rates,
        book,
        agents: new Agents(),
        store: () => ({ kind: "memory", ok: true }),
        broker: () => undefined,
      },
      [],
    );
    const history = (of: string | number, query: HistoryQuery, fields: readonly string[] | undefined) => {
      asked.push({ of, query, fields });
      if (broken) throw new Error("secret internals");
      return Promise.resolve({
        ...query,
        stepMs: 60_000,
        tier: "raw" as const,
        coverage: 0,
        tMs: [],
        columns: {},
      });
    };
    app = await buildApp(
      {
        access: (await openAccess()).access,
        telling: await memoryTelling({ clock }),
        overview,
        metered: undefined,
        hub: new Hub("e1", "0.1.0", overview),
        index: identities.index,
        ...(await keptSettings(clock)),
        ...(await keptFleet({ identities, fleet, book, sites, clock })),
        sites,
        rates,
        telemetry: new MemoryTelemetryStore(),
        state: new MemoryStateStore(),
        history: { rig: history, site: history },
        refusals,
        jobs: memoryJobs([], clock),
        ...noRates(),
        replays: noReplays,
        health: () => ({ ...HEALTHY, refusals: refusals.list() }),
        metrics: async function* () {
          yield "hashwatt_rigs 60\n";
        },
        version: { name: "hashwatt", version: "0.1.0", api: 1, node: process.version },
        clock,
        log: pino({ level: "silent" }),
      },
      { guard: new HostGuard(["hashwatt.local"]), dashboardDir, version: "0.1.0" },
    );
    await app.ready();
  });
  afterAll(async () => {
    await app.close();
    rmSync(dashboardDir, { recursive: true, force: true });
  });

  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: "GET", url, headers: { host: "127.0.0.1:8080", ...headers } });

  test("gives the fleet as columns of one length, repeated texts once, over gzip", async () => {
    const answer = await get("/api/fleet", { "accept-encoding": "gzip" });
    expect(answer.headers["content-encoding"]).toBe("gzip");
    const fleet = fleetColumnsSchema.parse(JSON.parse(gunzipSync(answer.rawPayload).toString()));
    expect(fleet.rig).toHaveLength(60);
    expect(Object.keys(fleet.columns).sort()).toEqual([...STATIC_COLUMNS, ...LIVE_COLUMNS].sort());
    for (const column of Object.values(fleet.columns))
      expect(Array.isArray(column) ? column : column.ix).toHaveLength(60);
    expect(fleet.columns.status).toEqual({ dict: ["mining"], ix: Array(60).fill(0) });
    expect(fleet.columns.powerSource).toEqual({ dict: [], ix: Array(60).fill(-1) });
    expect((fleet.columns.powerW as null[])[0]).toBeNull();
  });

  test("packs an answer for those who take gzip and for no one else", async () => {
    const encoding = async (accepts?: string) =>
      (await get("/api/fleet", accepts === undefined ? {} : { "accept-encoding": accepts })).headers[
        "content-encoding"
      ];
    for (const accepts of ["gzip", "br, gzip;q=0.5", "deflate,gzip"])
      expect(await encoding(accepts)).toBe("gzip");
    for (const accepts of [undefined, "br", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
      expect(await encoding(accepts)).toBeUndefined();
  });

  test("answers as its schemas say", async () => {
    expect(totalsSchema.parse((await get("/api/totals")).json()).fleet).toMatchObject({
      rigs: 60,
      powerW: null,
      powerUnknownRigs: 60,
    });
    expect(rigDetailSchema.parse((await get("/api/rigs/r3")).json())).toMatchObject({
      id: "r3",
      zone: "Asia/Shanghai",
    });
    expect(healthSchema.parse((await get("/api/health")).json()).ok).toBe(true);
    expect((await get("/api/version")).json()).toMatchObject({ name: "hashwatt", api: 1 });
    expect((await get("/api/alerts")).json()).toEqual([]);
    expect((await get("/api/events?limit=5")).json()).toEqual([]);
    expect((await get("/api/rigs/r3/boards")).json()).toMatchObject({ boards: [] });
  });

  test.each([
    ["epoch ms", `from=${NOW - DAY_MS}&to=${NOW}`, NOW - DAY_MS, NOW],
    ["ISO 8601", "from=2026-11-25T12:00:00Z&to=2026-11-26T20:00:00%2B08:00", NOW - DAY_MS, NOW],
    ["nothing: the last 24 hours", "", NOW - DAY_MS, NOW],
  ])("takes the range of a series as %s", async (_what, search, fromMs, toMs) => {
    asked.length = 0;
    const answer = await get(
      `/api/rigs/r3/series?${search}${search ? "&" : ""}fields=powerW,hashrateThs&step=60000`,
    );
    expect(answer.statusCode).toBe(200);
    expect(asked).toEqual([
      { of: 3, query: { fromMs, toMs, stepMs: 60_000 }, fields: ["powerW", "hashrateThs"] },
    ]);
  });

  test("asks for one algorithm of a site where that is wanted", async () => {
    asked.length = 0;
    await get("/api/sites/farm/series?algo=SHA256");
    expect(asked[0]).toMatchObject({ of: "farm", query: { algo: "SHA256" } });
  });

  test.each([
    ["/api/rigs/r3/series?from=yesterday", "from"],
    ["/api/rigs/r3/series?from=2026-11-25T12:00:00", "from"],
    ["/api/rigs/r3/series?to=1e999", "to"],
    ["/api/rigs/r3/series?step=0", "step"],
    ["/api/rigs/r3/series?step=-5", "step"],
    ["/api/rigs/r3/series?fields=powerW,pwr", "fields"],
    ["/api/rigs/r3/series?from=99999999999999999000000", "from"],
    ["/api/sites/farm/series?to=-8640000000000001", "to"],
    ["/api/alerts?since=99999999999999999999999999", "since"],
    ["/api/rigs/r3/series?from=2026-11-26T00:00Z&to=2026-11-25T00:00Z", "from"],
    ["/api/rigs/r3/series?from=1900-01-01T00:00:00Z", "from"],
    ["/api/rigs/r3/series?from=2026-11-26", "from"],
    ["/api/rigs/r3/series?to=2026-02-30T00:00:00Z", "to"],
    ["/api/sites/farm/series?fields=chipTempC", "fields"],
    ["/api/alerts?since=x", "since"],
    ["/api/events?limit=100000", "limit"],
    ["/api/rigs/r3/boards?step=x", "step"],
  ])("refuses %s and names the field", async (url, field) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: "badRequest", field });
    expect(answer.json().message).toContain(field);
  });

  test.each([
    "/api/rigs/r99",
    "/api/rigs/99/series",
    "/api/rigs/r99/boards",
    "/api/sites/none/series",
    "/api/rigs/..%2Fx",
    "/api/none",
  ])("has nothing at %s and says so as JSON", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: "notFound" });
  });

  test("an error of ours is told without its insides", async () => {
    broken = true;
    const answer = await get("/api/rigs/r3/series");
    broken = false;
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret");
    expect(new ServerError("notFound", "x").retryable).toBe(false);
  });

  test("describes itself as OpenAPI 3.1 with every endpoint, its parameters and answers", async () => {
    const document = (await get("/api/openapi.json")).json();
    expect(document.openapi).toBe("3.1.0");
    const rigs = ["", "/availability", "/boards", "/identity", "/merge", "/series", "/split", "/undo"].map(
      (part) => `/api/rigs/{id}${part}`,
    );
    expect(Object.keys(document.paths).sort().join(" ")).toBe(
      `/api/alerts /api/alerts/channels /api/alerts/channels/{id} /api/alerts/channels/{id}/test /api/alerts/dead-letters /api/alerts/dead-letters/{id} /api/alerts/dead-letters/{id}/send /api/alerts/dry-run /api/alerts/routes /api/alerts/routes/{id} /api/alerts/rules /api/alerts/silence /api/alerts/silences /api/alerts/silences/{id} /api/alerts/{id}/ack /api/alerts/{id}/members /api/alerts/{id}/snooze /api/alerts/{id}/steps /api/alerts/{id}/unack /api/alerts/{id}/unsnooze /api/audit /api/bills /api/break-even /api/events /api/export/{data} /api/fleet /api/health /api/jobs /api/jobs/alerts-dry-run /api/jobs/backup /api/jobs/copy /api/jobs/export /api/jobs/reprice /api/jobs/{id} /api/ledger /api/ledger/explain /api/ledger/sites /api/matching /api/meters /api/planned-stops /api/planned-stops/{site}/{id} /api/rates /api/rates/import /api/reconciliation /api/reconciliation/bills /api/reconciliation/payouts /api/reconciliation/payouts/fetch /api/register /api/register.csv /api/register/preview /api/register/{id} /api/replays /api/replays/{id} /api/replays/{id}/alerts /api/replays/{id}/fleet /api/replays/{id}/rigs/{rig} /api/replays/{id}/totals ${rigs.join(" ")} /api/session /api/settings/export.yaml /api/settings/import /api/settings/preview /api/settings/sites /api/settings/sites/{site} /api/settings/urdb /api/settings/{collection} /api/settings/{collection}/preview /api/settings/{collection}/{id} /api/sites /api/sites/{id}/air /api/sites/{id}/availability /api/sites/{id}/series /api/tokens /api/tokens/{id} /api/totals /api/users /api/users/{name} /api/version /metrics`,
    );
    const series = document.paths["/api/rigs/{id}/series"].get;
    const parameters = series.parameters.map((parameter: { name: string }) => parameter.name);
    expect(parameters.sort().join(" ")).toBe("fields from id step to");
    expect(series.responses["200"].content["application/json"].schema.properties).toHaveProperty("coverage");
  });

  test.each(["/api/fleet", "/", "/api/none", "/%61pi/version"])(
    "sends the security headers with %s",
    async (url) => {
      const { headers } = await get(url);
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
      if (url !== "/") expect(headers["cache-control"]).toBe("no-store");
    },
  );

  test.each([
    [{ host: "evil.example" }],
    [{ host: "127.0.0.1.evil.example:8080" }],
    [{ host: "127.0.0.1:8080 evil" }],
    [{ origin: "http://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://127.0.0.1:9999" }],
  ])("refuses a request with %o, at every path", async (headers) => {
    for (const url of ["/api/fleet", "/"]) expect((await get(url, headers)).statusCode).toBe(403);
  });

  test.each([
    [{ host: "localhost:8080" }],
    [{ host: "127.0.0.1" }],
    [{ host: "[::1]:8080" }],
    [{ host: "HASHWATT.local:8080" }],
    [{ origin: "http://127.0.0.1:8080" }],
  ])("lets in a request with %o", async (headers) => {
    expect((await get("/api/version", headers)).statusCode).toBe(200);
  });

  test("serves the dashboard: hashed files for ever, the page always fresh, its own routes by the page", async () => {
    expect((await get("/assets/main-a1b2.js")).headers["cache-control"]).toContain("immutable");
    expect((await get("/")).headers["cache-control"]).toBe("no-cache");
    expect((await get("/robots.txt")).headers["cache-control"]).toBe("no-cache");
    const page = await get("/rigs/r3");
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain("<title>Hashwatt</title>");
    expect((await get("/assets/gone-1.js")).statusCode).toBe(404);
    expect((await get("/..%2f..%2fetc%2fpasswd")).body).not.toContain("root:");
  });

  test("takes no large body and no long path", async () => {
    const large = await app.inject({
      method: "POST",
      url: "/api/fleet",
      headers: { host: "127.0.0.1", "content-type": "application/json" },
      payload: `"${"x".repeat(100_000)}"`,
    });
    expect([404, 413]).toContain(large.statusCode);
    expect((await get(`/api/rigs/${"r".repeat(500)}`)).statusCode).toBeGreaterThanOrEqual(400);
  });
});
