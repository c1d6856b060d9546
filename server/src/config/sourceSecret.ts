import { Secret } from "../secret.js";

/** Prefix of the variables whose values sources that are made on the page or by the API may be given: no other secret of this process. */
export const SOURCE_ENV_PREFIX = "HASHWATT_SOURCE_";

/** The secret of a variable with that prefix; undefined where it is not set, or is another's. */
export function sourceSecret(
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Secret | undefined {
  const text = name.startsWith(SOURCE_ENV_PREFIX) ? env[name] : undefined;
  return text ? new Secret(text) : undefined;
}
