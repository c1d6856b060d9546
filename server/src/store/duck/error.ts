import { ServerError } from "../../error.js";

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** DuckDB stops serving a database after a failed write and says so; the file must be opened anew. */
export const isInvalidated = (cause: unknown): boolean =>
  /database has been invalidated|must be restarted/i.test(textOf(cause));

/** Kinds of DuckDB's errors that lie in the file, the machine or the moment, never in what was to be written. */
const OF_THE_STORE =
  /^(IO|Permission|Out of Memory|TransactionContext|Connection|Interrupt|INTERNAL|FATAL) Error/i;

/**
 * What an error of DuckDB means for the operator. DuckDB has no error codes for these, so that this is the one place that
 * reads its words. `path` is the file.
 */
export function duckError(cause: unknown, path: string): ServerError {
  if (cause instanceof ServerError) return cause;
  const text = textOf(cause);
  const first = text.split("\n")[0]!;
  if (/could not set lock/i.test(text)) {
    const pid = pidIn(text);
    return new ServerError("storeLocked", `${path} is used by another process${pid ? ` (pid ${pid})` : ""}`, {
      cause,
    });
  }
  if (/no space left|disk quota|out of disk|file too large/i.test(text))
    return new ServerError("storeFull", `there is no room left for ${path}: free disk space (${first})`, {
      cause,
      retryable: true,
    });
  if (/read-only file system/i.test(text))
    return new ServerError(
      "storeFailed",
      `the file system of ${path} is read-only: check its disk and remount it writable (${first})`,
      { cause, retryable: true },
    );
  if (/we can only read version|newer version of duckdb/i.test(text))
    return new ServerError(
      "storeSchema",
      `${path} was written by a newer version: update Hashwatt (${first})`,
      { cause },
    );
  if (
    /corrupt|not a valid duckdb|checksum|could not read enough bytes|serialization error|failed to deserialize/i.test(
      text,
    )
  )
    return new ServerError("storeDamaged", `${path} is damaged: ${first}`, { cause });
  return new ServerError("storeFailed", `${path}: ${first}`, {
    cause,
    retryable: isInvalidated(cause) || OF_THE_STORE.test(text),
  });
}

/** The lock holder's pid in DuckDB's words; undefined where it names none, or 0, as for a process of another container. */
export function lockHolder(cause: unknown): number | undefined {
  const text = cause instanceof Error && cause.cause !== undefined ? textOf(cause.cause) : textOf(cause);
  return pidIn(text);
}

const pidIn = (text: string): number | undefined => Number(/PID (\d+)/.exec(text)?.[1] ?? 0) || undefined;
