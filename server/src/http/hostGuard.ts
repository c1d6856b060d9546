import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

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
  readonly #anyAddress: boolean;
  readonly #encrypted: boolean;

  /**
   * `names` are allowed besides those of loopback. With `open` so are addresses, whichever they are, and the machine's own
   * name: rebinding needs a name that somebody else answers for, and an address stands for itself. Of an `encrypted` server a page
   * in the clear is none, whoever put it there.
   */
  constructor(names: readonly string[] = [], open = false, encrypted = false) {
    const own = hostname().toLowerCase();
    const machine = open ? [own, `${own.split(".", 1)[0]}.local`] : [];
    this.#names = new Set([...machine, ...names.map((name) => name.toLowerCase())]);
    this.#anyAddress = open;
    this.#encrypted = encrypted;
  }

  /** Why a request is refused; undefined when it may pass. A `program` proves by its token that no page sent it: it may use any name. */
  whyNot(
    { host, origin }: Pick<IncomingHttpHeaders, "host" | "origin">,
    program = false,
  ): string | undefined {
    if (host === undefined || !(program || this.#knows(hostName(host))))
      return `Host "${host ?? ""}" is not this server; if it should be, add the name to http.hosts (HASHWATT_SERVER_HTTP_HOSTS)`;
    if (origin === undefined) return undefined;
    const from = tryUrl(origin);
    // Another port of the same machine is another site: the page must come from the very host that it talks to.
    const isHere = from?.host.toLowerCase() === host.toLowerCase();
    if (isHere && (!this.#encrypted || from?.protocol === "https:")) return undefined;
    return `Origin "${origin}" is not this server, which is called "${host}" here; a proxy in front must pass Host on as it came`;
  }

  #knows(name: string | undefined): boolean {
    if (name === undefined) return false;
    return isLoopback(name) || this.#names.has(name) || (this.#anyAddress && isAddress(name));
  }
}

const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;

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
