import { z } from "zod";
import { checked } from "./checked.js";
import { quickCheck } from "./quickCheck.js";
import { type Evidence, evidenceSchema, type Sample, STATUSES, sampleSchema } from "./sample.js";
import { SLUG } from "./slug.js";
import { unknownKeysOf } from "./unknownKeys.js";

/** Root of every topic; a change of contract changes the last level. */
export const ROOT = "hashwatt/v1";

/** Topic of one agent's channel; `kind` is what flows on it. */
export const agentTopic = (site: string, agent: string, kind: "batch" | "ack" | "status"): string =>
  `${ROOT}/${site}/agent/${agent}/${kind}`;

/** Topic of what the server says of a rig; `rig` is the public id `r<int>`. */
export const rigTopic = (site: string, rig: string, kind: "info" | "state"): string =>
  `${ROOT}/${site}/rig/${rig}/${kind}`;

/** Topic of what the server says of a site's alerts, where a channel of that kind is configured; "" = what is of no site. */
export const alertTopic = (site: string): string => `${ROOT}/${site || "_"}/alerts`;

/** Reads site, agent and kind out of an agent topic; undefined for any other topic. */
export function parseAgentTopic(topic: string): { site: string; agent: string; kind: string } | undefined {
  const [root, version, site, room, agent, kind, ...rest] = topic.split("/");
  if (`${root}/${version}` !== ROOT || room !== "agent" || rest.length || !site || !agent || !kind)
    return undefined;
  if (!SLUG.test(site) || !SLUG.test(agent)) return undefined;
  return { site, agent, kind };
}

/** Limits of one batch; an agent cuts at whichever comes first, a server refuses what is far beyond. */
export const BATCH = {
  maxSamples: 500,
  maxBytes: 256 * 1024,
  acceptSamples: 2_000,
  acceptBytes: 4 * 1024 * 1024,
} as const;

/** Names that every object has a meaning for already: none of them may become a key by way of the wire. */
const OBJECT_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .refine((name) => !OBJECT_NAMES.has(name), "is no name for a stream or a boot");
const seq = z.int().min(1);

/**
 * The envelope of a batch. `stream` names a spool stream (random), `seq` grows by one from 1, `first` is the oldest seq
 * still spooled, `boot` and `monoMs` fix the agent's monotonic time of making, `sentMs` its clock at sending.
 * `lost: "damaged"`: the spooled record could not be read; the batch is empty and only moves the sequence on.
 */
export const envelopeSchema = z.object({
  v: z.literal(1),
  stream: id,
  live: z.boolean(),
  seq,
  first: seq,
  boot: id,
  monoMs: z.number().min(0),
  sentMs: z.number(),
  lost: z.literal("damaged").optional(),
  rigs: z.record(z.string(), z.unknown()).optional(),
  samples: z.array(z.unknown()).max(BATCH.acceptSamples),
});

/** A batch as an agent makes it. */
export interface Batch {
  v: 1;
  stream: string;
  live: boolean;
  seq: number;
  first: number;
  boot: string;
  monoMs: number;
  sentMs: number;
  lost?: "damaged";
  rigs?: Record<string, Evidence>;
  samples: Sample[];
}

/** A batch as a server accepted it: the good samples, and what was wrong with the others. */
export interface ParsedBatch extends Batch {
  /** One text per refused sample or evidence, e.g. `samples[3].chipTempC: Too big: expected number to be <=130`. */
  refused: string[];
  /** Keys of envelope, samples, boards and evidence that this version does not know; ignored. */
  unknownKeys: number;
}

/** Says what is wrong with a batch as a whole. */
export class BatchError extends Error {
  override name = "BatchError";
  constructor(
    readonly code: "notJson" | "envelope" | "tooLarge" | "newer",
    message: string,
  ) {
    super(message);
  }
}

const isPlainSample = quickCheck(sampleSchema);
const ENVELOPE_KEYS = new Set(Object.keys(envelopeSchema.shape));
const unknownInSample = unknownKeysOf(sampleSchema);
const unknownInEvidence = unknownKeysOf(evidenceSchema);

/** What to do about a message of a later contract than this one; undefined for any other. */
export function newerContract(json: unknown): string | undefined {
  const v: unknown = typeof json === "object" && json !== null ? (json as { v?: unknown }).v : undefined;
  return typeof v === "number" && v > 1 && Number.isInteger(v)
    ? `speaks version ${v} of the contract and this server knows version 1: update the server`
    : undefined;
}

