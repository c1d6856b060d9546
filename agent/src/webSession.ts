import { AgentError } from "./agentError.js";
import type { Dialect, TokenLogin } from "./dialects/dialect.js";
import type { HttpQuestion } from "./dialects/questions.js";
import type { HttpAnswer, HttpLimits, HttpRequest } from "./links/http.js";
import type { RigLinks } from "./links/rigLinks.js";
import type { Login } from "./logins.js";
import { excerpt, parseBody, type Reply } from "./replies/reply.js";
import type { RigSession } from "./rigSession.js";
import { Secret } from "./secret.js";
import { authorization, type Challenge, isSendable, readChallenge } from "./webAuth.js";

/** What the agent knows of a rig's web interface between requests. */
export interface WebSession {
  /** What the server asked for last; its nonce is used again, counted. */
  challenge?: Challenge | undefined;
  /** A token or cookie that a login gave. */
  token?: readonly [string, string] | undefined;
  /** Refused logins in a row. */
  refusals: number;
  /** Monotonic ms before which nobody logs in again. */
  untilMs: number;
  /** Version of the logins that were refused. */
  version: number;
  /** The words of the last refusal. */
  refusal?: string | undefined;
}

const MINUTE_MS = 60_000;
/** A rig that counts wrong passwords must not be locked by this agent. */
const MAX_REST_MS = 60 * MINUTE_MS;

/**
 * Asks the web interface, logged in where it wants that: by Digest, by Basic where the login may travel so, or by the token that
 * the dialect's login gives. A login that is refused is not tried again for a minute, then two, up to an hour, or until the config's logins
 * change. Throws an AgentError of the link, `loginRefused`, `rejected` (a redirect, 400 and above), `garbled`, `truncated`.
 */
export async function askWeb(
  session: RigSession,
  links: RigLinks,
  question: HttpQuestion,
  nowMs: number,
): Promise<{ reply: Reply; text: string }> {
  session.web ??= { refusals: 0, untilMs: 0, version: 0 };
  const { web } = session;
  if (web.refusals > 0 && web.version === links.logins.version && nowMs < web.untilMs)
    throw new AgentError("loginRefused", web.refusal ?? "the login was refused");
  if (question.anyStatus) {
    const { text, cut } = await sendWeb(session, links, question, {});
    return { reply: { members: {}, cut, value: text }, text };
  }
  let answer = await sendWeb(session, links, question, authorized(session, links, question));
  if (answer.status === 401 || (answer.status === 403 && session.dialect?.login?.token))
    answer = await logIn(session, links, question, answer, nowMs);
  const { status, text, cut } = answer;
  if (status >= 300 && status < 400)
    throw rejected(session, question, `redirects to ${excerpt(answer.headers.location ?? "nowhere")}`);
  if (status >= 400) throw rejected(session, question, `answers with status ${status}`);
  if (web.refusals > 0) {
    web.refusals = 0;
    web.refusal = undefined;
  }
  if (question.form === "text") return { reply: { members: {}, cut, value: text }, text };
  if (text === "") throw new AgentError("empty", `${whereOf(session, question)} has no content`);
  return { reply: parseBody(text, cut), text };
}

/**
 * Sends a request as it is, to the port where this rig's web interface is. `headers` are those that let its sender in, and
 * `isLogin` says that the request itself asks for that.
 */
export function sendWeb(
  session: RigSession,
  links: RigLinks,
  question: HttpQuestion,
  headers: Record<string, string>,
  limits?: Partial<HttpLimits>,
  isLogin = false,
): Promise<HttpAnswer> {
  const { method, path, body } = question;
  const tls = question.tls && session.httpPort === undefined;
  const secrecy: HttpRequest["secrecy"] = isLogin
    ? "login"
    : Object.keys(headers).length
      ? "credentials"
      : undefined;
  return links.http.ask(
    session.address,
    portOf(session, question),
    { method, path, body, headers: { ...question.headers, ...headers }, tls, secrecy },
    limits,
  );
}

/** The port a question goes to: that of the config or command line, else the question's own. */
function portOf(session: RigSession, { port }: HttpQuestion): number {
  if (port === "api") return session.port;
  return session.httpPort ?? port;
}

const whereOf = (session: RigSession, question: HttpQuestion): string =>
  `http://${session.address}:${portOf(session, question)}${question.path.replace(/\?.*$/s, "")}`;

const rejected = (session: RigSession, question: HttpQuestion, what: string): AgentError =>
  new AgentError("rejected", `${whereOf(session, question)} ${what}`);

