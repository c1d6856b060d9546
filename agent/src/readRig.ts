import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "./agentError.js";
import { askRig, forgetAnswer } from "./askRig.js";
import type { Dialect } from "./dialects/dialect.js";
import { identify } from "./identify.js";
import type { TcpLink } from "./links/tcp.js";
import type { Reading } from "./reading.js";
import { outcomeOf, partOf, type Reply } from "./replies/reply.js";
import { forgetRig, type RigSession } from "./rigSession.js";

/** A reading, the wall-clock time of the rig's answer, and how long it took to answer what every reading asks. */
export interface RigReading {
  reading: Reading;
  atMs: number;
  pollMs: number;
}

/** What one reading gathers. */
interface Gathered {
  by: Record<string, Reply | undefined>;
  damaged: ReadonlySet<string>;
  /** What the last unanswered question met; thrown when nothing else explains a missing reading. */
  failure: AgentError | undefined;
}

const NONE: ReadonlySet<string> = new Set();
const GONE = new Set(["refused", "unreachable", "aborted"]);
/** Long replies are the first to be cut; after so many damaged ones in a row the rig is asked one by one. */
const DAMAGED_JOINS = 3;

/** A reading that has taken so long does not wait for what is only asked now and then: see {@link askLater}. */
const RARE_BUDGET_MS = 300;

/**
 * Reads a rig: identifies it if need be, asks what every reading needs and what has become due, and decodes the answers.
 * One connection at a time, as the rigs' servers want it. Throws an {@link AgentError}; the session then keeps what it knew.
 * `whole`: waits for everything that is due, however long the rig takes over it.
 */
export async function readRig(
  session: RigSession,
  link: TcpLink,
  clock: Clock,
  whole = false,
): Promise<RigReading> {
  if (!session.dialect) await identify(session, link, clock.monoMs());
  const dialect = session.dialect as Dialect | undefined;
  if (!dialect) throw new AgentError("unsupported", "unsupported firmware");
  const known = session.facts;
  const gathered: Gathered = { by: {}, damaged: NONE, failure: undefined };

  const startMs = clock.monoMs();
  let heard = true;
  try {
    await askMain(session, dialect, link, gathered, startMs);
  } catch (error) {
    // A sleeping rig may leave the main questions unanswered and still say that it sleeps.
    if (!(error instanceof AgentError) || GONE.has(error.code)) throw error;
    gathered.failure ??= error;
    heard = false;
  }
  const atMs = clock.nowMs();
  const pollMs = clock.monoMs() - startMs;
  const byMs = whole ? Number.POSITIVE_INFINITY : startMs + RARE_BUDGET_MS;
  if (heard) await askRare(session, dialect, link, gathered, clock, byMs);

  let facts = session.facts;
  for (const command in gathered.by) facts = dialect.learn(facts, command, gathered.by[command]!);
  session.facts = facts;
  let reading = attempt(dialect, gathered, session);
  const hashing = reading instanceof AgentError ? false : reading.status === "mining";
  if (reading instanceof AgentError || (session.hashing && !hashing)) {
    await askQuiet(session, dialect, link, gathered);
    reading = attempt(dialect, gathered, session);
  }
  // As old as the poll by now, and in nobody's way once it is empty (see Answer).
  for (const command in gathered.by) gathered.by[command] = undefined;
  if (reading instanceof AgentError) throw gathered.failure ?? reading;

  session.hashing = hashing;
  notice(session, known, reading);
  return { reading, atMs, pollMs };
}

/** Asks what every reading needs, joined with what is due and joins, in one connection where the rig allows it. */
async function askMain(
  session: RigSession,
  dialect: Dialect,
  link: TcpLink,
  gathered: Gathered,
  nowMs: number,
): Promise<void> {
  const due: string[] = [];
  const { questions } = dialect;
  for (let i = 0; i < questions.length; i++) {
    if (!questions[i]!.joins || !isDue(session, dialect, i, nowMs)) continue;
    session.askedMs[i] = nowMs;
    due.push(questions[i]!.command);
  }
  if (session.joins !== false && due.length > 1) await askJoined(session, link, gathered, due);
  for (const command of due)
    if (!gathered.by[command] && !gathered.damaged.has(command))
      await askOne(session, link, gathered, command);
}

