import { createHash, randomBytes } from "node:crypto";
import {
  ACCESS_NAME,
  type Actor,
  type MadeToken,
  SCOPE_ROLES,
  SCOPES,
  type Scope,
  type TokenView,
} from "@hashwatt/protocol/access";
import { z } from "zod";
import { ServerError } from "../error.js";
import type { Secret } from "../secret.js";
import type { Role } from "./role.js";

const MAX_TOKENS = 256;
/** A token that has ended is told to who still uses it for so long. */
const REMEMBERED_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;
const TOKEN_BYTES = 32;
/** By which a leaked one is recognised. */
const PREFIX = "hashwatt_";

const digestOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

const storedSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(SCOPES),
    digest: z.string(),
    createdMs: z.number(),
    createdBy: z.string(),
    expiresMs: z.number(),
    lastUsedMs: z.number().nullable(),
    revokedMs: z.number().nullable(),
  }),
);

/** A token as a config declares one; one of the old form is for everything and for ever. */
export interface ConfigToken {
  readonly name?: string | undefined;
  readonly token: Secret;
  readonly scope: Scope;
  /** Epoch ms. */
  readonly expiresMs?: number | undefined;
}

interface Token {
  id: string;
  name: string;
  scope: Scope;
  digest: string;
  createdMs: number | null;
  createdBy: string | null;
  expiresMs: number | null;
  lastUsedMs: number | null;
  revokedMs: number | null;
  from: "config" | "state" | "machine";
}

/** Who bears a token. */
export interface Bearer {
  id: string;
  name: string;
  role: Role;
  by: Actor;
}

/** A token of ours that is good no more. */
export interface EndedToken {
  ended: "expired" | "revoked";
  atMs: number;
}

/** Who reads and writes the tokens that are not in the config. */
export interface TokenKeep {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/**
 * The tokens of programs. They are looked up by their digests, so that the time of a look-up tells nothing of how much of
 * a token was right, and only the digests are kept.
 */
export class ApiTokens {
  #byDigest = new Map<string, Token>();
  readonly #keep: TokenKeep;
  readonly #nowMs: () => number;
  /** Ended ones that {@link takeEnded} has told of. */
  readonly #told = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #used = false;

  private constructor(keep: TokenKeep, nowMs: () => number) {
    this.#keep = keep;
    this.#nowMs = nowMs;
  }

