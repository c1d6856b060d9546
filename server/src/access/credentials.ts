import type { ServerConfig } from "../config/schema.js";
import type { StateStore } from "../store/state/state.js";
import { ApiTokens } from "./apiTokens.js";
import { PasswordCheck } from "./passwordCheck.js";
import type { Role } from "./role.js";
import { BUILT_IN, type User, Users } from "./users.js";

const USERS = "access/users";
const TOKENS = "access/tokens";

/** Whom a login has shown to be there; `of` names what let them in: `password`, `user:ann`, `token:…`. */
export interface Owner {
  of: string;
  name: string;
  role: Role;
  /** What it rested on when it was checked, as {@link Credentials.basisOf} tells. Holds secrets. */
  basis: string[];
}

/** Everything by which somebody may be let in: the password of the config, users, tokens. */
export class Credentials {
  readonly users: Users;
  readonly tokens: ApiTokens;
  /** Names of users that the config has taken over from the state. */
  readonly takenOver: readonly string[];
  readonly #password: PasswordCheck | undefined;
  readonly #configured: boolean;

  private constructor(http: ServerConfig["http"], users: Users, takenOver: string[], tokens: ApiTokens) {
    this.users = users;
    this.takenOver = takenOver;
    this.tokens = tokens;
    this.#password = http.password && new PasswordCheck(http.password);
    this.#configured = http.password !== undefined || http.tokens.length > 0;
  }

  /** Reads those of the state. Throws ServerError `storeDamaged`. */
  static async open(
    http: ServerConfig["http"],
    state: Pick<StateStore, "setting" | "putSetting">,
    nowMs: () => number,
  ): Promise<Credentials> {
    const keep = (key: string) => ({
      read: () => state.setting(key),
      write: (text: string) => state.putSetting(key, text),
    });
    const declared = http.users.flatMap(({ name, role, password }) =>
      password ? [{ name, role, secret: password }] : [],
    );
    const isGood = ({ expiresMs }: { expiresMs?: number | undefined }) =>
      expiresMs === undefined || expiresMs > nowMs();
    const otherAdmin = () =>
      http.password !== undefined || http.tokens.some((token) => token.scope === "admin" && isGood(token));
    const { users, takenOver } = await Users.open(declared, keep(USERS), { otherAdmin, nowMs });
    return new Credentials(http, users, takenOver, await ApiTokens.open(http.tokens, keep(TOKENS), nowMs));
  }

  /** Whether there is anything to log in by. */
  get any(): boolean {
    return this.#configured || this.users.size > 0;
  }

  /** What a person is asked for. */
  get asks(): "password" | "token" {
    return this.#password || this.users.size ? "password" : "token";
  }

  /** Whose name and password these are; without a name the password of the config, or a token in its place. Rejects with `Busy`. */
  async ownerOf(name: string | undefined, password: string): Promise<Owner | undefined> {
    if (name !== undefined && name !== BUILT_IN) {
      const user = await this.users.matching(name, password);
      const of = `user:${name}`;
      return user && { of, name: user.name, role: user.role, basis: basisOfUser(of, user) };
    }
    if (await this.#password?.matches(password))
      return { of: "password", name: BUILT_IN, role: "admin", basis: ["password"] };
    const held = this.tokens.of(password);
    if (!held || "ended" in held) return undefined;
    const of = `token:${held.id}`;
    const basis = this.basisOf(of);
    return basis && { of, name: held.name, role: held.role, basis };
  }

  /** What a session of that owner rests on at this moment; undefined where it lets nobody in any more. */
  basisOf(of: string): string[] | undefined {
    if (of === "password") return this.#password && [of];
    const [kind, id = ""] = of.split(/:(.*)/s);
    if (kind === "token") {
      const basis = this.tokens.basisOf(id);
      return basis && [of, ...basis];
    }
    const user = this.users.get(id);
    return user && basisOfUser(of, user);
  }
}

const basisOfUser = (of: string, { role, secret }: User): string[] => [of, role, secret.reveal()];
