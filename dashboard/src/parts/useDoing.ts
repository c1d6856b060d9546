import { useState } from "react";
import { asFetchError, type FetchError } from "../feed/fetchApi.js";
import { Turns } from "./turns.js";

/** Something that is asked of the server: whether it is under way, and how it went wrong last. */
export interface Doing {
  busy: boolean;
  error: FetchError | undefined;
  /** Does it unless something is under way; resolves with whether it was done. For a button that may be pressed twice. */
  run(work: () => Promise<unknown>): Promise<boolean>;
  /** Does it after what is under way; resolves with whether it was done. For changes of several rows of one list. */
  queue(work: () => Promise<unknown>): Promise<boolean>;
}

/** One thing after the other. An error stays until something is asked for while nothing is under way. */
export function useDoing(): Doing {
  const [turns] = useState(() => new Turns());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<FetchError>();
  const queue: Doing["queue"] = async (work) => {
    if (turns.idle) setError(undefined);
    setBusy(true);
    try {
      await turns.take(work);
      return true;
    } catch (cause) {
      setError(asFetchError(cause));
      return false;
    } finally {
      setBusy(!turns.idle);
    }
  };
  return { busy, error, queue, run: async (work) => (turns.idle ? queue(work) : false) };
}
