import { AgentError } from "./agentError.js";
import { askRig } from "./askRig.js";
import { type Dialect, LOOK, type Seen, type WebPage } from "./dialects/dialect.js";
import { foreignFirmware } from "./dialects/foreignFirmwares.js";
import { http, type Question, tcp, v3 } from "./dialects/questions.js";
import { dialects } from "./dialects/registry.js";
import type { RigLinks } from "./links/rigLinks.js";
import { readText } from "./replies/readNumber.js";
import { type Reply, rowsOf } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";
import { CGMINER_PORT } from "./toSample.js";
import { realmOf } from "./webAuth.js";
import { sendWeb } from "./webSession.js";

/**
 * What is asked of an unknown rig on the port of the cgminer API until a dialect knows it. A firmware that is silent on
 * `version` is told by its `summary` or `stats`; `status` is all that a sleeping WhatsMiner may answer.
 */
const ORDER: readonly Question[] = ["version", "summary", "stats", "devdetails", "get_version", "status"].map(
  (command) => tcp(command),
);
/** Where a rig is looked for that the cgminer API does not tell: its web interface, then the WhatsMiner API 3. */
const DEVICE_INFO = v3("get.device.info");

/** The rig did not come to the phone at all, or does not stop talking: asking something else there is no use. */
const GONE = new Set(["refused", "unreachable", "aborted", "tooLarge"]);
/** A page that is slow or switched off must not keep a rig waiting. */
const LOOK_LIMITS = { connectMs: 2_000, answerMs: 4_000, maxBytes: 64 * 1024, headOnly: true };

/** What identification knows so far. */
interface Search extends Seen {
  by: Record<string, Reply | undefined>;
  asked: Set<string>;
  shut: Set<string>;
  /** Whether anything on the rig said anything. */
  answered: boolean;
  failure: AgentError | undefined;
  /** An answer of the cgminer API came cut or garbled: it may have held the mark of who it is. */
  damaged: boolean;
  /** Ways that are closed: nothing more is asked there. */
  closed: Set<Question["over"]>;
}

/**
 * Finds the dialect of a rig and enters it, and what the answers told, into the session. Asks the cgminer API first; the web
 * interface and port 4433 are touched only when that tells nothing and the host is there (it answered or refused, or the
 * config names the port). Throws an AgentError: that of the link when the rig does not answer, `unsupported` when it does and
 * no dialect knows it.
 */
export async function identify(session: RigSession, links: RigLinks, nowMs: number): Promise<void> {
  const seen: Search = {
    by: {},
    asked: new Set(),
    shut: new Set(),
    text: "",
    answered: false,
    failure: undefined,
    damaged: false,
    closed: new Set(),
  };
  let next: Question | typeof LOOK | undefined = ORDER[0];
  while (next !== undefined) {
    if (next === LOOK) await look(session, links, seen);
    else await put(session, links, seen, next, nowMs);
    next = seen.answered ? judge(session, seen, nowMs) : nextOf(seen);
  }
  if (session.dialect) return;
  const what = whatItIs(seen);
  if (!seen.answered || (seen.text === "" && !seen.httpOnApi && seen.failure)) {
    // Its web server runs, but what mines on it does not answer: that is no matter of its firmware.
    const { code, message } = seen.failure ?? {
      code: "empty",
      message: `${session.address} answered nothing`,
    };
    const words = what ?? "its web server does not say what it is";
    throw new AgentError(code, seen.page ? `${message}; ${words}` : message, { cause: seen.failure });
  }
  throw new AgentError("unsupported", `unsupported firmware: ${what ?? "the rig does not say what it is"}`);
}

/** Asks one question of an unknown rig and notes what came of it. */
async function put(
  session: RigSession,
  links: RigLinks,
  seen: Search,
  question: Question,
  nowMs: number,
): Promise<void> {
  seen.asked.add(question.name);
  try {
    const { reply, text } = await askRig(session, links, question, nowMs);
    seen.answered = true;
    seen.by[question.name] = reply;
    // The text form is cut only for the want of a NUL, which some builds never send.
    if (reply.cut && !text.startsWith("STATUS=")) seen.damaged = true;
    // A refusal is no word on who it is, bar to whoever asked for it.
    if (!(question.over === "http" && question.anyStatus)) seen.text += `${text.toLowerCase()}\n`;
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "aborted") throw error;
    seen.failure ??= error;
    if (error.code === "truncated" || error.code === "garbled") seen.damaged = true;
    const { over } = question;
    // The whole of a host that swallows packets would cost a time limit at every port.
    if (error.code === "unreachable" && over === "tcp" && !seen.answered && !isTold(session)) throw error;
    if (error.code === "http") {
      seen.httpOnApi = true;
      seen.answered = true;
      seen.closed.add("tcp");
    } else if (GONE.has(error.code)) seen.closed.add(over);
    // A rig that keeps the line open without a word would cost the whole list of questions at each try.
    else if (error.code === "timeout" && !seen.answered && seen.asked.size > 1) seen.closed.add(over);
    if (error.code === "loginRefused") seen.shut.add(question.name);
    // The rig's server saw to the request, whatever it made of it.
    if (error.code === "loginRefused" || error.code === "rejected") seen.answered = true;
  }
}

