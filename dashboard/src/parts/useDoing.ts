import { useState } from "react";
import { FetchError } from "../feed/fetchApi.js";

/** Something that is asked of the server: whether it is under way, and how it went wrong last. */
export interface Doing {
  busy: boolean;
  error: FetchError | undefined;
  /** Does it unless something is under way; resolves with whether it was done. */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** One thing after the other, each with its error until the next. */
export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<FetchError>();
  return {
    busy,
    error,
    async run(work) {
      if (busy) return false;
      setBusy(true);
      setError(undefined);
      try {
        await work();
        return true;
      } catch (cause) {
        setError(
          cause instanceof FetchError
            ? cause
            : new FetchError("unreadable", "the answer made no sense", { cause }),
        );
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
