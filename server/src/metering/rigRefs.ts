import { isIP } from "node:net";
import type { RigRecord } from "../store/state/state.js";

/** Which of the names in a config a rig goes by. */
export class RigRefs<T> {
  readonly #exact = new Map<string, Set<T>>();
  readonly #ranges: { site: string; first: number; last: number; of: T }[] = [];

  /** Lets `ref` of a site name `of`: an id, address, MAC, serial, hostname or name, or a range of IPv4 addresses (`a/24`, `a-b`). */
  add(site: string, ref: string, of: T): void {
    const range = rangeOf(ref);
    if (range) {
      this.#ranges.push({ site, ...range, of });
      return;
    }
    const key = keyOf(site, ref);
    const known = this.#exact.get(key);
    if (known) known.add(of);
    else this.#exact.set(key, new Set([of]));
  }

  /** All that a rig is named by. */
  of({ rig, site, name, evidence }: Pick<RigRecord, "rig" | "site" | "name" | "evidence">): Set<T> {
    const found = new Set<T>();
    const { address, mac, serial, hostname } = evidence;
    for (const ref of [`r${rig}`, name, address, mac, serial, hostname])
      if (ref !== undefined) for (const of of this.#exact.get(keyOf(site, ref)) ?? []) found.add(of);
    const at = ipv4(address);
    if (at !== undefined)
      for (const range of this.#ranges)
        if (range.site === site && range.first <= at && at <= range.last) found.add(range.of);
    return found;
  }
}

const keyOf = (site: string, ref: string): string => `${site}\n${ref.toLowerCase()}`;

function ipv4(text: string): number | undefined {
  if (isIP(text) !== 4) return undefined;
  return text.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function rangeOf(ref: string): { first: number; last: number } | undefined {
  const [from = "", bits] = ref.split("/");
  const first = ipv4(from);
  if (bits !== undefined && first !== undefined && /^\d{1,2}$/.test(bits) && Number(bits) <= 32) {
    const size = 2 ** (32 - Number(bits));
    const base = first - (first % size);
    return { first: base, last: base + size - 1 };
  }
  const [low = "", high = ""] = ref.split("-").map((each) => each.trim());
  const [start, end] = [ipv4(low), ipv4(high)];
  return start !== undefined && end !== undefined && start <= end ? { first: start, last: end } : undefined;
}
