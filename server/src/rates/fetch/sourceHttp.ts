import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { checked } from "@hashwatt/protocol/checked";
import type { Clock } from "@hashwatt/protocol/time";
import type { z } from "zod";
import { RefusedTarget, type TargetGuard } from "../../alerts/notifiers/targetGuard.js";
import { ServerError } from "../../error.js";
import type { QuestionLimits } from "./rateFetcher.js";

const TIMEOUT_MS = 20_000;
/** A day of quarter hours as XML is 100 kB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A source may ask to wait, but not for ever. */
const MAX_RETRY_AFTER_MS = 6 * 3_600_000;

const HOUR_MS = 3_600_000;
/** Who says that it is asked too often, and not for how long, is left alone so long. */
const TOO_OFTEN_MS = 300_000;

/** How a source is asked beside its address. */
export interface SourceRequest {
  headers?: Readonly<Record<string, string>>;
  /** POSTs it as JSON. */
  body?: unknown;
}

const failed = (message: string, retryable: boolean, cause?: unknown): ServerError =>
  new ServerError("sourceFailed", message, { retryable, cause });

/**
 * Asks third parties over HTTP: one connection a question, an end in time, a bounded answer, no redirects, for they would carry a key
 * to somebody whom nobody has named. Errors name the host and never the address, which may hold a secret.
 */
export class SourceHttp {
  readonly #clock: Clock;
  #waitMs: number | undefined;

  readonly #guard: TargetGuard | undefined;
  readonly #limits: readonly { ms: number; most: number; name: string }[];
  /** When it was asked within the last day, where that is limited. */
  readonly #asked: number[] = [];

  /** With a `guard` no connection leads to an address that only this machine or its network should reach. */
  constructor(
    clock: Clock,
    { guard, limits = {} }: { guard?: TargetGuard | undefined; limits?: QuestionLimits | undefined } = {},
  ) {
    this.#clock = clock;
    this.#guard = guard;
    const { perHour, perDay } = limits;
    this.#limits = [
      ...(perHour === undefined ? [] : [{ ms: HOUR_MS, most: perHour, name: "an hour" }]),
      ...(perDay === undefined ? [] : [{ ms: 24 * HOUR_MS, most: perDay, name: "a day" }]),
    ];
  }

  /** How long the last refusal asked to wait; taken once. */
  takeWaitMs(): number | undefined {
    const waitMs = this.#waitMs;
    this.#waitMs = undefined;
    return waitMs;
  }

  /** The JSON of an address, checked. Throws ServerError `sourceFailed`. */
  async json<S extends z.ZodType>(
    url: URL,
    schema: S,
    signal: AbortSignal,
    request: SourceRequest = {},
  ): Promise<z.output<S>> {
    const text = await this.text(url, signal, request);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw failed(`${url.host} answers no JSON`, true, cause);
    }
    const parsed = checked(schema, value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw failed(
      `${url.host} answers otherwise than it should: ${issue?.path.join(".") || "the answer"}: ${issue?.message}`,
      true,
    );
  }

  /** The text of an address. Throws ServerError `sourceFailed`. */
  async text(url: URL, signal: AbortSignal, request: SourceRequest = {}): Promise<string> {
    using bounded = this.#clock.deadline(TIMEOUT_MS, signal);
    try {
      return await this.#ask(url, request, bounded.signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ServerError) throw error;
      if (error instanceof RefusedTarget) throw failed(`${url.host}: ${error.message}`, false, error);
      if (bounded.signal.aborted)
        throw failed(`${url.host} gave no answer within ${TIMEOUT_MS / 1_000} s`, true, error);
      const { code } = error as { code?: unknown };
      throw failed(
        `${url.host} cannot be reached${typeof code === "string" ? ` (${code})` : ""}`,
        true,
        error,
      );
    }
  }

  async #ask(url: URL, { headers, body }: SourceRequest, signal: AbortSignal): Promise<string> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    this.#guard?.check(url.hostname);
    this.#count(url);
    return new Promise((resolve, reject) => {
      // From its head on an answer is judged by its own end: the connection may be closed before the last of it is read.
      let answered = false;
      const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
        url,
        {
          method: content === undefined ? "GET" : "POST",
          agent: false,
          ...(this.#guard && { lookup: this.#guard.lookup }),
          signal,
          headers: {
            accept: "application/json, text/xml;q=0.9, text/csv;q=0.9, */*;q=0.1",
            "user-agent": "hashwatt",
            ...(content !== undefined && {
              "content-type": "application/json",
              "content-length": `${Buffer.byteLength(content)}`,
            }),
            ...headers,
          },
        },
        (response) => {
          answered = true;
          const refusal = this.#refusal(url, response);
          if (refusal) {
            request.destroy();
            return reject(refusal);
          }
          this.#read(url, response).then(resolve, (error: unknown) => {
            request.destroy();
            reject(error);
          });
        },
      );
      request.on("upgrade", (_response, socket) => {
        socket.destroy();
        reject(failed(`${url.host} wants to speak something else than HTTP`, true));
      });
      request.on("error", reject);
      request.on("close", () => {
        if (!answered) reject(failed(`${url.host} closed the connection`, true));
      });
      request.end(content);
    });
  }

  /** Counts a question against the limits. Throws where one is used up, and has the next wait until it is not. */
  #count(url: URL): void {
    if (!this.#limits.length) return;
    const nowMs = this.#clock.nowMs();
    while (this.#asked.length && this.#asked[0]! <= nowMs - 24 * HOUR_MS) this.#asked.shift();
    for (const { ms, most, name } of this.#limits) {
      // The question before which so many lie has to be older than the stretch.
      const since = this.#asked.at(-most);
      if (since === undefined || since <= nowMs - ms) continue;
      this.#waitMs = Math.max(this.#waitMs ?? 0, since + ms - nowMs);
      throw failed(`${url.host}: its limit of ${most} questions ${name} is used up`, true);
    }
    this.#asked.push(nowMs);
  }

  #refusal(url: URL, { statusCode = 0, headers }: IncomingMessage): ServerError | undefined {
    if (statusCode >= 200 && statusCode < 300) return undefined;
    this.#waitMs = this.#waitOf(headers["retry-after"]) ?? (statusCode === 429 ? TOO_OFTEN_MS : undefined);
    if (statusCode === 401 || statusCode === 403)
      return failed(`${url.host} refuses who asks (${statusCode}): check the source's key`, false);
    if (statusCode === 429) return failed(`${url.host} is asked too often (429)`, true);
    if (statusCode >= 300 && statusCode < 400)
      return failed(`${url.host} has moved (${statusCode}): set the source's url to where it is`, false);
    return failed(`${url.host} answers ${statusCode}`, statusCode >= 500 || statusCode === 408);
  }

  /** `Retry-After` in seconds or as a date. */
  #waitOf(said: string | undefined): number | undefined {
    if (said === undefined) return undefined;
    const ms = /^\d+$/.test(said.trim()) ? Number(said) * 1_000 : Date.parse(said) - this.#clock.nowMs();
    return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
  }

  async #read(url: URL, response: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      // What came over the wire counts: a body in chunks of a byte takes six times its length there, and as much more work.
      if (Math.max(bytes, response.socket.bytesRead) > MAX_BODY_BYTES)
        throw failed(`${url.host} answers more than ${MAX_BODY_BYTES / 1024 ** 2} MB`, true);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString();
  }
}
