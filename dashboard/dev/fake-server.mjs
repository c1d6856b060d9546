#!/usr/bin/env node
/**
 * For development only: serves dashboard/dist with an invented fleet in the exact frames of the API, so that pages can be
 * looked at and measured without a server.
 *   node dashboard/dev/fake-server.mjs [--port 8099] [--rigs 48] [--sites 1] [--empty] [--behind] [--store-down]
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { fakeRigs, fakeSites, readingOf, seeded } from "./fakeFleet.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "8099" },
    rigs: { type: "string", default: "48" },
    sites: { type: "string", default: "1" },
    empty: { type: "boolean", default: false },
    behind: { type: "boolean", default: false },
    "store-down": { type: "boolean", default: false },
  },
});

const STATIC = ["name", "site", "agent", "address", "make", "model", "firmware", "algo", "nominalThs"];
const LIVE = [
  "status",
  "hashrateThs",
  "powerW",
  "powerSource",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "limitC",
  "fanRpm",
  "revenuePerH",
  "costPerH",
  "profitPerH",
  "co2KgPerH",
  "intervalMs",
  "pollMs",
  "atMs",
  "receivedMs",
  "alert",
];
const INTERVAL_MS = 5_000;
const FLUSH_MS = 250;
const HEARTBEAT_MS = 5_000;

const startedMs = Date.now();
const epoch = `fake-${startedMs}`;
const rnd = seeded(7);
const sites = fakeSites(Number(options.sites), startedMs);
const rigs = options.empty ? [] : fakeRigs(Number(options.rigs), sites, rnd, startedMs);
const latest = new Map();
for (const rig of rigs)
  latest.set(rig, readingOf(rig, startedMs - (rig.silent ? 400_000 : 0), INTERVAL_MS, rnd));

const staticOf = (rig) => ({
  name: rig.name,
  site: rig.site.site,
  agent: "main",
  address: rig.address,
  make: rig.kind.make,
  model: rig.kind.model,
  firmware: rig.kind.make === "Bitmain" ? "2024-08-15" : "20240115.13.REL",
  algo: "sha256",
  nominalThs: rig.kind.nominalThs,
});

const sum = (list, pick) => {
  const known = list.map(pick).filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((all, value) => all + value, 0) : null;
};
const count = (list, pick) => list.filter((each) => pick(each) !== null).length;
const isStale = (reading, nowMs) => nowMs - reading.receivedMs > 30_000;

function totalsOf(list, currencies, nowMs) {
  const readings = list.map((rig) => ({ rig, ...latest.get(rig) }));
  const fresh = readings.filter((reading) => !isStale(reading, nowMs) && reading.status !== "unreachable");
  const byStatus = {};
  for (const reading of readings) {
    const status = isStale(reading, nowMs) ? "stale" : reading.status;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  const powerBySource = {};
  for (const { powerSource, powerW } of fresh)
    if (powerSource) powerBySource[powerSource] = (powerBySource[powerSource] ?? 0) + powerW;
  const hashrateThs = sum(fresh, (reading) => reading.hashrateThs);
  const powerW = sum(fresh, (reading) => reading.powerW);
  return {
    rigs: list.length,
    reporting: fresh.length,
    byStatus,
    algos:
      list.length === 0
        ? []
        : [
            {
              algo: "sha256",
              rigs: list.length,
              reporting: fresh.length,
              hashrateThs,
              nominalThs: sum(list, (rig) => rig.kind.nominalThs),
              powerW,
              efficiencyJPerTh: hashrateThs ? powerW / hashrateThs : null,
            },
          ],
    powerW,
    powerBySource,
    powerUnknownRigs: list.length - count(fresh, (reading) => reading.powerW),
    money: currencies.map((currency) => {
      const own = fresh.filter((reading) => reading.rig.site.currency === currency);
      const revenuePerH = sum(own, (reading) => reading.revenuePerH);
      const drawnW = sum(own, (reading) => reading.powerW);
      return {
        currency,
        revenuePerH,
        costPerH: sum(own, (reading) => reading.costPerH),
        profitPerH: sum(own, (reading) => reading.profitPerH),
        revenueRigs: count(own, (reading) => reading.revenuePerH),
        costRigs: count(own, (reading) => reading.costPerH),
        profitRigs: count(own, (reading) => reading.profitPerH),
        breakEvenPerKwh: revenuePerH && drawnW ? revenuePerH / (drawnW / 1000) : null,
      };
    }),
    co2KgPerH: sum(fresh, (reading) => reading.co2KgPerH),
    co2Rigs: count(fresh, (reading) => reading.co2KgPerH),
    hottestChipC: Math.max(0, ...fresh.map((reading) => reading.chipTempC ?? 0)) || null,
    alertsFiring: alerts(nowMs).filter(
      (alert) => alert.state === "firing" && list.some((rig) => rig.rig === alert.rig),
    ).length,
  };
}

function alerts(nowMs) {
  const byAt = (at) => rigs[at];
  const make = (at, more) =>
    byAt(at) && {
      id: `alert-${more.rule}-${at}`,
      severity: "danger",
      state: "firing",
      site: byAt(at).site.site,
      rig: byAt(at).rig,
      rigName: byAt(at).name,
      model: byAt(at).kind.model,
      pendingMs: nowMs - 300_000,
      firedMs: startedMs - 240_000,
      resolvedMs: null,
      value: null,
      limit: null,
      unit: "",
      lossPerH: null,
      currency: byAt(at).site.currency,
      ...more,
    };
  return [
    make(6, {
      rule: "overheating",
      value: latest.get(byAt(6))?.chipTempC ?? null,
      limit: 85,
      unit: "°C",
      limitSource: "thermal-limits.json: Antminer S21",
      reason: `Chip ${latest.get(byAt(6))?.chipTempC} °C, limit 85 °C: fans turn, so look at the inlet and the dust filter.`,
      lossPerH: 0.05,
    }),
    make(14, {
      rule: "offline",
      severity: "money",
      firedMs: startedMs - 2_520_000,
      value: 42,
      limit: 5,
      unit: "min",
      limitSource: "default",
      reason: "Unreachable for 42 min: it last answered at 13:40 from 127.0.0.15.",
      lossPerH: 0.12,
    }),
    make(9, {
      rule: "offline",
      severity: "money",
      state: "pending",
      firedMs: null,
      pendingMs: startedMs - 120_000,
      value: 2,
      limit: 5,
      unit: "min",
      reason: "No reading for 2 min; it counts as offline after 5.",
      lossPerH: 0.08,
    }),
    make(33, {
      rule: "unprofitable",
      severity: "money",
      firedMs: startedMs - 7_200_000,
      value: -0.017,
      limit: 0,
      unit: "USD/h",
      limitSource: "hashprice of the bundled snapshot, flat tariff",
      reason: "Earns $0.229 and costs $0.246 per hour: below break-even by $0.017.",
      lossPerH: 0.017,
    }),
    make(3, {
      rule: "overheating",
      state: "resolved",
      firedMs: startedMs - 90_000_000,
      pendingMs: startedMs - 90_100_000,
      resolvedMs: startedMs - 88_000_000,
      value: 87,
      limit: 85,
      unit: "°C",
      limitSource: "firmware",
      reason: "Chip 87 °C, limit 85 °C.",
      lossPerH: 0.02,
    }),
  ].filter(Boolean);
}

function totals() {
  const serverMs = Date.now();
  return {
    serverMs,
    newestMs:
      rigs.length > 0
        ? Math.max(...[...latest.values()].slice(0, 2_000).map((reading) => reading.receivedMs))
        : null,
    fleet: totalsOf(rigs, [...new Set(sites.map((site) => site.currency))], serverMs),
    sites: sites.map(({ pricePerKwh: _price, ...site }) => ({
      ...totalsOf(
        rigs.filter((rig) => rig.site.site === site.site),
        [site.currency],
        serverMs,
      ),
      ...site,
    })),
    agents: sites.map((site) => ({
      site: site.site,
      agent: "main",
      state: "online",
      version: "0.1.0",
      spoolBatches: options.behind ? 900 : 0,
      spoolBytes: 0,
      behindMs: options.behind ? 540_000 : null,
      clockOffsetMs: 3,
      lostBatches: 0,
    })),
    store: options["store-down"]
      ? { kind: "duckdb", ok: false, note: "disk full on /data" }
      : { kind: "duckdb", ok: true },
  };
}

function fleet() {
  const columns = {};
  const dictionary = new Set([
    "site",
    "agent",
    "make",
    "model",
    "firmware",
    "algo",
    "status",
    "powerSource",
    "alert",
  ]);
  const rows = rigs.map((rig) => ({ ...staticOf(rig), ...latest.get(rig) }));
  for (const name of [...STATIC, ...LIVE]) {
    const all = rows.map((row) => row[name] ?? null);
    if (!dictionary.has(name)) columns[name] = all;
    else {
      const dict = [...new Set(all.filter((value) => value !== null))];
      columns[name] = { dict, ix: all.map((value) => dict.indexOf(value)) };
    }
  }
  return { epoch, seq: seqs.fleet ?? 0, serverMs: Date.now(), rig: rigs.map((rig) => rig.rig), columns };
}

function detail(id) {
  const rig = rigs.find((each) => `r${each.rig}` === id);
  if (!rig) return undefined;
  const nowMs = Date.now();
  const reading = latest.get(rig);
  const { kind, site } = rig;
  const known = (value) => value ?? undefined;
  const boards =
    reading.status === "unreachable"
      ? undefined
      : Array.from({ length: kind.boards - (rig.missingBoard ? 1 : 0) }, (_, slot) => ({
          slot,
          hashrateThs: reading.hashrateThs / kind.boards,
          boardTempC: known(reading.boardTempC),
          chipTempC: reading.chipTempC === null ? undefined : reading.chipTempC - slot,
          chips: kind.chips - (rig.hot && slot === 1 ? 4 : 0),
          chipsExpected: kind.chips,
          hwErrors: slot * 12 + 3,
          frequencyMHz: 525,
          voltageV: 13.6,
        }));
  return {
    rig: rig.rig,
    id,
    name: rig.name,
    site: site.site,
    agent: "main",
    currency: site.currency,
    zone: site.zone,
    stale: isStale(reading, nowMs),
    evidence: {
      address: rig.address,
      port: 4028,
      mac: "02:00:5e:10:00:01",
      serial: "HKRTSIMAAJJC00001",
      hostname: "Antminer",
      make: kind.make,
      model: kind.model,
      firmware: staticOf(rig).firmware,
      apiVersion: "3.1",
      dialect: "antminer-stock",
      algo: "sha256",
      nominalThs: kind.nominalThs,
      boardSerials: [0, 1, 2].map((slot) => ({ slot, serial: `SMTT1${slot}AJ` })),
      pools: [
        { url: "stratum+tcp://pool.example:3333", user: "farm.a0101", status: "Alive", active: true },
        { url: "stratum+tcp://backup.example:3333", user: "farm.a0101", status: "Alive", active: false },
      ],
    },
    firstSeenMs: rig.startedMs,
    receivedMs: reading.receivedMs,
    sample: {
      atMs: reading.atMs,
      intervalMs: INTERVAL_MS,
      pollMs: known(reading.pollMs),
      status: reading.status,
      algo: "sha256",
      hashrateThs: known(reading.hashrateThs),
      powerW: known(reading.powerW),
      powerSource: known(reading.powerSource),
      inletTempC: known(reading.inletTempC),
      boardTempC: known(reading.boardTempC),
      chipTempC: known(reading.chipTempC),
      fansRpm:
        reading.fanRpm === null
          ? undefined
          : rig.hot
            ? [5_820, 0, 5_880, 5_910]
            : [5_820, 5_760, 5_880, 5_910],
      fanDutyRatio: 0.84,
      boards,
      shares: { accepted: rig.accepted, rejected: Math.floor(rig.accepted / 600), stale: 12 },
      pool: "stratum+tcp://pool.example:3333",
      uptimeS: Math.round((nowMs - rig.startedMs) / 1000),
      ...(rig.status === "fault" && {
        faults: [{ code: "J0:8", text: "chain 0 only finds 96 of 108 asics" }],
      }),
    },
    figures: {
      efficiencyJPerTh: reading.hashrateThs ? reading.powerW / reading.hashrateThs : null,
      revenuePerH: reading.revenuePerH,
      costPerH: reading.costPerH,
      profitPerH: reading.profitPerH,
      co2KgPerH: reading.co2KgPerH,
    },
    limits: [
      { sensor: "chip", limitC: 85, source: "thermal-limits.json" },
      { sensor: "board", limitC: 75, source: "own baseline" },
    ],
    inputs: site.inputs,
    alerts: alerts(nowMs).filter((alert) => alert.rig === rig.rig),
  };
}

/** A history with a gap in it; the fleet began 26 hours ago. */
function series(from, to, step, fields, base) {
  const tMs = [];
  const columns = Object.fromEntries([...fields, "covered"].map((field) => [field, []]));
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const age = startedMs - at;
    const gap = (age > 19 * 3_600_000 && age < 20.2 * 3_600_000) || age > 26 * 3_600_000;
    const noise = seeded(at / 1000);
    tMs.push(at);
    for (const field of fields) columns[field].push(gap ? null : base(field, at, noise));
    columns.covered.push(gap ? 0 : Math.min(1, (to - at) / step));
  }
  return {
    fromMs: from,
    toMs: to,
    stepMs: step,
    tier: step >= 3_600_000 ? "1h" : step >= 300_000 ? "5m" : "raw",
    coverage: 0.95,
    tMs,
    columns,
  };
}

