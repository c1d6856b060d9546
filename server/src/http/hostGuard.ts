import type { IncomingHttpHeaders } from "node:http";

/** Names under which a loopback server may be addressed. */
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** Whether an address can only be reached from this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Lets in only requests that name this server as their host and, where a browser says so, come from a page of it: a foreign
 * page must reach neither the API nor the live feed, by DNS rebinding or otherwise.
 */
export class HostGuard {
  readonly #names: ReadonlySet<string>;

  /** `names` are allowed besides those of loopback. */
  constructor(names: readonly string[] = []) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** Why a request is refused; undefined when it may pass. */
  whyNot({ host, origin }: Pick<IncomingHttpHeaders, "host" | "origin">): string | undefined {
    if (host === undefined || !this.#knows(hostName(host))) return `Host "${host ?? ""}" is not this server`;
    if (origin === undefined) return undefined;
    const from = tryUrl(origin);
    // Another port of the same machine is another site: the page must come from the very host that it talks to.
    if (from?.host.toLowerCase() === host.toLowerCase()) return undefined;
    return `Origin "${origin}" is not this server`;
  }

  #knows(name: string | undefined): boolean {
    return name !== undefined && (isLoopback(name) || this.#names.has(name));
  }
}

/** The name part of a Host header, lower case; undefined where it is none. */
function hostName(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(host);
  return match?.[1]?.toLowerCase();
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
