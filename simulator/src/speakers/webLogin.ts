import { createHash } from "node:crypto";
import type { SpokenRig, WebReply, WebRequest } from "./speaker.js";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** What a rig asks for before it shows a page. */
export interface WebAccount {
  realm: string;
  username: string;
  password: string;
}

/** Whether an `Authorization` header answers a digest challenge, by RFC 7616 with MD5, as lighttpd does it. */
export function fitsDigest(given: string, method: string, account: WebAccount, nonce: string): boolean {
  if (!given.startsWith("Digest ")) return false;
  const fields = Object.fromEntries(
    [...given.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g)].map(([, key, quoted, bare]) => [
      key,
      quoted ?? bare ?? "",
    ]),
  ) as Record<string, string | undefined>;
  const { realm, username, password } = account;
  if (fields.nonce !== nonce || fields.username !== username) return false;
  const secret = md5(`${username}:${realm}:${password}`);
  const action = md5(`${method}:${fields.uri}`);
  const middle = fields.qop ? `${nonce}:${fields.nc}:${fields.cnonce}:${fields.qop}` : nonce;
  return fields.response === md5(`${secret}:${middle}:${action}`);
}

/** The header that asks for a digest login. */
export const digestChallenge = (realm: string, nonce: string): string =>
  `Digest realm="${realm}", nonce="${nonce}", qop="auth"`;

/** A word that only this rig knows, and knows for ever: the simulator keeps no sessions. */
export const secretOf = (rig: SpokenRig, use: string): string => md5(`${use}/${rig.identity.mac}`);

/** The refusal that a rig behind a digest login answers with; undefined when the request may pass. */
export function digestRefusal(
  rig: SpokenRig,
  request: WebRequest,
  account: WebAccount,
): WebReply | undefined {
  const nonce = secretOf(rig, "nonce");
  if (fitsDigest(request.headers.authorization ?? "", request.method, account, nonce)) return undefined;
  return {
    status: 401,
    headers: { "www-authenticate": digestChallenge(account.realm, nonce) },
    body: "<html><head><title>401 Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>",
  };
}

/** A request's body as JSON; an empty object when it is none. */
export function jsonOf(request: WebRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(request.body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