function siteSeries(site, from, to, step, fields) {
  const now = totalsOf(
    rigs.filter((rig) => rig.site.site === site),
    [sites.find((each) => each.site === site).currency],
    Date.now(),
  );
  const hash = now.algos[0]?.hashrateThs ?? 0;
  return series(from, to, step, fields, (field, at, noise) => {
    const hour = (at / 3_600_000) % 24;
    const dip = Math.max(0, 1 - Math.abs(hour - 20) / 2) * 0.05;
    const level = 1 - dip + (noise() - 0.5) * 0.008;
    switch (field) {
      case "hashrateThs":
        return hash * level;
      case "nominalThs":
        return now.algos[0]?.nominalThs ?? null;
      case "powerW":
        return now.powerW * level;
      case "reportingRigs":
        return now.reporting - (noise() < 0.1 ? 1 : 0);
      case "rigs":
        return now.rigs;
      case "co2KgPerH":
        return now.co2KgPerH === null ? null : now.co2KgPerH * level;
      case "profitPerH":
        return now.money[0].profitPerH === null
          ? null
          : now.money[0].profitPerH * (hour > 8 && hour < 13 ? -0.7 : 1.1) * level;
      default:
        return null;
    }
  });
}

function rigSeries(id, from, to, step, fields) {
  const found = detail(id);
  if (!found) return undefined;
  const { sample } = found;
  return series(from, to, step, fields, (field, at, noise) => {
    const key = field.replace(/(Min|Max)$/, "");
    const value = sample[key];
    if (value === undefined) return null;
    const wave = 1 + Math.sin(at / 2_400_000) * 0.012 + (noise() - 0.5) * 0.012;
    return value * wave * (field.endsWith("Min") ? 0.985 : field.endsWith("Max") ? 1.015 : 1);
  });
}

