import type { Pool } from "@hashwatt/protocol/sample";
import type { Reading } from "../reading.js";
import type { Reply, Row } from "../replies/reply.js";
import { sharedText } from "../replies/sharedText.js";
import type { HttpQuestion, Question } from "./questions.js";

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
    | "boardLimitC"
    | "chipLimitC"
    | "faults"
    | "notes"
  > {
  /** Pools without their counters, which would be out of date. */
  pools?: Pool[];
  /** The rig says that it was told to stop. */
  asleep?: boolean;
  /** It has told a realtime hashrate that can only be in MH/s: small ones of it are in MH/s too. */
  realtimeInMhs?: true;
  /** It tells what it draws in a place that is not asked with every reading. */
  tellsPower?: true;
  /** Chips that hash on each board by its slot, where they are told apart from the rest. */
  boardChips?: Readonly<Record<number, number>>;
  /** Chips that each board has, where they are told once for all of them. */
  chipsEach?: number;
  /** Chips that belong on each board, where they are told once for all of them. */
  chipsExpected?: number;
  /** It lies in water or oil, by a place of its answers that tells how warm that is. */
  inLiquid?: true;
  /** Serial numbers of boards by their slot, where they are told apart from the rest. */
  boardSerials?: Readonly<Record<number, string>>;
  /** The answer about its boards that comes with every reading has a place for the temperature of their chips. */
  chipTempsInDevs?: true;
  /** Another answer has. */
  chipTempsApart?: true;
  /** Errors as the rig lists them, where only a reading can tell which of them still count. */
  errors?: readonly Row[];
}

/** The answers of one reading by their question's name. What was not asked, or had no use, is absent. */
export interface Replies {
  by: Readonly<Record<string, Reply | undefined>>;
  /** Names of questions whose answer came but was cut or garbled: what they would have said is not known. */
  damaged: ReadonlySet<string>;
}

/** What `GET /` of a rig's web interface showed to somebody who is not logged in; redirects are not followed. */
export interface WebPage {
  port: number;
  status: number;
  /** Realm of the login it asks for, lower case. */
  realm: string | undefined;
  /** `Server` header, lower case. */
  server: string | undefined;
  /** Where it redirects to, lower case. */
  location: string | undefined;
  /** The page, lower case, at most 64 kB. */
  text: string;
}

/** What a rig said while nobody knew what it is: its answers, and all the text of its APIs in lower case. */
export interface Seen {
  by: Readonly<Record<string, Reply | undefined>>;
  /** Names of the questions that were asked, answered or not; {@link LOOK} once the web interface was looked at. */
  asked: ReadonlySet<string>;
  /** Names of those that want a login before they are answered; absent = none. */
  shut?: ReadonlySet<string>;
  text: string;
  /** Absent until looked at, and where there is none. */
  page?: WebPage;
  /** The port of the cgminer API speaks HTTP. */
  httpOnApi?: boolean;
}

/** Name under which the look at the web interface stands in {@link Seen.asked}. */
export const LOOK = "look";

/**
 * A dialect's word on a rig: `mine`; `ask` more before it can tell; `not` mine; known but `unsupported`, with what it is;
 * `last`: mine if, when all is asked, it is nobody else's.
 */
export type Verdict =
  | { kind: "mine" }
  | { kind: "ask"; question: Question }
  | { kind: "not" }
  | { kind: "unsupported"; what: string }
  | { kind: "last"; what: string };

/** How a dialect logs in where the web interface hands out tokens or cookies. Digest and Basic need none of this. */
export interface TokenLogin {
  /** The request that hands one out. */
  request(username: string, password: string): HttpQuestion;
  /** The header that carries it from then on, name and value; undefined when the answer holds none. `headers` are lower case. */
  header(reply: Reply, headers: Readonly<Record<string, string>>): readonly [string, string] | undefined;
}

/** How a dialect gets into a rig's web interface. */
export interface WebLogin {
  /** What `make` under `logins` of the config is called. */
  make: string;
  /** What the vendor documents for a new rig; tried where the config has nothing and `defaultLogins` allows it. */
  vendorDefault?: { username: string; password: string };
  token?: TokenLogin;
}

/** One family of firmwares: what to ask, and what the answers mean. Pure: no I/O, no clock. */
export interface Dialect {
  readonly id: string;
  readonly questions: readonly Question[];
  /** Names of questions asked at once when a reading yields nothing or the rig stopped hashing: tells sleep from fault. */
  readonly whenQuiet: readonly string[];
  /** Names of rare questions that a reading tells something of the moment by: answered between two readings, they count in the next. */
  readonly momentary?: readonly string[];
  readonly login?: WebLogin;
  /** Reads rigs for want of a better one, so that it is looked once an hour whether there is one. */
  readonly isStopgap?: true;
  claims(seen: Seen): Verdict;
  /** The dialect that reads this rig from now on, by what it was found to tell; undefined: this one. */
  becomes?(facts: Facts): Dialect | undefined;
  /** Takes from a rarely asked reply what it tells; returns `facts` itself when it tells nothing new. */
  learn(facts: Facts, name: string, reply: Reply): Facts;
  /** Makes a reading. Throws an AgentError (`garbled`, `truncated`, `rejected`) when the answers do not make one. */
  decode(replies: Replies, facts: Facts): Reading;
}

/** `facts` with `changes`, or `facts` itself when nothing changed, so that a change shows in the reference. */
export function withFacts(facts: Facts, changes: Partial<Facts>): Facts {
  for (const key in changes) {
    const name = key as keyof Facts;
    if (changes[name] !== undefined && !same(changes[name], facts[name]))
      return { ...facts, ...slim(defined(changes)) };
  }
  return facts;
}

function defined(changes: Partial<Facts>): Partial<Facts> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Facts whose texts are those that other rigs hold too; what is a rig's own stays so. */
function slim(facts: Partial<Facts>): Partial<Facts> {
  const held: Partial<Facts> = { ...facts };
  for (const name of SHARED) {
    const text = facts[name];
    if (text !== undefined) held[name] = sharedText(text);
  }
  if (facts.pools) held.pools = facts.pools.map(slimPool);
  return held;
}

const SHARED = ["algo", "make", "model", "firmware", "apiVersion", "powerMode"] as const;

const slimPool = (pool: Pool): Pool => ({
  ...pool,
  url: sharedText(pool.url),
  ...(pool.status !== undefined && { status: sharedText(pool.status) }),
});

/** What a rig nests deeper counts as new. */
const DEEPEST = 64;

/** Whether two JSON values say the same; a key that is undefined counts as absent. Prints neither: it is asked with every reading. */
function same(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || depth > DEEPEST)
    return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i], depth + 1)) return false;
    return true;
  }
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in one) if (!same(one[key], other[key], depth + 1)) return false;
  for (const key in other) if (one[key] === undefined && other[key] !== undefined) return false;
  return true;
}

/** A minute: pools and what else may change by a person's hand. */
export const MINUTELY_MS = 60_000;
/** An hour: version, names, addresses; they are asked again as well when a rig restarts. */
export const HOURLY_MS = 3_600_000;
/** A rig without hashrate counts as starting for so long after its mining daemon started; tuning takes up to 15 minutes. */
export const STARTING_S = 900;
