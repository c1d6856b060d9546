import { BlockList, isIP } from "node:net";
import type { Grant } from "../access/grant.js";
import { networkOf } from "../access/loginLimiter.js";
import { isLoopback } from "../http/hostGuard.js";

/** Connections that there may be at a time: in all, of one user or token, and from one network, so that nobody keeps the others out. */
export const MAX_PLACES = 256;
export const MAX_OF_USER = 64;
export const MAX_OF_NETWORK = 128;

/** Who wants a place on the live feed, and where from. */
export interface Guest {
  grant: Pick<Grant, "by" | "who">;
  address: string | undefined;
  /** The header X-Forwarded-For as it came. */
  forwardedFor: string | string[] | undefined;
}

/** The places on the live feed, and who has how many. */
export class Places {
  readonly #counts = new Map<string, number>();
  readonly #proxies = new BlockList();
  #taken = 0;

  /** `proxies` (addresses, networks) are believed whom they pass on. */
  constructor(proxies: readonly string[] = []) {
    for (const text of proxies) {
      const [address = "", bits] = text.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (bits === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(bits), family);
    }
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a place, until disposed; where there is none, says in one line of at most 123 bytes why, which is what a close frame holds. */
  take({ grant: { by, who }, address, forwardedFor }: Guest): Disposable | string {
    if (this.#taken >= MAX_PLACES) return `${MAX_PLACES} screens are connected, which is all there may be`;
    const network = this.#networkOf(address, forwardedFor);
    const keys = [
      // Where nobody logs in, nobody has a name.
      ...(by === "anyone" ? [] : [{ key: `${by} ${who}`, most: MAX_OF_USER, whose: `of ${who}` }]),
      ...(network === undefined
        ? []
        : [{ key: `from ${network}`, most: MAX_OF_NETWORK, whose: `from ${network}` }]),
    ];
    const full = keys.find(({ key, most }) => (this.#counts.get(key) ?? 0) >= most);
    if (full) return `${full.most} screens ${full.whose} are connected: close some first`;
    this.#taken++;
    for (const { key } of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#taken--;
        for (const { key } of keys) {
          const left = this.#counts.get(key)! - 1;
          if (left > 0) this.#counts.set(key, left);
          else this.#counts.delete(key);
        }
      },
    };
  }

  /**
   * The network that a connection is from: what a proxy of ours says, else its own address. Undefined for this machine, from which a
   * proxy that nobody has named may speak for all.
   */
  #networkOf(address: string | undefined, forwarded: string | string[] | undefined): string | undefined {
    const chain = [...[forwarded ?? []].flat().join(",").split(","), address ?? ""]
      .map((each) => each.trim().replace(/^::ffff:/i, ""))
      .reverse();
    const from = chain.find((each) => !this.#isProxy(each));
    return from === undefined || isIP(from) === 0 || isLoopback(from) ? undefined : networkOf(from);
  }

  #isProxy(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#proxies.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}
