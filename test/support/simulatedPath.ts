import { AgentError } from "@hashwatt/agent/agentError";
import type { RigLinks } from "@hashwatt/agent/links/rigLinks";
import { NO_LOGINS } from "@hashwatt/agent/logins";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { toEvidence, toHandle, toSample, unreachableSample } from "@hashwatt/agent/toSample";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import { agentTopic, type Batch } from "@hashwatt/protocol/topics";
import { readThermalLimits } from "@hashwatt/server/bundledData";
import { startIngest } from "@hashwatt/server/fixtures/startIngest";
import { allRigs } from "@hashwatt/server/present";
import { Roller } from "@hashwatt/server/rollup/roller";
import { layOut } from "@hashwatt/simulator/addresses";
import { type StagedFleet, stage } from "@hashwatt/simulator/fleet";
import type { Seat } from "@hashwatt/simulator/seat";
import { buildSite } from "@hashwatt/simulator/site";
import { fakeClock as simulatorClock } from "@hashwatt/simulator/time";

/** A simulated fleet, and how often it is read. */
export interface PathOptions {
  rigs: number;
  seed: string;
  scenario: string;
  startMs: number;
  /** Spacing of two readings of a rig; a whole number of {@link SWEEP_MS}. */
  intervalMs: number;
  pricePerKwh: number;
  /** The rules know each rig's past and what is usual at the site, as they do in a server. */
  remembers?: boolean;
  /** Hears every reply as it left its rig, and its text as the agent takes it. */
  heard?: (bytes: Buffer) => void;
  heardText?: (text: string) => void;
  /** Hears every sample as the agent sends it. */
  sampled?: (sample: Sample) => void;
}

/** The whole way of a reading on a clock that is wound on: no socket, no file, and nobody waits. */
export interface SimulatedPath {
  readonly fleet: StagedFleet;
  readonly server: ReturnType<typeof startIngest>;
  readonly counts: { readings: number; failed: number };
  nowMs(): number;
  /** Every rig is read, what it said is taken in, and the time to the next reading passes. */
  step(): Promise<void>;
  /** Lets what is on its way come to rest: rows of all buckets that have begun, as though they were over. */
  finish(): Promise<void>;
}

const PORT = 4028;
const BASE = "127.10.0.1";
export const SITE = "hall";
const AGENT = "a1";
/** So often the server looks at what time alone makes true, and closes buckets that are over. */
export const SWEEP_MS = 15_000;
const BUCKET_MS = 300_000;

/** Ways to the rigs of a fleet that lead past the network: what a connection would meet, and what would come back. */
export function seatLinks(
  seats: readonly Seat[],
  { heard, heardText }: Pick<PathOptions, "heard" | "heardText"> = {},
): RigLinks {
  const byAddress = new Map<string, Seat[]>();
  for (const seat of seats)
    byAddress.set(seat.where.address, [...(byAddress.get(seat.where.address) ?? []), seat]);
  // As bytes each was written once for all rigs.
  const requests = new Map<string, Buffer>();
  const bytesOf = (request: string): Buffer => {
    let bytes = requests.get(request);
    if (bytes === undefined) {
      bytes = Buffer.from(request, "latin1");
      requests.set(request, bytes);
    }
    return bytes;
  };
  const failed = (code: "refused" | "timeout" | "empty", address: string, port: number) =>
    Promise.reject(new AgentError(code, `${address}:${port} gives no answer`));
  return {
    tcp: {
      inFlight: 0,
      ask(address, port, request) {
        const seat = byAddress.get(address)?.find(({ where }) => where.port === port);
        const met = seat?.meets() ?? "refused";
        if (seat === undefined || met === "refused") return failed("refused", address, port);
        if (met === "silent") return failed("timeout", address, port);
        const reply = seat.askText(bytesOf(request));
        heard?.(Buffer.from(reply, "latin1"));
        if (!reply) return failed("empty", address, port);
        const end = reply.indexOf("\0");
        const text = (end < 0 ? reply : reply.slice(0, end)).trim();
        heardText?.(text);
        return Promise.resolve({ text, nul: end >= 0 });
      },
      close() {},
    },
    http: { idle: 0, ask: (address, port) => failed("refused", address, port), close() {} },
    framed: { ask: (address, port) => failed("refused", address, port), close() {} },
    logins: NO_LOGINS,
    close() {},
  };
}