/** Asks all at once; what a rig that cannot do that left out remains to be asked one by one. */
async function askJoined(
  session: RigSession,
  link: TcpLink,
  gathered: Gathered,
  commands: readonly string[],
): Promise<void> {
  let reply: Reply;
  try {
    const answer = await askRig(session, link, commands.join("+"));
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

/** Asks one command; what it could not answer is noted, and only a rig that is gone ends the reading. */
async function askOne(
  session: RigSession,
  link: TcpLink,
  gathered: Gathered,
  command: string,
): Promise<void> {
  try {
    const answer = await askRig(session, link, command);
    const { reply } = answer;
    forgetAnswer(answer);
    gathered.by[command] = reply;
    if (lostItsSection(reply)) gathered.damaged = new Set([...gathered.damaged, command]);
  } catch (error) {
    if (!(error instanceof AgentError) || GONE.has(error.code)) throw error;
    if (error.code === "truncated" || error.code === "garbled")
      gathered.damaged = new Set([...gathered.damaged, command]);
    gathered.failure ??= error;
    // A rig that keeps one question waiting would keep all of them waiting.
    if (error.code === "timeout") throw error;
  }
}

/**
 * Asks what has become due and cannot be joined, until `byMs` (monotonic). These answers are a gain; a reading does without
 * them.
 */
async function askRare(
  session: RigSession,
  dialect: Dialect,
  link: TcpLink,
  gathered: Gathered,
  clock: Clock,
  byMs: number,
): Promise<void> {
  const { questions } = dialect;
  for (let i = 0; i < questions.length; i++) {
    const nowMs = clock.monoMs();
    if (nowMs >= byMs) return;
    const { command, joins } = questions[i]!;
    if (joins || !isDue(session, dialect, i, nowMs)) continue;
    session.askedMs[i] = nowMs;
    if (!(await askExtra(session, link, gathered, command))) return;
  }
}

/**
 * Asks a slow rig one of the questions that its reading did not wait for, and keeps the answer for the next one. Called
 * between two readings: so a value is passed on at once, and the rig's details come in one by one.
 */
export async function askLater(session: RigSession, link: TcpLink, clock: Clock): Promise<void> {
  const { dialect } = session;
  if (!dialect) return;
  const gathered: Gathered = { by: {}, damaged: NONE, failure: undefined };
  const nowMs = clock.monoMs();
  // The one that has waited longest, or those at the end of the list would never have their turn.
  let next = -1;
  for (let i = 0; i < dialect.questions.length; i++) {
    if (dialect.questions[i]!.joins || !isDue(session, dialect, i, nowMs)) continue;
    if (next < 0 || session.askedMs[i]! < session.askedMs[next]!) next = i;
  }
  const command = dialect.questions[next]?.command;
  if (command === undefined) return;
  session.askedMs[next] = nowMs;
  await askExtra(session, link, gathered, command);
  const reply = gathered.by[command];
  if (reply) session.facts = dialect.learn(session.facts, command, reply);
}

/** Asks what tells a sleeping rig from a broken one, and learns from it. */
async function askQuiet(
  session: RigSession,
  dialect: Dialect,
  link: TcpLink,
  gathered: Gathered,
): Promise<void> {
  for (const command of dialect.whenQuiet) {
    if (gathered.by[command]) continue;
    if (!(await askExtra(session, link, gathered, command))) return;
    const reply = gathered.by[command];
    if (reply) session.facts = dialect.learn(session.facts, command, reply);
  }
}

/** Asks a command that may fail. False when the rig is not to be asked any more this time. */
async function askExtra(
  session: RigSession,
  link: TcpLink,
  gathered: Gathered,
  command: string,
): Promise<boolean> {
  try {
    const answer = await askRig(session, link, command);
    const { reply } = answer;
    forgetAnswer(answer);
    // An error (a build without the command, a denied one) tells nothing, and half an answer is none.
    if (!reply.cut && outcomeOf(reply)?.ok !== false) gathered.by[command] = reply;
    return true;
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "aborted") throw error;
    return !GONE.has(error.code) && error.code !== "timeout";
  }
}

const isDue = (session: RigSession, dialect: Dialect, i: number, nowMs: number): boolean => {
  const { everyMs } = dialect.questions[i]!;
  return everyMs === 0 || nowMs - (session.askedMs[i] ?? Number.NEGATIVE_INFINITY) >= everyMs;
};

function attempt(dialect: Dialect, gathered: Gathered, session: RigSession): Reading | AgentError {
  try {
    return dialect.decode(gathered, session.facts);
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
}

/** A restarted rig, or one that names itself otherwise, may be another by now: it is identified anew before the next reading. */
function notice(session: RigSession, known: RigSession["facts"], reading: Reading): void {
  const restarted =
    session.uptimeS !== undefined && reading.uptimeS !== undefined && reading.uptimeS < session.uptimeS;
  const renamed =
    (known.make !== undefined && known.make !== session.facts.make) ||
    (known.model !== undefined && known.model !== session.facts.model) ||
    (known.firmware !== undefined && known.firmware !== session.facts.firmware);
  if (restarted || renamed) forgetRig(session);
  session.uptimeS = reading.uptimeS;
}
