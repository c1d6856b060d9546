import { beginning } from "@hashwatt/protocol/plainText";
import type { Note } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "./agentError.js";
import { type Dialect, HOURLY_MS, STARTING_S, withFacts } from "./dialects/dialect.js";
import { askMain, askNext, askQuiet, askRare, type Gathered, GONE, gatheredSince } from "./gather.js";
import { identify } from "./identify.js";
import type { RigLinks } from "./links/rigLinks.js";
import { isUnitSuspect } from "./model/bounds.js";
import { roughRatingThs } from "./model/nameplates.js";
import { ownPlate } from "./model/ownPlates.js";
import { estimatePower } from "./model/power.js";
import type { Reading } from "./reading.js";
import { forgetRig, type RigSession } from "./rigSession.js";

/**
 * A reading, when the rig answered (monotonic, since the wall clock may be set while the rig is asked for more), and how long it
 * took to answer what every reading asks.
 */
export interface RigReading {
  reading: Reading;
  atMonoMs: number;
  pollMs: number;
}

/** A reading that has taken so long does not wait for what is only asked now and then: see {@link askLater}. */
const RARE_BUDGET_MS = 300;

/**
 * Reads a rig: identifies it if need be, asks what every reading needs and what has become due, and decodes the answers.
 * One connection at a time, as the rigs' servers want it. Throws an {@link AgentError}; the session then keeps what it knew.
 * `whole`: waits for everything that is due, however long the rig takes over it.
 */
export async function readRig(
  session: RigSession,
  links: RigLinks,
  clock: Clock,
  whole = false,
): Promise<RigReading> {
  if (session.dialect?.isStopgap && clock.monoMs() - session.identifiedMs >= HOURLY_MS) forgetRig(session);
  if (!session.dialect) {
    await identify(session, links, clock.monoMs());
    if (session.dialect) become(session, session.dialect);
  }
  const dialect = session.dialect as Dialect | undefined;
  if (!dialect) throw new AgentError("unsupported", "unsupported firmware");
  const known = session.facts;
  const startMs = clock.monoMs();
  const gathered = gatheredSince(session, startMs);

  let heard = true;
  try {
    await askMain(session, dialect, links, gathered, startMs);
  } catch (error) {
    // A sleeping rig may leave the main questions unanswered and still say that it sleeps.
    if (!(error instanceof AgentError) || GONE.has(error.code)) throw error;
    gathered.failure ??= error;
    heard = false;
  }
  const atMonoMs = clock.monoMs();
  const pollMs = atMonoMs - startMs;
  const byMs = whole ? Number.POSITIVE_INFINITY : startMs + RARE_BUDGET_MS;
  if (heard) await askRare(session, dialect, links, gathered, clock, byMs, whole);

  let facts = session.facts;
  for (const name in gathered.by) facts = dialect.learn(facts, name, gathered.by[name]!);
  session.facts = facts;
  let reading = attempt(dialect, gathered, session);
  const hashing = reading instanceof AgentError ? false : reading.status === "mining";
  if (reading instanceof AgentError || (session.hashing && !hashing)) {
    await askQuiet(session, dialect, links, gathered, clock.monoMs());
    reading = attempt(dialect, gathered, session);
  }
  // As old as the poll by now, and in nobody's way once it is empty (see Answer).
  for (const name in gathered.by) gathered.by[name] = undefined;
  if (reading instanceof AgentError) throw gathered.failure ?? reading;
  session.later = undefined;

  if (reading.powerW === undefined && !gathered.damaged.size) fillPower(session, links, reading);
  session.hashing = hashing;
  become(session, dialect);
  noteTroubles(session, reading);
  notice(session, known, reading);
  return { reading, atMonoMs, pollMs };
}

/**
 * Asks a rig what its reading did not wait for, and keeps the answers for the next one. Called between two readings: so a
 * value is passed on at once, and the details of a slow rig come in one by one.
 */
