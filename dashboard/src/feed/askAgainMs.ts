import type { FetchError } from "./fetchApi.js";

/** What failed is not left to stand for long, however seldom it is asked for. */
const MOST_WAIT_MS = 30_000;

/** After how long to ask again for what is asked every `refreshMs`: sooner where it failed with `error` and waiting may help. */
export const askAgainMs = (refreshMs: number, error: Pick<FetchError, "retryable"> | undefined): number =>
  error?.retryable ? Math.min(refreshMs, MOST_WAIT_MS) : refreshMs;
