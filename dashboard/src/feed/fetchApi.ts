import type { Availability } from "@hashwatt/protocol/availability";
import type {
  AlertView,
  ApiError,
  FleetColumns,
  RigDetail,
  Series,
  SessionView,
  Version,
} from "@hashwatt/protocol/http";
import type { AirSeries } from "@hashwatt/protocol/meters";
import type { RegisterView } from "@hashwatt/protocol/register";

import { nowPath } from "../replay/replayId.js";
import { deadline, type Stop, screenClock } from "../time.js";

/** Why an answer of the API did not come; the words for each are in the catalogue under `error.<code>`. */
export type FetchCode =
  | "unreachable"
  | "slow"
  | "missing"
  | "login"
  | "refused"
  | "storeAway"
  | "broken"
  | "unreadable";

/** A request that failed. `message` is the server's own sentence where it sent one; `retryable` says that waiting may help. */
export class FetchError extends Error {
  override name = "FetchError";
  readonly code: FetchCode;
  readonly retryable: boolean;
  /** How long the server says to wait before another try. */
  retryAfterMs?: number;
  constructor(code: FetchCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = ["unreachable", "slow", "storeAway", "broken"].includes(code);
  }
}

/** What a request threw, as the error of one: what is none came of an answer that made no sense. */
export const asFetchError = (cause: unknown): FetchError =>
  cause instanceof FetchError ? cause : new FetchError("unreadable", "the answer made no sense", { cause });

const TIMEOUT_MS = 20_000;

const loginListeners = new Set<() => void>();

/** Calls `listener` when the server answers that one must log in. */
export function onLoginWanted(listener: () => void): Stop {
  loginListeners.add(listener);
  return () => loginListeners.delete(listener);
}

/** Asks for JSON. Throws FetchError; where a login is wanted, who listens for that hears of it too. */
export const getJson = <T>(path: string, signal: AbortSignal): Promise<T> =>
  sendJson("GET", path, undefined, signal);

/** The same for a request that changes something; `sent` goes as JSON, `headers` besides those of every request. */
export async function sendJson<T>(
  method: string,
  path: string,
  sent: unknown,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  try {
    return await askJson<T>(method, path, sent, signal, headers);
  } catch (error) {
    if (error instanceof FetchError && error.code === "login")
      for (const listener of loginListeners) listener();
    throw error;
  }
}

async function askJson<T>(
  method: string,
  path: string,
  sent: unknown,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const limit = deadline(screenClock, TIMEOUT_MS, signal);
  try {
    const response = await fetch(path, {
      method,
      signal: limit.signal,
      headers: {
        accept: "application/json",
        ...headers,
        ...(sent !== undefined && { "content-type": "application/json" }),
      },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    });
    const body = await bodyOf(response);
    if (response.ok) {
      if (body === undefined) throw new FetchError("unreadable", `${path} answered no JSON`);
      return body as T;
    }
    const { error: name, message } = (body ?? {}) as Partial<ApiError>;
    const code = name === "storeAway" ? name : codeOf(response.status);
    const error = new FetchError(code, message ?? `HTTP ${response.status}`);
    const waitS = Number(response.headers.get("retry-after") ?? Number.NaN);
    if (Number.isFinite(waitS)) error.retryAfterMs = waitS * 1_000;
    throw error;
  } catch (cause) {
    if (cause instanceof FetchError || signal.aborted) throw cause;
    if (limit.late) throw new FetchError("slow", `no answer within ${TIMEOUT_MS / 1000} s`, { cause });
    throw new FetchError("unreachable", "no connection", { cause });
  } finally {
    limit.stop();
  }
}

/** The answer's JSON; undefined where it is none. A connection that breaks meanwhile throws. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const codeOf = (status: number): FetchCode =>
  status === 404 ? "missing" : status === 401 ? "login" : status >= 500 ? "broken" : "refused";

/** The query of a path; what is undefined is left out. */
export const query = (params: Record<string, string | number | undefined>): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) search.set(name, String(value));
  return search.toString();
};

