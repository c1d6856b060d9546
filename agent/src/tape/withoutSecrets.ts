import type { Heard } from "../links/tap.js";

/** Headers of answers that let their holder in, or are made of a password. */
const SECRET_HEADER = /^(set-cookie2?|authentication-info|authorization|.*(token|session|secret).*)$/i;
/** `name=` of a cookie stays, and what says how it is kept. */
const COOKIE = /^(\s*[^=;\s]+=)[^;]*/;

const NONE: readonly string[] = [];

/**
 * What of an answer may be kept: all of it, but for what lets its holder in. Cookies, tokens and session keys in headers are
 * `x`, and so is every text in the answer to a login; one that is no JSON is left out.
 */
export function withoutSecrets(heard: Heard): { pieces: readonly Buffer[]; headers: readonly string[] } {
  const { headers = NONE, pieces, secrecy } = heard;
  if (!headers.length && secrecy !== "login") return { headers: NONE, pieces };
  return {
    headers: headers.length ? headers.map((text, i) => (i % 2 ? hidden(headers[i - 1]!, text) : text)) : NONE,
    pieces: secrecy === "login" ? [cleanLogin(heard)] : pieces,
  };
}

function hidden(name: string, value: string): string {
  if (!SECRET_HEADER.test(name)) return value;
  return /^set-cookie/i.test(name) && COOKIE.test(value) ? value.replace(COOKIE, "$1x") : "x";
}

/** The answer to a login with each of its texts replaced; nothing of one that is no plain JSON. */
function cleanLogin({ pieces }: Heard): Buffer {
  try {
    const reply = JSON.parse(Buffer.concat([...pieces]).toString("utf8")) as unknown;
    return Buffer.from(JSON.stringify(reply, (_, value) => (typeof value === "string" ? "x" : value)));
  } catch {
    return Buffer.alloc(0);
  }
}
