import type { SessionView } from "@hashwatt/protocol/http";
import { asFetchError, type FetchError } from "../feed/fetchApi.js";
import type { Stop } from "../time.js";

/** Why one is not in: just come, the session has ended, or one has logged out. */
export type OutReason = "come" | "ended" | "left";

/**
 * Whether one may look. `needed` says whether that took a login; `asks` what a login takes, and `names` whether a name goes with
 * it. The role is null while the server has not told.
 */
export type Session =
  | { at: "asking" }
  | { at: "in"; needed: boolean; role: SessionView["role"]; name: SessionView["name"] }
  | { at: "out"; asks: SessionView["asks"]; names: boolean; because: OutReason };

/** What came of a try to log in; `waitMs` is how long the server wants no other. */
export type LoginOutcome =
  | { kind: "in" | "wrong" }
  | { kind: "wait"; waitMs: number }
  | { kind: "failed"; error: FetchError };

/** What the store is built on; tests bring their own. */
export interface SessionCalls {
  fetch(signal: AbortSignal): Promise<SessionView>;
  open(password: string, name: string | undefined, signal: AbortSignal): Promise<SessionView>;
  close(signal: AbortSignal): Promise<SessionView>;
}

/** Whether this browser is logged in, as the server says. */
export class SessionStore {
  readonly #calls: SessionCalls;
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  #session: Session = { at: "asking" };
  #checking = false;

  constructor(calls: SessionCalls) {
    this.#calls = calls;
  }

  get = (): Session => this.#session;

  subscribe = (onChange: () => void): Stop => {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  };

  /**
   * Asks the server who one is. Where it gives no answer things stay as they are; at first that is as if no login were
   * needed, so that the screen can say what is wrong with the server.
   */
  async check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      this.#take(await this.#calls.fetch(this.#abort.signal));
    } catch {
      if (this.#session.at === "asking") this.#set({ at: "in", needed: false, role: null, name: null });
    } finally {
      this.#checking = false;
    }
  }

  /** Logs in by name and password, the password of the config or, where there is none, an API token. */
  async login(password: string, name?: string): Promise<LoginOutcome> {
    try {
      this.#take(await this.#calls.open(password, name, this.#abort.signal));
      return { kind: "in" };
    } catch (cause) {
      const error = asFetchError(cause);
      if (error.code === "login") return { kind: "wrong" };
      if (error.retryAfterMs !== undefined) return { kind: "wait", waitMs: error.retryAfterMs };
      return { kind: "failed", error };
    }
  }

  /** Logs out. Where the server does not hear it, one stays in: the screen must not say what is not so. */
  async logout(): Promise<void> {
    try {
      const { asks, names } = await this.#calls.close(this.#abort.signal);
      this.#set({ at: "out", asks, names, because: "left" });
    } catch {
      await this.check();
    }
  }

  #take({ needed, asks, names, role, name }: SessionView): void {
    const before = this.#session;
    if (!needed || role !== null) {
      const same = before.at === "in" && before.needed === needed;
      if (!same || before.role !== role || before.name !== name) this.#set({ at: "in", needed, role, name });
    } else if (before.at !== "out")
      this.#set({ at: "out", asks, names, because: before.at === "in" ? "ended" : "come" });
  }

  #set(session: Session): void {
    this.#session = session;
    for (const listener of this.#listeners) listener();
  }
}
