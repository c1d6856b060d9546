import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** 32 MB and three passes, as the OWASP Password Storage Cheat Sheet asks of scrypt with N = 2^15. */
const COST = { log2N: 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** A hash that would take more memory than this to check is none of ours. */
const MAX_BYTES = 256 * 1024 * 1024;

/** A password as it may be kept: what is needed to check it and not to know it. */
export interface PasswordHash {
  log2N: number;
  r: number;
  p: number;
  salt: Buffer;
  key: Buffer;
}

/** Whether a text is meant as a hash, be it a whole one or not. */
export const looksHashed = (text: string): boolean => /^scrypt[:$]/.test(text);

/**
 * Reads `scrypt:15:8:3:<salt>:<key>` (log2 N, r, p, base64url); `$` may stand for `:`, which `.env` files and shells would
 * replace. Undefined where the text is no such hash, or one that is cut, or far too dear to check.
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = /^scrypt([:$])(\d{1,2})\1(\d{1,2})\1(\d{1,2})\1([\w-]{16,88})\1([\w-]{43})$/.exec(text);
  if (!match) return undefined;
  const [log2N, r, p] = match.slice(2, 5).map(Number) as [number, number, number];
  const tooDear = 128 * 2 ** log2N * r > MAX_BYTES || p > 16;
  if (log2N < 10 || r < 1 || p < 1 || tooDear) return undefined;
  const [salt, key] = match.slice(5).map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer];
  return { log2N, r, p, salt, key };
}

/** Makes the text that {@link parsePasswordHash} reads, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...COST, salt });
  return ["scrypt", COST.log2N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join(
    ":",
  );
}

/** Whether the password is the one of the hash; takes as long whether it is or not. Rejects with {@link Busy}. */
export async function isPasswordOf(hash: PasswordHash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

/** A key of 32 bytes that only who knows `text` can make; slow on purpose. */
export const deriveKey = (text: string, salt: Buffer): Promise<Buffer> => derive(text, { ...COST, salt });

/** So many checks may wait for their turn, each about a third of a second; more would only be waited for in vain. */
const MAX_WAITING = 64;

/** Too many passwords are being checked at this moment. */
export class Busy extends Error {
  override name = "Busy";
}

/** One at a time: each takes its 32 MB, and many at once would be a way to take all of them. */
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

function derive(password: string, { log2N, r, p, salt }: Omit<PasswordHash, "key">): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** log2N, r, p, maxmem: 128 * 2 ** log2N * r * 2 + 1024 * 1024 };
  if (waiting >= MAX_WAITING) return Promise.reject(new Busy("too many passwords are being checked"));
  waiting++;
  const derived = turn.then(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(plain(password), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      ),
  );
  turn = derived
    .catch(() => undefined)
    .finally(() => {
      waiting--;
    });
  return derived;
}

/** Keyboards and systems write one character in several ways; a password is the same in each. */
export const plain = (password: string): string => password.normalize("NFKC");
