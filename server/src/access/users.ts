import { randomBytes } from "node:crypto";
import { ACCESS_NAME, type UserView } from "@hashwatt/protocol/access";
import { z } from "zod";
import { passwordProblem } from "../config/exposure.js";
import { ServerError } from "../error.js";
import { Secret } from "../secret.js";
import { PasswordCheck } from "./passwordCheck.js";
import { deriveKey, hashPassword, looksHashed } from "./passwordHash.js";
import { ROLES, type Role } from "./role.js";

const MAX_USERS = 256;
/** The name of who has the password of the config. */
export const BUILT_IN = "admin";

const storedSchema = z.array(
  z.object({
    name: z.string().regex(ACCESS_NAME),
    role: z.enum(ROLES),
    /** As `hash-password` prints it. */
    hash: z.string(),
    createdMs: z.number(),
    passwordMs: z.number(),
  }),
);
type Stored = z.infer<typeof storedSchema>[number];

/** A user as somebody is let in by. */
export interface User {
  readonly name: string;
  readonly role: Role;
  /** The password or its hash. */
  readonly secret: Secret;
}
/** A user as a config declares one. */
export type ConfigUser = User;

/** Who reads and writes the list of users that are not in the config. */
export interface UserKeep {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** What an administrator is without users: the password of the config, or a token of it. */
export interface UserTerms {
  /** Whether somebody else than a user may administer the server at this moment. */
  otherAdmin(): boolean;
  nowMs(): number;
}

const bad = (field: string, message: string): ServerError =>
  new ServerError("badRequest", `${field}: ${message}`);

/**
 * Those who log in by a name. The ones of the config are as it says for as long as it names them; the others are kept in
 * the state and changed while the server runs. No name is in both.
 */
export class Users {
  readonly #configured: ReadonlyMap<string, User>;
  readonly #keep: UserKeep;
  readonly #terms: UserTerms;
  #stored = new Map<string, Stored>();
  readonly #checks = new Map<string, { secret: string; check: PasswordCheck }>();
  #turn: Promise<unknown> = Promise.resolve();
  /** A password that nobody has, to compare with where there is no such user: the time must not tell. */
  readonly #nobody = randomBytes(16);

  private constructor(configured: readonly ConfigUser[], keep: UserKeep, terms: UserTerms) {
    this.#configured = new Map(configured.map((user) => [user.name, user]));
    this.#keep = keep;
    this.#terms = terms;
  }

