import { createContext, useContext, useSyncExternalStore } from "react";
import type { Session, SessionStore } from "./sessionStore.js";

/** Gives the one session to the components; set at the root. */
export const SessionContext = createContext<SessionStore | undefined>(undefined);

/** The session's store. Throws outside of the root, where there is none. */
export function useSessionStore(): SessionStore {
  const store = useContext(SessionContext);
  if (!store) throw new Error("no session above this component");
  return store;
}

/** Whether one is logged in. */
export function useSession(): Session {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.get);
}
