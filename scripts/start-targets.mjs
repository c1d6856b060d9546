// What `npm start -- --scan` may look at. The agent judges the same again; here it is said in its words before anything is built,
// and what it can be is narrower: addresses and no names.
import { isIP } from "node:net";

/** As in agent/src/discovery/targets.ts. */
const MAX_ADDRESSES = 65_536;
const HOW = "write 192.168.1.20, 192.168.1.10-50, 192.168.1.10-192.168.2.50 or 192.168.1.0/24";

/** A target that is looked through; any other is one rig that somebody knows. */
export const isRange = (target) => /[-/]/.test(target);

const numberOf = (address) =>
  isIP(address) === 4
    ? address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0)
    : undefined;
const tooMany = (size) =>
  `has ${size.toLocaleString("en")} addresses, more than ${MAX_ADDRESSES.toLocaleString("en")}`;

/** How many addresses a range or CIDR has, its edges left out; what is wrong with it as a text. */
function sizeOf(text) {
  const [base = "", bits, ...more] = text.split("/");
  const [from = "", to, ...rest] = base.split("-").map((part) => part.trim());
  const first = numberOf(from);
  if (first === undefined || more.length || rest.length || (bits !== undefined && to !== undefined))
    return "is no address, range or CIDR";
  if (bits !== undefined) {
    const length = /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
    if (length > 32) return "has no prefix length of 0 to 32";
    const size = 2 ** (32 - length);
    if (size > MAX_ADDRESSES) return tooMany(size);
    return size >= 4 ? size - 2 : size;
  }
  const last = /^\d{1,3}$/.test(to) ? Math.floor(first / 256) * 256 + Number(to) : numberOf(to);
  if (last === undefined || (!to.includes(".") && Number(to) > 255)) return "does not end in an address";
  if (last < first) return "ends before it begins";
  return last - first >= MAX_ADDRESSES ? tooMany(last - first + 1) : last - first + 1;
}

function isRig(text) {
  const [, address, port = "4028"] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  return numberOf(address ?? "") !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** What the agent would refuse of all targets of a start, in one line; undefined where it takes them. */
export function targetsProblem(targets) {
  let total = 0;
  for (const target of targets) {
    const text = target.trim();
    if (!isRange(text)) {
      if (isRig(text)) continue;
      return /:/.test(text)
        ? `"${target}" is no rig's address; write 192.168.1.20 or 192.168.1.20:4029`
        : `"${target}" is no address, range or CIDR; ${HOW}`;
    }
    const size = sizeOf(text);
    if (typeof size === "string") return `"${target}" ${size}; ${HOW}`;
    total += size;
  }
  return total > MAX_ADDRESSES
    ? `the ranges have ${total.toLocaleString("en")} addresses together, more than ${MAX_ADDRESSES.toLocaleString("en")}; give each site an agent of its own, or smaller ranges`
    : undefined;
}
