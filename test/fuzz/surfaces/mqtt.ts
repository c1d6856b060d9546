import { gzipSync } from "node:zlib";
import { onlyTcp, scriptedLink } from "@hashwatt/agent/fixtures/scriptedLink";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { toEvidence, toSample } from "@hashwatt/agent/toSample";
import { LIVE_COLUMNS } from "@hashwatt/protocol/live";
import { BOUNDS, evidenceSchema, sampleSchema } from "@hashwatt/protocol/sample";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { BATCH, parseBatch } from "@hashwatt/protocol/topics";
import { START, startIngest } from "@hashwatt/server/fixtures/startIngest";
import { decodePayload } from "@hashwatt/server/intake/payload";
import type { Commit } from "@hashwatt/server/store/store";
import { mutate, Seeded } from "../mutators.js";
import { LIVE_CHARACTERS, NASTY_TEXTS } from "../nasty.js";
import { realRigs } from "../realReplies.js";
import { type Input, type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

/** After so many messages the server begins anew, so that an input can be told by those shortly before it. */
const LIFE = 5_000;
const COMMIT_EVERY = 40;
/** Kinds of refusal that end a message as a whole. */
const WHOLE = ["topic", "notJson", "envelope", "tooLarge", "newer", "status", "site", "store-backlog"];
/** What of a batch that is taken may still be refused. */
const PART = ["sample", "sample-time", "rig"];

const RIG_BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  hashrateThs: BOUNDS.hashrateThs,
  powerW: BOUNDS.powerW,
  inletTempC: BOUNDS.tempC,
  boardTempC: BOUNDS.tempC,
  chipTempC: BOUNDS.tempC,
  fanRpm: BOUNDS.fanRpm,
};

/** Batches and a status as an agent sends them, of what the rigs say. */
async function realMessages(): Promise<{ batches: object[]; status: object }> {
  const clock = fakeClock(START);
  const batches: object[] = [];
  for (const { replies } of await realRigs()) {
    try {
      const { reading } = await readRig(
        newRigSession("192.0.2.1", 4028),
        onlyTcp(scriptedLink(replies)),
        clock,
      );
      const samples = [1, 2, 3].map((n) => toSample(`rig-${n}`, reading, START + n * 5_000, 5_000, 40));
      const rigs = Object.fromEntries(
        [1, 2, 3].map((n) => [`rig-${n}`, toEvidence(`192.0.2.${n}`, 4028, reading)]),
      );
      batches.push({
        v: 1,
        stream: "s",
        live: true,
        seq: 1,
        first: 1,
        boot: "b",
        monoMs: 1,
        sentMs: START,
        rigs,
        samples,
      });
    } catch {
      // A rig of a kind that is not read sends nothing.
    }
  }
  const status = {
    v: 1,
    state: "online",
    version: "0.1.0",
    boot: "b",
    sentMs: START,
    startedMs: START,
    rigs: { mining: 3 },
    spool: {
      batches: 1,
      bytes: 2,
      oldestMs: START,
      droppedBatches: 0,
      damagedRecords: 0,
      error: "no room on disk",
    },
    clockOffsetMs: 4,
  };
  return { batches, status };
}

/** One server in memory, and what it has let through. */
class World {
  readonly clock: FakeClock = fakeClock(START);
  readonly it = startIngest(this.clock);
  given = 0;
  broken: string | undefined;

  constructor() {
    const append = this.it.telemetry.append.bind(this.it.telemetry);
    this.it.telemetry.append = async (commit: Commit) => {
      for (const { sample } of commit.samples) {
        const parsed = sampleSchema.safeParse({ rig: "x", ...sample });
        if (!parsed.success) this.broken ??= `stored outside its bounds: ${parsed.error.message}`;
        this.#text(JSON.stringify(sample), "stored");
      }
      await append(commit);
    };
    const client = {
      bufferedAmount: 0,
      send: (frame: Buffer) => this.#frame(frame.toString()),
      end: () => undefined,
    };
    for (const channel of ["totals", "fleet", "alerts"] as const)
      this.it.hub.subscribe(client, channel, undefined, START);
  }

  #text(json: string, where: string): void {
    if (
      LIVE_CHARACTERS.test(json) ||
      /\\u00(?:[01]|7f|[89])|\\[nrtbf]|\\ud[89a-f]/i.test(json.replaceAll("\\\\", ""))
    )
      this.broken ??= `${where} with more than text: ${json.slice(0, 400)}`;
  }

  #frame(text: string): void {
    const frame = JSON.parse(text) as { ch?: string; data?: { rows?: (number | string | null)[][] } };
    this.#text(text, "a frame");
    if (frame.ch !== "fleet") return;
    for (const row of frame.data?.rows ?? [])
      for (const [column, [low, high]] of COLUMNS) {
        const value = row[column];
        if (typeof value === "number" && !(value >= low && value <= high))
          this.broken ??= `a frame's column ${column} holds ${value}`;
      }
  }

  counts(): Record<string, number> {
    const { ingest, refusals } = this.it;
    const { batches, duplicates, rejected, samples, elsewhere } = ingest;
    const counts: Record<string, number> = { batches, duplicates, rejected, samples, elsewhere };
    for (const { kind, count } of refusals.list()) counts[`no ${kind}`] = count;
    return counts;
  }

  last(kind: string): string {
    return this.it.refusals.list().find((entry) => entry.kind === kind)?.last ?? "";
  }

  async settle(): Promise<void> {
    this.it.hub.flush(this.clock.nowMs());
    await this.clock.advance(1_000);
    this.it.acks.length = 0;
    this.it.order.length = 0;
    this.it.told.length = 0;
    this.it.apart.length = 0;
    promised(this.broken === undefined, this.broken ?? "");
  }
}

