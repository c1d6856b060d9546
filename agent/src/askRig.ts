import { AgentError } from "./agentError.js";
import type { Question, TcpQuestion, V3Question } from "./dialects/questions.js";
import type { RigLinks } from "./links/rigLinks.js";
import type { TcpLink } from "./links/tcp.js";
import { readText } from "./replies/readNumber.js";
import { excerpt, outcomeOf, parseBody, parseReply, type Reply } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";
import { askWeb } from "./webSession.js";

/** Requests are the same for every rig; making the text once saves it at every poll. */
const requests = {
  command: new Map<string, string>(),
  cmd: new Map<string, string>(),
  text: new Map<string, string>(),
};

function requestFor(key: RigSession["key"], name: string, command: string, question?: TcpQuestion): string {
  let request = requests[key].get(name);
  if (request === undefined) {
    const { parameter, extra } = question ?? {};
    request =
      key === "text"
        ? parameter === undefined
          ? command
          : `${command}|${parameter}`
        : JSON.stringify({ [key]: command, ...(parameter !== undefined && { parameter }), ...extra });
    requests[key].set(name, request);
  }
  return request;
}

/** cgminer's codes for a command it does not know, JSON it cannot read, and a request without the key it knows. */
const INVALID = 14;
const BAD_JSON = 23;
const NO_COMMAND = 24;

/**
 * A reply and the text it was read from. Whoever is done with it empties it ({@link forgetAnswer}): the promises of a poll
 * wait for the network long enough to grow old, and what they were resolved with would live on until the next full
 * collection, five times the memory of all that is kept on purpose.
 */
export interface Answer {
  reply: Reply;
  text: string;
}

/** Lets go of an answer that was used. */
export function forgetAnswer(answer: Answer): void {
  answer.text = "";
  answer.reply = NOTHING;
}

const NOTHING: Reply = { members: {}, cut: false };

/** Asks one question over its way. Throws an AgentError of the link, `garbled`, `truncated`, `rejected` or `loginRefused`. */
export function askRig(
  session: RigSession,
  links: RigLinks,
  question: Question,
  nowMs: number,
): Promise<Answer> {
  switch (question.over) {
    case "tcp":
      return askTcp(session, links.tcp, question.name, question.command, question);
    case "http":
      return askWeb(session, links, question, nowMs);
    case "v3":
      return askV3(session, links, question);
  }
}

/** Asks several commands of the cgminer API at once, joined by `+`. */
export const askTogether = (session: RigSession, links: RigLinks, commands: string): Promise<Answer> =>
  askTcp(session, links.tcp, commands, commands);

/**
 * A build that knows only the other request key, or no JSON, is asked again with what it knows, which the session remembers.
 */
async function askTcp(
  session: RigSession,
  link: TcpLink,
  name: string,
  command: string,
  question?: TcpQuestion,
): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const raw = await link.ask(
      session.address,
      session.port,
      requestFor(session.key, name, command, question),
    );
    const { text } = raw;
    const reply = parseReply(text, raw.nul);
    raw.text = "";
    if (tries > 0) return { reply, text };
    const code = outcomeOf(reply)?.code;
    if (session.key !== "text" && text.startsWith("STATUS=") && (code === INVALID || code === BAD_JSON))
      session.key = "text";
    else if (session.key !== "text" && code === NO_COMMAND)
      session.key = session.key === "command" ? "cmd" : "command";
    else return { reply, text };
  }
}

/** Port of the WhatsMiner API 3. */
const V3_PORT = 4433;

async function askV3(session: RigSession, { framed }: RigLinks, question: V3Question): Promise<Answer> {
  const { cmd, param, name } = question;
  const port = session.v3Port ?? V3_PORT;
  const text = await framed.ask(session.address, port, JSON.stringify({ cmd, param }));
  const reply = parseBody(text, false);
  const { code, msg } = reply.members;
  if (typeof code === "number" && code !== 0)
    throw new AgentError(
      "rejected",
      `${name} was rejected: ${readText(msg, 200) ?? excerpt(text)} (code ${code})`,
    );
  return { reply, text };
}
