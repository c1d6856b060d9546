import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { parseRecords } from "@hashwatt/agent/spool/record";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import type { OpenStores } from "@hashwatt/server/store/registry";
import type { EventRecord, RigRecord, StateStore } from "@hashwatt/server/store/state/state";
import type { StreamMark } from "@hashwatt/server/store/store";

/** Sums of what a rig's raw samples, boards and fans say; a sum is 0 where nothing was reported. */
export interface RigContents {
  rig: number;
  samples: number;
  hashrateThs: number;
  powerW: number;
  accepted: number;
  firstMs: number;
  lastMs: number;
  /** Rows, sums of hashrate and of hardware errors. */
  boards: [rows: number, hashrateThs: number, hwErrors: number];
  /** Rows, sum of rpm. */
  fans: [rows: number, rpm: number];
}

/** What a data folder holds, as its stores answer; a copy by the code that wrote it is what later code is held to. */
export interface Contents {
  rigs: RigRecord[];
  raw: RigContents[];
  marks: StreamMark[];
  sites: Awaited<ReturnType<StateStore["sites"]>>;
  tariffs: Awaited<ReturnType<StateStore["tariffs"]>>;
  fx: Awaited<ReturnType<StateStore["fx"]>>;
  alerts: Awaited<ReturnType<StateStore["alerts"]>>;
  events: EventRecord[];
  notifications: Awaited<ReturnType<StateStore["notifications"]>>;
  settings: Record<string, string>;
  /** By step in ms: rows, kWh, TH/s-hours, covered ms. */
  rollups: Record<string, [rows: number, kwh: number, thsHours: number, coveredMs: number]>;
  /** By site and step in ms: rows, kWh, TH/s-hours, rig ms. */
  siteRollups: Record<string, [rows: number, kwh: number, thsHours: number, rigMs: number]>;
}

const EVER = { fromMs: 0, toMs: 1e14 };
const STEPS = [300_000, 3_600_000];
/** Parts of a sum that are unknown add nothing; how many rows there are is compared by itself. */
const sum = (values: Iterable<number | null | undefined>): number => {
  let total = 0;
  for (const value of values) total += value ?? 0;
  return total;
};

/** Reads everything that the stores of a data folder hold. */
export async function contentsOf({
  telemetry,
  state,
}: Pick<OpenStores, "telemetry" | "state">): Promise<Contents> {
  const rigs = (await state.rigs()).sort((a, b) => a.rig - b.rig);
  const raw: RigContents[] = [];
  const rollups: Contents["rollups"] = {};
  const siteRollups: Contents["siteRollups"] = {};
  const settings: Contents["settings"] = {};
  for (const { rig } of rigs) {
    const rows = await telemetry.raw({ ...EVER, rigs: [rig] });
    const span = { fromMs: rows[0]?.atMs ?? 0, toMs: (rows.at(-1)?.atMs ?? 0) + 1 };
    const boards = rows.length ? await telemetry.boards({ rig, ...span, stepMs: 60_000 }) : [];
    const fans = rows.length ? await telemetry.fans({ rig, ...span, stepMs: 60_000 }) : [];
    raw.push({
      rig,
      samples: rows.length,
      hashrateThs: sum(rows.map((row) => row.hashrateThs)),
      powerW: sum(rows.map((row) => row.powerW)),
      accepted: sum(rows.map((row) => row.accepted)),
      firstMs: span.fromMs,
      lastMs: span.toMs - 1,
      boards: [
        boards.length,
        sum(boards.map((point) => point.hashrateThs)),
        sum(boards.map((point) => point.hwErrors)),
      ],
      fans: [fans.length, sum(fans.flatMap((point) => point.fansRpm))],
    });
  }
  for (const stepMs of STEPS) {
    const rows = await state.rollups({ ...EVER, stepMs });
    rollups[stepMs] = [
      rows.length,
      sum(rows.map((row) => row.kwh)),
      sum(rows.map((row) => row.thsHours)),
      sum(rows.map((row) => row.coveredMs)),
    ];
  }
  const sites = (await state.sites()).sort((a, b) => (a.site < b.site ? -1 : 1));
  for (const { site } of sites)
    for (const stepMs of STEPS) {
      const rows = await state.siteRollups({ ...EVER, stepMs, site });
      siteRollups[`${site} ${stepMs}`] = [
        rows.length,
        sum(rows.map((row) => row.kwh)),
        sum(rows.map((row) => row.thsHours)),
        sum(rows.map((row) => row.rigMs)),
      ];
    }
  for (const key of new Set(rigs.map(({ site, agent }) => `bindings/${site}/${agent}`))) {
    const value = await state.setting(key);
    if (value !== undefined) settings[key] = value;
  }
  return {
    rigs,
    raw,
    marks: (await telemetry.marks()).sort((a, b) => (a.stream < b.stream ? -1 : 1)),
    sites,
    tariffs: await state.tariffs(),
    fx: await state.fx(),
    alerts: (await state.alerts(0)).sort((a, b) => (a.id < b.id ? -1 : 1)),
    events: await state.events(0, 1_000),
    notifications: await state.notifications(),
    settings,
    rollups,
    siteRollups,
  };
}

