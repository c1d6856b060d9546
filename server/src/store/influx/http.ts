import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import { HttpError, InfluxDB } from "@influxdata/influxdb-client";
import type { InfluxConfig } from "../../config/influx.js";
import { ServerError } from "../../error.js";
import { isCut, unreachable } from "./failure.js";

/** A request as the official client's transport takes it. */
export interface HttpRequest {
  method: string;
  /** With the query, encoded. */
  path: string;
  body: string;
  headers: Record<string, string>;
  /** Bodies longer than this go as gzip; absent = as they are. */
  gzipThreshold?: number;
}

/** An answer, whatever its status. Header names are in lower case. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/**
 * Requests to one InfluxDB, over the official client's transport. Each ends with an answer or, after `timeoutMs` without a
 * sign of life, with an error: `storeUnreachable`, or `storeClosed` after {@link close}.
 */
export class InfluxHttp {
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #influx: InfluxDB;
  readonly #closing = new AbortController();

  /** Connects to nothing yet. Throws ServerError `config` when the authority's file cannot be read. */
  constructor(
    private readonly config: InfluxConfig,
    private readonly clock: Pick<Clock, "after">,
  ) {
    const { url, token, username, password, rejectUnauthorized, caFile } = config;
    this.#agent = url.startsWith("https:")
      ? new HttpsAgent({
          keepAlive: true,
          rejectUnauthorized,
          ...(caFile !== undefined && { ca: authority(caFile) }),
        })
      : new HttpAgent({ keepAlive: true });
    const basic = Buffer.from(`${username}:${password?.reveal()}`).toString("base64");
    this.#influx = new InfluxDB({
      url,
      // A deadline of our own ends the request too; the client's would leave it hanging.
      timeout: 0,
      transportOptions: { agent: this.#agent },
      ...(token && { token: token.reveal() }),
      // InfluxDB before 1.8 knows no `Token user:password`.
      ...(username !== undefined && { headers: { authorization: `Basic ${basic}` } }),
    });
  }

  /** The answer to one request. A kept connection that was found closed is tried once more: it tells nothing of the server. */
  async ask(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#ask(request);
    } catch (cause) {
      if (!isCut(cause)) throw this.#told(cause);
      return this.#ask(request).catch((again: unknown) => {
        throw this.#told(again);
      });
    }
  }

  /** The body of a good answer, chunk by chunk as they come; any other answer as {@link ask} gives it, as the only item. */
  async *chunks(request: HttpRequest): AsyncGenerator<Uint8Array | HttpAnswer> {
    using patience = this.#patience();
    const { path, body, ...options } = request;
    for (let first = true; ; first = false) {
      let begun = false;
      try {
        for await (const chunk of this.#influx.transport.iterate(path, body, {
          ...options,
          signal: patience.signal,
        })) {
          begun = true;
          patience.renew();
          yield chunk;
        }
        return;
      } catch (cause) {
        if (cause instanceof HttpError) return yield answerOf(cause);
        if (!first || begun || !isCut(cause)) throw this.#told(patience.reason ?? cause);
      }
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort(new ServerError("storeClosed", `the connection to ${this.config.url} is closed`));
    this.#agent.destroy();
  }

  async #ask({ path, body, ...options }: HttpRequest): Promise<HttpAnswer> {
    using patience = this.#patience();
    const answer: HttpAnswer = { status: 200, headers: {}, body: "" };
    const chunks: Uint8Array[] = [];
    try {
      await new Promise<void>((resolve, reject) => {
        this.#influx.transport.send(
          path,
          body,
          { ...options, signal: patience.signal },
          {
            responseStarted(headers, status) {
              answer.headers = headers;
              answer.status = status ?? 200;
            },
            next: (chunk) => void chunks.push(chunk),
            complete: resolve,
            error: reject,
          },
        );
      });
    } catch (cause) {
      if (cause instanceof HttpError) return answerOf(cause);
      throw patience.reason ?? cause;
    }
    answer.body = Buffer.concat(chunks).toString();
    return answer;
  }

  #told(cause: unknown): ServerError {
    return cause instanceof ServerError ? cause : unreachable(this.config.url, cause);
  }

  #patience(): Patience {
    return new Patience(this.clock, this.config, this.#closing.signal);
  }
}

const answerOf = ({ statusCode, headers = {}, body, message }: HttpError): HttpAnswer => ({
  status: statusCode,
  headers,
  body: body ?? message,
});

/** Aborts a request that has shown no life for a while, or with the connection. */
class Patience implements Disposable {
  readonly #controller = new AbortController();
  #timer: Timer;
  /** Why it has ended; undefined while it lasts. */
  reason: ServerError | undefined;

  constructor(
    private readonly clock: Pick<Clock, "after">,
    private readonly config: Pick<InfluxConfig, "url" | "timeoutMs">,
    private readonly closing: AbortSignal,
  ) {
    this.#timer = this.#start();
    if (closing.aborted) this.#closed();
    else closing.addEventListener("abort", this.#closed, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has come: waits anew. */
  renew(): void {
    this.#timer[Symbol.dispose]();
    this.#timer = this.#start();
  }

  #start(): Timer {
    const { url, timeoutMs } = this.config;
    return this.clock.after(timeoutMs, () =>
      this.#end(unreachable(url, { message: `nothing within ${timeoutMs} ms` })),
    );
  }

  readonly #closed = (): void => this.#end(this.closing.reason as ServerError);

  #end(reason: ServerError): void {
    this.reason ??= reason;
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.closing.removeEventListener("abort", this.#closed);
  }
}

function authority(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ServerError(
      "config",
      `store.influx.caFile: cannot read ${path} (${(cause as NodeJS.ErrnoException).code})`,
      {
        cause,
      },
    );
  }
}
