import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Clock } from "@hashwatt/protocol/time";
import { certificateProblem } from "./certificateProblem.js";
import type { Delivery } from "./notifier.js";
import { RefusedTarget, type TargetGuard } from "./targetGuard.js";

export const TIMEOUT_MS = 10_000;
/** A receiver may ask to wait, but not for ever. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** What is sent to where. */
export interface Post {
  /** May hold a user and a password, which go as HTTP Basic. */
  url: string;
  text: string;
  headers?: Readonly<Record<string, string>>;
  /** By default POST. */
  method?: "POST" | "GET";
  guard?: TargetGuard | undefined;
  /** PEM of the authorities that its certificate may be of; undefined: those that Node.js knows. */
  ca?: string | undefined;
}

/** What of an answer counts. */
interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * Sends a text over HTTP and judges the answer: 5xx, 408, 429 and network failures are to be tried again; any other answer is
 * final, a redirect too: it would carry the alerts to somebody whom nobody has named. Rejects for the abort of `signal` alone.
 */
export async function httpPost(post: Post, clock: Clock, signal: AbortSignal): Promise<Delivery> {
  using bounded = clock.deadline(TIMEOUT_MS, signal);
  try {
    return judge(await send(post, bounded.signal));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof RefusedTarget) return { kind: "refused", reason: error.message };
    return { kind: "retry", reason: failureOf(error, bounded.signal.aborted) };
  }
}

/**
 * Resolves once the head of the answer is there. What follows is not read, and the connection is ended with it: a message in
 * hours needs none that is kept, and whatever one answer has left behind is nothing to the next message.
 */
function send(
  { url, text, headers, method = "POST", guard, ca }: Post,
  signal: AbortSignal,
): Promise<Answer> {
  const target = new URL(url);
  guard?.check(target.hostname);
  const { username, password } = target;
  const user = username || password ? `${decoded(username)}:${decoded(password)}` : undefined;
  target.username = target.password = "";
  return new Promise((resolve, reject) => {
    const begin = target.protocol === "https:" ? httpsRequest : httpRequest;
    const request = begin(
      target,
      {
        method,
        agent: false,
        signal,
        ...(guard && { lookup: guard.lookup }),
        ...(ca !== undefined && { ca }),
        headers: {
          ...(method === "POST" && {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(text),
          }),
          "user-agent": "hashwatt",
          ...(user !== undefined && { authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
          ...headers,
        },
      },
      ({ statusCode = 0, headers }) => {
        resolve({ status: statusCode, headers });
        request.destroy();
      },
    );
    // Who wants to speak something else has answered all the same.
    request.on("upgrade", ({ statusCode = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers });
    });
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed")));
    request.end(method === "POST" ? text : undefined);
  });
}

/** A percent sign that stands for itself is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function judge({ status, headers }: Answer): Delivery {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `the receiver answered ${status}`;
  if (status !== 429 && status !== 408 && status < 500) return { kind: "refused", reason };
  const seconds = Number(headers["retry-after"]);
  const afterMs =
    Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : undefined;
  return { kind: "retry", reason, ...(afterMs !== undefined && { afterMs }) };
}

/** The kind of a network failure without the address that its message would name. */
function failureOf(error: unknown, isLate: boolean): string {
  if (isLate) return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return "connection failed";
  const untrusted = certificateProblem(code);
  return untrusted === undefined
    ? `connection failed (${code})`
    : `no encryption with the receiver: ${untrusted}`;
}
