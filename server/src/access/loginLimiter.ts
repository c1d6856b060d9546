import { isIPv6 } from "node:net";

/** So many wrong passwords in a row, then one more every so often. */
export interface Allowance {
  burst: number;
  everyMs: number;
}

const PER_NETWORK: Allowance = { burst: 5, everyMs: 12_000 };
const IN_TOTAL: Allowance = { burst: 30, everyMs: 2_000 };
/** Networks that are remembered; beyond it the one that has waited longest is forgotten. */
const MAX_NETWORKS = 4_096;

interface Bucket {
  left: number;
  atMs: number;
}

/**
 * Slows down who guesses passwords. Nobody is ever shut out for good: after the wait that is told, the next try is free.
 */
export class LoginLimiter {
  readonly #networks = new Map<string, Bucket>();
  readonly #total: Bucket;
  readonly #inTotal: Allowance;
  readonly #each: Allowance;
  readonly #monoMs: () => number;

  /** `monoMs` is a time that never steps; `inTotal` holds for all networks together, `each` for one, or for one name in its place. */
  constructor(monoMs: () => number, inTotal = IN_TOTAL, each = PER_NETWORK) {
    this.#monoMs = monoMs;
    this.#each = each;
    this.#inTotal = inTotal;
    this.#total = { left: inTotal.burst, atMs: monoMs() };
  }

  /**
   * Takes one try for an address, and where many users share one, for that user alone: one who exists, for each gets an
   * allowance of its own, and invented ones would push out the others'; 0 when it may go ahead, else the ms
   * to wait, and nothing is taken.
   */
  take(address: string, user = ""): number {
    const nowMs = this.#monoMs();
    const network = keyOf(address, user);
    const own = this.#networks.get(network) ?? { left: this.#each.burst, atMs: nowMs };
    const waitMs = Math.max(refill(own, this.#each, nowMs), refill(this.#total, this.#inTotal, nowMs));
    if (waitMs > 0) return waitMs;
    own.left--;
    this.#total.left--;
    this.#networks.delete(network);
    this.#networks.set(network, own);
    if (this.#networks.size > MAX_NETWORKS) this.#networks.delete(this.#networks.keys().next().value!);
    return 0;
  }

  /** Gives a try back: the password was right. */
  giveBack(address: string, user = ""): void {
    const own = this.#networks.get(keyOf(address, user));
    if (own) own.left = Math.min(this.#each.burst, own.left + 1);
    this.#total.left = Math.min(this.#inTotal.burst, this.#total.left + 1);
  }
}

/** What is kept of names that come from outside is short, whatever they are. */
const keyOf = (address: string, user: string): string => `${networkOf(address)} ${user}`.slice(0, 128);

/** Brings a bucket up to date; ms until it holds a whole try, 0 when it does. */
function refill(bucket: Bucket, { burst, everyMs }: Allowance, nowMs: number): number {
  bucket.left = Math.min(burst, bucket.left + (nowMs - bucket.atMs) / everyMs);
  bucket.atMs = nowMs;
  return bucket.left >= 1 ? 0 : Math.ceil((1 - bucket.left) * everyMs);
}

/** An IPv4 address is its own network; one line at an IPv6 provider has 2^64 addresses to come from. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.split("%", 1)[0]!.toLowerCase().split("::", 2);
  const front = head.split(":").filter(Boolean);
  const back = tail.split(":").filter(Boolean);
  const zeros = new Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0");
  return `${[...front, ...zeros, ...back].slice(0, 4).join(":")}::/64`;
}
