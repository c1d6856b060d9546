import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Networks that a target of a stranger may not lie in: own, private, local, shared, documentation, metadata, multicast. */
const FORBIDDEN = new BlockList();
for (const network of [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2001:db8::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
]) {
  const [net = "", bits = ""] = network.split("/");
  FORBIDDEN.addSubnet(net, Number(bits), isIP(net) === 6 ? "ipv6" : "ipv4");
}

/** Says that a target may not be connected to. The message holds nothing of it. */
export class RefusedTarget extends Error {
  override name = "RefusedTarget";
  constructor(unless = "a channel of the config may lead (or alerts.privateTargets: true)") {
    super(`its address is private or local, where only ${unless}`);
  }
}

/** Keeps connections off addresses that only this machine or its network should reach. */
export interface TargetGuard {
  /** Throws {@link RefusedTarget} for a host that is itself such an address. */
  check(host: string): void;
  /** Resolves names as the system does, and refuses one of which any address is such. Asked at each connection. */
  readonly lookup: LookupFunction;
}

/** Whether an address is one that strangers may not send this server to. An IPv4 address within an IPv6 one counts as itself. */
export const isForbidden = (address: string): boolean => {
  const bare = address.replace(/%.*$/, "");
  const family = isIP(bare);
  return family === 0 || FORBIDDEN.check(bare, family === 6 ? "ipv6" : "ipv4");
};

/** Whether a host of a URL is itself such an address, or the name of this machine. */
export function isForbiddenHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) ? isForbidden(bare) : /^(.*\.)?localhost\.?$/i.test(bare);
}

/** A guard. `resolve` is the system's resolver, but in tests; `unless` says in messages who may lead there. */
export const targetGuard = (resolve: typeof systemLookup = systemLookup, unless?: string): TargetGuard => ({
  check(host) {
    const bare = host.replace(/^\[(.*)\]$/, "$1");
    if (isIP(bare) && isForbidden(bare)) throw new RefusedTarget(unless);
  },
  lookup(hostname, options, callback) {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [], 0);
      const addresses = Array.isArray(found) ? found : [{ address: String(found), family: isIP(found) }];
      if (!addresses.length || addresses.some(({ address }) => isForbidden(address)))
        return callback(new RefusedTarget(unless), [], 0);
      if (options.all) return callback(null, addresses);
      const first = addresses[0]!;
      callback(null, first.address, first.family);
    });
  },
});
