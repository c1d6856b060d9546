import { createHash } from "node:crypto";
import type { Sample } from "@hashwatt/protocol/sample";
import { siteMoney } from "@hashwatt/server/economics/siteMoney";
import { START } from "@hashwatt/server/fixtures/startIngest";
import type { RollupRow, SiteRollupRow } from "@hashwatt/server/rollup/row";
import { stockOf } from "@hashwatt/simulator/families";
import { stage } from "@hashwatt/simulator/fleet";
import { placed } from "@hashwatt/simulator/listener";
import { buildSite } from "@hashwatt/simulator/site";
import { fakeClock } from "@hashwatt/simulator/time";
import { SITE, startPath } from "../support/simulatedPath.js";

/** What a run came to, figure by figure, so that a difference says what moved. */
export type Figures = { [name: string]: number | string | Figures };

const RIGS = 12;
const SEED = "golden";
const MINUTE_MS = 60_000;
const INTERVAL_MS = 3 * MINUTE_MS;
const LASTS_MS = 66 * MINUTE_MS;
/** Energy that makes the older rigs of the fleet unprofitable at the bundled hashprice. */
const PRICE_PER_KWH = 0.06;
/** What the money of a run is made with; no table that is brought up to date from time to time has a part in it. */
const SLOT = { startMs: 0, endMs: Number.POSITIVE_INFINITY, source: "golden", asOfMs: 0 };
const SLOTS = {
  hashprice: [{ ...SLOT, value: 45 }],
  price: [{ ...SLOT, value: PRICE_PER_KWH }],
  carbon: [{ ...SLOT, value: 0.4 }],
};

/** Digits that arithmetic on any version of Node agrees in; firmwares print fewer. */
const DIGITS = 9;
const rounded = (value: number): number => Number(value.toPrecision(DIGITS));
const even = (_key: string, value: unknown): unknown => (typeof value === "number" ? rounded(value) : value);

class Hash {
  readonly #hash = createHash("sha256");
  /** Adds bytes, or a value as it is. */
  add(value: unknown): void {
    this.#hash.update(value instanceof Uint8Array ? value : JSON.stringify(value)).update("\n");
  }
  /** Adds a value with its numbers rounded. */
  addRounded(value: unknown): void {
    this.#hash.update(JSON.stringify(value, even)).update("\n");
  }
  /** 64 bits tell any two runs apart that anybody will ever make. */
  take(): string {
    return this.#hash.digest("hex").slice(0, 16);
  }
}

const sum = <T>(rows: readonly T[], of: (row: T) => number | undefined): number =>
  rounded(rows.reduce((total, row) => total + (of(row) ?? 0), 0));

/** What one run of a scenario came to. `telemetry`: from the rigs to the rollups. `judged`: alerts and money. */
export interface Run {
  telemetry: Figures;
  judged: Figures;
}

/** Lives through a scenario with a fleet of a dozen rigs: agent, store in memory, rollups, alerts and money. */
export async function runScenario(scenario: string): Promise<Run> {
  const replies = new Hash();
  const samples = new Hash();
  let count = 0;
  let bytes = 0;
  const by = new Map<string, number>();
  const path = startPath({
    ...{ rigs: RIGS, seed: SEED, scenario, startMs: START, intervalMs: INTERVAL_MS },
    pricePerKwh: PRICE_PER_KWH,
    remembers: true,
    heard(reply) {
      replies.add(reply);
      count++;
      bytes += reply.length;
    },
    sampled(sample: Sample) {
      // What the firmware printed is exact; what a model makes of it is not.
      samples.add(sample.powerW === undefined ? sample : { ...sample, powerW: rounded(sample.powerW) });
      by.set(sample.status, (by.get(sample.status) ?? 0) + 1);
    },
  });
  for (let ms = 0; ms < LASTS_MS; ms += INTERVAL_MS) await path.step();
  await path.finish();
  const { state, telemetry } = path.server;
  const range = { fromMs: START, toMs: path.nowMs(), stepMs: 300_000 };
  const stored = await telemetry.samples(range);
  const rows = await state.rollups(range);
  const site = await state.siteRollups({ ...range, site: SITE });
  return {
    telemetry: {
      replies: { hash: replies.take(), count, bytes },
      samples: { hash: samples.take(), stored: stored.length, ...Object.fromEntries([...by].sort()) },
      rollups: rollupFigures(rows, site),
    },
    judged: { alerts: await alertFigures(path), money: moneyFigures(site) },
  };
}

/** What of a row is held: a row that is given another field is no other row. */
const ROW = [
  ...[
    "rig",
    "site",
    "startMs",
    "stepMs",
    "algo",
    "samples",
    "rigMs",
    "coveredMs",
    "miningMs",
    "hashCoveredMs",
    "thsHours",
  ],
  ...[
    "powerCoveredMs",
    "kwh",
    "kwhBySource",
    "hashrateThs",
    "powerW",
    "inletTempC",
    "boardTempC",
    "chipTempC",
    "fanRpm",
  ],
  ...[
    "min",
    "mean",
    "max",
    "accepted",
    "rejected",
    "stale",
    "acceptedDiff",
    "hashSpanMs",
    "powerSpanMs",
    "nominalThs",
  ],
];
const held = (row: object): unknown =>
  Object.fromEntries(
    ROW.flatMap((key) => {
      const value = (row as Record<string, unknown>)[key];
      if (value === undefined) return [];
      const isSpread = typeof value === "object" && value !== null && !Array.isArray(value);
      return [[key, isSpread ? held(value) : value]];
    }),
  );