/** A span of history to ask for; `stepMs` is a wish that the answer's own `stepMs` may exceed. */
export interface Span {
  fromMs: number;
  toMs: number;
  stepMs: number;
}
const spanQuery = (span: Span, more: Record<string, string | undefined>) =>
  query({ from: Math.round(span.fromMs), to: Math.round(span.toMs), step: span.stepMs, ...more });

/** The fleet as columns, compressed on the way; the live channel goes on from its `seq`. */
export const fetchFleet = (signal: AbortSignal) => getJson<FleetColumns>(nowPath("/api/fleet"), signal);
/** Everything known of one rig; code "missing" when there is no such rig. */
export const fetchRig = (id: string, signal: AbortSignal) =>
  getJson<RigDetail>(nowPath(`/api/rigs/${encodeURIComponent(id)}`), signal);
/** The register of expected rigs, of one site or of all. */
export const fetchRegister = (site: string | undefined, signal: AbortSignal) =>
  getJson<RegisterView>(`/api/register?${query({ site })}`, signal);
/** History of one rig. */
export const fetchRigSeries = (id: string, span: Span, fields: readonly string[], signal: AbortSignal) =>
  getJson<Series>(
    `/api/rigs/${encodeURIComponent(id)}/series?${spanQuery(span, { fields: fields.join(",") })}`,
    signal,
  );
/** History of one rig's hash boards: parallel columns per slot; null = not reported. */
export interface BoardsHistory {
  toMs: number;
  stepMs: number;
  boards: { slot: number; tMs: number[]; columns: Record<string, (number | null)[]> }[];
}
export const fetchBoards = (id: string, span: Span, signal: AbortSignal) =>
  getJson<BoardsHistory>(`/api/rigs/${encodeURIComponent(id)}/boards?${spanQuery(span, {})}`, signal);
/** History of one site; with `algo` of its rigs of that algorithm only. */
export const fetchSiteSeries = (
  site: string,
  span: Span,
  fields: readonly string[],
  algo: string | undefined,
  signal: AbortSignal,
) =>
  getJson<Series>(
    `/api/sites/${encodeURIComponent(site)}/series?${spanQuery(span, { fields: fields.join(","), algo })}`,
    signal,
  );
/** What became of the time of a rig, or of the rigs of a site. */
export const fetchAvailability = (
  kind: "rigs" | "sites",
  id: string,
  { fromMs, toMs }: Pick<Span, "fromMs" | "toMs">,
  signal: AbortSignal,
) =>
  getJson<Availability>(
    `/api/${kind}/${encodeURIComponent(id)}/availability?${query({ from: Math.round(fromMs), to: Math.round(toMs) })}`,
    signal,
  );
/** Temperature and humidity of a site's sensors, of one where it is named. */
export const fetchAir = (site: string, span: Span, meter: string | undefined, signal: AbortSignal) =>
  getJson<AirSeries>(`/api/sites/${encodeURIComponent(site)}/air?${spanQuery(span, { meter })}`, signal);
/** Alerts that are open, or were resolved since `sinceMs`. */
export const fetchAlerts = (sinceMs: number, signal: AbortSignal) =>
  getJson<AlertView[]>(nowPath(`/api/alerts?${query({ since: Math.round(sinceMs) })}`), signal);
/** Whether a login is needed here, and who one is. */
export const fetchSession = (signal: AbortSignal) =>
  askJson<SessionView>("GET", "/api/session", undefined, signal);
/** Logs in. Code "login" for a wrong password; "refused" with `retryAfterMs` after too many. */
export const openSession = (password: string, name: string | undefined, signal: AbortSignal) =>
  askJson<SessionView>("POST", "/api/session", { password, ...(name !== undefined && { name }) }, signal);
/** Logs out. */
export const closeSession = (signal: AbortSignal) =>
  askJson<SessionView>("DELETE", "/api/session", undefined, signal);
/** What runs behind this screen. */
export const fetchVersion = (signal: AbortSignal) => getJson<Version>("/api/version", signal);
