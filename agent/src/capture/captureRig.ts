import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { askRig } from "../askRig.js";
import { type HttpQuestion, http, type Question, tcp } from "../dialects/questions.js";
import { dialects } from "../dialects/registry.js";
import { identify } from "../identify.js";
import type { RigLinks } from "../links/rigLinks.js";
import type { Reading } from "../reading.js";
import { readRig } from "../readRig.js";
import { outcomeOf } from "../replies/reply.js";
import type { RigSession } from "../rigSession.js";
import { Placeholders } from "./placeholders.js";

/** Read-only commands of the cgminer API and of its relatives; a rig that does not know one says so and is none the worse. */
const COMMANDS =
  "version summary stats devs pools devdetails edevs estats litestats config coin notify usbstats asccount temps fans power tempctrl tunerstatus profiles events groups limits get_version get_psu status get_miner_info get_error_code".split(
    " ",
  );
/** Asked where a rig has a web interface that no dialect has claimed. */
const PAGES = [http("GET", "/", { form: "text" })];

/** A capture as docs/capture-format.md has it. */
export interface Capture {
  id: string;
  vendor?: string | undefined;
  firmware?: string | undefined;
  model?: string | undefined;
  algo?: string | undefined;
  dialect?: string | undefined;
  source: { fidelity: string; agent: string; date: string };
  transport: string;
  framing?: { nul: boolean };
  responses: Record<string, string>;
  http?: {
    port: number;
    auth?: { scheme: string; realm?: string; login?: string; username?: string; password?: string };
    routes: Record<string, string>;
    graphql?: { path: string; responses: Record<string, unknown> };
  };
  expected: null;
  notes: string[];
}

/** What is being told while a capture is taken. */
export type Progress = (what: string) => void;

/**
 * Asks a rig all that is known to ask and to change nothing, and returns the answers as they came, with what is personal
 * replaced. Throws the AgentError of the rig when it answers nothing at all.
 */
export async function captureRig(
  session: RigSession,
  links: RigLinks,
  clock: Clock,
  version: string,
  progress: Progress,
): Promise<{ capture: Capture; replaced: string }> {
  const reading = await readWhole(session, links, clock);
  const answers = new Map<Question, string>();
  const failures: string[] = [];
  let lastError: AgentError | undefined;
  const closed = new Set<Question["over"]>();
  for (const question of questionsFor(session)) {
    if (closed.has(question.over)) continue;
    try {
      const { reply, text } = await askRig(session, links, question, clock.monoMs());
      if (question.over === "tcp" && outcomeOf(reply)?.ok === false && outcomeOf(reply)?.code === 14)
        continue;
      answers.set(question, text);
      progress(question.name);
    } catch (error) {
      if (!(error instanceof AgentError) || error.code === "aborted") throw error;
      lastError ??= error;
      if (["refused", "unreachable", "http"].includes(error.code)) closed.add(question.over);
      else failures.push(`${question.name}: ${error.message}`);
    }
  }
  if (answers.size === 0)
    throw lastError ?? new AgentError("empty", `${session.address} answered nothing that can be captured`);
  return build(session, reading, answers, failures, version, clock.nowMs());
}

/** Identifies and reads the rig; what no dialect knows is captured all the same. */
async function readWhole(session: RigSession, links: RigLinks, clock: Clock): Promise<Reading | undefined> {
  try {
    await identify(session, links, clock.monoMs());
    return (await readRig(session, links, clock, true)).reading;
  } catch (error) {
    if (error instanceof AgentError && error.code !== "aborted") return undefined;
    throw error;
  }
}

/** Everything of the rig's own dialect, every command there is, and of an unknown web interface what the dialects would ask. */
function questionsFor({ dialect }: RigSession): Question[] {
  const own = dialect?.questions ?? [];
  const others: Question[] = dialect
    ? PAGES
    : [...PAGES, ...dialects.flatMap(({ questions }) => questions.filter(({ over }) => over !== "tcp"))];
  const all = new Map<string, Question>();
  for (const question of [...own, ...COMMANDS.map((command) => tcp(command)), ...others])
    if (!all.has(question.name) && isReading(question)) all.set(question.name, question);
  return [...all.values()];
}

