import type { IncomingHttpHeaders } from "node:http";

/** As long as the longest session; how long one lasts is the server's to say. */
const MAX_AGE_S = 365 * 86_400;

/** Browsers keep one jar for all ports of a host: two servers on one machine must not log each other's people out. */
const cookieName = (host: string | undefined): string => {
  const port = /:(\d{1,5})$/.exec(host ?? "")?.[1];
  return port === undefined ? "hashwatt" : `hashwatt-${port}`;
};

/**
 * What the name of a cookie begins with that a browser takes from this very host alone, over TLS, for all its paths (RFC 6265bis
 * 4.1.3.2): neither a neighbour under the same domain nor whoever changes a page in the clear can put one of theirs in its place.
 */
const BOUND = "__Host-";

/** The token in a request's session cookie. */
export interface CookieToken {
  token: string;
  /** Whether it came under the name that this host alone can have given it. */
  isBound: boolean;
}

/** The token in a request's session cookie, the bound one first; undefined where there is none. */
export function cookieToken({
  cookie,
  host,
}: Pick<IncomingHttpHeaders, "cookie" | "host">): CookieToken | undefined {
  const name = cookieName(host);
  let plain: CookieToken | undefined;
  for (const part of (cookie ?? "").split(";")) {
    const at = part.indexOf("=");
    const called = part.slice(0, at).trim();
    const token = part.slice(at + 1).trim();
    if (called === `${BOUND}${name}`) return { token, isBound: true };
    if (called === name) plain ??= { token, isBound: false };
  }
  return plain;
}

/** Whether a request came encrypted: to this server itself, or to a proxy in front, as it or the page's own address says. */
export const cameEncrypted = ({
  protocol,
  headers,
}: {
  protocol: string;
  headers: Pick<IncomingHttpHeaders, "origin">;
}): boolean => protocol === "https" || headers.origin?.startsWith("https:") === true;

/**
 * The `Set-Cookie` that gives a browser its token, or with "" takes it back. No script can read it and no other site's page
 * sends it. A page that came `encrypted`, from here or by a proxy in front, never sends it in the clear, and has it under the bound name.
 */
export function setCookie(
  token: string,
  { host }: Pick<IncomingHttpHeaders, "host">,
  encrypted: boolean,
): string {
  const age = token === "" ? 0 : MAX_AGE_S;
  const secure = encrypted ? "; Secure" : "";
  return `${encrypted ? BOUND : ""}${cookieName(host)}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
