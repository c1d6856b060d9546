import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Program, root, startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { startTestStore, storeKind, type TestStore } from "../support/testStore.js";
import { until } from "../support/wait.js";

interface Totals {
  fleet: {
    rigs: number;
    reporting: number;
    algos: { hashrateThs: number | null }[];
    money: { profitPerH: number | null }[];
  };
  sites: {
    site: string;
    inputs: { kind: string; demo?: boolean; value: number | null; howToSet?: string }[];
  }[];
}
interface Series {
  tMs: number[];
  columns: Record<string, (number | null)[]>;
}

const started: Program[] = [];
const folders: { remove(): void }[] = [];
afterEach(async () => {
  for (const program of started.splice(0)) await program.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

let store: TestStore;
beforeAll(async () => {
  store = await startTestStore();
});
afterAll(() => store?.close());

/** Options that keep everything in that folder, but the readings in the store of this run. */
function dataIn(folder: string): string[] {
  const { influxd } = store;
  if (!influxd?.admin) return ["--data", folder];
  const password = join(folder, "influx.password");
  writeFileSync(password, `${influxd.admin.password}\n`);
  return [
    ...["--data", folder],
    ...["--influx", influxd.url, "--influx-user", influxd.admin.username, "--influx-password-file", password],
    // Each folder counts its rigs from r1 on, so that each wants a database of its own.
    ...["--influx-database", basename(folder)],
  ];
}

function npmStart(...args: string[]): Program {
  const program = startProgram(process.execPath, [join(root, "scripts/start.mjs"), ...args]);
  started.push(program);
  return program;
}
function data(): string {
  const folder = scratch("start");
  folders.push(folder);
  return folder.path;
}
const get = async <T>(port: number, path: string): Promise<T> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
};
/** Processes whose parent is `pid`, from /proc. */
const childrenOf = (pid: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        return Number(readFileSync(`/proc/${candidate}/stat`, "utf8").split(") ")[1]?.split(" ")[1]) === pid;
      } catch {
        return false;
      }
    });

