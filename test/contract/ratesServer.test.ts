import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { healthSchema, type Input, totalsSchema } from "@hashwatt/protocol/http";
import { ratesViewSchema } from "@hashwatt/protocol/rates";
import { systemClock } from "@hashwatt/protocol/time";
import { apiClient } from "@hashwatt/server/cli/apiClient";
import { ratesCommand } from "@hashwatt/server/cli/ratesCommand";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeServer, serveFake } from "../support/fakeHttp.js";
import { until } from "../support/wait.js";

describe("a server with sources of rates", () => {
  let vendor: FakeServer;
  let server: RunningServer;
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-rates-"));
  beforeAll(async () => {
    const now = systemClock.nowMs() / 1_000;
    const answers: Record<string, unknown> = {
      "/api/v1/mining/hashrate/1m": { difficulty: [], currentHashrate: 0, currentDifficulty: 1e14 },
      "/api/v1/mining/blocks/fees/1m": [],
      "/api/v1/mining/reward-stats/144": {
        startBlock: 963_549,
        endBlock: 963_692,
        totalReward: "45000000000",
        totalFee: "0",
      },
      "/api/v1/prices": { time: now, USD: 100_000 },
      "/v2/exchange-rates": { data: { rates: { CNY: "7" } } },
    };
    vendor = await serveFake(({ path }) => {
      const body = answers[path];
      return body === undefined ? { status: 503 } : { status: 200, body };
    });
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "memory" },
        sites: [{ site: "hall", zone: "Asia/Shanghai", currency: "CNY", gridRegion: "CN-SD" }],
        sources: [
          { id: "mempool", kind: "mempool", url: vendor.url },
          { id: "fx", kind: "coinbase-fx", url: vendor.url, currencies: ["CNY"] },
          { id: "uk", kind: "uk-carbon-intensity", url: vendor.url, sites: ["hall"] },
        ],
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  });
  afterAll(async () => {
    await server.close();
    await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string): Promise<unknown> => (await fetch(`${server.url}${path}`)).json();
  const input = async (kind: Input["kind"]): Promise<Input | undefined> =>
    totalsSchema.parse(await get("/api/totals")).sites[0]?.inputs.find((each) => each.kind === kind);
  async function run(words: string[], options: Parameters<typeof ratesCommand>[2] = {}): Promise<string[]> {
    const lines: string[] = [];
    const { signal } = new AbortController();
    const api = apiClient({ url: server.url, token: undefined, trust: {} }, systemClock);
    const command = {
      api,
      clock: systemClock,
      terminal: process.stderr,
      out: (line: string) => void lines.push(line),
      signal,
    };
    await ratesCommand(command, words, options);
    return lines;
  }

  test("prices with what they tell, and says which of them tells nothing", async () => {
    await until("all were asked", async () => {
      const { sources } = ratesViewSchema.parse(await get("/api/rates"));
      return sources.every(({ succeededMs, problem }) => succeededMs !== null || problem !== null);
    });
    const { sources, series, network } = ratesViewSchema.parse(await get("/api/rates"));
    expect(sources.map(({ id, problem }) => [id, problem === null])).toEqual([
      ["mempool", true],
      ["fx", true],
      ["uk", false],
    ]);
    expect(sources[2]?.attribution).toContain("CC BY 4.0");
    expect(series.map((each) => each.series)).toEqual([
      "btc/USD",
      "fx/CNY",
      "network/difficulty",
      "network/feesBtc",
      "network/height",
    ]);
    expect(network).toMatchObject({ height: 963_692, subsidyBtc: 3.125, feesBtc: 0 });
    const hashprice = await input("hashprice");
    expect(Math.abs(hashprice!.value! / (Number("62.8642737865447998046875") * 7) - 1)).toBeLessThan(1e-12);
    expect(hashprice).toMatchObject({ stale: false, unit: "CNY/PH/day" });
    expect((await input("carbon"))?.value).toBe(0.6191);
    const { parts } = healthSchema.parse(await get("/api/health"));
    expect(parts["source uk"]).toMatchObject({ ok: false });
    expect(parts["source uk"]?.note).toMatch(/answers 503; has given no figures yet/);
    expect(parts["source mempool"]?.ok).toBe(true);
  });

  test("takes a file by the command line: first what it would do, then whole or not at all", async () => {
    const path = join(folder, "grid.csv");
    const now = systemClock.nowMs();
    const row = (from: number, to: number, value: string) =>
      [from, to]
        .map((hours) => new Date(now + hours * 3_600_000).toISOString())
        .join(",")
        .concat(`,${value}`);
    writeFileSync(path, `start,end,value\n${row(-1, 1, "0.25")}\n${row(1, 2, "x")}\n`);
    const options = { series: "carbon/hall" };
    await expect(run(["import", path], options)).rejects.toThrow(
      'grid.csv: line 3: value "x" is no number such as 0.0612; nothing was imported',
    );
    writeFileSync(path, `start,end,value\n${row(-1, 1, "0.25")}\n`);
    expect((await run(["import", path], { ...options, dryRun: true })).at(-1)).toBe(
      "1 rows would be imported; nothing was changed",
    );
    expect((await input("carbon"))?.value).toBe(0.6191);
    expect((await run(["import", path], options)).at(-1)).toBe("1 rows imported");
    expect(await input("carbon")).toMatchObject({ value: 0.25, source: "grid.csv" });
    const listed = await run(["list"]);
    expect(listed.join("\n")).toMatch(/^carbon\/hall: 0\.25 kgCO2\/kWh, grid\.csv of /m);
    expect(listed.at(-1)).toMatch(/^source uk \(uk-carbon-intensity\): 127\.0\.0\.1:\d+ answers 503, since /);
    await expect(run(["delete"])).rejects.toThrow('there is no "rates delete"; there are import and list');
    await expect(run(["import", join(folder, "none.csv")])).rejects.toThrow(
      /cannot read .*none\.csv \(ENOENT\)/,
    );
  });
});
