import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { Evidence } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { Agents } from "../agents.js";
import { AlertBook } from "../alerts/book.js";
import { RULES } from "../alerts/rules/registry.js";
import { Fleet } from "../fleet/fleet.js";
import type { Reading } from "../fleet/rigView.js";
import { Sites } from "../sites.js";
import { exposition, FAMILIES, LINE_SLICE } from "./exposition.js";
import { RIG_FAMILIES } from "./rigFamilies.js";
import type { MetricsParts } from "./serverState.js";

const NOW = Date.UTC(2026, 10, 26, 12);
const SITE = { site: "farm", name: "Farm", zone: "Asia/Shanghai", currency: "USD", demo: true };
const PRICES = { hashpricePerThH: 0.0018, pricePerKwh: 0.06, kgCo2PerKwh: 0.36 };

interface Rig {
  evidence?: Partial<Evidence>;
  reading?: Partial<Reading>;
}
const FULL: Reading = {
  atMs: NOW,
  intervalMs: 5_000,
  status: "mining",
  algo: "SHA256",
  hashrateThs: 110.61,
  powerW: 3_250,
  powerSource: "model",
  inletTempC: 24.5,
  boardTempC: 66,
  chipTempC: 78.5,
  fansRpm: [5_400, 4_980],
  shares: { accepted: 812, rejected: 3 },
};

/** A fleet of one site and what the metrics are read from. */
function fleetOf(rigs: readonly Rig[], more: Partial<MetricsParts> = {}) {
  const fleet = new Fleet({ rates: () => PRICES, limits: () => ({}) });
  for (const [i, { evidence, reading }] of rigs.entries()) {
    const view = fleet.putRig({
      rig: i + 1,
      site: "farm",
      agent: "a1",
      handle: `h${i}`,
      name: `10.0.0.${i}`,
      evidence: { address: `10.0.0.${i}`, ...evidence },
      aliases: [],
      firstSeenMs: 0,
      lastSeenMs: 0,
    });
    if (reading) fleet.apply(view, { atMs: NOW, intervalMs: 5_000, status: "mining", ...reading }, NOW);
  }
  const book = new AlertBook(RULES);
  const parts: MetricsParts = {
    fleet,
    sites: new Sites([SITE, { ...SITE, site: "unused" }], () => undefined),
    configured: new Set(["farm"]),
    rates: { now: () => ({ currency: "USD", ...PRICES, inputs: [], stale: false, demo: true }) },
    agents: new Agents(),
    book,
    health: () => ({
      ok: false,
      serverMs: NOW,
      startedMs: NOW - 60_000,
      parts: { store: { ok: false, note: "disk full" } },
      counters: { samples: 7, rowsPending: 0, rssBytes: 1e8 },
      refusals: [{ kind: "batch", count: 3, last: "who: 10.9.9.9", lastMs: NOW }],
    }),
    lag: { lastMinute: undefined },
    version: "0.1.0",
    clock: { nowMs: () => NOW },
    ...more,
  };
  return { fleet, book, parts };
}

