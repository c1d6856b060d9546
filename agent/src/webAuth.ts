import { createHash, randomBytes } from "node:crypto";

/** What a web server asks for before it answers. Of several it offers, the strongest that this agent speaks. */
export type Challenge =
  | { scheme: "basic"; realm: string }
  | {
      scheme: "digest";
      realm: string;
      nonce: string;
      opaque: string | undefined;
      algorithm: "MD5" | "SHA-256";
      /** `-sess`: the first hash holds the nonces too. */
      session: boolean;
      /** RFC 7616 `auth`; false for the older form of RFC 2069, which knows neither count nor client nonce. */
      qop: boolean;
      /** Requests made with this nonce. */
      count: number;
    };

/** Whether a header can carry a text: no control characters but the tab, nothing beyond Latin-1. */
export const isSendable = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

/**
 * The challenge to answer out of `WWW-Authenticate` headers; undefined when none is one of Digest (RFC 7616: MD5, SHA-256,
 * each with `-sess`; qop `auth`) or Basic (RFC 7617). `auth-int` alone is not spoken, and one that cannot be sent back
 * ({@link isSendable}) is none.
 */
export function readChallenge(headers: readonly string[]): Challenge | undefined {
  let best: Challenge | undefined;
  let rank = 0;
  for (const { scheme, values } of headers.flatMap(splitChallenges)) {
    const realm = values.realm ?? "";
    if (scheme === "basic" && rank < 1) {
      best = { scheme, realm };
      rank = 1;
    }
    if (scheme !== "digest" || values.nonce === undefined) continue;
    const named = /^(md5|sha-256)(-sess)?$/i.exec(values.algorithm ?? "MD5");
    const qops = values.qop?.toLowerCase().split(/[\s,]+/);
    if (!named || (qops && !qops.includes("auth"))) continue;
    const algorithm = named[1]!.toUpperCase() as "MD5" | "SHA-256";
    const strength = algorithm === "SHA-256" ? 3 : 2;
    const { nonce, opaque } = values;
    if (rank >= strength || ![realm, nonce, opaque ?? ""].every(isSendable)) continue;
    rank = strength;
    best = {
      scheme: "digest",
      realm,
      nonce,
      opaque,
      algorithm,
      session: named[2] !== undefined,
      qop: qops !== undefined,
      count: 0,
    };
  }
  return best;
}

/** The realm of the first challenge that has one. */
export const realmOf = (headers: readonly string[]): string | undefined =>
  headers.flatMap(splitChallenges).find(({ values }) => values.realm !== undefined)?.values.realm;

/** `Scheme key=value, key="value", Scheme …` as schemes with their values; names in lower case, quotes and escapes undone. */
function splitChallenges(header: string): { scheme: string; values: Record<string, string> }[] {
  const found: { scheme: string; values: Record<string, string> }[] = [];
  const token =
    /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?(?:\s*,\s*|\s+|$)/gy;
  for (const match of header.trim().matchAll(token)) {
    const [, name = "", quoted, bare] = match;
    const value = quoted?.replace(/\\(.)/g, "$1") ?? bare;
    if (value === undefined) found.push({ scheme: name.toLowerCase(), values: Object.create(null) });
    else if (found.length) found.at(-1)!.values[name.toLowerCase()] ??= value;
  }
  return found;
}

/** The `Authorization` for one request. Counts the request on a digest's nonce. `random` is for tests. */
export function authorization(
  challenge: Challenge,
  login: { username: string; password: string },
  method: string,
  path: string,
  random: () => string = () => randomBytes(8).toString("hex"),
): string {
  const { username, password } = login;
  if (challenge.scheme === "basic")
    return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
  const { realm, nonce, opaque, algorithm, session, qop } = challenge;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const cnonce = random();
  const nc = (++challenge.count).toString(16).padStart(8, "0");
  let ha1 = hash(`${username}:${realm}:${password}`);
  if (session) ha1 = hash(`${ha1}:${nonce}:${cnonce}`);
  const ha2 = hash(`${method}:${path}`);
  const response = qop ? hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`) : hash(`${ha1}:${nonce}:${ha2}`);
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const parts = [
    // In UTF-8, byte by byte: a header carries nothing beyond Latin-1.
    `username=${quote(Buffer.from(username, "utf8").toString("latin1"))}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(path)}`,
    `response="${response}"`,
    // Small servers know no algorithm by name and stumble over one that they have not named themselves.
    ...(algorithm === "SHA-256" || session ? [`algorithm=${algorithm}${session ? "-sess" : ""}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop || session ? [...(qop ? ["qop=auth", `nc=${nc}`] : []), `cnonce="${cnonce}"`] : []),
  ];
  return `Digest ${parts.join(", ")}`;
}