/** The headers that a server asked for before, so that most requests need no second try. */
function authorized(session: RigSession, links: RigLinks, question: HttpQuestion): Record<string, string> {
  const { web, dialect } = session;
  if (web?.token) return { [web.token[0]]: web.token[1] };
  const login = web?.challenge && loginOf(session, links, dialect);
  return login && web?.challenge && mayAnswer(web.challenge, login)
    ? answerTo(web.challenge, login, question)
    : {};
}

/** Basic is the password itself: whoever answers at a rig's address would have it for the asking. */
const mayAnswer = ({ scheme }: Challenge, { basic }: Login): boolean => scheme !== "basic" || basic === true;

const answerTo = (challenge: Challenge, login: Login, { method, path }: HttpQuestion) => ({
  authorization: authorization(
    challenge,
    { username: login.username, password: login.password.reveal() },
    method,
    path,
  ),
});

function loginOf(session: RigSession, links: RigLinks, dialect: Dialect | undefined): Login | undefined {
  const { logins } = links;
  const own = logins.find(dialect?.login?.make, session.address);
  if (own) return own;
  const documented = logins.allowDefaults ? dialect?.login?.vendorDefault : undefined;
  if (!documented) return undefined;
  // What everybody can read up is no secret.
  return { username: documented.username, password: new Secret(documented.password), basic: true };
}

/** Answers a refusal once with what the server asks for; a second refusal is final for now. */
async function logIn(
  session: RigSession,
  links: RigLinks,
  question: HttpQuestion,
  refused: HttpAnswer,
  nowMs: number,
): Promise<HttpAnswer> {
  const web = session.web!;
  const { dialect } = session;
  const make = dialect?.login?.make;
  // While nobody knows what it is, nobody tries to get in.
  if (!dialect) throw new AgentError("loginRefused", `${whereOf(session, question)} wants a login`);
  const rule = `${make ? `make: ${make}, ` : ""}range: ${session.address}`;
  const login = loginOf(session, links, dialect);
  if (!login)
    throw refuse(
      web,
      links,
      nowMs,
      `${whereOf(session, question)} wants a login: add { ${rule}, username, password } to logins in the agent's config`,
    );
  web.token = undefined;
  const challenge = readChallenge(refused.challenges);
  const token = dialect?.login?.token;
  let answer: HttpAnswer | undefined;
  if (!token && challenge && !mayAnswer(challenge, login))
    throw refuse(
      web,
      links,
      nowMs,
      `${whereOf(session, question)} wants the password unencrypted (HTTP Basic): if it may have it, add basic: true to { ${rule} } under logins in the agent's config, or give --basic`,
    );
  if (token) {
    web.token = await fetchToken(session, links, token, login);
    if (web.token) answer = await sendWeb(session, links, question, { [web.token[0]]: web.token[1] });
  } else if (challenge) {
    web.challenge = challenge;
    answer = await sendWeb(session, links, question, answerTo(challenge, login, question));
  }
  if (answer && answer.status !== 401 && answer.status !== 403) return answer;
  web.token = undefined;
  web.challenge = undefined;
  const why =
    token || challenge
      ? `refuses the login of ${JSON.stringify(login.username)}: correct { ${rule} } under logins in the agent's config`
      : "wants a login of a kind that this agent does not know";
  throw refuse(web, links, nowMs, `${whereOf(session, question)} ${why}`);
}

/** A token, or undefined when the rig gives none for this login. Throws an AgentError of the link. */
async function fetchToken(
  session: RigSession,
  links: RigLinks,
  token: TokenLogin,
  login: Login,
): Promise<readonly [string, string] | undefined> {
  const request = token.request(login.username, login.password.reveal());
  const answer = await sendWeb(session, links, request, {}, undefined, true);
  if (answer.status >= 400) return undefined;
  let reply: Reply = { members: {}, cut: false };
  try {
    if (answer.text) reply = parseBody(answer.text, answer.cut);
  } catch (error) {
    // A page behind a form: its cookie may be all that matters.
    if (!(error instanceof AgentError)) throw error;
  }
  const header = token.header(reply, answer.headers);
  return header && isSendable(header[1]) ? header : undefined;
}

/** Notes a refusal and how long to leave the rig alone: a minute, two, four, up to an hour. */
function refuse(web: WebSession, links: RigLinks, nowMs: number, message: string): AgentError {
  if (web.version !== links.logins.version) web.refusals = 0;
  web.version = links.logins.version;
  web.untilMs = nowMs + Math.min(MAX_REST_MS, MINUTE_MS * 2 ** Math.min(web.refusals, 10));
  web.refusals++;
  web.refusal = message;
  return new AgentError("loginRefused", message);
}