const COLUMNS = Object.entries(RIG_BOUNDS).map(
  ([name, bounds]) => [1 + LIVE_COLUMNS.indexOf(name as (typeof LIVE_COLUMNS)[number]), bounds] as const,
);

/** How often something was counted since `before`. */
const grown = (before: Record<string, number>, now: Record<string, number>, name: string): number =>
  (now[name] ?? 0) - (before[name] ?? 0);

/** Throws unless every reading and every description of a batch is either taken or counted as refused. */
function addsUp(payload: Buffer, before: Record<string, number>, now: Record<string, number>): void {
  const json = decodePayload(payload) as { samples: unknown[]; rigs?: object };
  const parsed = parseBatch(json);
  const given = json.samples.length + Object.keys(json.rigs ?? {}).length;
  const refused = PART.reduce((sum, kind) => sum + grown(before, now, `no ${kind}`), 0);
  const taken = grown(before, now, "samples") + grown(before, now, "elsewhere");
  const described = Object.keys(parsed.rigs ?? {}).length;
  const noRoom = grown(before, now, "no rig");
  promised(
    noRoom > 0 ? taken + refused <= given : taken + refused + described === given,
    `of ${given} readings and descriptions ${taken} + ${described} were taken and ${refused} counted as refused`,
  );
  for (const sample of parsed.samples)
    promised(sampleSchema.safeParse(sample).success, "a reading outside its bounds");
  for (const evidence of Object.values(parsed.rigs ?? {}))
    promised(evidenceSchema.safeParse(evidence).success, "a description outside its bounds");
}

/** What arrives over MQTT, to the server's real intake: every kind of topic, plain and packed. */
export const mqtt: Surface = {
  name: "mqtt",
  parallel: 1,
  async start(seed) {
    const { batches, status } = await realMessages();
    const odd = oddValues(seed);
    let world = new World();
    const message = (index: number, chance: Seeded): Input => {
      const site = chance.next() < 0.02 ? chance.of(NASTY_TEXTS) : `site-${chance.whole(1, 3)}`;
      const agent = chance.next() < 0.02 ? chance.of(NASTY_TEXTS) : `agent-${chance.whole(1, 4)}`;
      const kind =
        chance.next() < 0.04 ? chance.of(["ack", "other"]) : chance.of(["batch", "batch", "batch", "status"]);
      const topic =
        chance.next() < 0.02 ? chance.of(NASTY_TEXTS) : `hashwatt/v1/${site}/agent/${agent}/${kind}`;
      // Mostly of a stream of its own, so that the rules of the sequence do not hide what the content is.
      const stream = chance.next() < 0.9 ? `s${index % 997}-${index}` : "same";
      const real =
        kind === "status"
          ? status
          : { ...chance.of(batches), stream, live: chance.next() < 0.8, seq: chance.of([1, 1, 1, 2]) };
      const { bytes, how } = mutate(Buffer.from(JSON.stringify(real)), chance, odd, 0.75);
      const packed = chance.next();
      if (packed < 0.8) return { bytes, about: { topic, how } };
      if (packed < 0.802)
        return {
          bytes: gzipSync(Buffer.alloc(2 * BATCH.acceptBytes, bytes.length ? bytes : " ")),
          about: { topic, how: "a bomb" },
        };
      const zipped = gzipSync(bytes, { level: 1 });
      if (packed < 0.9) return { bytes: zipped, about: { topic, how: `${how}, packed` } };
      return {
        bytes: mutate(zipped, chance, odd).bytes,
        about: { topic, how: `${how}, packed and changed` },
      };
    };
    return {
      make: (index) => message(index, new Seeded(seed * 1_000_003 + index)),
      async give({ bytes, about }): Promise<Outcome> {
        if (++world.given > LIFE) world = new World();
        if (world.given % COMMIT_EVERY === 0) await world.settle();
        const before = world.counts();
        world.it.ingest.message(about.topic!, bytes);
        const now = world.counts();
        promised(
          grown(before, now, "no internal") === 0,
          `a defect met while taking it in: ${world.last("internal")}`,
        );
        const whole = WHOLE.filter((kind) => grown(before, now, `no ${kind}`) > 0);
        const taken = grown(before, now, "batches");
        if (taken) addsUp(bytes, before, now);
        for (const [name, code] of [
          ["duplicates", "duplicate"],
          ["rejected", "out-of-sequence"],
        ] as const)
          if (grown(before, now, name)) {
            promised(!taken && !whole.length, "counted twice");
            return {
              kind: "refused",
              code,
              reason: "acknowledged again or asked for again, as the rules of acks say",
            };
          }
        if (taken) {
          promised(!whole.length, "taken and refused");
          return { kind: "accepted" };
        }
        const isStatus = about.topic!.endsWith("/status");
        promised(
          whole.length === 1 || (isStatus && !whole.length),
          `counted as ${whole.join(", ") || "nothing"}`,
        );
        const [code] = whole;
        return code === undefined
          ? { kind: "accepted" }
          : { kind: "refused", code, reason: world.last(code) };
      },
      async good() {
        await world.settle();
        const before = world.it.ingest.samples;
        const body = { ...batches[0], stream: "good" };
        world.it.ingest.message(
          "hashwatt/v1/site-1/agent/agent-good/batch",
          Buffer.from(JSON.stringify(body)),
        );
        await world.settle();
        promised(world.it.ingest.samples === before + 3, "a good batch is not taken any more");
        promised(world.it.queue.failing === undefined, `the store fails: ${world.it.queue.failing}`);
      },
      async close() {},
    };
  },
};