function boardSeries(id, from, to, step) {
  const sample = detail(id)?.sample;
  const tMs = [];
  for (let at = Math.max(from, startedMs - 26 * 3_600_000); at <= to; at += step) tMs.push(at);
  const boards = (sample?.boards ?? []).map((board) => ({
    slot: board.slot,
    tMs,
    columns: {
      hashrateThs: tMs.map((at) => board.hashrateThs * (1 + Math.sin(at / 3e6 + board.slot) * 0.02)),
    },
  }));
  return { fromMs: from, toMs: to, stepMs: step, boards };
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const dist = join(import.meta.dirname, "../dist");
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

function api(path, params) {
  const number = (name) => Number(params.get(name));
  const fields = (params.get("fields") ?? "").split(",").filter(Boolean);
  if (path === "/api/fleet") return fleet();
  if (path === "/api/totals") return totals();
  if (path === "/api/alerts") return alerts(Date.now());
  if (path === "/api/version") return { name: "hashwatt", version: "0.1.0", api: 1, node: process.version };
  const [, kind, id, part] = /^\/api\/(rigs|sites)\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (kind === "sites" && part === "series" && sites.some((site) => site.site === id))
    return siteSeries(id, number("from"), number("to"), number("step"), fields);
  if (kind === "rigs" && !part) return detail(id);
  if (kind === "rigs" && part === "series")
    return rigSeries(id, number("from"), number("to"), number("step"), fields);
  if (kind === "rigs" && part === "boards")
    return boardSeries(id, number("from"), number("to"), number("step"));
  return undefined;
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname.startsWith("/api/")) {
    const body = api(url.pathname, url.searchParams);
    response.writeHead(body ? 200 : 404, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(
      gzipSync(JSON.stringify(body ?? { error: "not found", message: `nothing at ${url.pathname}` }), {
        level: 1,
      }),
    );
    return;
  }
  const file = join(dist, normalize(url.pathname));
  const found =
    file.startsWith(dist) && existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
  response.writeHead(200, {
    "content-type": TYPES[extname(found)] ?? "application/octet-stream",
    "content-security-policy": CSP,
  });
  createReadStream(found).pipe(response);
});

