import { LoginLimiter, networkOf } from "./loginLimiter.js";

/** Tries at one name from wherever they come. */
const PER_NAME = { burst: 15, everyMs: 6_000 };
/** Where somebody is known, nobody else's tries count. */
const NO_TOTAL = { burst: Number.POSITIVE_INFINITY, everyMs: 1 };
/** Pairs of name and network that are remembered; beyond it the one that was not used for longest is forgotten. */
const MAX_FAMILIAR = 1_024;

/**
 * Tries at logging in: few from one network, at one name, and in total. Whoever has logged in from a network has tries of
 * their own there, so that who guesses at their name from elsewhere, or at all names from everywhere, does not keep them out.
 */
export class Tries {
  readonly #networks: LoginLimiter;
  readonly #names: LoginLimiter;
  readonly #known: LoginLimiter;
  readonly #familiar = new Set<string>();

  /** `monoMs` is a time that never steps. */
  constructor(monoMs: () => number) {
    this.#networks = new LoginLimiter(monoMs);
    this.#names = new LoginLimiter(monoMs, undefined, PER_NAME);
    this.#known = new LoginLimiter(monoMs, NO_TOTAL);
  }

  /** Takes one try; 0 when it may go ahead, else the ms to wait, and nothing is taken. */
  take(address: string, name: string): number {
    if (this.#familiar.has(keyOf(address, name))) return this.#known.take(address, name);
    const waitMs = this.#networks.take(address);
    if (waitMs > 0) return waitMs;
    const byNameMs = this.#names.take(name);
    if (byNameMs > 0) this.#networks.giveBack(address);
    return byNameMs;
  }

  /** The try was right: it is given back, and the name is known there from now on. */
  wasRight(address: string, name: string): void {
    const key = keyOf(address, name);
    if (this.#familiar.delete(key)) this.#known.giveBack(address, name);
    else {
      this.#networks.giveBack(address);
      this.#names.giveBack(name);
    }
    this.#familiar.add(key);
    if (this.#familiar.size > MAX_FAMILIAR) this.#familiar.delete(this.#familiar.keys().next().value!);
  }
}

const keyOf = (address: string, name: string): string => `${networkOf(address)} ${name}`;
