import { readFileSync } from "node:fs";
import { ServerError } from "../error.js";
import { Secret } from "../secret.js";

/** A secret that a config holds itself, or a file beside it. */
export interface SecretKeys {
  /** What messages call the place, e.g. `a.yaml: broker`. */
  place: string;
  /** Name of the key; that of its file is the same with "File" behind it. */
  key: string;
  secret: Secret | undefined;
  file: string | undefined;
  /** What messages call the key of the file. */
  filePlace: string;
}

/** The secret of a config: its own, or the first line of its file. Throws ServerError `config` for both, or no file. */
export function readSecret({ place, key, secret, file, filePlace }: SecretKeys): Secret | undefined {
  if (file === undefined) return secret;
  if (secret) throw new ServerError("config", `${place} has both ${key} and ${key}File; keep one`);
  const [line = ""] = readText(file, filePlace).split(/\r?\n/, 1);
  if (line === "") throw new ServerError("config", `${filePlace}: ${file} has no ${key} in its first line`);
  return new Secret(line);
}

/** The text of a file that a key names. Throws ServerError `config`. */
export function readText(path: string, key: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ServerError(
      "config",
      `${key}: cannot read ${path} (${(cause as NodeJS.ErrnoException).code})`,
      { cause },
    );
  }
}