/** One stream as a spool folder holds it. `floor`: all up to it is acknowledged, as far as the agent had noted. */
export interface SpooledStream {
  stream: string;
  first: number;
  last: number;
  floor: number;
  samples: number;
  hashrateThs: number;
  offsetKnown: boolean;
  /** `handle atMs` of every reading. */
  readings: string[];
}

/** What the segments of a spool folder hold, by stream in order; read with the code of whichever version. */
export function spooledIn(folder: string, parse: typeof parseRecords): SpooledStream[] {
  const { floors } = JSON.parse(readFileSync(join(folder, "position.json"), "utf8")) as {
    floors: Record<string, number>;
  };
  const streams = new Map<string, SpooledStream>();
  for (const name of readdirSync(folder)
    .filter((each) => each.endsWith(".seg"))
    .sort())
    for (const { record, damaged } of parse(readFileSync(join(folder, name)), true).found) {
      if (damaged) throw new Error(`${name} holds a damaged record of ${record.stream}`);
      const body = (record.gzip ? gunzipSync(record.body) : record.body).toString();
      const { samples } = JSON.parse(`{${body}`) as { samples: Sample[]; rigs?: Record<string, Evidence> };
      const { stream, seq, offsetKnown } = record;
      const entry = streams.get(stream) ?? {
        ...{ stream, first: seq, last: seq, floor: floors[stream] ?? 0, samples: 0, hashrateThs: 0 },
        ...{ offsetKnown, readings: [] },
      };
      streams.set(stream, entry);
      entry.last = seq;
      entry.samples += samples.length;
      entry.hashrateThs += sum(samples.map((sample) => sample.hashrateThs));
      entry.readings.push(...samples.map((sample) => `${sample.rig} ${sample.atMs}`));
    }
  return [...streams.values()];
}

/** Questions to a server's API whose answers must not change with its version: windows that are over. */
export function questions(rigs: readonly number[], sites: readonly string[], endMs: number): string[] {
  const hour = 3_600_000;
  const end = Math.floor(endMs / 300_000) * 300_000;
  const windows = [
    `from=${end - 900_000}&to=${end}&step=10000`,
    `from=${end - 2 * hour}&to=${end}&step=300000`,
    `from=${Math.floor(end / hour) * hour - 2 * hour}&to=${Math.floor(end / hour) * hour}&step=${hour}`,
  ];
  return [
    ...rigs.flatMap((rig) => windows.map((window) => `/api/rigs/r${rig}/series?${window}`)),
    ...rigs.map((rig) => `/api/rigs/r${rig}/boards?from=${end - hour}&to=${end}&step=60000`),
    ...sites.flatMap((site) => windows.map((window) => `/api/sites/${site}/series?${window}`)),
    "/api/events?since=0&limit=1000",
  ];
}
