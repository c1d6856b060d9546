import type { Dialect, Facts } from "./dialects/dialect.js";
import type { Transport } from "./dialects/questions.js";
import type { Reply } from "./replies/reply.js";
import type { WebSession } from "./webSession.js";

/** What the agent knows of one rig between readings. One per watched rig, so it is kept small. */
export interface RigSession {
  readonly address: string;
  readonly port: number;
  /** Ports of interfaces that some dialects read beside the cgminer API; absent = the maker's own. */
  readonly httpPort?: number;
  readonly v3Port?: number;
  /** Undefined until the rig is identified, and again when it may have become another. */
  dialect: Dialect | undefined;
  facts: Facts;
  /** Monotonic ms at which it was identified last. */
  identifiedMs: number;
  /** The request's key that this rig's build knows; `text` where it knows no JSON. */
  key: "command" | "cmd" | "text";
  /** Whether `a+b` works on this rig; undefined until tried. */
  joins: boolean | undefined;
  /** How many joined replies in a row came damaged: long ones are the first to be cut. */
  damagedJoins: number;
  /** Monotonic ms at which each of the dialect's questions was asked last; −Infinity = never. */
  askedMs: number[];
  /** What was answered since the last reading, from `sinceMs` (monotonic) on, and counts in the next one; absent = nothing. */
  later?: { sinceMs: number; by: Record<string, Reply | undefined> } | undefined;
  /** The age of the mining daemon at the last reading; when it falls, the rig was restarted. */
  uptimeS: number | undefined;
  hashing: boolean;
  /** What it named itself when it was last taken for another; absent = never. It outlives {@link forgetRig}. */
  renamedTo?: string | undefined;
  /** What is known of the rig's web interface; absent while nobody has asked it. It outlives {@link forgetRig}. */
  web?: WebSession;
  /** Ways that a reading can do without and that fail: not gone before `untilMs`, monotonic. */
  resting?: Partial<Record<Transport, { untilMs: number; times: number }>> | undefined;
}

/** Starts the session of a rig nobody has spoken to. */
export function newRigSession(
  address: string,
  port: number,
  { httpPort, v3Port }: { httpPort?: number | undefined; v3Port?: number | undefined } = {},
): RigSession {
  return {
    address,
    port,
    ...(httpPort !== undefined && { httpPort }),
    ...(v3Port !== undefined && { v3Port }),
    dialect: undefined,
    facts: {},
    identifiedMs: Number.NEGATIVE_INFINITY,
    key: "command",
    joins: undefined,
    damagedJoins: 0,
    askedMs: [],
    uptimeS: undefined,
    hashing: false,
  };
}

/** Forgets what the rig is, so that the next reading identifies it anew. */
export function forgetRig(session: RigSession): void {
  session.dialect = undefined;
  session.facts = {};
  session.joins = undefined;
  session.damagedJoins = 0;
  session.askedMs = [];
  session.later = undefined;
  session.uptimeS = undefined;
  session.hashing = false;
  session.resting = undefined;
  if (!session.web) return;
  // What was given to one firmware is not for another. Refusals stay: forgetting them would try the login again and again.
  session.web.token = undefined;
  session.web.challenge = undefined;
}