describe.skipIf(storeKind === "influxdb" && !programs.influxd)("npm start", () => {
  test("shows a simulated fleet with a demo price, ends every process within 5 s, and shows the history of the first run in the second", async () => {
    const folder = data();
    const port = await freePort();
    const args = [...dataIn(folder), "--port", `${port}`, "--rigs", "12", "--seed", "7"];
    const first = npmStart(...args);
    await first.waitFor(`Hashwatt is at http://127.0.0.1:${port}`, 60_000);
    expect(first.lines[0]).toContain(
      store.influxd ? `store: InfluxDB 1.6.7~rc0 at ${store.influxd.url}` : `store: DuckDB in ${folder}/demo`,
    );
    expect(first.lines[0]).toMatch(/broker: embedded at mqtt:\/\/127\.0\.0\.1:\d+$/);
    const totals = await until("all are known, and all but the offline and the slow one report", async () => {
      const now = await get<Totals>(port, "/api/totals");
      return now.fleet.rigs === 12 && now.fleet.reporting >= 10 ? now : undefined;
    });
    expect(totals.fleet.algos[0]?.hashrateThs).toBeGreaterThan(100);
    expect(totals.fleet.money[0]?.profitPerH).toBeTypeOf("number");
    expect(totals.sites[0]?.inputs.find((input) => input.kind === "price")).toMatchObject({
      demo: true,
      value: 0.06,
    });
    const pids = childrenOf(first.pid);
    expect(pids).toHaveLength(3);

    const stoppedMs = Date.now();
    first.signal("SIGINT");
    expect(await first.exit).toBe(0);
    expect(Date.now() - stoppedMs).toBeLessThan(5_000);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);

    const second = npmStart(...args);
    await second.waitFor("Hashwatt is at", 60_000);
    const history = await get<Series>(
      port,
      `/api/rigs/r1/series?from=${stoppedMs - 600_000}&to=${stoppedMs}&fields=hashrateThs,powerW`,
    );
    expect(history.columns.hashrateThs?.some((value) => value !== null && value > 0)).toBe(true);
  }, 120_000);

  test("a second instance on the same data says so and leaves the first alone", async () => {
    const folder = data();
    const port = await freePort();
    const first = npmStart(...dataIn(folder), "--port", `${port}`, "--rigs", "3");
    await first.waitFor("Hashwatt is at", 60_000);
    const second = npmStart(...dataIn(folder), "--port", `${await freePort()}`, "--rigs", "3");
    expect(await second.exit).toBe(1);
    expect(second.lines.join("\n")).toMatch(/already used|is used by|in use by/);
    await until(
      "the first still reports",
      async () => (await get<Totals>(port, "/api/totals")).fleet.reporting >= 1,
    );
  }, 90_000);

  test("killed with -9 it leaves no program behind, so that the next start finds port and data free", async () => {
    const folder = data();
    const port = await freePort();
    const first = npmStart(...dataIn(folder), "--port", `${port}`, "--rigs", "3");
    await first.waitFor("agent started", 60_000);
    const pids = childrenOf(first.pid);
    expect(pids).toHaveLength(3);
    first.signal("SIGKILL");
    await first.exit;
    await until("all three are gone", () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
    const second = npmStart(...dataIn(folder), "--port", `${port}`, "--rigs", "3");
    await second.waitFor("Hashwatt is at", 60_000);
  }, 120_000);

  test("real rigs without a price show revenue, and profit as unknown with the way to set it", async () => {
    const rigs = startProgram(process.execPath, [
      join(root, "simulator/program/main.js"),
      "run",
      "--rigs",
      "3",
      "--seed",
      "3",
      "--base",
      "127.33.0.1",
      "--no-incidents",
    ]);
    started.push(rigs);
    await rigs.waitFor("simulating");
    const port = await freePort();
    // Who is named by its address is watched whether or not it answers.
    const named = ["--scan", "127.33.0.99"];
    const program = npmStart(...dataIn(data()), "--port", `${port}`, "--scan", "127.33.0.0/29", ...named);
    await program.waitFor("Hashwatt is at", 60_000);
    const totals = await until("the found rigs report", async () => {
      const now = await get<Totals>(port, "/api/totals");
      const all = now.fleet.rigs === 4 && now.fleet.reporting === 3;
      return all && now.fleet.algos.some(({ hashrateThs }) => hashrateThs) ? now : undefined;
    });
    expect(totals.fleet.money[0]).toMatchObject({ profitPerH: null, costPerH: null });
    expect((totals.fleet.money[0] as { revenuePerH?: number }).revenuePerH).toBeGreaterThan(0);
    const price = totals.sites
      .find((site) => site.site === "farm")
      ?.inputs.find((input) => input.kind === "price");
    expect(price?.value).toBeNull();
    expect(price?.howToSet).toContain("--price");
  }, 90_000);
});

