import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "./agentError.js";
import { askRig, askTogether, forgetAnswer } from "./askRig.js";
import { type Dialect, MINUTELY_MS } from "./dialects/dialect.js";
import { isMain, type Question } from "./dialects/questions.js";
import type { RigLinks } from "./links/rigLinks.js";
import { outcomeOf, partOf, type Reply } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";

/** What one reading gathers. */
export interface Gathered {
  by: Record<string, Reply | undefined>;
  damaged: ReadonlySet<string>;
  /** What the first unanswered question met; thrown when nothing else explains a missing reading. */
  failure: AgentError | undefined;
}

const NONE: ReadonlySet<string> = new Set();
export const newGathered = (): Gathered => ({ by: {}, damaged: NONE, failure: undefined });

/**
 * What was answered since the reading before counts in this one, unless that was too long ago to be of now. It stays with the session
 * until a reading has told it.
 */
export function gatheredSince(session: RigSession, nowMs: number): Gathered {
  const { later } = session;
  const gathered = newGathered();
  if (!later) return gathered;
  if (nowMs - later.sinceMs > MINUTELY_MS) session.later = undefined;
  else gathered.by = { ...later.by };
  return gathered;
}

/** Codes after which asking the same port something else is no use, or would only cost as much again. */
export const GONE = new Set(["refused", "unreachable", "aborted", "tooLarge"]);
/** Long replies are the first to be cut; after so many damaged ones in a row the rig is asked one by one. */
const DAMAGED_JOINS = 3;

/** The way that a dialect's readings come: that of its first question. */
const mainWay = (dialect: Dialect): Question["over"] => dialect.questions[0]!.over;

/** Asks what every reading needs, joined with what is due and joins, in one connection where the rig allows it. */
export async function askMain(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  gathered: Gathered,
  nowMs: number,
): Promise<void> {
  const due: Question[] = [];
  const joined: string[] = [];
  const { questions } = dialect;
  for (let i = 0; i < questions.length; i++) {
    const question = questions[i]!;
    if (!isMain(question) || !isDue(session, dialect, i, nowMs)) continue;
    session.askedMs[i] = nowMs;
    due.push(question);
    if (question.over === "tcp" && question.joins) joined.push(question.name);
  }
  if (session.joins !== false && joined.length > 1) await askJoined(session, links, gathered, joined);
  for (const question of due)
    if (!gathered.by[question.name] && !gathered.damaged.has(question.name))
      await askOne(session, dialect, links, gathered, question, nowMs);
}

/** Asks all at once; what a rig that cannot do that left out remains to be asked one by one. */
async function askJoined(
  session: RigSession,
  links: RigLinks,
  gathered: Gathered,
  commands: readonly string[],
): Promise<void> {
  let reply: Reply;
  try {
    const answer = await askTogether(session, links, commands.join("+"));
    reply = answer.reply;
    forgetAnswer(answer);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    // The first joined request of a session may be what the rig cannot bear; afterwards it is an outage like any other.
    if (session.joins === undefined && !GONE.has(error.code)) {
      session.joins = false;
      if (error.code !== "timeout") return;
    }
    if (error.code === "truncated" || error.code === "garbled") noteDamage(session, gathered, commands);
    throw error;
  }
  let answered = 0;
  for (const command of commands) {
    const part = partOf(reply, command);
    if (!part) continue;
    gathered.by[command] = part;
    answered++;
  }
  if (answered === commands.length) {
    session.joins = true;
    session.damagedJoins = 0;
  } else if (reply.cut)
    noteDamage(
      session,
      gathered,
      commands.filter((command) => !gathered.by[command]),
    );
  else session.joins = false;
}

function noteDamage(session: RigSession, gathered: Gathered, commands: readonly string[]): void {
  gathered.damaged = new Set(commands);
  if (++session.damagedJoins >= DAMAGED_JOINS) session.joins = false;
}

/** Whether a reply that breaks off lost what it is asked for: no section but its status is whole. */
const lostItsSection = (reply: Reply): boolean =>
  reply.cut &&
  !Object.keys(reply.members).some((name) => name !== "STATUS" && Array.isArray(reply.members[name]));

/** Asks one main question; what it could not answer is noted, and only a rig that is gone ends the reading. */
async function askOne(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  gathered: Gathered,
  question: Question,
  nowMs: number,
): Promise<void> {
  const { name, over } = question;
  try {
    if (isResting(session, over, nowMs)) return;
    const answer = await askRig(session, links, question, nowMs);
    const { reply } = answer;
    forgetAnswer(answer);
    gathered.by[name] = reply;
    if (lostItsSection(reply)) gathered.damaged = new Set([...gathered.damaged, name]);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "aborted") throw error;
    const silent = GONE.has(error.code) || error.code === "timeout";
    const byTheWay = over !== mainWay(dialect);
    if (silent && byTheWay) rest(session, over, nowMs);
    // A rig that keeps one question waiting would keep all of them waiting; one that is gone is so for all.
    if (GONE.has(error.code) && !byTheWay) throw error;
    if (error.code === "truncated" || error.code === "garbled")
      gathered.damaged = new Set([...gathered.damaged, name]);
    // What is missing on the side explains no missing reading.
    if (!byTheWay) gathered.failure ??= error;
    if (error.code === "timeout" && !byTheWay) throw error;
  }
}

