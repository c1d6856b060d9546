/** How often a question is asked and what its answer is called. Defaults are those of the builder. */
export interface Asking {
  /** Key of the answer in {@link Replies.by} and what `learn` is told. */
  name: string;
  /** 0: with every reading, and the reading waits for it. Above: every so many ms, and the reading does without it. */
  everyMs: number;
}

/** A command of the cgminer API. */
export interface TcpQuestion extends Asking {
  over: "tcp";
  command: string;
  /** Goes beside the command: `{"command":"asc","parameter":"0"}`, `asc|0`. */
  parameter: string | undefined;
  /** Further members of the JSON request, such as Bitmain's `new_api`. */
  extra: Readonly<Record<string, string | number | boolean>> | undefined;
  /** May be sent as `a+b` where the rig allows it. */
  joins: boolean;
}

/** A request to the rig's web interface. */
export interface HttpQuestion extends Asking {
  over: "http";
  method: "GET" | "POST";
  /** Path and query, beginning with `/`. */
  path: string;
  body: string | undefined;
  headers: Readonly<Record<string, string>> | undefined;
  /** Where it listens: a number, or `api` for the port the rig is watched on. A port of the config or command line wins. */
  port: number | "api";
  tls: boolean;
  /** `text`: the answer is no JSON; it is the reply's `value`. */
  form: "json" | "text";
  /** The answer counts whatever its status, and nobody logs in for it. */
  anyStatus: boolean;
}

/** A request of the WhatsMiner API 3 on port 4433. */
export interface V3Question extends Asking {
  over: "v3";
  cmd: string;
  param: unknown;
}

/** One thing to ask a rig, and the way it travels. */
export type Question = TcpQuestion | HttpQuestion | V3Question;
export type Transport = Question["over"];

/**
 * A command of the cgminer API, named by itself (`stats`, `healthchipget|0`). It joins with others unless it has a parameter
 * or is told not to.
 */
export function tcp(
  command: string,
  options: Partial<Omit<TcpQuestion, "over" | "command">> = {},
): TcpQuestion {
  const { parameter, extra } = options;
  return {
    over: "tcp",
    command,
    parameter,
    extra,
    name: options.name ?? (parameter === undefined ? command : `${command}|${parameter}`),
    everyMs: options.everyMs ?? 0,
    joins: options.joins ?? (parameter === undefined && extra === undefined),
  };
}

/** A request to the web interface, named by method and path (`GET /cgi-bin/stats.cgi`). An object as `body` goes as JSON. */
export function http(
  method: HttpQuestion["method"],
  path: string,
  options: Partial<Omit<HttpQuestion, "over" | "method" | "path" | "body">> & {
    body?: string | object | undefined;
  } = {},
): HttpQuestion {
  const { body } = options;
  const asJson = typeof body === "object";
  return {
    over: "http",
    method,
    path,
    body: asJson ? JSON.stringify(body) : body,
    headers: asJson ? { "content-type": "application/json", ...options.headers } : options.headers,
    port: options.port ?? 80,
    tls: options.tls ?? false,
    form: options.form ?? "json",
    anyStatus: options.anyStatus ?? false,
    name: options.name ?? `${method} ${path}`,
    everyMs: options.everyMs ?? 0,
  };
}

/** A GraphQL query, posted to `/graphql` and named by `name`; its reply has the answer's `data` and `errors`. */
export const graphql = (
  name: string,
  query: string,
  options: Partial<Omit<HttpQuestion, "over" | "method" | "body" | "name">> = {},
): HttpQuestion => http("POST", options.path ?? "/graphql", { ...options, name, body: { query } });

/** A request of the WhatsMiner API 3, named by command and parameter (`get.miner.status:summary`); without one, null is sent. */
export function v3(cmd: string, options: Partial<Omit<V3Question, "over" | "cmd">> = {}): V3Question {
  const { param = null } = options;
  return {
    over: "v3",
    cmd,
    param,
    name: options.name ?? (typeof param === "string" ? `${cmd}:${param}` : cmd),
    everyMs: options.everyMs ?? 0,
  };
}

/** Whether a reading waits for the answer: it is asked each time, or travels with what is. */
export const isMain = (question: Question): boolean =>
  question.everyMs === 0 || (question.over === "tcp" && question.joins);
