/**
 * What can go wrong in the server, as a closed list to branch on.
 *
 * `config`: a config file or option is wrong · `dataFolder`: the data folder cannot be used · `portBusy`, `listenRefused`:
 * an address cannot or may not be listened on · `brokerUnreachable`, `brokerRefused`: no session with the MQTT broker ·
 * `storeLocked`: another process has the files · `storeDamaged`: a file cannot be read · `storeFull`: no room on disk ·
 * `storeSchema`: a file is newer than this program · `storeClosed`: used after close · `storeUnreachable`: the InfluxDB gives
 * no answer · `storeDenied`: it lets us not do what we must · `storeMissing`: it lacks a database of ours · `storeFailed`: a
 * store refused a command for any other reason · `restoreFailed`: an export cannot be restored · `notFound`, `badRequest`:
 * what a client asked for · `conflict`: what is to be changed has changed meanwhile · `jobRunning`: a job of that kind runs already · `copyFailed`: a history cannot be copied ·
 * `serverUnreachable`: no running server answers a client of its API · `serverRefused`: it answers, and does not do what it
 * is asked · `sourceFailed`: a rate source gave no answer · `notifyFailed`: a notifier gave no answer.
 */
export type ServerErrorCode =
  | "config"
  | "dataFolder"
  | "portBusy"
  | "listenRefused"
  | "brokerUnreachable"
  | "brokerRefused"
  | "storeLocked"
  | "storeDamaged"
  | "storeFull"
  | "storeSchema"
  | "storeClosed"
  | "storeUnreachable"
  | "storeDenied"
  | "storeMissing"
  | "storeFailed"
  | "restoreFailed"
  | "notFound"
  | "badRequest"
  | "conflict"
  | "jobRunning"
  | "copyFailed"
  | "serverUnreachable"
  | "serverRefused"
  | "sourceFailed"
  | "notifyFailed";

/** Every error that the server throws on purpose. `message` is one line that tells the operator what to do. */
export class ServerError extends Error {
  override name = "ServerError";
  /** Whether the same call may succeed later without anybody's help. */
  readonly retryable: boolean;

  constructor(
    readonly code: ServerErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? false;
  }
}
