import { type BacklogOptions, LINK, runBacklog } from "./backlogRun.js";
import { bareLinkRate } from "./bareLink.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import type { Seen } from "./liveAges.js";
import { quantile } from "./statistics.js";

const FLOOR_MS = 5_000;
const IN_MS = 600_000;

/** Ages of the live readings that reached the screen, which must be as young as ever. */
function liveFigures(during: readonly Seen[], after: readonly Seen[]): Figure[] {
  const ages = during.map(({ ageMs }) => ageMs);
  const calm = after.map(({ ageMs }) => ageMs);
  return [
    bounded(
      "live readings meanwhile: p99",
      quantile(ages, 0.99),
      "ms",
      { atMost: 1_000 },
      {
        note: `${ages.length} readings`,
      },
    ),
    reported("live readings meanwhile: p50", quantile(ages, 0.5), "ms"),
    reported("live readings meanwhile: max", quantile(ages, 1), "ms"),
    ...(calm.length ? [reported("live readings afterwards: p99", quantile(calm, 0.99), "ms")] : []),
  ];
}

/** 24 h without a broker for 1,000 rigs at 30 s, brought in over 20 Mbit/s and 80 ms. `size` may make it smaller. */
export const bench: Bench = async ({ say, size }) => {
  const options: BacklogOptions = {
    rigs: size.rigs ?? 1_000,
    hours: size.hours ?? 24,
    intervalMs: (size.interval ?? 30) * 1_000,
    store: size.store ?? "duckdb",
    broker: size.broker ?? "mosquitto",
    sums: true,
    patienceMs: 3 * IN_MS,
    say,
  };
  say("the bare link");
  const rate = await bareLinkRate(LINK, FLOOR_MS);
  const run = await runBacklog(options);
  const { filled, check, live } = run;
  if (check.example) say(`first difference: ${check.example}`);
  say(`the server had to say: ${run.complaints}`);
  const floorS = run.bytesUp / rate;
  const percent = ({ cpuUs }: { cpuUs: number }) => cpuUs / run.inMs / 10;
  return [
    bounded(
      "until the backlog is in",
      run.inMs / 1000,
      "s",
      { atMost: IN_MS / 1000 },
      {
        floor: floorS,
        ratio: run.inMs / 1000 / floorS,
        note: `${filled.samples} readings in ${filled.records} records; ${options.store}, ${options.broker}; floor: as many bytes from socket to socket over the same link`,
      },
    ),
    reported("readings a second", filled.samples / (run.inMs / 1000), "/s"),
    ...liveFigures(run.during, run.after),
    bounded("from the connection to the first live reading", run.firstLiveMs, "ms", { atMost: 1_500 }),
    bounded("backlog: readings lost", check.lost, "", { atMost: 0 }),
    bounded("backlog: readings double or invented", check.double + check.invented, "", { atMost: 0 }),
    bounded(
      "backlog: hours of rigs with a wrong energy or coverage",
      check.wrongHours,
      "",
      { atMost: 0 },
      {
        note: `of ${check.rigHours}`,
      },
    ),
    bounded(
      "readings of the run itself lost or double",
      live.lost + live.double,
      "",
      { atMost: 0 },
      {
        note: `of ${live.spooled}`,
      },
    ),
    reported("until its hours are summed up", (run.summedMs ?? Number.NaN) / 1000, "s"),
    reported("bytes up the link a reading", run.bytesUp / filled.samples, "B"),
    reported("bytes up the link", run.bytesUp / 1e6, "MB"),
    reported("bytes down the link", run.bytesDown / 1e6, "MB"),
    reported("agent CPU", percent(run.agent), "% of a core"),
    bounded("agent RSS at its highest", run.agent.rssMb, "MB", { atMost: 150 }),
    reported("server CPU", percent(run.server), "% of a core"),
    reported("server RSS at its highest", run.server.rssMb, "MB"),
    ...(run.broker ? [reported("broker CPU", percent(run.broker), "% of a core")] : []),
  ];
};