// What has no store of its own, or always the embedded one, is the same in every run.
if (storeKind === "duckdb")
  describe("npm start on the embedded store", () => {
    test("a fresh store is filled with a simulated past, priced and with its gaps, and a store that holds anything is not", async () => {
      const folder = data();
      const port = await freePort();
      const args = ["--data", folder, "--port", `${port}`, "--rigs", "3", "--backfill", "1"];
      const program = npmStart(...args);
      await program.waitFor("simulated: 1 days of 3 rigs", 90_000);
      await program.waitFor("Hashwatt is at", 60_000);
      const [toMs, hourMs] = [Date.now(), 3_600_000];
      const query = `from=${toMs - 20 * hourMs}&to=${toMs - 2 * hourMs}&step=${hourMs}&fields=energyKwh,profitPerH,reportingRigs`;
      // At 36 minutes past, the hour without network is an hour of the clock: of that one nothing is known, of every other something.
      const { columns } = await until(
        "the past is summed up",
        async () => {
          const series = await get<Series>(port, `/api/sites/demo/series?${query}`);
          const hours = series.columns.energyKwh ?? [];
          return hours.filter((value) => value === null).length <= 1 && hours.at(-1) !== null
            ? series
            : undefined;
        },
        120_000,
      );
      expect(columns.profitPerH?.map((value) => value === null)).toEqual(
        columns.energyKwh?.map((value) => value === null),
      );
      // The power was off for a while, and an hour of the network is missing.
      expect(Math.min(...columns.covered!.map(Number))).toBeLessThan(0.9);
      expect(Math.max(...columns.covered!.map(Number))).toBeGreaterThan(0.99);
      await program.stop();
      const again = npmStart(...args);
      expect(await again.exit).toBe(1);
      expect(again.lines.at(-1)).toMatch(
        /--backfill fills a fresh store, and .* holds hashwatt\.duckdb already; choose/,
      );
    }, 240_000);

    test("what was said of the site at the first start, or set since, stays when a later start says nothing of it", async () => {
      const folder = data();
      const port = await freePort();
      const args = ["--data", folder, "--port", `${port}`, "--scan", "127.33.0.99"];
      const siteOf = async (...said: string[]) => {
        const program = npmStart(...args, ...said);
        await program.waitFor("Hashwatt is at", 60_000);
        const { name, zone, currency } = await get<Record<string, unknown>>(port, "/api/settings/sites/farm");
        const { sites } = await get<Totals>(port, "/api/totals");
        const price = sites[0]?.inputs.find((input) => input.kind === "price")?.value;
        return { program, site: { name, zone, currency, price } };
      };
      const first = await siteOf("--price", "0.45", "--currency", "CNY", "--zone", "Asia/Shanghai");
      expect(first.site).toEqual({ name: "farm", zone: "Asia/Shanghai", currency: "CNY", price: 0.45 });
      await first.program.stop();
      const second = await siteOf();
      expect(second.site).toEqual(first.site);
      const url = `http://127.0.0.1:${port}/api/settings/sites/farm`;
      const set = await fetch(url, {
        method: "PUT",
        headers: { "content-type": "application/json", origin: `http://127.0.0.1:${port}` },
        body: JSON.stringify({
          name: "North",
          zone: "Asia/Urumqi",
          currency: "CNY",
          gridRegion: null,
          gridYear: null,
        }),
      });
      expect(set.status, await set.text()).toBe(200);
      await second.program.stop();
      const third = await siteOf("--price", "0.5");
      expect(third.site).toEqual({ name: "North", zone: "Asia/Urumqi", currency: "CNY", price: 0.5 });
    }, 180_000);

    test("a time that passes fast begins to pass when the past that was to come before it is there", async () => {
      const folder = data();
      const args = ["--data", folder, "--port", `${await freePort()}`, "--rigs", "3", "--speed", "60"];
      const program = npmStart(...args, "--backfill", "1");
      await program.waitFor("Hashwatt is at", 150_000);
      const config = join(folder, "demo-fast", "config");
      const readyMs = statSync(join(config, "backfill.json")).mtimeMs;
      const clock = JSON.parse(readFileSync(join(config, "clock.json"), "utf8")) as Record<string, number>;
      const { originMs = Number.NaN, speed = Number.NaN } = clock;
      // At that moment it shows the present at most.
      expect(originMs + (readyMs - originMs) * speed).toBeLessThanOrEqual(readyMs + 1_000);
      await program.stop();
    }, 240_000);

    test("a port in use, an option it does not know, a target that is none and a folder it cannot write are each one line and exit code 1", async () => {
      const busy = createServer();
      await new Promise<void>((listening) => busy.listen(0, "127.0.0.1", listening));
      const port = (busy.address() as { port: number }).port;
      const file = join(data(), "file");
      writeFileSync(file, "not a folder");
      const free = `${await freePort()}`;
      for (const [args, said] of [
        [["--port", `${port}`, "--data", data()], `port ${port} is in use`],
        [["--prot", "8081"], "no option --prot; did you mean --port?"],
        [["--scan", "192.168.1.0/33"], '--scan: "192.168.1.0/33" has no prefix length of 0 to 32; write'],
        [["--scan", "10.0.0.0/8"], '"10.0.0.0/8" has 16,777,216 addresses, more than 65,536; write'],
        [["--scan", "10.0.0.0/16", "--scan", "10.1.0.1-3"], "65,537 addresses together, more than 65,536"],
        [["--zone", "Mars/Olympus"], "--zone Mars/Olympus: no such time zone"],
        [["--port", free, "--data", join(file, "sub")], "cannot write to"],
        [["--port", free, "--data", data(), "--grid", "CN-SDD"], "CN-SD"],
      ] as const) {
        const program = npmStart(...args);
        expect(await program.exit, args.join(" ")).toBe(1);
        expect(program.lines.filter((line) => !line.startsWith("Hashwatt ")).join("\n")).toContain(said);
        expect(program.lines.length, program.lines.join("\n")).toBeLessThanOrEqual(2);
      }
      busy.close();
    }, 60_000);
  });
