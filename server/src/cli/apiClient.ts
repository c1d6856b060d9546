import { checked } from "@hashwatt/protocol/checked";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { z } from "zod";
import type { ServerAddress } from "../config/clientConfig.js";
import { ServerError } from "../error.js";
import { ask as askServer } from "../tls/ask.js";

/** An answer that takes longer is none; a cancel waits for the end of what is cancelled. */
const ANSWER_MS = 60_000;

/** The API of a running server, as a command of ours uses it. */
export interface ApiClient {
  /** Where the server is, as a browser opens it. */
  readonly url: string;
  /**
   * Sends a request and reads the answer by its schema; one that is no JSON as a text. Throws ServerError `serverUnreachable` where no server answers and
   * `serverRefused` with what it says.
   */
  ask<S extends z.ZodType>(
    method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>>;
}

/** A client of the server at an address. */
export function apiClient({ url, token, trust }: ServerAddress, clock: Clock): ApiClient {
  return {
    url,
    async ask(method, path, schema, body) {
      using limit = clock.deadline(ANSWER_MS, new AbortController().signal);
      const question = {
        method,
        trust,
        headers: {
          accept: "application/json",
          ...(token && { authorization: `Bearer ${token.reveal()}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const { status, json, text } = await askServer(`${url}${path}`, question, limit.signal).catch(
        (cause: unknown) => {
          throw unreachable(url, whyOf(cause), cause);
        },
      );
      if (url.startsWith("http:") && (status === 308 || /speaks HTTPS/.test(text)))
        throw new ServerError("serverRefused", `the server at ${url} speaks HTTPS: say https: in --url`);
      if (status < 200 || status > 299) throw refusal(url, status, json, token !== undefined);
      const parsed = checked(schema, json ?? text);
      if (parsed.success) return parsed.data;
      throw new ServerError(
        "serverRefused",
        `what answers at ${url} is no Hashwatt server of this version: use the program that it was started with`,
      );
    },
  };
}

/** What OpenSSL and Node call a certificate that nobody here vouches for. */
const UNTRUSTED = /^(UNABLE_TO_(VERIFY|GET)|SELF_SIGNED|DEPTH_ZERO)/;

function unreachable(url: string, why: string, cause: unknown): ServerError {
  if (UNTRUSTED.test(why))
    return new ServerError(
      "serverUnreachable",
      `the certificate of the server at ${url} is not trusted here (${why}): name its authority with --ca FILE or HASHWATT_CA_FILE`,
      { cause },
    );
  if (why === "ERR_TLS_CERT_ALTNAME_INVALID" || why === "CERT_HAS_EXPIRED")
    return new ServerError(
      "serverUnreachable",
      why === "CERT_HAS_EXPIRED"
        ? `the certificate of the server at ${url} has expired: renew it there`
        : `the certificate of the server at ${url} is for another name: use one that it bears in --url`,
      { cause },
    );
  return new ServerError(
    "serverUnreachable",
    `no Hashwatt server answers at ${url} (${why}): start it, or say with --url where it is`,
    { cause, retryable: true },
  );
}

function refusal(url: string, status: number, json: unknown, withToken: boolean): ServerError {
  const said = checked(apiErrorSchema, json);
  if (status === 401 || (status === 403 && !said.success))
    return new ServerError(
      "serverRefused",
      withToken
        ? (ended(said.data?.message) ??
            `the server at ${url} does not know this token: make one there, or correct HASHWATT_TOKEN or --token`)
        : `the server at ${url} wants to know who asks: set HASHWATT_TOKEN (or --token) to one of its API tokens`,
    );
  return new ServerError(
    "serverRefused",
    said.success ? said.data.message : `what answers at ${url} is no Hashwatt server (HTTP ${status})`,
  );
}

/** What a server says of a token that was its own; undefined for another answer. */
const ended = (message: string | undefined): string | undefined =>
  message?.startsWith("this token ") ? message : undefined;

/** The system's own word for a failed connection lies a level or two deeper than fetch's. */
function whyOf(cause: unknown): string {
  for (let at = cause; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
    if (at.name === "TimeoutError") return at.message;
  }
  return "no connection";
}
