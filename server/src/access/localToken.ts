import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { ServerConfig } from "../config/schema.js";
import { Secret } from "../secret.js";

const FILE = "local.token";

/**
 * A token for whoever may read the data folder's secrets anyway: with it the commands of this machine (`doctor` and others)
 * reach the running server without being told a password. Made anew at each start, readable by the server's own user alone.
 * Undefined where the folder takes no file; only those commands miss it.
 */
export function writeLocalToken(dataDir: string, log: Logger): { token: string; remove(): void } | undefined {
  const path = join(dataDir, FILE);
  const token = randomBytes(32).toString("base64url");
  try {
    // A file that is there keeps its mode when it is written: it goes first.
    rmSync(path, { force: true });
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    log.warn({ err: error, path }, "no token for the commands of this machine");
    return undefined;
  }
  return { token, remove: () => rmSync(path, { force: true }) };
}

/** The token with which a command of this machine gets in at the server of a config; undefined where none is known. */
export function localToken({ http, store }: Pick<ServerConfig, "http" | "store">): Secret | undefined {
  const text = readToken(resolve(store.dataDir));
  if (text !== undefined) return new Secret(text);
  return http.tokens.find(({ scope }) => scope === "admin")?.token;
}

/** The same as headers of a request. */
export function localHeaders(config: Pick<ServerConfig, "http" | "store">): Record<string, string> {
  const token = localToken(config);
  return token ? { authorization: `Bearer ${token.reveal()}` } : {};
}

function readToken(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), "utf8").trim() || undefined;
  } catch {
    // No server runs with a login there, or not for this user.
    return undefined;
  }
}
