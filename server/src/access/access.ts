import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { resolve } from "node:path";
import type { MadeToken, Scope, TokenView, UserView } from "@hashwatt/protocol/access";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "../config/schema.js";
import { ServerError } from "../error.js";
import type { Refusals } from "../refusals.js";
import type { StateStore } from "../store/state/state.js";
import type { EndedToken } from "./apiTokens.js";
import { Audit } from "./audit.js";
import { Credentials } from "./credentials.js";
import { Endings } from "./endings.js";
import { type Grant, grantBy, type Login, type LoginTry } from "./grant.js";
import { writeLocalToken } from "./localToken.js";
import { Busy } from "./passwordHash.js";
import type { Role } from "./role.js";
import { cookieToken } from "./sessionCookie.js";
import { sessionKey } from "./sessionKey.js";
import { type Session, Sessions } from "./sessions.js";
import { Tries } from "./tries.js";
import { BUILT_IN } from "./users.js";

const SWEEP_MS = 1_000;
/** Uses of sessions and tokens may be told to the disk so late; openings and endings are told at once. */
const SAVE_MS = 60_000;
/** So soon another try may find the server less busy with passwords. */
const BUSY_MS = 5_000;
const SAVED = "access/sessions";
/** What ends with the first user of a server that asked nobody. */
const OPEN = "open";

type Headers = Pick<IncomingHttpHeaders, "authorization" | "cookie" | "host">;
type AccessConfig = Pick<ServerConfig, "http" | "store">;

/** Who gets in. Where there is neither a password, a token nor a user, everybody does: the config then keeps the server on loopback. */
export class Access {
  readonly audit: Audit;
  readonly #config: AccessConfig;
  readonly #state: Pick<StateStore, "setting" | "putSetting">;
  readonly #known: Credentials;
  readonly #endings = new Endings();
  readonly #sessions: Sessions;
  readonly #tries: Tries;
  #local: { remove(): void } | undefined;
  #saving: Promise<void> = Promise.resolve();
  #willSave = false;

  private constructor(
    config: AccessConfig,
    state: Pick<StateStore, "setting" | "putSetting" | "audit">,
    known: Credentials,
    clock: Clock,
    private readonly refusals: Refusals,
    private readonly log: Logger,
  ) {
    const { http } = config;
    this.audit = new Audit(state.audit, clock, log);
    this.#config = config;
    this.#state = state;
    this.#known = known;
    const terms = { idleMs: http.sessionIdleMs, maxMs: http.sessionMaxMs, rotateMs: http.sessionRotateMs };
    this.#sessions = new Sessions(randomBytes(32), clock, terms, this.#endings);
    this.#tries = new Tries(() => clock.monoMs());
  }

  /**
   * Opens access as the config and the state say. Sessions are kept in the state store and outlive a restart; they end with
   * the password, role or token under which they began.
   */
  static async open(
    config: AccessConfig,
    state: Pick<StateStore, "setting" | "putSetting" | "audit">,
    clock: Clock,
    refusals: Refusals,
    log: Logger,
  ): Promise<{ access: Access; close(): Promise<void> }> {
    const known = await Credentials.open(config.http, state, () => clock.nowMs());
    const access = new Access(config, state, known, clock, refusals, log);
    await access.#open();
    const timers = [
      access.audit.start(),
      clock.every(SWEEP_MS, () => access.#sweep()),
      clock.every(SAVE_MS, () => access.#save()),
    ];
    return {
      access,
      async close() {
        for (const timer of timers) timer[Symbol.dispose]();
        access.#local?.remove();
        access.#save();
        await access.#saving;
        await access.audit.flush();
      },
    };
  }

  async #open(): Promise<void> {
    for (const name of this.#known.takenOver) {
      this.log.warn({ name }, "user taken over by the config");
      const by = { who: "config", by: "server" as const, address: "" };
      await this.audit.note({ ...by, action: "user.remove", object: name, after: { from: "config" } });
    }
    if (this.needed) await this.#begin();
  }

  /** From here on one must log in. */
  async #begin(): Promise<void> {
    const { http, store } = this.#config;
    this.#sessions.begin(await sessionKey(http, this.#state));
    this.#sessions.load(await this.#state.setting(SAVED), ({ of, stamp }) => this.#stamp(of) === stamp);
    // Where all is in memory there is no folder that only this user reads.
    const local = store.kind === "memory" ? undefined : writeLocalToken(resolve(store.dataDir), this.log);
    if (!local) return;
    this.#known.tokens.addLocal(local.token);
    this.#local = local;
  }

  /** Whether one must log in. */
  get needed(): boolean {
    return this.#known.any;
  }

  /** What a person is asked for. */
  get asks(): "password" | "token" {
    return this.#known.asks;
  }

  /** Whether a person is asked for a name. */
  get names(): boolean {
    return this.#known.users.size > 0;
  }

  /** What the sender of a request may do, by a bearer token or a session's cookie; undefined for one whom nobody knows. */
  grantOf(headers: Headers): Grant | undefined {
    if (!this.needed) return { role: "admin", who: "", by: "anyone", endsWith: OPEN };
    const token = bearerToken(headers);
    if (token !== undefined) {
      const held = this.#known.tokens.of(token);
      if (!held || "ended" in held) return undefined;
      return { role: held.role, who: held.name, by: held.by, endsWith: `token:${held.id}` };
    }
    const cookie = cookieToken(headers);
    const session = cookie && this.#sessions.use(cookie.token, cookie.isBound);
    return session && grantBy(session);
  }

