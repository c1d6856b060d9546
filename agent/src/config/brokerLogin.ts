import type { AgentConfig } from "../config.js";
import { ENV_PREFIX } from "./applyEnvironment.js";

/**
 * What to do about a broker that refuses this agent: where user and password stand, key, file or variable, as whoever has to
 * correct them finds them. `path` is the config's file. Holds no secret.
 */
export function brokerLoginAdvice(
  path: string | undefined,
  { username, password, passwordFile }: AgentConfig["broker"],
  env: Record<string, string | undefined> = process.env,
): string {
  const variable = (key: string) => `${ENV_PREFIX}BROKER_${key}`;
  const file = path ?? "a file that --config names";
  const place = (key: string, name: string) =>
    env[variable(name)] === undefined ? `broker.${key} in ${file}` : variable(name);
  const userAt = place("username", "USERNAME");
  const passwordAt =
    passwordFile === undefined
      ? place("password", "PASSWORD")
      : `the first line of ${passwordFile} (${place("passwordFile", "PASSWORD_FILE")})`;
  if (username === undefined && password === undefined)
    return `it wants a user: set broker.username and broker.password (or passwordFile) in ${file}, or ${variable("USERNAME")} and ${variable("PASSWORD")}`;
  if (username === undefined) return `set broker.username in ${file}, or ${variable("USERNAME")}`;
  if (password === undefined)
    return `set broker.password (or passwordFile) in ${file}, or ${variable("PASSWORD")}`;
  return `correct ${userAt} or ${passwordAt}`;
}
