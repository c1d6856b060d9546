import { isIP } from "node:net";
import { AgentError } from "../agentError.js";
import { CGMINER_PORT } from "../toSample.js";

/** Addresses that one agent may be told to look at; a /16. */
export const MAX_ADDRESSES = 65_536;

/** IPv4 addresses as numbers, both ends included. */
export interface AddressRange {
  first: number;
  last: number;
}

const HOW = "write 192.168.1.20, 192.168.1.10-50, 192.168.1.10-192.168.2.50 or 192.168.1.0/24";

/** The number of an IPv4 address; undefined for anything else. */
function numberOf(address: string): number | undefined {
  if (isIP(address) !== 4) return undefined;
  return address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0);
}

const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");

/**
 * Reads an address, a range (`a-b`, or `a-n` within the last octet) or a CIDR block, whose network and broadcast addresses
 * are left out from /30 up. Throws `config` with the way to write it.
 */
export function parseRange(text: string): AddressRange {
  const wrong = (what: string): never => {
    throw new AgentError("config", `"${text}" ${what}; ${HOW}`);
  };
  const [base = "", bits, ...more] = text.trim().split("/");
  const [from = "", to, ...rest] = base.split("-").map((part) => part.trim());
  const first = numberOf(from);
  if (first === undefined || more.length || rest.length || (bits !== undefined && to !== undefined))
    return wrong("is no address, range or CIDR");
  if (bits !== undefined) {
    const length = /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
    if (length > 32) return wrong("has no prefix length of 0 to 32");
    const size = 2 ** (32 - length);
    if (size > MAX_ADDRESSES)
      return wrong(
        `has ${size.toLocaleString("en")} addresses, more than ${MAX_ADDRESSES.toLocaleString("en")}`,
      );
    const network = Math.floor(first / size) * size;
    return size >= 4
      ? { first: network + 1, last: network + size - 2 }
      : { first: network, last: network + size - 1 };
  }
  if (to === undefined) return { first, last: first };
  const last = /^\d{1,3}$/.test(to) ? Math.floor(first / 256) * 256 + Number(to) : numberOf(to);
  if (last === undefined || (!to.includes(".") && Number(to) > 255))
    return wrong("does not end in an address");
  if (last < first) return wrong("ends before it begins");
  if (last - first >= MAX_ADDRESSES)
    return wrong(
      `has ${(last - first + 1).toLocaleString("en")} addresses, more than ${MAX_ADDRESSES.toLocaleString("en")}`,
    );
  return { first, last };
}

/** Whether an IPv4 address lies in a range; a host name lies in none. */
export function inRange(range: AddressRange, address: string): boolean {
  const number = numberOf(address);
  return number !== undefined && number >= range.first && number <= range.last;
}

/**
 * The addresses of `ranges` without those of `excludes`, each once, in order. Throws `config` when a range cannot be read, or
 * when together they have more than {@link MAX_ADDRESSES}.
 */
export function expandRanges(ranges: readonly string[], excludes: readonly string[] = []): string[] {
  const spans = ranges.map(parseRange);
  const holes = excludes.map(parseRange);
  const total = spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (total > MAX_ADDRESSES)
    throw new AgentError(
      "config",
      `the ranges have ${total.toLocaleString("en")} addresses together, more than ${MAX_ADDRESSES.toLocaleString("en")}; give each site an agent of its own, or smaller ranges`,
    );
  const numbers = new Set<number>();
  for (const { first, last } of spans)
    for (let number = first; number <= last; number++)
      if (!holes.some((hole) => number >= hole.first && number <= hole.last)) numbers.add(number);
  return [...numbers].sort((a, b) => a - b).map(addressOf);
}

/** Reads `address` or `address:port` of one rig; a host name will do. Throws `config`. */
export function parseRigAddress(text: string): { address: string; port: number } {
  const match = text.trim().match(/^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?$/);
  const port = match?.[2] === undefined ? CGMINER_PORT : Number(match[2]);
  // Digits and dots that make no address are a slip of the pen, not a host name.
  if (!match?.[1] || port < 1 || port > 65_535 || (/^[\d.]+$/.test(match[1]) && isIP(match[1]) !== 4))
    throw new AgentError("config", `"${text}" is no rig's address; write 192.168.1.20 or 192.168.1.20:4029`);
  return { address: match[1], port };
}
