// Where the dashboard of `npm start` can be reached from, and the password that comes before it. The server checks the same
// again; here it is said before anything is built.
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { fileOf, readableOf, UsageError } from "./start-services.mjs";

/** The options of this; for `parseArgs`. */
export const EXPOSURE_OPTIONS = {
  host: { type: "string" },
  "password-file": { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
};

/** The password for `npm start`; it neither ends up in the list of processes nor in a file of ours. */
export const PASSWORD_ENV = "HASHWATT_HTTP_PASSWORD";
/** What the server itself takes a login from; whoever sets these knows what they do. */
const SERVERS_OWN = ["PASSWORD", "PASSWORD_FILE", "TOKENS", "TOKENS_FILE"].map(
  (name) => `HASHWATT_SERVER_HTTP_${name}`,
);

const isLoopback = (host) => /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);

/**
 * What the options say of where the dashboard listens: `config` is the server's `http` less its port, `env` what of it goes
 * by the environment. Throws {@link UsageError}.
 */
export function exposureOf(values, env = process.env) {
  const host = values.host ?? "127.0.0.1";
  if (!isIP(host) && !/^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(host))
    throw new UsageError(
      `--host ${host}: expected an address of this machine such as 192.168.1.5, or 0.0.0.0 for all of them`,
    );
  const password = env[PASSWORD_ENV] || undefined;
  const passwordFile = fileOf("password-file", values["password-file"]);
  if (password !== undefined && passwordFile !== undefined)
    throw new UsageError(`--password-file and ${PASSWORD_ENV} exclude each other; give one`);
  if (password !== undefined && password.length < 8)
    throw new UsageError(`${PASSWORD_ENV}: must have at least 8 characters`);
  const asksForLogin =
    password !== undefined || passwordFile !== undefined || SERVERS_OWN.some((name) => env[name]);
  if (!isLoopback(host) && !asksForLogin)
    throw new UsageError(
      `--host ${host} lets other machines in, so a password comes first: set ${PASSWORD_ENV} (at least 8 characters), or give --password-file FILE`,
    );
  const [certFile, keyFile] = ["tls-cert", "tls-key"].map((name) => readableOf(name, values[name]));
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new UsageError("--tls-cert and --tls-key belong together; give both");
  return {
    config: {
      host,
      ...(certFile !== undefined && { tls: { certFile, keyFile } }),
      ...(passwordFile !== undefined && { passwordFile }),
    },
    env: password === undefined ? {} : { HASHWATT_SERVER_HTTP_PASSWORD: password },
  };
}

/** The addresses under which what listens on `host` is found, the one for this machine itself first. */
export function urlsOf({ host, tls }, port) {
  const at = (name) => `${tls ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${port}`;
  if (host !== "0.0.0.0" && host !== "::") return [at(host)];
  const others = Object.values(networkInterfaces())
    .flat()
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => at(address));
  return [at(host === "::" ? "::1" : "127.0.0.1"), ...(others.length ? others : [at(hostname())])];
}