/** A POST other than a query could change something. */
const isReading = (question: Question): boolean =>
  question.over !== "http" || question.method === "GET" || isGraphql(question);
const isGraphql = (question: Question): question is HttpQuestion =>
  question.over === "http" && question.method === "POST" && question.path.endsWith("graphql");

function build(
  session: RigSession,
  reading: Reading | undefined,
  answers: ReadonlyMap<Question, string>,
  failures: readonly string[],
  version: string,
  nowMs: number,
): { capture: Capture; replaced: string } {
  const placeholders = new Placeholders();
  placeholders.keep([reading?.model]);
  placeholders.noticeValue("address", session.address);
  for (const text of answers.values()) placeholders.notice(text);
  const clean = (text: string) => placeholders.clean(text);
  const over = (way: Question["over"]) => [...answers].filter(([question]) => question.over === way);
  const named = (way: Question["over"]) => over(way).map(([{ name }, text]) => [name, bytes(clean(text))]);
  const web = over("http");
  const plain = web.filter(([question]) => !isGraphql(question));
  const queries = web.filter(([question]) => isGraphql(question));
  const isApi = over("tcp").length > 0;
  const isV3 = !isApi && over("v3").length > 0;
  const date = new Date(nowMs).toISOString().slice(0, 10);
  const { make, model, firmware, algo, dialect } = reading ?? {};
  const capture: Capture = {
    id: `${slug(`${make ?? "rig"} ${model ?? "unknown"} ${firmware ?? ""}`)}-${date}`,
    vendor: make,
    firmware: firmware && clean(firmware),
    model,
    algo,
    dialect,
    source: { fidelity: "device-capture, text as sent", agent: version, date },
    transport: isApi
      ? session.key === "text"
        ? "cgminer-tcp-text"
        : web.length
          ? "cgminer-tcp+http"
          : "cgminer-tcp"
      : isV3
        ? "whatsminer-v3-tcp"
        : "http",
    responses: Object.fromEntries(named(isV3 ? "v3" : "tcp")),
    ...(web.length && {
      http: {
        port: portOf(session, web[0]![0] as HttpQuestion),
        ...authOf(session, clean),
        routes: Object.fromEntries(plain.map(([{ name }, text]) => [name, bytes(clean(text))])),
        ...(queries.length && {
          graphql: {
            path: (queries[0]![0] as HttpQuestion).path,
            responses: Object.fromEntries(queries.map(([{ name }, text]) => [name, JSON.parse(clean(text))])),
          },
        }),
      },
    }),
    expected: null,
    notes: failures.map(clean),
  };
  const replaced = placeholders.summary();
  if (replaced) capture.notes.push(`replaced by placeholders: ${replaced}`);
  return { capture, replaced };
}

/** Each character one byte, as the format has it. */
const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);

const portOf = (session: RigSession, { port }: HttpQuestion): number =>
  port === "api" ? 4028 : port === 80 || session.httpPort === undefined ? 80 : port;

/** How the rig let the agent in. A login of the operator's own stays with the operator. */
function authOf(
  { web, dialect }: RigSession,
  clean: (text: string) => string,
): Pick<NonNullable<Capture["http"]>, "auth"> {
  const login = dialect?.login;
  if (web?.token && login?.token) {
    const { method, path } = login.token.request("", "");
    return {
      auth: {
        scheme: "token",
        login: `${method} ${path}`,
        username: "root",
        password: "root",
        ...login.vendorDefault,
      },
    };
  }
  if (!web?.challenge) return {};
  const { scheme, realm } = web.challenge;
  return {
    auth: { scheme, realm: clean(realm), username: "root", password: "root", ...login?.vendorDefault },
  };
}