const seqs = {};
const sockets = new Map();
const hub = new WebSocketServer({ server, path: "/live", perMessageDeflate: false });
const send = (socket, frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame));
const snapshotOf = (channel) =>
  channel === "totals"
    ? totals()
    : channel === "fleet"
      ? fleet()
      : channel === "alerts"
        ? alerts(Date.now()).filter((alert) => alert.state !== "resolved")
        : detail(channel.slice(4));
hub.on("connection", (socket) => {
  const channels = new Set();
  sockets.set(socket, channels);
  send(socket, {
    t: "hello",
    v: 1,
    epoch,
    serverMs: Date.now(),
    heartbeatMs: HEARTBEAT_MS,
    version: "0.1.0",
  });
  socket.on("message", (text) => {
    const frame = JSON.parse(text);
    if (frame.op === "unsubscribe") channels.delete(frame.channel);
    if (frame.op !== "subscribe") return;
    channels.add(frame.channel);
    const seq = seqs[frame.channel] ?? 0;
    if (frame.from?.epoch === epoch && frame.from.seq === seq) return;
    if (frame.from) send(socket, { t: "gap", ch: frame.channel, seq });
    const data = snapshotOf(frame.channel);
    if (data) send(socket, { t: "snap", ch: frame.channel, seq, serverMs: Date.now(), data });
    else send(socket, { t: "error", ch: frame.channel, message: `no channel ${frame.channel}` });
  });
  socket.on("close", () => sockets.delete(socket));
});