/**
 * Asks what has become due and cannot be joined, until `byMs` (monotonic). These answers are a gain; a reading does without
 * them. `allWays`: also those that come another way than the reading, which may be slow or dead behind a rig that is not.
 */
export async function askRare(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  gathered: Gathered,
  clock: Clock,
  byMs: number,
  allWays: boolean,
): Promise<void> {
  const { questions } = dialect;
  for (let i = 0; i < questions.length; i++) {
    const nowMs = clock.monoMs();
    if (nowMs >= byMs) return;
    const question = questions[i]!;
    if (isMain(question) || !isDue(session, dialect, i, nowMs)) continue;
    if ((question.over !== mainWay(dialect) && !allWays) || isResting(session, question.over, nowMs))
      continue;
    session.askedMs[i] = nowMs;
    const going = await askExtra(session, dialect, links, gathered, question, nowMs);
    if (!going && question.over === mainWay(dialect)) return;
  }
}

/**
 * Asks one of the questions that a reading did not wait for, and learns from the answer. False when nothing is due, or the
 * rig is not to be asked any more this time.
 */
export async function askNext(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  nowMs: number,
): Promise<boolean> {
  const gathered = newGathered();
  // The one that has waited longest, or those at the end of the list would never have their turn.
  let next = -1;
  for (let i = 0; i < dialect.questions.length; i++) {
    const question = dialect.questions[i]!;
    if (isMain(question) || !isDue(session, dialect, i, nowMs)) continue;
    if (isResting(session, question.over, nowMs)) continue;
    if (next < 0 || session.askedMs[i]! < session.askedMs[next]!) next = i;
  }
  const question = dialect.questions[next];
  if (!question) return false;
  session.askedMs[next] = nowMs;
  const going = await askExtra(session, dialect, links, gathered, question, nowMs);
  const reply = gathered.by[question.name];
  if (reply) session.facts = dialect.learn(session.facts, question.name, reply);
  if (reply && dialect.momentary?.includes(question.name)) {
    session.later ??= { sinceMs: nowMs, by: {} };
    session.later.by[question.name] = reply;
  }
  return going;
}

/** Asks what tells a sleeping rig from a broken one, and learns from it. */
export async function askQuiet(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  gathered: Gathered,
  nowMs: number,
): Promise<void> {
  for (const name of dialect.whenQuiet) {
    const question = dialect.questions.find((one) => one.name === name);
    if (!question || gathered.by[name] || isResting(session, question.over, nowMs)) continue;
    if (!(await askExtra(session, dialect, links, gathered, question, nowMs))) return;
    const reply = gathered.by[name];
    if (reply) session.facts = dialect.learn(session.facts, name, reply);
  }
}

/** Asks a question that may fail. False when the rig is not to be asked any more this time. */
async function askExtra(
  session: RigSession,
  dialect: Dialect,
  links: RigLinks,
  gathered: Gathered,
  question: Question,
  nowMs: number,
): Promise<boolean> {
  const { over } = question;
  try {
    const answer = await askRig(session, links, question, nowMs);
    const { reply } = answer;
    forgetAnswer(answer);
    // An error (a build without the command, a denied one) tells nothing, and half an answer is none.
    if (!reply.cut && outcomeOf(reply)?.ok !== false) gathered.by[question.name] = reply;
    if (session.resting?.[over]) session.resting[over] = undefined;
    return true;
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "aborted") throw error;
    const silent = GONE.has(error.code) || error.code === "timeout";
    if (silent && over !== mainWay(dialect)) rest(session, over, nowMs);
    return !silent;
  }
}

const isDue = (session: RigSession, dialect: Dialect, i: number, nowMs: number): boolean => {
  const question = dialect.questions[i]!;
  const sinceMs = nowMs - (session.askedMs[i] ?? Number.NEGATIVE_INFINITY);
  return sinceMs >= question.everyMs || (sinceMs >= MINUTELY_MS && maySayAwake(session, dialect, question));
};

/** Whether it is what says that a rig sleeps, of one that does: of its being woken nothing else may tell while it hashes nothing. */
const maySayAwake = ({ facts }: RigSession, dialect: Dialect, { name }: Question): boolean =>
  facts.asleep === true && dialect.whenQuiet.includes(name);

const REST_MS = 60_000;
const MAX_REST_MS = 3_600_000;

/** Leaves a way alone that the reading does without: a minute, then two, up to an hour. */
function rest(session: RigSession, over: Question["over"], nowMs: number): void {
  session.resting ??= {};
  const times = session.resting[over]?.times ?? 0;
  session.resting[over] = {
    untilMs: nowMs + Math.min(MAX_REST_MS, REST_MS * 2 ** Math.min(times, 10)),
    times: times + 1,
  };
}

const isResting = (session: RigSession, over: Question["over"], nowMs: number): boolean =>
  nowMs < (session.resting?.[over]?.untilMs ?? Number.NEGATIVE_INFINITY);
