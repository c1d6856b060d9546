import { ServerError } from "../error.js";
import { Secret } from "../secret.js";
import { readChannels } from "./channels.js";
import { type HttpToken, passwordProblem, tokenProblem } from "./exposure.js";
import type { ServerConfig } from "./schema.js";
import { readSecret, readText } from "./secretFile.js";

/**
 * Puts the secrets that lie in files of their own where the config would hold them itself. `from` is the config's file,
 * `place` says where a key was set. Throws ServerError `config`.
 */
export function readSecrets(config: ServerConfig, from: string, place: (key: string) => string): void {
  const { http, broker, store } = config;
  const read = (at: string, key: string, secret: Secret | undefined, file: string | undefined) => {
    const read = readSecret({
      place: `${from}: ${at}`,
      key,
      secret,
      file,
      filePlace: place(`${at}.${key}File`),
    });
    return read && { [key]: read };
  };
  if (typeof broker === "object" && "url" in broker)
    Object.assign(broker, read("broker", "password", broker.password, broker.passwordFile));
  if (typeof broker === "object" && "embedded" in broker)
    for (const [i, user] of broker.embedded.users.entries()) {
      const at = `broker.embedded.users[${i}]`;
      Object.assign(user, read(at, "password", user.password, user.passwordFile));
      if (user.passwordFile !== undefined) check(user.password, passwordProblem, place(`${at}.passwordFile`));
    }
  if (typeof broker === "object" && "embedded" in broker && broker.embedded.tls) {
    const { tls } = broker.embedded;
    Object.assign(tls, read("broker.embedded.tls", "passphrase", tls.passphrase, tls.passphraseFile));
  }
  if (http.tls)
    Object.assign(http.tls, read("http.tls", "passphrase", http.tls.passphrase, http.tls.passphraseFile));
  const { influx } = store;
  if (influx)
    Object.assign(
      influx,
      read("store.influx", "token", influx.token, influx.tokenFile),
      read("store.influx", "password", influx.password, influx.passwordFile),
    );
  Object.assign(http, read("http", "password", http.password, http.passwordFile));
  if (http.passwordFile !== undefined) check(http.password, passwordProblem, place("http.passwordFile"));
  for (const [i, user] of http.users.entries()) {
    const at = `http.users[${i}]`;
    Object.assign(user, read(at, "password", user.password, user.passwordFile));
    if (user.passwordFile !== undefined) check(user.password, passwordProblem, place(`${at}.passwordFile`));
  }
  readChannels(config.alerts, from);
  if (http.tokensFile !== undefined)
    http.tokens = [...http.tokens, ...tokensIn(http.tokensFile, place("http.tokensFile"))];
}

/** The tokens of a file: one per line; empty lines and those that begin with # say nothing. */
function tokensIn(path: string, at: string): HttpToken[] {
  return readText(path, at)
    .split(/\r?\n/)
    .flatMap((line, i) => {
      const text = line.trim();
      if (text === "" || text.startsWith("#")) return [];
      const token = new Secret(text);
      check(token, tokenProblem, `${at}: line ${i + 1} of ${path}`);
      return [{ token, scope: "admin" as const }];
    });
}

function check(secret: Secret | undefined, problem: (text: string) => string | undefined, at: string): void {
  const message = secret && problem(secret.reveal());
  if (message !== undefined) throw new ServerError("config", `${at}: ${message}`);
}
