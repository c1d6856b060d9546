import { statSync } from "node:fs";
import type { ServerConfig } from "./schema.js";

/** Files with secrets in a config end so; a certificate is for everybody. */
const SECRET_FILE = /^(password|tokens?|passphrase|key)File$/;
/** So do references to a source's secret. */
const SECRET_REF = /^sources\[\d+\]\.(key|password)\.file$/;
/** Containers mount secrets here for all users of a container, which has but one. */
const MOUNTED = "/run/secrets/";

/** The files of secrets that a config names and that every user of the machine may read. */
export function readableByAll(config: ServerConfig): { key: string; path: string }[] {
  return [...secretFiles(config, "")].filter(({ path }) => !path.startsWith(MOUNTED) && isOpen(path));
}

function* secretFiles(value: unknown, at: string): Iterable<{ key: string; path: string }> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const key = Array.isArray(value) ? `${at}[${name}]` : at === "" ? name : `${at}.${name}`;
    if (typeof inner === "string" && (SECRET_FILE.test(name) || SECRET_REF.test(key)))
      yield { key, path: inner };
    else yield* secretFiles(inner, key);
  }
}

const isOpen = (path: string): boolean => {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o004) !== 0;
};