  /** Throws ServerError `storeDamaged` for a list that cannot be read: what was revoked must not be good again. */
  static async open(
    configured: readonly ConfigToken[],
    keep: TokenKeep,
    nowMs: () => number,
  ): Promise<ApiTokens> {
    const tokens = new ApiTokens(keep, nowMs);
    for (const [i, { name, token, scope, expiresMs }] of configured.entries())
      tokens.#put(`config-${i + 1}`, name ?? `config-${i + 1}`, token.reveal(), scope, "config", expiresMs);
    const text = await keep.read();
    if (text === undefined) return tokens;
    try {
      for (const token of storedSchema.parse(JSON.parse(text)))
        if (!tokens.#byDigest.has(token.digest))
          tokens.#byDigest.set(token.digest, { ...token, from: "state" });
    } catch (cause) {
      throw new ServerError(
        "storeDamaged",
        "the tokens in the state file cannot be read: restore it from the nightly export (server restore)",
        { cause },
      );
    }
    return tokens;
  }

  /** Adds the token of this machine's own commands. */
  addLocal(token: string): void {
    this.#put("machine", "machine", token, "admin", "machine", undefined);
  }

  /** Who bears a token, or when it has ended; undefined for one that is none of ours. */
  of(token: string): Bearer | EndedToken | undefined {
    const held = this.#byDigest.get(digestOf(token));
    if (!held) return undefined;
    const nowMs = this.#nowMs();
    const ended = endOf(held, nowMs);
    if (ended) return ended;
    held.lastUsedMs = nowMs;
    this.#used ||= held.from === "state";
    return toBearer(held);
  }

  /** What the token of that id is, for as long as it is good: its scope and its digest. */
  basisOf(id: string): string[] | undefined {
    const token = this.#find(id);
    return token && !endOf(token, this.#nowMs()) ? [token.scope, token.digest] : undefined;
  }

  /** All but that of the machine, those first that are good, newest first. */
  list(): TokenView[] {
    const order = ({ state }: TokenView) => (state === "valid" ? 0 : 1);
    return [...this.#byDigest.values()]
      .filter(({ from }) => from !== "machine")
      .map((token) => this.#view(token))
      .sort((a, b) => order(a) - order(b) || (b.createdMs ?? 0) - (a.createdMs ?? 0));
  }

  /** Makes a token for so many days. Its text is in the answer and nowhere else. Throws ServerError `badRequest`. */
  async create(name: string, scope: Scope, days: number, createdBy: string): Promise<MadeToken> {
    const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString("base64url")}`;
    const made = await this.#change((tokens) => {
      const nowMs = this.#nowMs();
      if (!ACCESS_NAME.test(name))
        throw bad("name", "must be of a–z, 0–9, and . _ @ - after the first, at most 64 of them");
      const good = [...tokens.values()].filter((each) => !endOf(each, nowMs));
      if (good.some((each) => each.name === name))
        throw bad("name", `there is a token ${name} already; revoke it first, or choose another name`);
      if (good.filter(({ from }) => from === "state").length >= MAX_TOKENS)
        throw bad("name", `there are ${MAX_TOKENS} tokens; revoke one first`);
      const one: Token = {
        id: `t-${randomBytes(5).toString("hex")}`,
        name,
        scope,
        digest: digestOf(token),
        createdMs: nowMs,
        createdBy,
        expiresMs: nowMs + days * DAY_MS,
        lastUsedMs: null,
        revokedMs: null,
        from: "state",
      };
      tokens.set(one.digest, one);
      return one;
    });
    return { ...this.#view(made), token };
  }

  /** Takes a token back, by its id or, of the one that is good, its name. Throws ServerError `notFound`, `badRequest`. */
  async revoke(idOrName: string): Promise<TokenView> {
    return this.#view(
      await this.#change((tokens) => {
        const token = this.#find(idOrName);
        if (!token || token.from === "machine")
          throw new ServerError("notFound", `There is no token "${idOrName.slice(0, 64)}"; see /api/tokens`);
        if (token.from === "config")
          throw bad(
            "id",
            `${token.name} is declared in the server's config as http.tokens; take it out there`,
          );
        if (endOf(token, this.#nowMs())) return token;
        const revoked = { ...token, revokedMs: this.#nowMs() };
        tokens.set(token.digest, revoked);
        return revoked;
      }),
    );
  }

  /** Ids of tokens that have ended since this was last asked. */
  takeEnded(): string[] {
    const nowMs = this.#nowMs();
    const ended: string[] = [];
    for (const token of this.#byDigest.values()) {
      if (this.#told.has(token.id) || !endOf(token, nowMs)) continue;
      this.#told.add(token.id);
      ended.push(token.id);
    }
    return ended;
  }

  /** Writes when tokens were last used, if any was. */
  async saveUses(): Promise<void> {
    if (this.#used) await this.#change(() => undefined);
  }

  #find(idOrName: string): Token | undefined {
    const all = [...this.#byDigest.values()];
    return (
      all.find(({ id }) => id === idOrName) ??
      all.find((token) => token.name === idOrName && !endOf(token, this.#nowMs()))
    );
  }

  #put(id: string, name: string, text: string, scope: Scope, from: Token["from"], expiresMs?: number): void {
    this.#byDigest.set(digestOf(text), {
      id,
      name,
      scope,
      digest: digestOf(text),
      createdMs: null,
      createdBy: null,
      expiresMs: expiresMs ?? null,
      lastUsedMs: null,
      revokedMs: null,
      from,
    });
  }

  #view({ digest: _digest, revokedMs: _revoked, from, ...token }: Token): TokenView {
    const held = this.#byDigest.get(_digest);
    const state = (held && endOf(held, this.#nowMs())?.ended) ?? "valid";
    return { ...token, from: from === "config" ? "config" : "state", state };
  }

  /** One change after the other; each counts once it is on disk. What has ended long ago is forgotten with it. */
  #change<T>(work: (tokens: Map<string, Token>) => T): Promise<T> {
    const done = this.#turn.then(async () => {
      const nowMs = this.#nowMs();
      const tokens = new Map(
        [...this.#byDigest].filter(([, token]) => {
          const ended = token.from === "state" && endOf(token, nowMs);
          return !ended || nowMs - ended.atMs < REMEMBERED_MS;
        }),
      );
      const result = work(tokens);
      this.#used = false;
      const stored = [...tokens.values()].flatMap(({ from, ...token }) => (from === "state" ? [token] : []));
      await this.#keep.write(JSON.stringify(stored)).catch((error: unknown) => {
        this.#used = true;
        throw error;
      });
      this.#byDigest = tokens;
      return result;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const bad = (field: string, message: string): ServerError =>
  new ServerError("badRequest", `${field}: ${message}`);

const toBearer = ({ id, name, scope, from }: Token): Bearer => ({
  id,
  name,
  role: SCOPE_ROLES[scope],
  by: from === "machine" ? "machine" : "token",
});

function endOf({ revokedMs, expiresMs }: Token, nowMs: number): EndedToken | undefined {
  if (revokedMs !== null) return { ended: "revoked", atMs: revokedMs };
  return expiresMs !== null && expiresMs <= nowMs ? { ended: "expired", atMs: expiresMs } : undefined;
}