  /** Why nobody was let in by a token that was ours; undefined for every other reason. */
  endedToken(headers: Headers): EndedToken | undefined {
    const token = bearerToken(headers);
    const held = token === undefined ? undefined : this.#known.tokens.of(token);
    return held && "ended" in held ? held : undefined;
  }

  /** Whether a request bears a token of ours: then no browser was talked into it. */
  isProgram(headers: Headers): boolean {
    const token = bearerToken(headers);
    const held = token === undefined ? undefined : this.#known.tokens.of(token);
    return held !== undefined && !("ended" in held);
  }

  /** Logs somebody in by name and password, or by an API token in the place of both. */
  async login({ name: given, password, address, secure = false }: LoginTry): Promise<Login> {
    const name = given?.trim().toLowerCase() || undefined;
    const known = name !== undefined && this.#known.users.get(name) ? name : undefined;
    const waitMs = this.#tries.take(address, name ?? BUILT_IN);
    if (waitMs > 0) {
      this.refusals.note("login", `${address}: too many wrong passwords`);
      return { waitMs };
    }
    const owner = await this.#known.ownerOf(name, password).catch(orBusy);
    if (owner === "busy") return { waitMs: BUSY_MS };
    // What let them in may have ended, or become another, while it was checked.
    const stamp = owner && this.#sessions.stampOf(...owner.basis);
    if (!owner || stamp === undefined || stamp !== this.#stamp(owner.of)) {
      this.refusals.note("login", `${address}: wrong password`);
      this.log.warn({ address, ...(known !== undefined && { name: known }) }, "login refused");
      return { wrong: true, known };
    }
    this.#tries.wasRight(address, name ?? BUILT_IN);
    const { of, name: who, role } = owner;
    const { token, session } = this.#sessions.open({ of, name: who, role, stamp, secure });
    this.#save();
    this.log.info({ address, name: who, role }, "logged in");
    return { token, grant: grantBy(session) };
  }

  logout(session: Session): void {
    this.#sessions.end(session);
    this.#save();
  }

  /** The next token of a grant's session when it is time for one. */
  rotate({ session }: Grant): string | undefined {
    const token = session && this.#sessions.rotate(session);
    if (token !== undefined) this.#save();
    return token;
  }

  /** Says that a grant is in use, by a live connection; its session does not end meanwhile for being unused. */
  keep({ session }: Pick<Grant, "session">): void {
    if (session) this.#sessions.keep(session);
  }

  /** Calls `over` when a grant is over: with its session or token, or with the first user of a server that asked nobody. */
  whenOver({ endsWith }: Pick<Grant, "endsWith">, over: () => void): Disposable {
    return this.#endings.watch(endsWith, over);
  }

  users(): UserView[] {
    return this.#known.users.list();
  }

  tokens(): TokenView[] {
    return this.#known.tokens.list();
  }

  /** Throws ServerError `badRequest`. The first user of a server that asked nobody ends that. */
  async addUser(name: string, role: Role, password: string): Promise<UserView> {
    const wasOpen = !this.needed;
    const user = await this.#known.users.add(name, role, password);
    if (wasOpen) {
      await this.#begin();
      this.#endings.end(OPEN);
    }
    return user;
  }

  /** Changes a role or password, and ends the user's sessions. Throws ServerError `badRequest`, `notFound`. */
  async setUser(name: string, change: { role?: Role; password?: string }): Promise<UserView> {
    const user = await this.#known.users.set(name, change);
    this.#endOf(`user:${name}`);
    return user;
  }

  /** Throws ServerError `badRequest`, `notFound`. */
  async removeUser(name: string): Promise<void> {
    await this.#known.users.remove(name);
    this.#endOf(`user:${name}`);
  }

  /** Throws ServerError `badRequest`. */
  createToken(name: string, scope: Scope, days: number, by: string): Promise<MadeToken> {
    if (!this.needed)
      throw new ServerError(
        "badRequest",
        "name: nobody is asked for a token here; set a password or add a user first",
      );
    return this.#known.tokens.create(name, scope, days, by);
  }

  /** Throws ServerError `badRequest`, `notFound`. */
  async revokeToken(idOrName: string): Promise<TokenView> {
    const token = await this.#known.tokens.revoke(idOrName);
    this.#sweep();
    return token;
  }

  /** The stamp of what somebody is let in by, as it is at this moment; undefined where it lets nobody in. */
  #stamp(of: string): string | undefined {
    const basis = this.#known.basisOf(of);
    return basis && this.#sessions.stampOf(...basis);
  }

  #endOf(of: string): void {
    this.#sessions.endOf(of);
    this.#endings.end(of);
    this.#save();
  }

  #sweep(): void {
    this.#sessions.sweep();
    for (const id of this.#known.tokens.takeEnded()) this.#endOf(`token:${id}`);
  }

  #save(): void {
    // One that waits for the disk writes this too: who logs in ever again makes no line there.
    if (this.#willSave) return;
    this.#willSave = true;
    this.#saving = this.#saving
      .then(async () => {
        this.#willSave = false;
        await this.#known.tokens.saveUses();
        if (this.needed && this.#sessions.changed) await this.#state.putSetting(SAVED, this.#sessions.text());
      })
      .catch((error: unknown) => this.log.warn({ err: error }, "sessions cannot be kept over a restart"));
  }
}

function orBusy(error: unknown): "busy" {
  if (error instanceof Busy) return "busy";
  throw error;
}

const bearerToken = ({ authorization }: Headers): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
