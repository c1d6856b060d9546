import { AgentError } from "./agentError.js";
import { askRig } from "./askRig.js";
import type { Seen } from "./dialects/dialect.js";
import { foreignFirmware } from "./dialects/foreignFirmwares.js";
import { dialects } from "./dialects/registry.js";
import type { TcpLink } from "./links/tcp.js";
import { readText } from "./replies/readNumber.js";
import { type Reply, rowsOf } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";

/**
 * What is asked of an unknown rig until a dialect knows it. A firmware that is silent on `version` is told by its `summary`
 * or `stats`; `status` is all that a sleeping WhatsMiner may answer.
 */
const ORDER = ["version", "summary", "stats", "devdetails", "get_version", "status"];

/** The rig did not come to the phone at all, so that asking something else is no use. */
const GONE = new Set(["refused", "unreachable", "aborted"]);

/**
 * Finds the dialect of a rig and enters it, and what the answers told, into the session. Throws an AgentError: that of the
 * link when the rig does not answer, `unsupported` when it does and no dialect knows it.
 */
export async function identify(session: RigSession, link: TcpLink, nowMs: number): Promise<void> {
  const by: Record<string, Reply | undefined> = {};
  const asked = new Set<string>();
  const seen = { by, asked, text: "" };
  let failure: AgentError | undefined;
  let answered = false;
  let next: string | undefined = ORDER[0];
  while (next !== undefined) {
    const command: string = next;
    asked.add(command);
    try {
      const { reply, text } = await askRig(session, link, command);
      answered = true;
      by[command] = reply;
      seen.text += `${text.toLowerCase()}\n`;
    } catch (error) {
      if (!(error instanceof AgentError) || GONE.has(error.code)) throw error;
      // A rig that keeps the line open without a word would cost the whole list of questions at each try.
      if (error.code === "timeout" && !answered && asked.size > 1) throw error;
      failure ??= error;
    }
    next = answered ? judge(session, seen, nowMs) : ORDER.find((other) => !asked.has(other));
  }
  if (session.dialect) return;
  if (!answered) throw failure ?? new AgentError("empty", `${session.address} answered nothing`);
  throw new AgentError("unsupported", `unsupported firmware: ${whatItIs(seen)}`);
}

/** Lets every dialect judge what was seen; returns what to ask next, undefined when it is settled. */
function judge(session: RigSession, seen: Seen, nowMs: number): string | undefined {
  let wish: string | undefined;
  let known: string | undefined;
  for (const dialect of dialects) {
    const verdict = dialect.claims(seen);
    switch (verdict.kind) {
      case "mine": {
        session.dialect = dialect;
        session.askedMs = dialect.questions.map(() => Number.NEGATIVE_INFINITY);
        session.facts = {};
        dialect.questions.forEach((question, i) => {
          const reply = seen.by[question.command];
          if (!reply) return;
          session.facts = dialect.learn(session.facts, question.command, reply);
          // Main questions are asked again: a reading is of one moment.
          if (question.everyMs > 0) session.askedMs[i] = nowMs;
        });
        return undefined;
      }
      case "ask":
        if (!seen.asked.has(verdict.command)) wish ??= verdict.command;
        break;
      case "unsupported":
        known ??= verdict.what;
        break;
      case "not":
        break;
    }
  }
  if (wish === undefined && known !== undefined)
    throw new AgentError("unsupported", `unsupported firmware: ${known}`);
  return wish ?? ORDER.find((command) => !seen.asked.has(command));
}

/** The best words for a rig that no dialect knows: its own. */
function whatItIs(seen: Seen): string {
  const version = rowsOf(seen.by.version, "VERSION")?.[0];
  const named =
    readText(version?.Type, 80) ??
    readText(version?.PROD, 80) ??
    readText(rowsOf(seen.by.stats, "STATS")?.[0]?.Type, 80);
  const foreign = foreignFirmware(seen.text);
  const description = Object.values(seen.by)
    .map((reply) => readText(rowsOf(reply, "STATUS")?.[0]?.Description, 80))
    .find((text) => text !== undefined);
  const words = [foreign, named, description].filter((word) => word !== undefined);
  return words.length ? [...new Set(words)].join(", ") : "the rig does not say what it is";
}