function publish(channel, data) {
  seqs[channel] = (seqs[channel] ?? 0) + 1;
  const text = JSON.stringify({ t: "delta", ch: channel, seq: seqs[channel], serverMs: Date.now(), data });
  for (const [socket, channels] of sockets)
    if (channels.has(channel) && socket.readyState === 1) socket.send(text);
}

let next = 0;
setInterval(() => {
  const nowMs = Date.now();
  const share = Math.ceil((rigs.length * FLUSH_MS) / INTERVAL_MS);
  const rows = [];
  for (let at = 0; at < share; at++) {
    const rig = rigs[next++ % rigs.length];
    if (!rig || rig.silent) continue;
    const reading = readingOf(rig, nowMs, INTERVAL_MS, rnd);
    rig.accepted++;
    latest.set(rig, reading);
    rows.push([rig.rig, ...LIVE.map((name) => reading[name])]);
    const channel = `rig:r${rig.rig}`;
    if ([...sockets.values()].some((channels) => channels.has(channel)))
      publish(channel, detail(`r${rig.rig}`));
  }
  if (rows.length > 0) publish("fleet", { rows });
}, FLUSH_MS);
setInterval(() => publish("totals", totals()), 1_000);
setInterval(() => {
  for (const socket of sockets.keys()) send(socket, { t: "hb", serverMs: Date.now() });
}, HEARTBEAT_MS);

server.listen(Number(options.port), "127.0.0.1", () =>
  console.log(`invented fleet at http://127.0.0.1:${options.port}`),
);
