import type { Sample } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import { agentTopic, type Batch } from "@hashwatt/protocol/topics";
import { expect, test } from "vitest";
import { bookedSite, startLedger } from "../fixtures/bookedSites.js";
import { startIngest } from "../fixtures/startIngest.js";
import { allRigs } from "../present.js";
import { Roller } from "../rollup/roller.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import { Sightings } from "./sightings.js";

const START = Date.UTC(2026, 10, 25);
const POLL_MS = 60_000;
const at = (hours: number) => START + hours * HOUR_MS;

/** A rig of 3 kW that agents of two sites read every minute, rolled up and priced. */
async function startSites() {
  const sites = [bookedSite({ site: "old" }), bookedSite({ site: "new" })];
  const clock = fakeClock(START);
  const sightings = new Sightings();
  const stored = (samples: Parameters<Roller["add"]>[0]) => roller.add(samples, clock.nowMs());
  const { ingest, state, telemetry, identities, fleet } = startIngest(clock, { sites, sightings, stored });
  const known = () => allRigs(identities.index, fleet);
  const ledger = await startLedger({ sites, known, state, sightings });
  const roller = new Roller({
    telemetry,
    state,
    rigs: (atMs) => (atMs === undefined ? known() : sightings.placed(known(), atMs)),
    writing: (rows, _sites, write) => ledger.pricer.around(rows, write),
  });
  const seqs = new Map<string, number>();
  const say = (site: string, stream: string, atMs: number, live: boolean, answers = true) => {
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const sample: Sample = {
      ...{ rig: "h", atMs, intervalMs: POLL_MS, status: answers ? "mining" : "unreachable" },
      ...(answers && { algo: "SHA256", hashrateThs: 100, powerW: 3_000 }),
    };
    const batch: Batch = {
      ...{ v: 1, stream, live, seq, first: 1, boot: "b", monoMs: 1, sentMs: clock.nowMs() },
      ...(seq === 1 && { rigs: { h: { address: "10.0.0.1", mac: "02:00:00:00:00:01", algo: "SHA256" } } }),
      samples: [sample],
    };
    ingest.message(agentTopic(site, "a", "batch"), Buffer.from(JSON.stringify(batch)));
  };
  const pass = async (pricer = ledger.pricer) => {
    await clock.advance(POLL_MS);
    if (clock.nowMs() % BUCKET_MS !== POLL_MS) return;
    for (let more = true; more; ) ({ more } = await roller.close(clock.nowMs()));
    pricer.rolledUp(roller.closedToMs);
    await pricer.step();
  };
  return {
    ...ledger,
    ...{ clock, say },
    /** The agent of a site reads the rig live up to an instant; of none the time passes. */
    async until(toMs: number, site?: string) {
      while (clock.nowMs() < toMs) {
        if (site !== undefined) say(site, `live-${site}`, clock.nowMs(), true);
        await pass();
      }
    },
    /** What an agent has kept comes in, oldest first. */
    late(site: string, fromMs: number, toMs: number, answers = true) {
      for (let atMs = fromMs; atMs < toMs; atMs += POLL_MS) say(site, `kept-${site}`, atMs, false, answers);
    },
    /** kWh of a site by hour, in its ledger and in its history, where anything was expected. */
    async kwh(site: string, hours: number) {
      const range = { fromMs: START, toMs: at(hours), stepMs: BUCKET_MS };
      const history = await state.siteRollups({ ...range, site });
      const edges = Array.from({ length: hours }, (_, i) => at(i));
      const sums = await state.ledger.sums({ site, edges, toMs: at(hours) });
      const total = (values: readonly number[]) =>
        Math.round(values.reduce((sum, kwh) => sum + kwh, 0) * 1e3) / 1e3;
      return edges.map((edge) => [
        total(sums.flatMap(({ startMs, sums: of }) => (startMs === edge ? [(of.energyMwh ?? 0) / 1e6] : []))),
        total(
          history.flatMap(({ startMs, kwh }) => (startMs >= edge && startMs < edge + HOUR_MS ? [kwh] : [])),
        ),
      ]);
    },
  };
}

