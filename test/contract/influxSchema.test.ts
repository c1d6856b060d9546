import { readFileSync } from "node:fs";
import {
  boardSchema,
  MAX_FANS,
  POWER_SOURCES,
  type Sample,
  sampleSchema,
  sharesSchema,
} from "@hashwatt/protocol/sample";
import { noCell } from "@hashwatt/server/economics/cellSums";
import { CELL_AMOUNTS, CELL_TIMES, type Cell } from "@hashwatt/server/economics/ledgerCell";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import { addLines } from "@hashwatt/server/store/influx/lines";
import {
  rigLedgerLine,
  rigRollupLine,
  siteLedgerLine,
  siteRollupLine,
} from "@hashwatt/server/store/influx/rollupLines";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";

const DOCUMENT = readFileSync(new URL("../../docs/influx-schema.md", import.meta.url), "utf8");

/** What a section of the page says of a measurement. */
interface Described {
  tags: string[];
  fields: Map<string, { unit: string; text: boolean }>;
}

/** The section under a heading that begins so. */
function described(heading: string): Described {
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(heading));
  if (section === undefined) throw new Error(`the page has no section "${heading}"`);
  const tags = /^Tags: (.+?)\.(?:\s|$)/m.exec(section)?.[1] ?? "";
  const fields: Described["fields"] = new Map();
  for (const [, names = "", unit = ""] of section.matchAll(/^\| (`.+?`) \| (.+?) \|/gm)) {
    const [, base, first, last] = /^`([a-z]+)(\d+)` … `[a-z]+(\d+)`$/.exec(names) ?? [];
    const all =
      base === undefined
        ? [names.slice(1, -1)]
        : Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${base}${Number(first) + i}`);
    for (const name of all) {
      expect(fields.has(name), `${heading}: ${name} stands there twice`).toBe(false);
      fields.set(name, { unit, text: unit === "text" });
    }
  }
  return { tags: [...tags.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort(), fields };
}

/** Splits at a sign that is neither in a text nor behind a backslash. */
function split(text: string, sign: string): string[] {
  const parts = [""];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\") parts[parts.length - 1] += char + (text[++i] ?? "");
    else if (char === sign && !quoted) parts.push("");
    else {
      if (char === '"') quoted = !quoted;
      parts[parts.length - 1] += char;
    }
  }
  return parts;
}

/** A line of line protocol, taken apart. */
function parsed(line: string) {
  const [series = "", fields = ""] = split(line, " ");
  const [measurement = "", ...tags] = split(series, ",");
  return {
    measurement,
    tags: tags.map((tag) => split(tag, "=")[0]!).sort(),
    fields: new Map(split(fields, ",").map((pair) => split(pair, "=") as [string, string])),
  };
}

const NOW = Date.now();
const HOUR = Math.floor(NOW / HOUR_MS) * HOUR_MS - HOUR_MS;

/** A reading of everything that a reading can have. */
const sample: Omit<Sample, "rig"> = {
  atMs: NOW - 60_000,
  intervalMs: 5_000,
  pollMs: 120,
  status: "mining",
  algo: "SHA256",
  hashrateThs: 100.5,
  hashrateWindowS: 5,
  hashrateAvgThs: 100,
  targetThs: 110,
  powerW: 3_250,
  powerSource: "psu",
  powerLimitW: 3_400,
  powerMode: "Normal",
  inletTempC: 25,
  outletTempC: 45,
  coolantTempC: 30,
  psuTempC: 50,
  boardTempC: 62,
  chipTempC: 75,
  boardLimitC: 80,
  chipLimitC: 95,
  fansRpm: Array.from({ length: MAX_FANS }, (_, place) => 5_000 + place),
  fanDutyRatio: 0.7,
  boards: [
    {
      slot: 0,
      hashrateThs: 33.5,
      boardTempC: 62,
      chipTempC: 75,
      chips: 126,
      chipsExpected: 126,
      hwErrors: 4,
      frequencyMHz: 545,
      voltageV: 12.5,
    },
  ],
  shares: { accepted: 10, rejected: 1, stale: 1, acceptedDiff: 655_360, rejectedDiff: 65_536 },
  pool: "stratum+tcp://pool.example:3333",
  uptimeS: 86_400,
  faults: [{ code: "42", text: "fan lost" }],
  clock: "unsure",
};
const spread = { min: 1, mean: 2, max: 3 };
const rigRow = (stepMs: number): RollupRow => ({
  rig: 1,
  startMs: HOUR,
  stepMs,
  algo: "SHA256",
  samples: 60,
  coveredMs: stepMs,
  miningMs: stepMs / 4,
  hashCoveredMs: stepMs,
  thsHours: 8.4,
  powerCoveredMs: stepMs,
  kwh: 0.27,
  kwhBySource: POWER_SOURCES.map((_, i) => 0.01 + i),
  hashrateThs: spread,
  powerW: spread,
  inletTempC: spread,
  boardTempC: spread,
  chipTempC: spread,
  fanRpm: spread,
  accepted: 5,
  rejected: 1,
  stale: 1,
  acceptedDiff: 327_680,
});
const siteRow = (stepMs: number): SiteRollupRow => ({
  site: "north",
  algo: "SHA256",
  startMs: HOUR,
  stepMs,
  rigMs: stepMs * 2,
  coveredMs: stepMs,
  miningMs: stepMs,
  hashCoveredMs: stepMs,
  hashSpanMs: stepMs,
  thsHours: 8.4,
  powerCoveredMs: stepMs,
  powerSpanMs: stepMs,
  kwh: 0.27,
  kwhBySource: POWER_SOURCES.map((_, i) => 0.01 + i),
  nominalThs: 110,
});

const booked = Object.fromEntries(
  [...CELL_AMOUNTS, ...CELL_TIMES].map((name, i) => [name, 1_000 + i]),
) as Cell;
const ledgerLine = siteLedgerLine({ startMs: HOUR, algo: "SHA256", sums: booked }, "north");
const rigHourLine = rigLedgerLine({ startMs: HOUR, rig: 1, algo: "SHA256", sums: booked }, "north");

const raw: string[] = [];
addLines({ rig: 1, site: "north", receivedMs: sample.atMs + 90, sample }, raw);
const LINES: [heading: string, lines: string[]][] = [
  ["Readings:", raw.filter((line) => line.startsWith("rig,"))],
  ["Boards:", raw.filter((line) => line.startsWith("board,"))],
  ["Sums of a rig:", [rigRollupLine(rigRow(BUCKET_MS), "north"), rigRollupLine(rigRow(HOUR_MS), "north")]],
  ["Sums of a site:", [siteRollupLine(siteRow(BUCKET_MS)), siteRollupLine(siteRow(HOUR_MS))]],
  ["Hours of a site's ledger:", [ledgerLine]],
  ["Hours of rigs in the ledger:", [rigHourLine]],
];

describe("docs/influx-schema.md", () => {
  it("is held against a reading of everything that there is", () => {
    // How far a pool is, and what went to the firmware's own, are for what is live.
    const { rig: _handle, poolLatencyMs: _live, ...shape } = sampleSchema.shape;
    expect(Object.keys(sample).sort()).toEqual(Object.keys(shape).sort());
    const { devFeeDiff: _measured, ...shares } = sharesSchema.shape;
    expect(Object.keys(sample.shares!).sort()).toEqual(Object.keys(shares).sort());
    expect(Object.keys(sample.boards![0]!).sort()).toEqual(Object.keys(boardSchema.shape).sort());
  });

  it.each(LINES)("names every tag and field that is written, and no other: %s", (heading, lines) => {
    const page = described(heading);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const point = parsed(line);
      expect(point.tags).toEqual(page.tags);
      expect([...point.fields.keys()].sort()).toEqual([...page.fields.keys()].sort());
      for (const [name, value] of point.fields)
        expect(value, `${name} is ${page.fields.get(name)!.unit}`).toMatch(
          page.fields.get(name)!.text ? /^".*"$/s : /^-?\d+(\.\d+)?(e[+-]\d+)?$/,
        );
    }
  });

  it("leaves out what is not known, and never writes 0 for it", () => {
    const empty = parsed(
      rigRollupLine(
        {
          rig: 2,
          startMs: HOUR,
          stepMs: BUCKET_MS,
          samples: 3,
          coveredMs: 0,
          miningMs: 0,
          hashCoveredMs: 0,
          thsHours: 0,
          powerCoveredMs: 0,
          kwh: 0,
          kwhBySource: [0, 0, 0, 0, 0],
        },
        "north",
      ),
    );
    expect([...empty.fields.keys()].sort()).toEqual(
      ["samples", "coveredMs", "miningMs", "hashCoveredMs", "powerCoveredMs"].sort(),
    );
    const site = {
      ...siteRow(BUCKET_MS),
      hashSpanMs: 0,
      hashCoveredMs: 0,
      powerSpanMs: 0,
      powerCoveredMs: 0,
    };
    const { nominalThs: _unknown, ...unsold } = site;
    for (const name of ["hashrateThs", "powerW", "kwh", "thsHours", "nominalThs"])
      expect(parsed(siteRollupLine(unsold)).fields.has(name), name).toBe(false);
  });

  it("writes no amount of a ledger that is not known, and a tag for what is of no algorithm", () => {
    const own = { ...noCell(), energyMwh: 2_500_000, energyMs: HOUR_MS };
    const line = siteLedgerLine({ startMs: HOUR, algo: "", sums: own }, "north");
    expect(line).toMatch(/^siteLedger,algo=none,site=north kwh=2\.5,energyMs=3600000,hashMs=0,/);
    expect([...parsed(line).fields.keys()]).toHaveLength(1 + CELL_TIMES.length);
  });

  it("writes tags that any text of an algorithm or a site leaves whole", () => {
    const line = siteRollupLine({ ...siteRow(BUCKET_MS), algo: "a b,c=d\\e" });
    expect(line).toMatch(/^site,algo=a\\ b\\,c\\=d\\\\e,site=north rigMs=/);
  });

  describe.skipIf(!programs.influxd)("has queries which InfluxDB 1.x answers:", () => {
    const blocks = [...DOCUMENT.matchAll(/^```influxql (\w+)\n(.+?)\n```/gms)].map(([, database, query]) => ({
      database: database!,
      query: query!,
    }));
    let influxd: Influxd;

    beforeAll(async () => {
      influxd = await startInfluxd();
      const all: Record<string, string[]> = {
        hashwatt: raw,
        hashwatt_5m: [rigRollupLine(rigRow(BUCKET_MS), "north"), siteRollupLine(siteRow(BUCKET_MS))],
        hashwatt_1h: [
          rigRollupLine(rigRow(HOUR_MS), "north"),
          siteRollupLine(siteRow(HOUR_MS)),
          ledgerLine,
          rigHourLine,
        ],
      };
      for (const [database, lines] of Object.entries(all)) {
        await influxd.query(`CREATE DATABASE "${database}"`);
        const answer = await fetch(`${influxd.url}/write?db=${database}&precision=ms`, {
          method: "POST",
          body: lines.join("\n"),
        });
        expect(answer.status).toBe(204);
      }
    });
    afterAll(() => influxd?.[Symbol.asyncDispose]());

    it("seven at least", () => expect(blocks.length).toBeGreaterThanOrEqual(7));
    it.each(blocks)("$database: $query", async ({ database, query }) => {
      expect(query).not.toMatch(/INTO|SLIMIT|integral\(|;/i);
      const { series = [] } = await influxd.query(query, database);
      expect(series.length).toBeGreaterThan(0);
      for (const { values } of series)
        for (const row of values) for (const value of row) expect(value).not.toBeNull();
    });
  });
});
