import type { IncomingHttpHeaders } from "node:http";

/** As long as the longest session; how long one lasts is the server's to say. */
const MAX_AGE_S = 365 * 86_400;

/** Browsers keep one jar for all ports of a host: two servers on one machine must not log each other's people out. */
const cookieName = (host: string | undefined): string => {
  const port = /:(\d{1,5})$/.exec(host ?? "")?.[1];
  return port === undefined ? "hashwatt" : `hashwatt-${port}`;
};

/** The token in a request's session cookie; undefined where there is none. */
export function cookieToken({
  cookie,
  host,
}: Pick<IncomingHttpHeaders, "cookie" | "host">): string | undefined {
  const name = cookieName(host);
  for (const part of (cookie ?? "").split(";")) {
    const at = part.indexOf("=");
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
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
 * sends it. A page that came `encrypted`, from here or by a proxy in front, never sends it in the clear.
 */
export function setCookie(
  token: string,
  { host }: Pick<IncomingHttpHeaders, "host">,
  encrypted: boolean,
): string {
  const age = token === "" ? 0 : MAX_AGE_S;
  const secure = encrypted ? "; Secure" : "";
  return `${cookieName(host)}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
