import { isIPv6 } from "node:net";

/** So many wrong passwords in a row, then one more every so often: by the network they come from, and in total. */
const PER_NETWORK = { burst: 5, everyMs: 12_000 };
const IN_TOTAL = { burst: 30, everyMs: 2_000 };
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
  readonly #monoMs: () => number;

  /** `monoMs` is a time that never steps. */
  constructor(monoMs: () => number) {
    this.#monoMs = monoMs;
    this.#total = { left: IN_TOTAL.burst, atMs: monoMs() };
  }

  /** Takes one try for an address; 0 when it may go ahead, else the ms to wait, and nothing is taken. */
  take(address: string): number {
    const nowMs = this.#monoMs();
    const network = networkOf(address);
    const own = this.#networks.get(network) ?? { left: PER_NETWORK.burst, atMs: nowMs };
    const waitMs = Math.max(refill(own, PER_NETWORK, nowMs), refill(this.#total, IN_TOTAL, nowMs));
    if (waitMs > 0) return waitMs;
    own.left--;
    this.#total.left--;
    this.#networks.delete(network);
    this.#networks.set(network, own);
    if (this.#networks.size > MAX_NETWORKS) this.#networks.delete(this.#networks.keys().next().value!);
    return 0;
  }

  /** Gives a try back: the password was right. */
  giveBack(address: string): void {
    const own = this.#networks.get(networkOf(address));
    if (own) own.left = Math.min(PER_NETWORK.burst, own.left + 1);
    this.#total.left = Math.min(IN_TOTAL.burst, this.#total.left + 1);
  }
}

/** Brings a bucket up to date; ms until it holds a whole try, 0 when it does. */
function refill(bucket: Bucket, { burst, everyMs }: typeof PER_NETWORK, nowMs: number): number {
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
