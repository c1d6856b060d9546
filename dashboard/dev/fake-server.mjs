#!/usr/bin/env node
/**
 * For development only: serves dashboard/dist with an invented fleet in the exact frames of the API, so that pages can be
 * looked at and measured without a server.
 *   node dashboard/dev/fake-server.mjs [--port 8099] [--rigs 48] [--sites 1] [--empty] [--behind] [--store-down] [--login]
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { fakeHistory } from "./fakeHistory.mjs";
import { fakeLedger } from "./fakeLedger.mjs";
import { fakeSettings } from "./fakeSettings.mjs";
import { fakeWorld, INTERVAL_MS, LIVE } from "./fakeWorld.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "8099" },
    rigs: { type: "string", default: "48" },
    sites: { type: "string", default: "1" },
    empty: { type: "boolean", default: false },
    behind: { type: "boolean", default: false },
    "store-down": { type: "boolean", default: false },
    login: { type: "boolean", default: false },
  },
});
const FLUSH_MS = 250;
const HEARTBEAT_MS = 5_000;

const world = fakeWorld(options);
const { epoch, sites, rigs, alerts, totals, detail } = world;
const { siteSeries, rigSeries, boardSeries } = fakeHistory(world);
const ledger = fakeLedger(world);
const seqs = {};
const fleet = () => world.fleet(seqs.fleet ?? 0);

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
  if (path === "/api/session") return { needed: options.login, asks: "password", role: "admin" };
  if (path === "/api/fleet") return fleet();
  if (path === "/api/totals") return totals();
  if (path === "/api/alerts") return alerts(Date.now());
  if (path === "/api/version") return { name: "hashwatt", version: "0.1.0", api: 1, node: process.version };
  const booked = ledger(path, params) ?? fakeSettings(sites, path, params);
  if (booked) return booked;
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
    const reading = world.read(rig, nowMs);
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
