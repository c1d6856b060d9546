import { localToken } from "../access/localToken.js";
import { ServerError } from "../error.js";
import { Secret } from "../secret.js";
import type { Trust } from "../tls/ask.js";
import { certificatesIn } from "../tls/keyPair.js";
import type { ServerConfig } from "./schema.js";
import { readSecret, readText } from "./secretFile.js";

/** Where a running server is, and who we are to it. */
export interface ServerAddress {
  /** Without a slash at its end. */
  url: string;
  token: Secret | undefined;
  trust: Trust;
}

/**
 * The server that a command talks to: `url`, else the one of the config. The token is that of the command line or of
 * `HASHWATT_TOKEN`, which other users of the machine cannot see; else, at the server of the config, that of its data folder.
 * `ca` (or `HASHWATT_CA_FILE`) is a file of authorities to trust besides the system's. Throws ServerError `config`.
 */
export function serverAddress(
  told: { url?: string | undefined; token?: string | undefined; ca?: string | undefined },
  configured: () => Pick<ServerConfig, "http" | "store">,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServerAddress {
  const text = told.token ?? env.HASHWATT_TOKEN;
  const token = text === undefined || text === "" ? undefined : new Secret(text);
  const caFile = told.ca ?? (env.HASHWATT_CA_FILE || undefined);
  if (told.url !== undefined) {
    const trust = caFile === undefined ? {} : { ca: authorities(caFile) };
    return { url: checked(told.url), token, trust };
  }
  const config = configured();
  return {
    url: configuredUrl(config.http),
    token: token ?? localToken(config),
    trust: ownTrust(config.http),
  };
}

/** Options about an InfluxDB that a command names by its URL. */
export interface InfluxOptions {
  "influx-token"?: string | undefined;
  "influx-token-file"?: string | undefined;
  "influx-user"?: string | undefined;
  "influx-password-file"?: string | undefined;
  "influx-org"?: string | undefined;
  "influx-database"?: string | undefined;
}

/**
 * Who we are to an InfluxDB: the options, and for what is secret `HASHWATT_INFLUX_TOKEN` and `HASHWATT_INFLUX_PASSWORD`.
 * Throws ServerError `config` when a file cannot be read.
 */
export function influxAccess(
  options: InfluxOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
) {
  const secret = (key: string, place: string, file: string | undefined, said: string | undefined) =>
    readSecret({
      place,
      key,
      secret: said ? new Secret(said) : undefined,
      file,
      filePlace: `${place}-file`,
    })?.reveal();
  const { HASHWATT_INFLUX_TOKEN: token, HASHWATT_INFLUX_PASSWORD: password } = env;
  return {
    token: secret("token", "--influx-token", options["influx-token-file"], options["influx-token"] ?? token),
    username: options["influx-user"],
    password: secret("password", "--influx-password", options["influx-password-file"], password),
    org: options["influx-org"],
    database: options["influx-database"],
  };
}

function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw new ServerError("config", `--url: must be a URL such as http://127.0.0.1:8080, without user or ?`);
  return url.href.replace(/\/+$/, "");
}

/** How what listens on `host` is reached from its own machine, as the host of a URL. */
export function ownHost(host: string): string {
  const name = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return name.includes(":") ? `[${name}]` : name;
}

/** Where a server of that config is reached from its own machine. */
export const ownUrl = ({ host, port, tls }: Pick<ServerConfig["http"], "host" | "port" | "tls">): string =>
  `${tls ? "https" : "http"}://${ownHost(host)}:${port}`;

/** Whom to take for the server of a config: who shows the certificate that it names. Throws ServerError `config`. */
export function ownTrust({ tls }: Pick<ServerConfig["http"], "tls">): Trust {
  if (!tls) return {};
  const [own] = certificatesIn(readText(tls.certFile, "http.tls.certFile"));
  return own ? { fingerprint256: own.fingerprint256 } : {};
}

function authorities(path: string): string {
  const text = readText(path, "--ca");
  if (certificatesIn(text).length) return text;
  throw new ServerError("config", `--ca: ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
}

function configuredUrl(http: ServerConfig["http"]): string {
  if (http.port === 0)
    throw new ServerError(
      "config",
      "the config lets the system choose the server's port: say where it is with --url, as its log does",
    );
  return ownUrl(http);
}
