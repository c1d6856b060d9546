import type { TcpLink } from "./links/tcp.js";
import { outcomeOf, parseReply, type Reply } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";

/** Requests are the same for every rig; making the text once saves it at every poll. */
const requests = { command: new Map<string, string>(), cmd: new Map<string, string>() };

function requestFor(key: RigSession["key"], command: string): string {
  let request = requests[key].get(command);
  if (request === undefined) {
    request = JSON.stringify({ [key]: command });
    requests[key].set(command, request);
  }
  return request;
}

/** cgminer's code for a request without the key it knows. */
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

/**
 * Asks one command (or several joined by `+`). A build that knows only the other request key is asked again with that one,
 * which the session remembers. Throws an AgentError of the link, or `garbled` or `truncated`.
 */
export async function askRig(session: RigSession, link: TcpLink, command: string): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const raw = await link.ask(session.address, session.port, requestFor(session.key, command));
    const { text } = raw;
    const reply = parseReply(text, raw.nul);
    raw.text = "";
    if (tries > 0 || outcomeOf(reply)?.code !== NO_COMMAND) return { reply, text };
    session.key = session.key === "command" ? "cmd" : "command";
  }
}
