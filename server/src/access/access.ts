import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "../config/schema.js";
import type { Refusals } from "../refusals.js";
import type { StateStore } from "../store/state/state.js";
import { ApiTokens } from "./apiTokens.js";
import { writeLocalToken } from "./localToken.js";
import { LoginLimiter } from "./loginLimiter.js";
import { PasswordCheck } from "./passwordCheck.js";
import { Busy, deriveKey } from "./passwordHash.js";
import type { Role } from "./role.js";
import { cookieToken } from "./sessionCookie.js";
import { type Session, Sessions } from "./sessions.js";

const SWEEP_MS = 1_000;
/** Uses of sessions may be told to the disk so late; openings and endings are told at once. */
const SAVE_MS = 60_000;
/** So soon another try may find the server less busy with passwords. */
const BUSY_MS = 5_000;
const SAVED = "access/sessions";
const SALT = "access/salt";

/** What somebody may do, and by which session if by one. */
export interface Grant {
  role: Role;
  session?: Session;
}

/** What came of a login. */
export type Login =
  | { token: string; grant: Grant }
  /** Neither the password nor a token. */
  | "wrong"
  /** Too many wrong ones before; the next try is free after `waitMs`. */
  | { waitMs: number };

type Credentials = Pick<IncomingHttpHeaders, "authorization" | "cookie" | "host">;

/** Who gets in. Where neither a password nor a token is set, everybody does: the config then keeps the server on loopback. */
export class Access {
  /** Whether one must log in. */
  readonly needed: boolean;
  /** What a person is asked for. */
  readonly asks: "password" | "token";
  readonly #password: PasswordCheck | undefined;
  readonly #tokens: ApiTokens;
  readonly #sessions: Sessions;
  readonly #limiter: LoginLimiter;
  readonly #refusals: Refusals;
  readonly #log: Logger;
  readonly #save: () => void;

  private constructor(
    http: Pick<ServerConfig["http"], "password" | "tokens">,
    sessions: Sessions,
    save: () => void,
    clock: Clock,
    refusals: Refusals,
    log: Logger,
  ) {
    this.#password = http.password && new PasswordCheck(http.password);
    this.#tokens = new ApiTokens(http.tokens);
    this.#sessions = sessions;
    this.#save = save;
    this.#limiter = new LoginLimiter(() => clock.monoMs());
    this.#refusals = refusals;
    this.#log = log;
    this.needed = this.#password !== undefined || this.#tokens.size > 0;
    this.asks = this.#password ? "password" : "token";
  }

  /**
   * Opens access as the config says. Sessions are kept in the state store and outlive a restart; they end with the password
   * or tokens under which they began.
   */
  static async open(
    { http, store }: Pick<ServerConfig, "http" | "store">,
    state: Pick<StateStore, "setting" | "putSetting">,
    clock: Clock,
    refusals: Refusals,
    log: Logger,
  ): Promise<{ access: Access; close(): Promise<void> }> {
    const isNeeded = http.password !== undefined || http.tokens.length > 0;
    const key = isNeeded ? await sessionKey(http, state) : randomBytes(32);
    const sessions = new Sessions(key, clock, {
      idleMs: http.sessionIdleMs,
      maxMs: http.sessionMaxMs,
    });
    if (isNeeded) sessions.load(await state.setting(SAVED));
    let saving: Promise<void> = Promise.resolve();
    const save = () => {
      saving = saving
        .then(() => (sessions.changed ? state.putSetting(SAVED, sessions.text()) : undefined))
        .catch((error: unknown) => log.warn({ err: error }, "sessions cannot be kept over a restart"));
    };
    const access = new Access(http, sessions, save, clock, refusals, log);
    // Where all is in memory there is no folder that only this user reads.
    const local =
      isNeeded && store.kind !== "memory" ? writeLocalToken(resolve(store.dataDir), log) : undefined;
    if (local) access.#tokens.add(local.token, "admin");
    const timers = isNeeded
      ? [clock.every(SWEEP_MS, () => sessions.sweep()), clock.every(SAVE_MS, save)]
      : [];
    return {
      access,
      async close() {
        for (const timer of timers) timer[Symbol.dispose]();
        local?.remove();
        save();
        await saving;
      },
    };
  }

  /** What the sender of a request may do, by a bearer token or a session's cookie; undefined for one whom nobody knows. */
  grantOf(headers: Credentials): Grant | undefined {
    if (!this.needed) return { role: "admin" };
    const token = bearerToken(headers);
    if (token !== undefined) {
      const role = this.#tokens.roleOf(token);
      return role && { role };
    }
    const cookie = cookieToken(headers);
    const session = cookie === undefined ? undefined : this.#sessions.use(cookie);
    return session && { role: session.role, session };
  }

  /** Whether a request bears a token of ours: then no browser was talked into it. */
  isProgram(headers: Credentials): boolean {
    const token = bearerToken(headers);
    return token !== undefined && this.#tokens.roleOf(token) !== undefined;
  }

  /** Logs somebody in by the password, or by an API token in its place. `address` is where they come from. */
  async login(given: string, address: string): Promise<Login> {
    const waitMs = this.#limiter.take(address);
    if (waitMs > 0) {
      this.#refusals.note("login", `${address}: too many wrong passwords`);
      return { waitMs };
    }
    const isPassword = await this.#password?.matches(given).catch(orBusy);
    if (isPassword === "busy") return { waitMs: BUSY_MS };
    const role = isPassword ? "admin" : this.#tokens.roleOf(given);
    if (role === undefined) {
      this.#refusals.note("login", `${address}: wrong password`);
      this.#log.warn({ address }, "login refused");
      return "wrong";
    }
    this.#limiter.giveBack(address);
    const { token, session } = this.#sessions.open(role);
    this.#save();
    this.#log.info({ address, role }, "logged in");
    return { token, grant: { role, session } };
  }

  logout(session: Session): void {
    this.#sessions.end(session);
    this.#save();
  }

  /** Says that a grant is in use, by a live connection; its session does not end meanwhile for being unused. */
  keep({ session }: Grant): void {
    if (session) this.#sessions.keep(session);
  }

  /** Calls `over` when a grant's session ends, until disposed. A grant without one lasts. */
  whenOver({ session }: Grant, over: () => void): Disposable {
    return session ? this.#sessions.watch(session, over) : { [Symbol.dispose]() {} };
  }
}

function orBusy(error: unknown): "busy" {
  if (error instanceof Busy) return "busy";
  throw error;
}

const bearerToken = ({ authorization }: Credentials): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];

/** A key that only who knows the passwords can make: what a thief of the state file finds there fits no token. */
async function sessionKey(
  { password, tokens }: Pick<ServerConfig["http"], "password" | "tokens">,
  state: Pick<StateStore, "setting" | "putSetting">,
): Promise<Buffer> {
  let salt = await state.setting(SALT);
  if (salt === undefined) {
    salt = randomBytes(16).toString("base64url");
    await state.putSetting(SALT, salt);
  }
  const secrets = [password?.reveal() ?? "", ...tokens.map((token) => token.reveal()).sort()];
  const text = createHash("sha256").update(JSON.stringify(secrets)).digest("base64url");
  return deriveKey(text, Buffer.from(salt, "base64url"));
}