interface Watched {
  handle: string;
  session: RigSession;
  /** What was told of it; undefined before anything was. */
  told: string | undefined;
}

/** Stages the fleet, and begins an agent's and a server's part with stores in memory. */
export function startPath(options: PathOptions): SimulatedPath {
  const { rigs, seed, scenario, startMs, intervalMs, pricePerKwh, sampled, remembers = false } = options;
  const places = layOut("per-address", rigs, BASE, PORT);
  const fleet = stage(buildSite(seed, rigs, undefined), places, simulatorClock(startMs), { scenario });
  const links = seatLinks(fleet.seats, options);
  const clock = fakeClock(startMs);
  const server = startIngest(clock, {
    sites: [{ site: SITE, name: SITE, zone: "UTC", currency: "USD", gridRegion: "COUNTRY-USA", demo: true }],
    tariffs: [
      { site: SITE, validFromMs: 0, pricePerKwh, currency: "USD", source: "of this run", demo: true },
    ],
    thermal: readThermalLimits(),
    stored: (samples) => roller.add(samples, clock.nowMs()),
    remembers,
  });
  const { telemetry, state, identities, fleet: views, ingest, hub } = server;
  const roller = new Roller({ telemetry, state, rigs: () => allRigs(identities.index, views) });
  const watched: Watched[] = places.map(({ address, port }) => ({
    handle: toHandle(address, port),
    session: newRigSession(address, port),
    told: undefined,
  }));
  const counts = { readings: 0, failed: 0 };
  let seq = 0;

  /** What is sent of a rig: its sample, and what it is where that is to be told. */
  const read = async (rig: Watched): Promise<[sample: Sample, evidence?: Evidence]> => {
    const { handle, session } = rig;
    try {
      const { reading, atMonoMs } = await readRig(session, links, clock, true);
      counts.readings++;
      const atMs = clock.nowMs() - (clock.monoMs() - atMonoMs);
      const sample = toSample(handle, reading, atMs, intervalMs, undefined);
      if (rig.told && !remembers) return [sample];
      const evidence = toEvidence(session.address, session.port, reading);
      // An agent tells it anew when it changes; putting it together each time would cost the benches more than all else.
      const text = remembers ? JSON.stringify(evidence) : handle;
      if (text === rig.told) return [sample];
      rig.told = text;
      return [sample, evidence];
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      counts.failed++;
      const sample = unreachableSample(handle, clock.nowMs(), intervalMs);
      return rig.told === undefined ? [sample, { address: session.address, port: session.port }] : [sample];
    }
  };

  const passed = async (): Promise<void> => {
    await clock.advance(SWEEP_MS);
    fleet.time.advance(SWEEP_MS);
    ingest.sweep();
    hub.flush(clock.nowMs());
    if (clock.nowMs() % BUCKET_MS < SWEEP_MS) await roller.close(clock.nowMs());
  };

  return {
    fleet,
    server,
    counts,
    nowMs: () => clock.nowMs(),
    async step() {
      // All are under way together, as an agent has them; what a rig answers depends on no other.
      const seen = await Promise.all(watched.map(read));
      const samples = seen.map(([sample]) => sample);
      const described: Record<string, Evidence> = {};
      for (const [{ rig }, evidence] of seen) if (evidence !== undefined) described[rig] = evidence;
      if (sampled) for (const sample of samples) sampled(sample);
      const batch: Batch = {
        ...{ v: 1, stream: "s", live: true, seq: ++seq, first: seq, boot: "b" },
        ...{ monoMs: clock.monoMs(), sentMs: clock.nowMs() },
        rigs: described,
        samples,
      };
      ingest.message(agentTopic(SITE, AGENT, "batch"), Buffer.from(JSON.stringify(batch)));
      for (let ms = 0; ms < intervalMs; ms += SWEEP_MS) await passed();
    },
    async finish() {
      await clock.advance(1_000);
      await roller.close(clock.nowMs() + 2 * BUCKET_MS);
    },
  };
}
