import { createHmac, randomBytes } from "node:crypto";
import { checked } from "@hashwatt/protocol/checked";
import type { Clock } from "@hashwatt/protocol/time";
import { z } from "zod";
import type { Endings } from "./endings.js";
import { ROLES, type Role } from "./role.js";

/** Beyond it the one that was unused for longest ends. */
const MAX_SESSIONS = 1_000;
/** Of one owner so many, so that nobody ends the others' by logging in ever again. */
const MAX_OF_ONE = 100;
const TOKEN_BYTES = 32;
/**
 * Requests that were under way when a browser got its next token still carry the one before: it is good for so long after the
 * next one was first used. A next token that nobody uses for so long did not arrive, and another is given.
 */
const GRACE_MS = 60_000;

/** How long a session may stay unused, how long it lasts whatever is done in it, and how old its token becomes. */
export interface SessionTerms {
  idleMs: number;
  maxMs: number;
  rotateMs: number;
}

/** Whose session it is. */
export interface SessionOwner {
  /** What let its owner in, by which it ends: `password`, `user:ann`, `token:…`. */
  readonly of: string;
  readonly name: string;
  readonly role: Role;
  /** A digest of what the owner was let in by: with another password or role it is another. */
  readonly stamp: string;
  /** Whether its cookie travels encrypted alone. */
  readonly secure: boolean;
}

const savedSchema = z.array(
  z.object({
    key: z.string(),
    of: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    stamp: z.string(),
    secure: z.boolean(),
    openedMs: z.number(),
    usedMs: z.number(),
    id: z.string(),
    idMs: z.number(),
    next: z.object({ id: z.string(), madeMs: z.number() }).optional(),
    last: z.object({ id: z.string(), untilMs: z.number() }).optional(),
  }),
);

/** A login that lasts. `key` names it; its token is with the browser alone, and `id`, `next` and `last` are digests of it. */
export type Session = Saved;
type Saved = z.infer<typeof savedSchema>[number];

/** Those who are logged in. A session ends when it was not used for a while, when its time is over, or when told so. */
export class Sessions {
  readonly #byKey = new Map<string, Session>();
  /** By the digest of every token that is good. */
  readonly #byId = new Map<string, Session>();
  #secret: Buffer;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #terms: SessionTerms;
  readonly #endings: Endings;
  /** Whether {@link text} has changed since it was last taken. */
  changed = false;

  /** `secret` belongs to the passwords of the config: with others all sessions are over. */
  constructor(secret: Buffer, clock: Pick<Clock, "nowMs">, terms: SessionTerms, endings: Endings) {
    this.#secret = secret;
    this.#clock = clock;
    this.#terms = terms;
    this.#endings = endings;
  }

  /** Takes another secret; there may be no session yet. */
  begin(secret: Buffer): void {
    this.#secret = secret;
  }

