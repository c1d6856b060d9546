// A month of a simulated fleet before it goes live: what `npm start -- --backfill DAYS` runs first. The simulator's rigs on a clock
// that is wound on, read by the agent's own reading path a minute apart, into a spool that the agent then sends as the backlog that
// it is. Takes the built packages; it listens nowhere and waits for no time to pass.
// Usage: node scripts/backfill.mjs '{"days", "rigs", "seed", "port", "spool"}'; "layout" is chosen as the simulator does unless given
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import pino from "pino";
import { AgentError } from "../agent/dist/agentError.js";
import { NO_LOGINS } from "../agent/dist/logins.js";
import { BatchMaker } from "../agent/dist/publisher/batchMaker.js";
import { readRig } from "../agent/dist/readRig.js";
import { newRigSession } from "../agent/dist/rigSession.js";
import { Spool } from "../agent/dist/spool/spool.js";
import { toEvidence, toHandle, toSample, unreachableSample } from "../agent/dist/toSample.js";
import { systemClock } from "../protocol/dist/time.js";
import { BATCH } from "../protocol/dist/topics.js";
import { chooseLayout } from "../simulator/dist/doors.js";
import { stockOf } from "../simulator/dist/families.js";
import { stage } from "../simulator/dist/fleet.js";
import { DEFAULT_BASE, incidentCounts, placed } from "../simulator/dist/listener.js";
import { lineOf } from "../simulator/dist/scenarios/timeline.js";
import { placeOf } from "../simulator/dist/site/places.js";
import { buildSite } from "../simulator/dist/site.js";
import { fakeClock } from "../simulator/dist/time.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What happened in that time, by the share of it that had passed, to all rigs or the n-th; without a bad hour there would be little to see. */
const HAPPENINGS = [
  { at: 0.15, do: "fan-stop", nth: 3, for: "3h" },
  { at: 0.3, do: "pool-down", for: "25m" },
  { at: 0.45, do: "power-off", for: "40m" },
  { at: 0.6, do: "partition", for: "1h" },
  { at: 0.75, do: "warmer", for: "6h", by: 8 },
  { at: 0.9, do: "board-off", nth: 5, for: "12h", board: 2 },
];

const {
  days,
  rigs,
  seed,
  port,
  spool: folder,
  layout = await chooseLayout(DEFAULT_BASE, rigs),
} = JSON.parse(process.argv[2] ?? "{}");
const fromMs = Math.floor(systemClock.nowMs() / MINUTE_MS) * MINUTE_MS - days * DAY_MS;
// Whoever started this and is gone for good wants no month any more.
process.on("disconnect", () => process.exit(1));

// The same rigs at the same places as the fleet that goes live, without its sockets.
const site = buildSite(String(seed), rigs, incidentCounts(rigs, true), stockOf(undefined));
const places = placed(site, layout, DEFAULT_BASE, { port });
const fleet = stage(site, places, fakeClock(fromMs), {});
const seats = new Map(fleet.seats.map((seat) => [`${seat.where.address}:${seat.where.port}`, seat]));
const time = { ms: 0 };
const clock = { ...systemClock, nowMs: () => fromMs + time.ms, monoMs: () => time.ms };
const failing = (address, rigPort) =>
  Promise.reject(new AgentError("refused", `${address}:${rigPort} refuses connections`));
const links = {
  tcp: {
    inFlight: 0,
    async ask(address, rigPort, request) {
      const seat = seats.get(`${address}:${rigPort}`);
      if (seat.meets() !== "up") return failing(address, rigPort);
      const reply = seat.askText(Buffer.from(request, "latin1"));
      if (!reply) return failing(address, rigPort);
      const end = reply.indexOf("\0");
      return { text: (end < 0 ? reply : reply.slice(0, end)).trim(), nul: end >= 0 };
    },
    close() {},
  },
  http: { idle: 0, ask: failing, close() {} },
  framed: { ask: failing, close() {} },
  logins: NO_LOGINS,
  close() {},
};

// Whole or not at all: a month that is broken off is no spool that an agent would find.
const making = `${folder}.making`;
rmSync(making, { recursive: true, force: true });
mkdirSync(dirname(folder), { recursive: true });
const log = pino({ level: "warn" }, pino.destination(2));
const spool = await Spool.open({
  folder: making,
  clock: systemClock,
  log,
  maxBytes: 20_000_000_000,
  maxAgeMs: 2 * days * DAY_MS,
  segmentBytes: 16 * 1024 * 1024,
  onDropped() {
    throw new Error("the spool has dropped what was to be kept");
  },
});

const [stream, boot] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
const maker = new BatchMaker(boot);
let seq = 0;
function cut() {
  if (!maker.samples) return;
  const { samples, oldestMs, newestMs, body } = maker.take(time.ms, true);
  const record = { stream, seq: ++seq, boot, monoMs: time.ms, wallMs: fromMs + time.ms, samples };
  // Its clock is this machine's own: nothing is to be corrected.
  spool.append({ ...record, offsetKnown: true, oldestMs, newestMs, gzip: true, body });
}
function push(sample, evidence) {
  if (!maker.samples) maker.begin(fromMs, 0, true);
  let json = maker.encode(sample);
  if (maker.samples >= BATCH.maxSamples || !maker.fits(json.length)) {
    cut();
    maker.begin(fromMs, 0, true);
    json = maker.encode(sample);
  }
  maker.add(sample, json, evidence);
}

const watched = places.map((place) => ({
  handle: toHandle(place.address, place.port),
  session: newRigSession(place.address, place.port),
  evidence: undefined,
}));
const happenings = HAPPENINGS.map((each) => ({ ...each, atMs: each.at * days * DAY_MS }));
let told = 0;
// Up to the present, and not to what was the present at the start: what passes meanwhile is made too, in ever shorter pieces.
for (; fromMs + time.ms <= systemClock.nowMs(); time.ms += MINUTE_MS, fleet.time.advance(MINUTE_MS)) {
  while (happenings.length && happenings[0].atMs <= time.ms) {
    const { at: _at, atMs: _atMs, nth, ...words } = happenings.shift();
    // By its place: where rigs differ by their ports alone, an address is the whole fleet's.
    const one = nth && placeOf(Math.min(nth, places.length) - 1).name;
    fleet.happen(lineOf({ ...words, ...(one && { rigs: one }) }));
  }
  for (const rig of watched) {
    const { handle, session } = rig;
    const atMs = fromMs + time.ms;
    try {
      const { reading } = await readRig(session, links, clock, true);
      const sample = toSample(handle, reading, atMs, MINUTE_MS, undefined);
      const { pools } = session.facts;
      const evidence = rig.evidence
        ? undefined
        : {
            ...toEvidence(session.address, session.port, reading, undefined),
            ...(pools?.length && { pools }),
          };
      rig.evidence ??= evidence;
      push(sample, evidence);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      const evidence = rig.evidence ? undefined : { address: session.address, port: session.port };
      push(unreachableSample(handle, atMs, MINUTE_MS), evidence);
    }
  }
  const percent = Math.floor((100 * time.ms) / (days * DAY_MS));
  if (percent >= told + 10) {
    told = percent - (percent % 10);
    console.log(`simulated: ${told} % of ${days} days`);
  }
}
cut();
spool.close();
if (existsSync(folder)) rmSync(folder, { recursive: true });
renameSync(making, folder);
console.log(`simulated: ${days} days of ${watched.length} rigs, ${seq} batches`);
process.exit(0);
