import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { every, screenClock, secondTick } from "../time.js";
import { askAgainMs } from "./askAgainMs.js";
import type { FeedStore, RigFeed } from "./feedStore.js";
import { asFetchError, type FetchError } from "./fetchApi.js";
import type { Readable } from "./readable.js";

/** Gives the one store to the components; set at the root. */
export const FeedContext = createContext<FeedStore | undefined>(undefined);

/** The live store. Throws outside of the root, where there is none. */
export function useFeed(): FeedStore {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error("no feed above this component");
  return feed;
}

/** The current value of a Readable; the component is drawn again when it changes. */
export const useRead = <T>(readable: Readable<T>): T =>
  useSyncExternalStore(readable.subscribe, readable.get);

/** The server's time, epoch ms, renewed every second by the tick that all ages share. */
export function useServerNow(): number {
  const feed = useFeed();
  useSyncExternalStore(secondTick.subscribe, secondTick.get);
  return feed.serverNowMs();
}

/** Follows one rig by its public id. */
export function useRigFeed(id: string): RigFeed {
  const feed = useFeed();
  return useRead(useMemo(() => feed.rig(id), [feed, id]));
}

/** An answer that is fetched: the last good one stays while the next is under way or failed, with the error of that. */
export interface Fetched<T> {
  data?: T;
  /** When `data` came, the server's time. */
  atMs?: number;
  error?: FetchError;
  retry(): void;
}

/**
 * Fetches when `key` changes, again every `refreshMs` (sooner where it failed and waiting may help), and again when live data had a hole.
 * `key` undefined fetches nothing.
 * `fetcher` must depend on nothing but the key.
 */
export function useFetched<T>(
  key: string | undefined,
  fetcher: (signal: AbortSignal) => Promise<T>,
  refreshMs: number,
): Fetched<T> {
  const feed = useFeed();
  const resyncs = useRead(feed.resyncs);
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<{ key?: string; data?: T; atMs?: number; error?: FetchError }>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the fetcher; round and resyncs ask again
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    fetcher(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setAnswer({ key, data, atMs: feed.serverNowMs() });
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        const error = asFetchError(cause);
        setAnswer((before) => (before.key === key ? { ...before, error } : { key, error }));
      },
    );
    return () => abort.abort();
  }, [key, round, resyncs]);
  const current = answer.key === key ? answer : {};
  const everyMs = askAgainMs(refreshMs, current.error);
  useEffect(() => {
    if (key === undefined) return;
    return every(screenClock, everyMs, () => setRound((before) => before + 1));
  }, [key, everyMs]);
  const retry = useCallback(() => setRound((before) => before + 1), []);
  return {
    ...(current.data !== undefined && { data: current.data }),
    ...(current.atMs !== undefined && { atMs: current.atMs }),
    ...(current.error && { error: current.error }),
    retry,
  };
}