  /** A digest of what somebody is let in by, which only this server can make. */
  stampOf(...parts: readonly string[]): string {
    return createHmac("sha256", this.#secret).update(JSON.stringify(parts)).digest("base64url");
  }

  /** Takes back what `text` gave before a restart, less what `isGood` does not know any more; a text that does not parse is ignored. */
  load(text: string | undefined, isGood: (session: Session) => boolean): void {
    let json: unknown;
    try {
      json = JSON.parse(text ?? "[]");
    } catch {
      return;
    }
    for (const session of checked(savedSchema, json).data ?? []) {
      if (this.#isOver(session) || !isGood(session)) continue;
      this.#byKey.set(session.key, session);
      for (const { id } of [session, session.next, session.last].filter((each) => each !== undefined))
        this.#byId.set(id, session);
    }
  }

  /** All sessions, to be kept over a restart. No token can be made of it. */
  text(): string {
    this.changed = false;
    return JSON.stringify([...this.#byKey.values()]);
  }

  /** Begins a session; returns its token, which is told this once. */
  open(owner: SessionOwner): { token: string; session: Session } {
    const nowMs = this.#clock.nowMs();
    const { token, id } = this.#newToken();
    const key = randomBytes(12).toString("base64url");
    const session: Session = { ...owner, key, openedMs: nowMs, usedMs: nowMs, id, idMs: nowMs };
    const all = [...this.#byKey.values()];
    const own = all.filter(({ of }) => of === owner.of);
    const crowd = own.length >= MAX_OF_ONE ? own : all.length >= MAX_SESSIONS ? all : [];
    const [oldest] = crowd.sort((a, b) => a.usedMs - b.usedMs);
    if (oldest) this.end(oldest);
    this.#byKey.set(key, session);
    this.#byId.set(id, session);
    this.changed = true;
    return { token, session };
  }

  /**
   * The session of a token, which is used by that; undefined when there is none, or none any more. One whose cookie travels encrypted
   * alone is found by a cookie that `isBound` to this host alone.
   */
  use(token: string, isBound = true): Session | undefined {
    const id = this.#idOf(token);
    const session = this.#byId.get(id);
    if (!session || (session.secure && !isBound)) return undefined;
    const nowMs = this.#clock.nowMs();
    if (this.#isOver(session)) {
      this.end(session);
      return undefined;
    }
    if (session.last?.id === id && session.last.untilMs <= nowMs) {
      this.#dropLast(session);
      return undefined;
    }
    if (session.next?.id === id) {
      this.#dropLast(session);
      session.last = { id: session.id, untilMs: nowMs + GRACE_MS };
      session.id = id;
      session.idMs = nowMs;
      delete session.next;
    }
    this.keep(session);
    return session;
  }

  /**
   * The next token of a session whose token has become old; undefined while it has not, or while one that was given may be
   * on its way. Both are good until the next one is used, for an answer may get lost.
   */
  rotate(session: Session): string | undefined {
    const nowMs = this.#clock.nowMs();
    if (this.#byKey.get(session.key) !== session || nowMs - session.idMs < this.#terms.rotateMs)
      return undefined;
    if (session.next && nowMs - session.next.madeMs < GRACE_MS) return undefined;
    if (session.next) this.#byId.delete(session.next.id);
    const { token, id } = this.#newToken();
    session.next = { id, madeMs: nowMs };
    this.#byId.set(id, session);
    this.changed = true;
    return token;
  }

  /** Says that a session is used, by a live connection for one. */
  keep(session: Session): void {
    session.usedMs = this.#clock.nowMs();
    this.changed = true;
  }

  end({ key }: Pick<Session, "key">): void {
    const session = this.#byKey.get(key);
    if (!session) return;
    this.#byKey.delete(key);
    for (const id of [session.id, session.next?.id, session.last?.id])
      if (id !== undefined) this.#byId.delete(id);
    this.changed = true;
    this.#endings.end(`session:${key}`);
  }

  /** Ends every session of whoever was let in by it. */
  endOf(of: string): void {
    for (const session of [...this.#byKey.values()]) if (session.of === of) this.end(session);
  }

  /** Ends what is over; called about once a second. */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const session of [...this.#byKey.values()])
      if (this.#isOver(session)) this.end(session);
      else if (session.last && session.last.untilMs <= nowMs) this.#dropLast(session);
  }

  #dropLast(session: Session): void {
    if (!session.last) return;
    this.#byId.delete(session.last.id);
    delete session.last;
    this.changed = true;
  }

  #isOver({ openedMs, usedMs }: Pick<Session, "openedMs" | "usedMs">): boolean {
    const nowMs = this.#clock.nowMs();
    return nowMs - usedMs >= this.#terms.idleMs || nowMs - openedMs >= this.#terms.maxMs;
  }

  #newToken(): { token: string; id: string } {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    return { token, id: this.#idOf(token) };
  }

  #idOf(token: string): string {
    return createHmac("sha256", this.#secret).update(token).digest("base64url");
  }
}
