import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../secret.js";
import { isPasswordOf, parsePasswordHash, plain } from "./passwordHash.js";

/** Compares texts of any length in one time: by digests of one length, under a key that nobody can aim at. */
const key = randomBytes(32);
const digestOf = (text: string): Buffer => createHmac("sha256", key).update(plain(text)).digest();

/**
 * Checks what somebody gives as the password. Of a hash, the first right answer takes a scrypt; a digest of it is kept in
 * memory, so that hundreds of agents that come back at once do not wait for one each.
 */
export class PasswordCheck {
  readonly #hash;
  #known: Buffer | undefined;

  /** `secret` is the password, or a hash of it as `hash-password` prints it. */
  constructor(secret: Secret) {
    const text = secret.reveal();
    this.#hash = parsePasswordHash(text);
    if (!this.#hash) this.#known = digestOf(text);
  }

  /** Whether it is the password. How long a wrong one takes does not depend on it. Rejects with `Busy` when many are checked. */
  async matches(given: string): Promise<boolean> {
    const digest = digestOf(given);
    if (this.#known && timingSafeEqual(this.#known, digest)) return true;
    if (!this.#hash || !(await isPasswordOf(this.#hash, given))) return false;
    this.#known = digest;
    return true;
  }
}
