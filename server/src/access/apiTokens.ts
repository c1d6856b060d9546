import { createHash } from "node:crypto";
import type { Secret } from "../secret.js";
import type { Role } from "./role.js";

const digestOf = (token: string): string => createHash("sha256").update(token).digest("base64");

/**
 * The tokens of programs. They are looked up by their digests, so that the time of a look-up tells nothing of how much of
 * a token was right.
 */
export class ApiTokens {
  readonly #roles = new Map<string, Role>();

  constructor(tokens: readonly Secret[]) {
    for (const token of tokens) this.add(token.reveal(), "admin");
  }

  get size(): number {
    return this.#roles.size;
  }

  add(token: string, role: Role): void {
    this.#roles.set(digestOf(token), role);
  }

  /** What the bearer of a token may do; undefined for one that is none of ours. */
  roleOf(token: string): Role | undefined {
    return this.#roles.get(digestOf(token));
  }
}