test("what an agent kept at a new site, before anybody heard that a rig is there, counts for the new site", async () => {
  const it = await startSites();
  await it.until(at(1), "old");
  // The rig has moved, and the agent there does not reach the server until four hours have gone.
  await it.until(at(4));
  await it.until(at(4) + POLL_MS, "new");
  it.late("new", at(2), at(4));
  await it.until(at(5), "new");
  await it.until(at(5) + 3 * BUCKET_MS);
  // The last reading there is held for three minutes.
  expect(await it.kwh("old", 5)).toEqual([
    [3, 3],
    [0.1, 0.1],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(await it.kwh("new", 5)).toEqual([
    [0, 0],
    [0, 0],
    [3, 3],
    [3, 3],
    [3, 3],
  ]);
  expect((await it.state.ledger.arrivals()).map(({ site, sinceMs }) => [site, sinceMs])).toEqual([
    ["old", -8.64e15],
    ["new", at(2)],
  ]);
});

test("a rig that was elsewhere for a while has that while there, though it was heard of only after it was back", async () => {
  const it = await startSites();
  await it.until(at(1), "old");
  await it.until(at(3));
  await it.until(at(4), "old");
  it.late("new", at(1.5), at(2.5));
  await it.until(at(4) + 3 * BUCKET_MS);
  // Of what is held of a last reading two minutes lie in the 5 minutes after it: those of the stay elsewhere count as already back.
  expect(await it.kwh("old", 4)).toEqual([
    [3, 3],
    [0.1, 0.1],
    [0.1, 0.1],
    [3, 3],
  ]);
  expect(await it.kwh("new", 4)).toEqual([
    [0, 0],
    [1.5, 1.5],
    [1.5, 1.5],
    [0, 0],
  ]);
  expect((await it.state.ledger.arrivals()).map(({ site, sinceMs }) => [site, sinceMs])).toEqual([
    ["old", -8.64e15],
    ["new", at(1.5)],
    ["old", at(2.5)],
  ]);
});

test.each([
  ["before", 0],
  ["after", 1],
])(
  "a site that a rig has left has nothing of it where it goes on asking and keeps that nobody answered, told of %s the rig's own readings",
  async (_when, turn) => {
    const it = await startSites();
    await it.until(at(1), "old");
    await it.until(at(1) + 5 * POLL_MS);
    await it.until(at(2), "new");
    // Neither agent reaches the server for an hour; the old one has the rig's address in its config still.
    await it.until(at(3));
    const own = () => it.late("new", at(2), at(3));
    const vain = () => it.late("old", at(2) + POLL_MS / 2, at(3), false);
    for (const tell of turn ? [own, vain] : [vain, own]) tell();
    await it.until(at(4), "new");
    await it.until(at(4) + 3 * BUCKET_MS);
    expect((await it.kwh("old", 4)).slice(2)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect((await it.kwh("new", 4)).slice(2)).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect((await it.state.ledger.arrivals()).map(({ site }) => site)).toEqual(["old", "new"]);
  },
);

test("where late readings came from is kept before they are, so that no crash forgets it", async () => {
  const it = await startSites();
  await it.until(at(1), "old");
  await it.until(at(3));
  it.late("new", at(2), at(3));
  await it.clock.advance(250);
  // The process dies here, before the ledger has taken it up.
  const next = it.open();
  await next.load();
  next.rolledUp(at(3));
  await next.step();
  expect(next.stays.map(({ site, fromMs, toMs }) => [site, fromMs, toMs])).toEqual([
    ["old", Number.NEGATIVE_INFINITY, at(2)],
    ["new", at(2), at(3)],
    ["old", at(3), Number.POSITIVE_INFINITY],
  ]);
});

test("a stop of the agent at the new site is no time at the old one, unless that has readings of it", async () => {
  const it = await startSites();
  await it.until(at(1), "old");
  await it.until(at(4));
  await it.until(at(4) + POLL_MS, "new");
  it.late("new", at(1.5), at(2));
  it.late("new", at(3), at(3.5));
  await it.until(at(5), "new");
  expect((await it.state.ledger.arrivals()).map(({ site, sinceMs }) => [site, sinceMs])).toEqual([
    ["old", -8.64e15],
    ["new", at(1.5)],
  ]);
  // Stamped by a clock that was wrong: an hour of the old site's own readings stays with it.
  it.say("new", "kept-new", at(0.25), false);
  await it.until(at(5) + 3 * BUCKET_MS, "new");
  const [bucket, ...others] = (await it.state.ledger.arrivals()).slice(1);
  expect([bucket!.site, bucket!.sinceMs]).toEqual(["new", at(0.25)]);
  expect(others.map(({ site, sinceMs }) => [site, sinceMs])).toEqual([
    ["old", at(0.25) + BUCKET_MS],
    ["new", at(1.5)],
  ]);
});