function where(at: string, error: z.ZodError): string {
  const issue = error.issues[0];
  return `${at}${issue?.path.length ? `.${issue.path.join(".")}` : ""}: ${issue?.message ?? "invalid"}`;
}

/**
 * Checks a decoded batch. The envelope must hold as a whole; a bad sample or evidence is named in `refused` and the
 * others go on. Throws {@link BatchError}.
 */
export function parseBatch(json: unknown): ParsedBatch {
  const newer = newerContract(json);
  if (newer !== undefined) throw new BatchError("newer", newer);
  const envelope = checked(envelopeSchema, json);
  if (!envelope.success) throw new BatchError("envelope", where("batch", envelope.error));
  const { rigs: rawRigs, samples: rawSamples, ...head } = envelope.data;
  const refused: string[] = [];
  let unknownKeys = 0;
  for (const key in json as object) if (!ENVELOPE_KEYS.has(key)) unknownKeys++;
  const samples: Sample[] = [];
  for (let i = 0; i < rawSamples.length; i++) {
    if (isPlainSample(rawSamples[i])) {
      samples.push(rawSamples[i] as Sample);
      continue;
    }
    const parsed = checked(sampleSchema, rawSamples[i]);
    if (!parsed.success) {
      refused.push(where(`samples[${i}]`, parsed.error));
      continue;
    }
    unknownKeys += unknownInSample(rawSamples[i]);
    samples.push(parsed.data);
  }
  let rigs: Record<string, Evidence> | undefined;
  if (rawRigs) {
    rigs = {};
    // The schema leaves this key out without a word.
    const told = (json as { rigs: object }).rigs;
    if (Object.hasOwn(told, "__proto__")) refused.push('rigs: "__proto__" is no handle');
    for (const [handle, raw] of Object.entries(rawRigs)) {
      const parsed = checked(evidenceSchema, raw);
      if (!SLUG.test(handle) || OBJECT_NAMES.has(handle))
        refused.push(`rigs: "${handle.slice(0, 64)}" is no handle`);
      else if (!parsed.success) refused.push(where(`rigs.${handle}`, parsed.error));
      else {
        unknownKeys += unknownInEvidence(raw);
        rigs[handle] = parsed.data;
      }
    }
  }
  return { ...head, ...(rigs && { rigs }), samples, refused, unknownKeys };
}

/**
 * All of `stream` up to `seq` is committed (`seq` 0: nothing is). `rewind`: send again from `seq + 1`.
 * `resumed`: the server did not know this stream when it first saw it in its middle, so the evidence of the stream's start
 * may be unknown to it; a live agent answers by opening a new stream, which carries all evidence.
 */
export const ackSchema = z.object({
  stream: id,
  seq: z.int().min(0),
  serverMs: z.number(),
  rewind: z.boolean().optional(),
  resumed: z.boolean().optional(),
});
export type Ack = z.infer<typeof ackSchema>;

/** Birth and will of an agent, retained; repeated while it lives so that spool depth and clock are current. */
export const agentStatusSchema = z.object({
  v: z.literal(1),
  state: z.enum(["online", "offline"]),
  version: z.string().max(64).optional(),
  boot: id.optional(),
  sentMs: z.number().optional(),
  startedMs: z.number().optional(),
  /** Rigs by status. */
  rigs: z.partialRecord(z.enum(STATUSES), z.int().min(0)).optional(),
  spool: z
    .object({
      batches: z.int().min(0),
      bytes: z.number().min(0),
      /** Agent time of the oldest unacknowledged sample; absent when all is acknowledged. */
      oldestMs: z.number().optional(),
      droppedBatches: z.int().min(0),
      damagedRecords: z.int().min(0),
      /** Why nothing can be spooled at the moment, e.g. a full disk, or what is spooled cannot be read. */
      error: z.string().max(300).optional(),
    })
    .optional(),
  /** Server minus agent clock, ms; absent until an ack told it. */
  clockOffsetMs: z.number().optional(),
  /** How late the agent's event loop was in its last whole minute; absent in the first. */
  loopLag: z.object({ p99Ms: z.number().min(0), maxMs: z.number().min(0) }).optional(),
});
export type AgentStatus = z.infer<typeof agentStatusSchema>;
/** Counts what a status holds that this version does not know; ignored. */
export const unknownInStatus = unknownKeysOf(agentStatusSchema);
