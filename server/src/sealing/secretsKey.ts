import { hkdfSync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerError } from "../error.js";
import type { Secret } from "../secret.js";
import type { SecretsKey } from "./secretBox.js";

/** The key's own file in the data folder, where the config names no key. No copy of ours takes it along. */
export const KEY_FILE = "secrets.key";
const BYTES = 32;

/** A key that the config holds: any text of at least 32 characters. */
export function givenKey(secret: Secret): SecretsKey {
  const key = Buffer.from(hkdfSync("sha256", secret.reveal(), "", "hashwatt secrets", BYTES));
  return { read: () => key, make: () => key };
}

/** A key that is forgotten with the process, for a store that is forgotten too. */
export function passingKey(): SecretsKey {
  const key = randomBytes(BYTES);
  return { read: () => key, make: () => key };
}

/** The key in a file of its own in the data folder, made when something is sealed for the first time, for the server's user alone. */
export function keyFile(dataDir: string): SecretsKey {
  const path = join(dataDir, KEY_FILE);
  let key: Buffer | undefined;
  const read = () => {
    key ??= readKey(path);
    return key;
  };
  return {
    read,
    make() {
      const known = read();
      if (known) return known;
      const made = randomBytes(BYTES);
      try {
        writeFileSync(path, `${made.toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        throw new ServerError(
          "dataFolder",
          code === "EEXIST"
            ? `${path} cannot be read as a key: put the right one in its place, or remove it and enter the secrets again`
            : `${path}, the key of what is secret, cannot be written (${code})`,
          { cause },
        );
      }
      key = made;
      return made;
    },
  };
}

function readKey(path: string): Buffer | undefined {
  try {
    const key = Buffer.from(readFileSync(path, "latin1").trim(), "base64url");
    return key.length === BYTES ? key : undefined;
  } catch {
    // It is not there, or not ours: what it sealed cannot be opened, which is said of each.
    return undefined;
  }
}