function rollupFigures(rows: readonly RollupRow[], site: readonly SiteRollupRow[]): Figures {
  const [rigs, sites] = [new Hash(), new Hash()];
  for (const row of rows) rigs.addRounded(held(row));
  for (const row of site) sites.addRounded(held(row));
  return {
    rigRows: rigs.take(),
    siteRows: sites.take(),
    kwh: sum(rows, ({ kwh }) => kwh),
    thsHours: sum(rows, ({ thsHours }) => thsHours),
    coveredMinutes: sum(rows, ({ coveredMs }) => coveredMs / MINUTE_MS),
    miningMinutes: sum(rows, ({ miningMs }) => miningMs / MINUTE_MS),
    accepted: sum(rows, ({ accepted }) => accepted),
    rejected: sum(rows, ({ rejected }) => rejected),
    hottestChipC: rounded(Math.max(...rows.map(({ chipTempC }) => chipTempC?.max ?? 0))),
  };
}

/** The agent of such a run says nothing between two readings, as none does. */
const SILENCE = "agentSilent";

/** Each alert that fired, of every rule, as its rig and the minutes at which it began, fired and ended. */
async function alertFigures({ server: { state, book } }: ReturnType<typeof startPath>): Promise<Figures> {
  const figures: Record<string, Figures> = {};
  const minute = (ms: number | null) => (ms === null ? "-" : String((ms - START) / MINUTE_MS));
  const all = new Map([...(await state.alerts(0)), ...book.open()].map((alert) => [alert.id, alert]));
  const sorted = [...all.values()]
    .filter(({ firedMs, rule }) => firedMs !== null && rule !== SILENCE)
    .sort((a, b) => (a.rig ?? 0) - (b.rig ?? 0) || a.pendingMs - b.pendingMs);
  for (const { rule, rig, pendingMs, firedMs, resolvedMs } of sorted) {
    figures[rule] ??= {};
    const of = rig === undefined ? "site" : `rig ${rig}`;
    const told = `${minute(pendingMs)} ${minute(firedMs)} ${minute(resolvedMs)}`;
    const before = figures[rule][of];
    figures[rule][of] = before === undefined ? told : `${before}, ${told}`;
  }
  return figures;
}

function moneyFigures(site: readonly SiteRollupRow[]): Figures {
  const steps = site.map(({ startMs, stepMs, thsHours, hashSpanMs, kwh, powerSpanMs }) => ({
    hours: stepMs / 3_600_000,
    money: siteMoney(
      {
        ...{ startMs, stepMs },
        hashrateThs: hashSpanMs > 0 ? (thsHours * 3.6e6) / hashSpanMs : null,
        powerW: powerSpanMs > 0 ? (kwh * 3.6e9) / powerSpanMs : null,
      },
      SLOTS,
    ),
  }));
  const over = (key: "revenuePerH" | "costPerH" | "profitPerH" | "co2KgPerH") =>
    sum(steps, ({ hours, money }) => (money[key] ?? 0) * hours);
  return {
    revenue: over("revenuePerH"),
    cost: over("costPerH"),
    profit: over("profitPerH"),
    co2Kg: over("co2KgPerH"),
    unpricedSteps: steps.filter(({ money }) => money.profitPerH === null).length,
  };
}

/** What readers ask over the cgminer API, in JSON, as text and joined; and what is wrong in each way. */
const REQUESTS = [
  ...[
    "version",
    "summary",
    "stats",
    "devs",
    "pools",
    "devdetails",
    "coin",
    "edevs",
    "estats",
    "lcd",
    "config",
  ],
  ...["temps", "fans", "tunerstatus", "get_version", "get_miner_info", "get_psu", "get_error_code", "status"],
  ...["summary+stats", "summary+devs+pools", "nothing"],
].map((command) => JSON.stringify({ command, cmd: command }));
const ODD_REQUESTS = ["", "summary", "summary|", "{", "{}", '{"command":7}', '{"command":"stats"'];
const PAGES = [
  "GET /",
  ...[
    "GET /api/v1/summary",
    "GET /api/v1/info",
    "GET /api/system/info",
    "GET /summary",
    "GET /cgi-bin/stats.cgi",
  ],
  ...[
    "GET /cgi-bin/summary.cgi",
    "GET /cgi-bin/get_system_info.cgi",
    "GET /api/v1/miner/hw/hashboards",
    "GET /hashrate",
  ],
];
const FRAMES = ["get.device.info", "get.miner.status", "nothing"].map((cmd) => JSON.stringify({ cmd }));

/** What a rig of every model of every firmware answers, byte by byte, as one hash a firmware. */
export function runSpeakers(): Figures {
  const stock = stockOf(["all"]);
  const site = buildSite(SEED, stock.length, undefined, stock);
  const places = placed(site, "per-address", "127.10.0.1", { port: 4028, httpPort: 80, v3Port: 4433 });
  const fleet = stage(site, places, fakeClock(START), { scenario: "bad-tuesday" });
  const hashes = new Map<string, Hash>();
  for (const minute of [0, 7, 41]) {
    fleet.time.advance(START + minute * MINUTE_MS - fleet.time.nowMs());
    for (const seat of fleet.seats) {
      const { family } = seat.live.identity.model.build;
      const hash = hashes.get(family) ?? new Hash();
      hashes.set(family, hash);
      for (const request of [...REQUESTS, ...ODD_REQUESTS]) hash.add(seat.ask(Buffer.from(request)));
      for (const page of PAGES) {
        const [method = "", path = ""] = page.split(" ");
        hash.add(seat.askWeb({ method, path, query: new URLSearchParams(), headers: {}, body: "" }) ?? null);
      }
      for (const frame of FRAMES) hash.add(seat.askFramed(frame));
    }
  }
  return Object.fromEntries([...hashes].sort().map(([family, hash]) => [family, hash.take()]));
}