  /**
   * Reads who is kept. A name that the config declares too is taken over by it: what was kept under it goes, and `takenOver`
   * says so. Throws ServerError `storeDamaged` for a list that cannot be read: it must not count as an empty one.
   */
  static async open(
    configured: readonly ConfigUser[],
    keep: UserKeep,
    terms: UserTerms,
  ): Promise<{ users: Users; takenOver: string[] }> {
    const users = new Users(configured, keep, terms);
    const text = await keep.read();
    if (text === undefined) return { users, takenOver: [] };
    const stored = parse(text);
    const takenOver = stored.filter(({ name }) => users.#configured.has(name)).map(({ name }) => name);
    users.#stored = new Map(
      stored.filter(({ name }) => !takenOver.includes(name)).map((user) => [user.name, user]),
    );
    if (takenOver.length) await keep.write(JSON.stringify([...users.#stored.values()]));
    return { users, takenOver };
  }

  get size(): number {
    return this.#configured.size + this.#stored.size;
  }

  get(name: string): User | undefined {
    const configured = this.#configured.get(name);
    if (configured) return configured;
    const stored = this.#stored.get(name);
    return stored && { name, role: stored.role, secret: new Secret(stored.hash) };
  }

  /** Everybody, by name. */
  list(): UserView[] {
    const configured = [...this.#configured.values()].map(
      ({ name, role }): UserView => ({ name, role, from: "config", createdMs: null, passwordMs: null }),
    );
    const stored = [...this.#stored.values()].map(
      ({ hash: _hash, ...user }): UserView => ({ ...user, from: "state" }),
    );
    return [...configured, ...stored].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The user of a name and password. A wrong name takes as long as a wrong password. Rejects with `Busy`. */
  async matching(name: string, password: string): Promise<User | undefined> {
    const user = this.get(name);
    if (!user) {
      await deriveKey(password, this.#nobody);
      return undefined;
    }
    const secret = user.secret.reveal();
    let known = this.#checks.get(name);
    if (known?.secret !== secret) {
      known = { secret, check: new PasswordCheck(user.secret) };
      this.#checks.set(name, known);
    }
    if (await known.check.matches(password)) return user;
    // A password that stands in the config as it is was compared at once.
    if (!looksHashed(secret)) await deriveKey(password, this.#nobody);
    return undefined;
  }

  /** Throws ServerError `badRequest` for a name that is taken or none, a password that will not do, or no administrator. */
  add(name: string, role: Role, password: string): Promise<UserView> {
    return this.#change(async (stored) => {
      if (!ACCESS_NAME.test(name))
        throw bad("name", "must be of a–z, 0–9, and . _ @ - after the first, at most 64 of them");
      if (name === BUILT_IN) throw bad("name", `${BUILT_IN} is who logs in by the password of the config`);
      if (this.#configured.has(name) || stored.has(name)) throw bad("name", `${name} is there already`);
      if (stored.size >= MAX_USERS) throw bad("name", `there are ${MAX_USERS} users; remove one first`);
      const nowMs = this.#terms.nowMs();
      stored.set(name, { name, role, hash: await hashed(password), createdMs: nowMs, passwordMs: nowMs });
      if (!this.#hasAdmin(stored))
        throw bad("role", "the first user must be an admin, for nobody else could change anything after");
      return name;
    });
  }

  /** Changes a role or password. Throws ServerError `notFound`, `badRequest`. */
  set(name: string, change: { role?: Role | undefined; password?: string | undefined }): Promise<UserView> {
    return this.#change(async (stored) => {
      const user = this.#changeable(stored, name);
      stored.set(name, {
        ...user,
        ...(change.role !== undefined && { role: change.role }),
        ...(change.password !== undefined && {
          hash: await hashed(change.password),
          passwordMs: this.#terms.nowMs(),
        }),
      });
      if (!this.#hasAdmin(stored)) throw bad("role", `${name} is the last admin; make another one first`);
      return name;
    });
  }

  /** Throws ServerError `notFound`, `badRequest`. */
  async remove(name: string): Promise<void> {
    await this.#change(async (stored) => {
      this.#changeable(stored, name);
      stored.delete(name);
      if (!this.#hasAdmin(stored)) throw bad("name", `${name} is the last admin; make another one first`);
      return undefined;
    });
    this.#checks.delete(name);
  }

  #changeable(stored: ReadonlyMap<string, Stored>, name: string): Stored {
    if (this.#configured.has(name))
      throw bad("name", `${name} is declared in the server's config as http.users; change it there`);
    const user = stored.get(name);
    if (!user) throw new ServerError("notFound", `There is no user "${name.slice(0, 64)}"; see /api/users`);
    return user;
  }

  #hasAdmin(stored: ReadonlyMap<string, Stored>): boolean {
    const isAdmin = ({ role }: { role: Role }) => role === "admin";
    return (
      this.#terms.otherAdmin() ||
      [...this.#configured.values()].some(isAdmin) ||
      [...stored.values()].some(isAdmin)
    );
  }

  /** One change after the other; each counts once it is on disk. */
  #change<T extends string | undefined>(
    work: (stored: Map<string, Stored>) => Promise<T>,
  ): Promise<T extends string ? UserView : undefined> {
    const done = this.#turn.then(async () => {
      const stored = new Map(this.#stored);
      const name = await work(stored);
      await this.#keep.write(JSON.stringify([...stored.values()]));
      this.#stored = stored;
      return this.list().find((user) => user.name === name);
    });
    this.#turn = done.catch(() => undefined);
    return done as Promise<T extends string ? UserView : undefined>;
  }
}

async function hashed(password: string): Promise<string> {
  const problem = looksHashed(password) ? "is a hash: give the password itself" : passwordProblem(password);
  if (problem !== undefined) throw bad("password", problem);
  return hashPassword(password);
}

function parse(text: string): Stored[] {
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ServerError(
      "storeDamaged",
      "the users in the state file cannot be read: restore it from the nightly export (server restore)",
      { cause },
    );
  }
}
