import type { Pool } from "@hashwatt/protocol/sample";
import type { Reading } from "../reading.js";
import type { Reply } from "../replies/reply.js";

/** What a rig told that seldom changes; kept between readings until it is asked again. Absent = not told. */
export interface Facts
  extends Pick<
    Reading,
    | "algo"
    | "make"
    | "model"
    | "firmware"
    | "apiVersion"
    | "mac"
    | "serial"
    | "hostname"
    | "nominalThs"
    | "powerMode"
    | "powerLimitW"
    | "faults"
  > {
  /** Pools without their counters, which would be out of date. */
  pools?: Pool[];
  /** The rig says that it was told to stop. */
  asleep?: boolean;
}

/** The answers of one reading by command. A command that was not asked, or had no use, is absent. */
export interface Replies {
  by: Readonly<Record<string, Reply | undefined>>;
  /** Commands whose answer came but was cut or garbled: what they would have said is not known. */
  damaged: ReadonlySet<string>;
}

/** A command of a dialect. `everyMs` 0: with every reading. `joins`: may be sent as `a+b` where the rig allows it. */
export interface Question {
  command: string;
  everyMs: number;
  joins: boolean;
}

/** What a rig said while nobody knew what it is: its answers, and all their text in lower case. */
export interface Seen {
  by: Readonly<Record<string, Reply | undefined>>;
  asked: ReadonlySet<string>;
  text: string;
}

/** A dialect's word on a rig: `mine`; `ask` more before it can tell; `not` mine; known but `unsupported`, with what it is. */
export type Verdict =
  | { kind: "mine" }
  | { kind: "ask"; command: string }
  | { kind: "not" }
  | { kind: "unsupported"; what: string };

/** One family of firmwares: what to ask, and what the answers mean. Pure: no I/O, no clock. */
export interface Dialect {
  readonly id: string;
  readonly questions: readonly Question[];
  /** Asked at once when a reading yields nothing or the rig stopped hashing: tells sleep from fault. */
  readonly whenQuiet: readonly string[];
  claims(seen: Seen): Verdict;
  /** Takes from a rarely asked reply what it tells; returns `facts` itself when it tells nothing new. */
  learn(facts: Facts, command: string, reply: Reply): Facts;
  /** Makes a reading. Throws an AgentError (`garbled`, `truncated`, `rejected`) when the answers do not make one. */
  decode(replies: Replies, facts: Facts): Reading;
}

/** `facts` with `changes`, or `facts` itself when nothing changed, so that a change shows in the reference. */
export function withFacts(facts: Facts, changes: Partial<Facts>): Facts {
  for (const key in changes) {
    const name = key as keyof Facts;
    if (changes[name] !== undefined && !same(changes[name], facts[name]))
      return { ...facts, ...defined(changes) };
  }
  return facts;
}

function defined(changes: Partial<Facts>): Partial<Facts> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));

/** A minute: pools and what else may change by a person's hand. */
export const MINUTELY_MS = 60_000;
/** An hour: version, names, addresses; they are asked again as well when a rig restarts. */
export const HOURLY_MS = 3_600_000;
/** A rig without hashrate counts as starting for so long after its mining daemon started; tuning takes up to 15 minutes. */
export const STARTING_S = 900;