export async function askLater(session: RigSession, links: RigLinks, clock: Clock): Promise<void> {
  const startMs = clock.monoMs();
  for (;;) {
    const { dialect } = session;
    const nowMs = clock.monoMs();
    if (!dialect || nowMs - startMs >= RARE_BUDGET_MS) return;
    if (!(await askNext(session, dialect, links, nowMs))) return;
  }
}

/** Goes on with the dialect that a rig's answers call for; what both ask was asked by either. */
function become(session: RigSession, dialect: Dialect): void {
  const next = dialect.becomes?.(session.facts);
  if (!next) return;
  const askedMs = new Map(dialect.questions.map(({ name }, i) => [name, session.askedMs[i]]));
  session.dialect = next;
  session.askedMs = next.questions.map(({ name }) => askedMs.get(name) ?? Number.NEGATIVE_INFINITY);
}

function attempt(dialect: Dialect, gathered: Gathered, session: RigSession): Reading | AgentError {
  try {
    return dialect.decode(gathered, session.facts);
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
}

/**
 * Enters the model's power, or the nameplate's, where the rig reports none. Not where an answer came damaged: what is missing from
 * it would make another figure.
 */
function fillPower(session: RigSession, links: RigLinks, reading: Reading): void {
  const { plates } = links;
  const own = plates?.length ? ownPlate(plates, reading.model, session.address) : undefined;
  const estimate = estimatePower(reading, own);
  if (!estimate) return;
  reading.powerW = estimate.powerW;
  reading.powerSource = estimate.source;
}

/**
 * What the rig is rated for where its hashrate is off from that by a thousand or a million: by its own word, or by its model,
 * since a rig that counts in another unit rates itself in it too. Not while it starts. TH/s.
 */
function ratingMissed({ facts }: RigSession, reading: Reading): number | undefined {
  const { hashrateThs, model, uptimeS } = reading;
  const { nominalThs } = facts;
  const starts = uptimeS !== undefined && uptimeS < STARTING_S;
  // Too much is left out of a reading; too little may be the first shares.
  if (reading.unitSuspect && !(starts && hashrateThs !== undefined)) return nominalThs;
  if (!hashrateThs || model === undefined || starts) return undefined;
  const rated = roughRatingThs(model);
  return isUnitSuspect(hashrateThs, rated) ? rated : undefined;
}

/** Enters what the operator should know of how this rig is read into its facts and its reading. */
function noteTroubles(session: RigSession, reading: Reading): void {
  const refusal = session.web?.refusal;
  const known = session.facts.notes;
  const rated = ratingMissed(session, reading);
  reading.unitSuspect = rated === undefined ? undefined : true;
  // Nearly always there is nothing to say.
  if (!known && refusal === undefined && rated === undefined) return;
  const notes: Note[] = (known ?? []).filter(({ code }) => code === "unsupported");
  if (refusal !== undefined) notes.push({ code: "loginRefused", text: beginning(refusal, 300) });
  if (rated !== undefined)
    notes.push({
      code: "unitSuspect",
      text: `its hashrate is far from the rated ${rated} TH/s by a thousand or a million; check the model, or send a capture`,
    });
  session.facts = withFacts(session.facts, { notes });
  reading.notes = notes.length ? session.facts.notes : undefined;
}

/**
 * A restarted rig, or one that names itself otherwise, may be another by now: it is identified anew before the next reading. Two
 * of its answers may name it differently for good, so the same other name counts once.
 */
function notice(session: RigSession, known: RigSession["facts"], reading: Reading): void {
  const { make, model, firmware } = session.facts;
  const restarted =
    session.uptimeS !== undefined && reading.uptimeS !== undefined && reading.uptimeS < session.uptimeS;
  const renamed =
    (known.make !== undefined && known.make !== make) ||
    (known.model !== undefined && known.model !== model) ||
    (known.firmware !== undefined && known.firmware !== firmware);
  const name = renamed ? `${make}|${model}|${firmware}` : undefined;
  if (restarted || (renamed && name !== session.renamedTo)) forgetRig(session);
  if (renamed) session.renamedTo = name;
  session.uptimeS = reading.uptimeS;
}
