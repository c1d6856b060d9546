import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Where the key of a {@link SecretBox} comes from: 32 bytes. */
export interface SecretsKey {
  /** The key, if there is one. */
  read(): Buffer | undefined;
  /** The key, made where there is none. Throws ServerError `dataFolder`. */
  make(): Buffer;
}

const CIPHER = "aes-256-gcm";
/** Of what is sealed: how it was done. */
const FORM = "v1";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals what is secret for the state file and its copies: AES-256-GCM under a key that is kept apart from both. */
export class SecretBox {
  readonly #key: SecretsKey;

  constructor(key: SecretsKey) {
    this.#key = key;
  }

  /** `v1.<iv, tag and cipher text in base64url>`. It opens only as what it was sealed as: `of` is no part of it, and is proven. */
  seal(text: string, of: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key.make(), iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(of));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return `${FORM}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url")}`;
  }

  /** What was sealed; undefined where the key is gone or another, or something was changed. */
  open(sealed: string, of: string): string | undefined {
    const [form, body = ""] = sealed.split(".");
    const bytes = Buffer.from(body, "base64url");
    const key = this.#key.read();
    if (form !== FORM || !key || bytes.length < IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(of));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return text.toString("utf8");
    } catch {
      // Another key, or not what was sealed: the two cannot be told apart.
      return undefined;
    }
  }
}
