import { createHmac, randomBytes } from "node:crypto";
import { checked } from "@hashwatt/protocol/checked";
import type { Clock } from "@hashwatt/protocol/time";
import { z } from "zod";
import { ROLES, type Role } from "./role.js";

/** Beyond it the one that was unused for longest ends. */
const MAX_SESSIONS = 1_000;
const TOKEN_BYTES = 32;

/** How long a session may stay unused, and how long it lasts whatever is done in it. */
export interface SessionTerms {
  idleMs: number;
  maxMs: number;
}

/** A login that lasts. Its token is with the browser alone; `id` is a digest of it. */
export interface Session {
  readonly id: string;
  readonly role: Role;
  readonly openedMs: number;
  usedMs: number;
}

const savedSchema = z.array(
  z.object({ id: z.string(), role: z.enum(ROLES), openedMs: z.number(), usedMs: z.number() }),
);

/** Those who are logged in. A session ends when it was not used for a while, when its time is over, or when told so. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #key: Buffer;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #terms: SessionTerms;
  /** Whether {@link text} has changed since it was last taken. */
  changed = false;

  /** `key` belongs to the passwords: with others all sessions are over. */
  constructor(key: Buffer, clock: Pick<Clock, "nowMs">, terms: SessionTerms) {
    this.#key = key;
    this.#clock = clock;
    this.#terms = terms;
  }

  /** Takes back what `text` gave before a restart; a text that does not parse is ignored. */
  load(text: string | undefined): void {
    let json: unknown;
    try {
      json = JSON.parse(text ?? "[]");
    } catch {
      return;
    }
    const saved = checked(savedSchema, json);
    for (const session of saved.data ?? []) if (!this.#isOver(session)) this.#byId.set(session.id, session);
  }

  /** All sessions, to be kept over a restart. No token can be made of it. */
  text(): string {
    this.changed = false;
    return JSON.stringify([...this.#byId.values()]);
  }

  /** Begins a session; returns its token, which is told this once. */
  open(role: Role): { token: string; session: Session } {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const nowMs = this.#clock.nowMs();
    const session: Session = { id: this.#idOf(token), role, openedMs: nowMs, usedMs: nowMs };
    if (this.#byId.size >= MAX_SESSIONS) {
      const [oldest] = [...this.#byId.values()].sort((a, b) => a.usedMs - b.usedMs);
      if (oldest) this.end(oldest);
    }
    this.#byId.set(session.id, session);
    this.changed = true;
    return { token, session };
  }

  /** The session of a token, which is used by that; undefined when there is none, or none any more. */
  use(token: string): Session | undefined {
    const session = this.#byId.get(this.#idOf(token));
    if (!session) return undefined;
    if (this.#isOver(session)) {
      this.end(session);
      return undefined;
    }
    this.keep(session);
    return session;
  }

  /** Says that a session is used, by a live connection for one. */
  keep(session: Session): void {
    session.usedMs = this.#clock.nowMs();
    this.changed = true;
  }

  end({ id }: Pick<Session, "id">): void {
    if (!this.#byId.delete(id)) return;
    this.changed = true;
    const watchers = this.#watchers.get(id);
    this.#watchers.delete(id);
    for (const over of watchers ?? []) over();
  }

  /** Calls `over` when the session ends, until disposed. */
  watch({ id }: Pick<Session, "id">, over: () => void): Disposable {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(over));
    return {
      [Symbol.dispose]: () => {
        watchers.delete(over);
        if (!watchers.size && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
      },
    };
  }

  /** Ends what is over; called about once a second. */
  sweep(): void {
    for (const session of [...this.#byId.values()]) if (this.#isOver(session)) this.end(session);
  }

  #isOver({ openedMs, usedMs }: Session): boolean {
    const nowMs = this.#clock.nowMs();
    return nowMs - usedMs >= this.#terms.idleMs || nowMs - openedMs >= this.#terms.maxMs;
  }

  #idOf(token: string): string {
    return createHmac("sha256", this.#key).update(token).digest("base64url");
  }
}
