/**
 * What can go wrong in the agent. Of a rig: `refused` nobody listens, `unreachable` no route, no such host or no handshake in
 * time, `timeout` it accepted and did not finish its answer in time, `reset` the connection broke, `tooLarge` the reply has
 * no end, `empty` it closed without a word, `garbled` the reply cannot be read, `truncated` it broke off, `rejected` the rig
 * answered with an error, `http` a web server answers where the cgminer API
 * was expected, `loginRefused` its web interface wants a login that it was not given or did not take, `unsupported`
 * its firmware or algorithm is not known. Of the agent: `aborted` shutting down,
 * `config`, `locked` another instance has the data, `silent` none runs on it, `io` a file or disk, `broker` the MQTT side.
 */
export type AgentErrorCode =
  | "refused"
  | "unreachable"
  | "timeout"
  | "reset"
  | "tooLarge"
  | "empty"
  | "garbled"
  | "truncated"
  | "rejected"
  | "http"
  | "loginRefused"
  | "unsupported"
  | "aborted"
  | "config"
  | "locked"
  | "silent"
  | "io"
  | "broker";

/** The one error class of the agent: branch on `code`, never on the message. `retryable`: the same call may work later. */
export class AgentError extends Error {
  override name = "AgentError";
  readonly retryable: boolean;

  constructor(
    readonly code: AgentErrorCode,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? !PERMANENT.has(code);
  }
}

const PERMANENT = new Set<AgentErrorCode>(["unsupported", "aborted", "config", "locked"]);