async function pieces(parts: MetricsParts, perRig = true): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of exposition(parts, { perRig })) all.push(piece);
  return all;
}
/** Series by their text up to the value. */
async function seriesOf(parts: MetricsParts, perRig = true): Promise<Map<string, number>> {
  const lines = (await pieces(parts, perRig)).join("").split("\n");
  const series = lines.filter((line) => line && !line.startsWith("#"));
  return new Map(
    series.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe("the metrics", () => {
  const model = { model: "Antminer S19 Pro", nominalThs: 110 };

  test("tell a rig and its sums in base units, with money in its currency and the date of the data", async () => {
    const { parts } = fleetOf([{ evidence: model, reading: FULL }]);
    const series = await seriesOf(parts);
    const rig = 'site="farm",model="Antminer S19 Pro",rig="r1"';
    const told = (name: string, labels: string) => series.get(`hashwatt_${name}{${labels}}`);
    expect(told("rig_hashrate_hashes_per_second", rig)).toBe(1.1061e14);
    expect(told("rig_power_watts", `${rig},source="model"`)).toBe(3_250);
    expect(told("rig_chip_temperature_celsius", rig)).toBe(78.5);
    expect(told("rig_fan_slowest_rpm", rig)).toBe(4_980);
    expect(told("rig_shares_rejected_total", rig)).toBe(3);
    expect(told("rig_cost_per_second", `${rig},currency="USD"`)).toBeCloseTo(0.195 / 3_600, 12);
    expect(told("rig_status", `${rig},status="mining"`)).toBe(1);
    expect(told("rig_last_reading_timestamp_seconds", rig)).toBe(NOW / 1_000);
    expect(told("site_revenue_per_second", 'site="farm",currency="USD"')).toBeCloseTo(
      (110.61 * 0.0018) / 3_600,
      12,
    );
    expect(told("site_carbon_grams_per_second", 'site="farm"')).toBeCloseTo((3.25 * 360) / 3_600, 9);
    const ofModel = 'site="farm",model="Antminer S19 Pro"';
    expect(told("model_efficiency_joules_per_hash", `${ofModel},algo="SHA256"`)).toBeCloseTo(
      3_250 / 110.61e12,
      18,
    );
    expect(told("model_nominal_hashrate_hashes_per_second", `${ofModel},algo="SHA256"`)).toBe(1.1e14);
    expect(told("site_rigs", 'site="farm",status="mining"')).toBe(1);
    expect(told("site_rigs", 'site="farm",status="fault"')).toBe(0);
    expect(told("site_info", 'site="farm",currency="USD",zone="Asia/Shanghai",demo="true"')).toBe(1);
    expect(told("part_up", 'part="store"')).toBe(0);
    expect(series.get("hashwatt_samples_total")).toBe(7);
    expect(told("refusals_total", 'kind="batch"')).toBe(3);
  });

  test("have no series for what is not known, and none of it counts as 0", async () => {
    const { parts } = fleetOf([
      { reading: { hashrateThs: 100, algo: "SHA256" } },
      { evidence: { model: "X", algo: "SHA256", nominalThs: 100 }, reading: { status: "unreachable" } },
      { evidence: { model: "X", algo: "SHA256" } },
    ]);
    const series = await seriesOf(parts);
    const names = [...series.keys()];
    const having = (text: string) => names.filter((name) => name.startsWith(`hashwatt_${text}`));
    expect(having("rig_power_watts")).toEqual([]);
    expect(having("rig_hashrate")).toEqual(['hashwatt_rig_hashrate_hashes_per_second{site="farm",rig="r1"}']);
    expect(having("site_power_watts")).toEqual([]);
    expect(having("site_profit")).toEqual([]);
    expect(having("site_nominal")).toEqual([]);
    expect(having("event_loop_lag")).toEqual([]);
    expect(having("rig_last_reading_timestamp_seconds")).toHaveLength(2);
    expect(series.get('hashwatt_site_power_unknown_rigs{site="farm"}')).toBe(3);
    expect(series.get('hashwatt_site_priced_rigs{site="farm",figure="profit"}')).toBe(0);
    expect([...series.values()].every(Number.isFinite)).toBe(true);
  });

  test("tell of a rig that went silent only that and since when", async () => {
    const { fleet, parts } = fleetOf([{ evidence: model, reading: FULL }]);
    fleet.sweep(NOW + 60_000);
    const series = await seriesOf(parts);
    const ofRig = [...series.keys()].filter((name) => name.includes('rig="r1"'));
    expect(ofRig.map((name) => name.replace(/\{.*(rig="r1".*)\}/, " $1"))).toEqual([
      'hashwatt_rig_status rig="r1",status="stale"',
      'hashwatt_rig_last_reading_timestamp_seconds rig="r1"',
    ]);
    expect(series.get('hashwatt_site_rigs{site="farm",status="stale"}')).toBe(1);
  });

  test("never name an address, a pool's user or what else could identify, and escape what rigs say", async () => {
    const evidence = {
      model: 'M50 "S"\\\nhashwatt_site_rigs 9',
      mac: "02:00:00:00:00:01",
      serial: "SERIAL1",
      hostname: "host-1",
      pools: [{ url: "stratum+tcp://pool.example:3333", user: "account.worker1" }],
    };
    const { parts } = fleetOf([{ evidence, reading: { ...FULL, pool: "stratum+tcp://pool.example:3333" } }]);
    const text = (await pieces(parts)).join("");
    expect(text).not.toMatch(/10\.0\.0|10\.9\.9|02:00|SERIAL1|host-1|pool\.example|account|worker1/);
    expect(text).toContain('model="M50 \\"S\\"\\\\\\nhashwatt_site_rigs 9",rig="r1"');
    expect(text).not.toMatch(/^hashwatt_site_rigs 9/m);
  });

  test("count alerts by rule and severity, those that nobody has as well, and leave out sites without rigs", async () => {
    const { book, fleet, parts } = fleetOf([{ reading: { ...FULL, chipTempC: 120 } }]);
    const view = fleet.view(1)!;
    view.limits = { chip: { limitC: 90, source: "rig", name: "rig" } };
    const context = {
      heardSinceMs: 0,
      rates: () => ({ stale: false, demo: true, currency: "USD" }),
    };
    for (const at of [0, 10_000, 20_000]) book.step(view, { ...context, nowMs: NOW + at });
    const series = await seriesOf(parts, false);
    const alerts = (rule: string, state: string) =>
      [...series].filter(
        ([name]) =>
          name.startsWith("hashwatt_alerts") && name.includes(`"${rule}"`) && name.includes(`"${state}"`),
      );
    expect(alerts("overheating", "firing")).toEqual([
      ['hashwatt_alerts{site="farm",rule="overheating",severity="danger",state="firing"}', 1],
    ]);
    expect(alerts("offline", "firing").map(([, count]) => count)).toEqual([0]);
    expect([...series.keys()].some((name) => name.includes("unused"))).toBe(false);
  });

  test("name rigs only where the config asks for it", async () => {
    const { parts } = fleetOf([{ evidence: model, reading: FULL }]);
    const series = await seriesOf(parts, false);
    expect([...series.keys()].filter((name) => name.startsWith("hashwatt_rig_"))).toEqual([]);
    expect(series.get('hashwatt_site_power_watts{site="farm"}')).toBe(3_250);
  });

  test("of 10,000 rigs are made in small pieces, each family in one run, with the loop turning in between", async () => {
    const { parts } = fleetOf(Array.from({ length: 10_000 }, () => ({ evidence: model, reading: FULL })));
    let turns = 0;
    let done = false;
    const spin = (async () => {
      for (; !done; turns++) await turn();
    })();
    const all = await pieces(parts);
    done = true;
    await spin;
    const perPiece = all.map((piece) => piece.split("\n").filter((line) => !line.startsWith("#")).length - 1);
    expect(Math.max(...perPiece)).toBeLessThanOrEqual(LINE_SLICE);
    expect(turns).toBeGreaterThanOrEqual((RIG_FAMILIES.length * 10_000) / LINE_SLICE);
    const lines = all.join("").split("\n");
    const names = lines.map((line) => /^[a-z_]+(?=[{ ])/.exec(line)?.[0]).filter(Boolean);
    const runs = names.filter((name, i) => name !== names[i - 1]);
    expect(new Set(runs).size).toBe(runs.length);
    expect(new Set(lines.filter(Boolean)).size).toBe(lines.filter(Boolean).length);
    for (const { name } of RIG_FAMILIES) expect(names.filter((held) => held === name)).toHaveLength(10_000);
  });

  test("are made no further than their reader takes them", async () => {
    const { parts } = fleetOf(Array.from({ length: 10_000 }, () => ({ evidence: model, reading: FULL })));
    let made = 0;
    const counted = async function* () {
      for await (const piece of exposition(parts, { perRig: true })) {
        made += piece.length;
        yield piece;
      }
    };
    const reader = Readable.from(counted(), { objectMode: false });
    await new Promise((resolve) => reader.once("readable", resolve));
    for (let i = 0; i < 2_000; i++) await turn();
    const waiting = made;
    expect(waiting).toBeLessThan(1_000_000);
    for (let i = 0; i < 500; i++) await turn();
    expect(made).toBe(waiting);
    let taken = 0;
    for await (const chunk of reader) taken += (chunk as Buffer).length;
    expect(taken).toBeGreaterThan(10_000_000);
  });
});

describe("the families", () => {
  test("are named as Prometheus asks: a prefix, base units, _total for counters alone, a sentence each", () => {
    const names = FAMILIES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, help, labels } of FAMILIES) {
      expect(name).toMatch(/^(hashwatt|process)(_[a-z0-9]+)+$/);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      expect(name).not.toMatch(/_(ms|mw|kw|kwh|ths|gb|mb|percent|hours?|minutes?)(_|$)/);
      expect(help).toMatch(/^[A-Z0-9].*[^.]$/);
      for (const label of labels) expect(label).not.toMatch(/address|user|pool|worker|mac|serial|name/);
    }
  });

  test("are all in docs/metrics.md, which knows no other", () => {
    const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z0-9_]+)` \| (gauge|counter) \| ([^|]*) \| (.*) \|$/gm)];
    const told = rows.map(([, name, type, labels, help]) => ({
      name,
      type,
      labels: (labels ?? "").match(/[a-z]+/g) ?? [],
      help,
    }));
    expect(told).toEqual(FAMILIES.map(({ name, type, labels, help }) => ({ name, type, labels, help })));
  });
});