/** Whether config or command line say where to look beside the cgminer API. */
const isTold = ({ httpPort, v3Port }: RigSession): boolean => httpPort !== undefined || v3Port !== undefined;

/** What `GET /` shows; an absent, slow or broken page is no page. */
async function look(session: RigSession, links: RigLinks, seen: Search): Promise<void> {
  seen.asked.add(LOOK);
  const question = http("GET", "/", { form: "text", ...(seen.httpOnApi && { port: "api" }) });
  const port = seen.httpOnApi ? session.port : (session.httpPort ?? 80);
  try {
    const { status, headers, challenges, text } = await sendWeb(session, links, question, {}, LOOK_LIMITS);
    seen.answered = true;
    const page: WebPage = {
      port,
      status,
      realm: realmOf(challenges)?.toLowerCase(),
      server: headers.server?.toLowerCase(),
      location: headers.location?.toLowerCase(),
      text: text.toLowerCase(),
    };
    seen.page = page;
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "aborted") throw error;
    seen.failure ??= error;
    if (GONE.has(error.code)) seen.closed.add("http");
  }
}

/** What comes next in the order of things, whatever a dialect may wish for. */
function nextOf(seen: Search): Question | typeof LOOK | undefined {
  if (!seen.closed.has("tcp")) {
    const next = ORDER.find(({ name }) => !seen.asked.has(name));
    if (next) return next;
  }
  if (!seen.asked.has(LOOK)) return LOOK;
  return seen.closed.has("v3") || seen.asked.has(DEVICE_INFO.name) ? undefined : DEVICE_INFO;
}

/** Lets every dialect judge what was seen; returns what to ask next, undefined when it is settled. */
function judge(session: RigSession, seen: Search, nowMs: number): Question | typeof LOOK | undefined {
  let wish: Question | undefined;
  let known: string | undefined;
  let last: { dialect: Dialect; what: string } | undefined;
  for (const dialect of dialects) {
    const verdict = dialect.claims(seen);
    switch (verdict.kind) {
      case "mine":
        enter(session, dialect, seen, nowMs);
        return undefined;
      case "ask": {
        const { question } = verdict;
        if (!seen.asked.has(question.name) && !seen.closed.has(question.over)) wish ??= question;
        break;
      }
      case "unsupported":
        known ??= verdict.what;
        break;
      case "last":
        last ??= { dialect, what: verdict.what };
        break;
      case "not":
        break;
    }
  }
  if (wish) return wish;
  if (known !== undefined && !last) throw new AgentError("unsupported", `unsupported firmware: ${known}`);
  const next = known === undefined ? nextOf(seen) : undefined;
  if (next || !last) return next;
  if (seen.damaged)
    throw new AgentError("truncated", "what it says of itself breaks off", { cause: seen.failure });
  enter(session, last.dialect, seen, nowMs);
  const what = known ?? last.what;
  session.facts = {
    ...session.facts,
    notes: [
      {
        code: "unsupported",
        text: `${what}: no dialect for it, read is what is standard; hashwatt-agent capture ${session.address}${session.port === CGMINER_PORT ? "" : `:${session.port}`} writes what a developer needs`,
      },
    ],
  };
  return undefined;
}

/** Enters a dialect into the session, and what the answers so far told. */
function enter(session: RigSession, dialect: Dialect, seen: Seen, nowMs: number): void {
  session.dialect = dialect;
  session.identifiedMs = nowMs;
  session.askedMs = dialect.questions.map(() => Number.NEGATIVE_INFINITY);
  session.facts = {};
  dialect.questions.forEach((question, i) => {
    const reply = seen.by[question.name];
    if (!reply) return;
    session.facts = dialect.learn(session.facts, question.name, reply);
    // Main questions are asked again: a reading is of one moment.
    if (question.everyMs > 0) session.askedMs[i] = nowMs;
  });
}

/** The best words for a rig that no dialect knows: its own; undefined when it has none. */
function whatItIs(seen: Seen): string | undefined {
  const version = rowsOf(seen.by.version, "VERSION")?.[0];
  const named =
    readText(version?.Type, 80) ??
    readText(version?.PROD, 80) ??
    readText(rowsOf(seen.by.stats, "STATS")?.[0]?.Type, 80);
  const foreign = foreignFirmware(seen.text) ?? (seen.page && foreignFirmware(seen.page.text));
  const description = Object.values(seen.by)
    .map((reply) => readText(rowsOf(reply, "STATUS")?.[0]?.Description, 80))
    .find((text) => text !== undefined);
  const page =
    seen.page &&
    (readText(seen.page.realm, 80) ??
      readText(/<title[^>]*>([^<]{1,200})/.exec(seen.page.text)?.[1]?.trim(), 80));
  const words = [foreign, named, description, page && `web page "${page}"`].filter(
    (word) => word !== undefined,
  );
  if (words.length) return [...new Set(words)].join(", ");
  return seen.httpOnApi ? "its API port speaks HTTP, as ePIC firmware does" : undefined;
}
