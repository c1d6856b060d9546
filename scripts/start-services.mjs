// An InfluxDB and a broker of one's own behind `npm start`: their options, what the programs' configs get of them, and what
// can be said of them before anything is started. Secrets go from here into configs that only their owner may read, or
// through the environment; nothing here prints them.
import { readFileSync } from "node:fs";
import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { connect } from "node:net";
import { resolve } from "node:path";
import { writtenOut } from "./start-log.mjs";

/** A wrong option; the message says which and what to do. */
export class UsageError extends Error {}

/** The options that name services of one's own; for `parseArgs`. */
export const SERVICE_OPTIONS = Object.fromEntries(
  "influx influx-token influx-token-file influx-user influx-password-file influx-org influx-database influx-ca broker broker-user broker-password broker-password-file broker-ca"
    .split(" ")
    .map((name) => [name, { type: "string" }]),
);

/** A secret that neither ends up in the list of processes nor in a file of ours. */
const FROM_ENV = {
  influxToken: "HASHWATT_INFLUX_TOKEN",
  influxPassword: "HASHWATT_INFLUX_PASSWORD",
  brokerPassword: "HASHWATT_BROKER_PASSWORD",
  httpPassword: "HASHWATT_HTTP_PASSWORD",
};

/** What a program gets of this environment: everything but secrets that are another's. */
export const environmentOf = (name, ...services) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !Object.values(FROM_ENV).includes(key)),
  ),
  ...Object.fromEntries(
    services
      .flatMap((service) => Object.entries(service?.env ?? {}))
      .filter(([key]) => key.startsWith(`HASHWATT_${name.toUpperCase()}_`)),
  ),
});

const PROBE_MS = 3_000;
const WAITED_FOR = "readings are kept on disk until it is. If the address is wrong, stop and correct";

function urlOf(name, text, protocols, example) {
  // Not repeated with what may be a password in it.
  if (text.includes("@"))
    throw new UsageError(
      `--${name}: the URL must hold no user or password; use --${name}-user and --${name}-password-file`,
    );
  let url;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (!url?.hostname || !protocols.includes(url.protocol) || url.search || url.hash)
    throw new UsageError(`--${name} ${text}: expected a URL such as ${example}`);
  return url;
}

/** Path of a file that an option names, from where the person stands; it must be readable and its first line not empty. */
export function fileOf(name, path) {
  const absolute = readableOf(name, path);
  if (absolute !== undefined && !firstLine(absolute))
    throw new UsageError(`--${name} ${path}: its first line is empty`);
  return absolute;
}

/** Path of a file that an option names, whatever it begins with; it must be readable. */
export function readableOf(name, path) {
  if (path === undefined) return undefined;
  const absolute = resolve(process.env.INIT_CWD ?? process.cwd(), path);
  try {
    readFileSync(absolute);
  } catch (error) {
    throw new UsageError(`--${name} ${path}: cannot read it (${error.code})`);
  }
  return absolute;
}

const firstLine = (path) => readFileSync(path, "utf8").split(/\r?\n/, 1)[0];

function refuseWithout(owner, values) {
  if (values[owner] !== undefined) return;
  for (const name of Object.keys(SERVICE_OPTIONS))
    if (name.startsWith(`${owner}-`) && values[name] !== undefined)
      throw new UsageError(`--${name} belongs to --${owner}; give its URL as well`);
}

/** At most one way to give a secret. */
function refuseTwo(values, ...names) {
  const given = names.filter((name) => values[name] !== undefined);
  if (given.length > 1) throw new UsageError(`--${given[0]} and --${given[1]} exclude each other; give one`);
}

/**
 * What the options say of an InfluxDB; undefined when they name none. `simulated` fleets get databases of their own, so that
 * no invented rig stands among real ones. Throws {@link UsageError}.
 */
export function influxOf(values, simulated) {
  refuseWithout("influx", values);
  if (values.influx === undefined) return undefined;
  refuseTwo(values, "influx-token", "influx-token-file", "influx-user");
  const url = urlOf("influx", values.influx, ["http:", "https:"], "http://192.168.1.5:8086");
  const database = values["influx-database"] ?? (simulated ? "hashwatt_demo" : "hashwatt");
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/.test(database))
    throw new UsageError(
      `--influx-database ${database}: expected letters, digits, _ and -, at most 60, the first a letter or digit`,
    );
  const config = { url: url.href.replace(/\/$/, ""), database };
  const env = {};
  const caFile = fileOf("influx-ca", values["influx-ca"]);
  if (caFile) config.caFile = caFile;
  if (values["influx-org"] !== undefined) config.org = values["influx-org"];
  const user = values["influx-user"];
  if (user === undefined && values["influx-password-file"] !== undefined)
    throw new UsageError("--influx-password-file wants --influx-user as well");
  if (user !== undefined) {
    config.username = user;
    const passwordFile = fileOf("influx-password-file", values["influx-password-file"]);
    if (passwordFile) config.passwordFile = passwordFile;
    else if (process.env[FROM_ENV.influxPassword])
      env.HASHWATT_SERVER_STORE_INFLUX_PASSWORD = process.env[FROM_ENV.influxPassword];
    else
      throw new UsageError(
        `--influx-user wants a password: set ${FROM_ENV.influxPassword} or give --influx-password-file FILE`,
      );
  } else if (values["influx-token"] !== undefined) config.token = values["influx-token"];
  else if (values["influx-token-file"] !== undefined)
    config.tokenFile = fileOf("influx-token-file", values["influx-token-file"]);
  else if (process.env[FROM_ENV.influxToken])
    env.HASHWATT_SERVER_STORE_INFLUX_TOKEN = process.env[FROM_ENV.influxToken];
  return { config, env };
}

/** What the options say of a broker; undefined when they name none. Throws {@link UsageError}. */
export function brokerOf(values) {
  refuseWithout("broker", values);
  if (values.broker === undefined) return undefined;
  refuseTwo(values, "broker-password", "broker-password-file");
  const url = urlOf(
    "broker",
    values.broker,
    ["mqtt:", "mqtts:", "ws:", "wss:"],
    "mqtt://192.168.1.5:1883 or mqtts://broker.example.com:8883",
  );
  const config = { url: values.broker };
  const env = {};
  const caFile = fileOf("broker-ca", values["broker-ca"]);
  if (caFile) config.caFile = caFile;
  const user = values["broker-user"];
  const passwordFile = fileOf("broker-password-file", values["broker-password-file"]);
  if (user === undefined && (passwordFile || values["broker-password"] !== undefined))
    throw new UsageError("a password for --broker wants --broker-user as well");
  if (user !== undefined) {
    config.username = user;
    if (passwordFile) config.passwordFile = passwordFile;
    else if (values["broker-password"] !== undefined) config.password = values["broker-password"];
    else if (process.env[FROM_ENV.brokerPassword])
      for (const program of ["SERVER", "AGENT"])
        env[`HASHWATT_${program}_BROKER_PASSWORD`] = process.env[FROM_ENV.brokerPassword];
    else
      throw new UsageError(
        `--broker-user wants a password: set ${FROM_ENV.brokerPassword} or give --broker-password-file FILE`,
      );
  }
  return { config, env, host: url.hostname.replace(/^\[|\]$/g, ""), port: portOf(url) };
}

const portOf = (url) =>
  Number(url.port) || { "mqtt:": 1883, "mqtts:": 8883, "ws:": 80, "wss:": 443 }[url.protocol];

/** The Authorization header of an InfluxDB's login; undefined without one. */
function loginOf({ config, env }) {
  if (config.username !== undefined) {
    const password = env.HASHWATT_SERVER_STORE_INFLUX_PASSWORD ?? firstLine(config.passwordFile);
    return `Basic ${Buffer.from(`${config.username}:${password}`).toString("base64")}`;
  }
  const token =
    env.HASHWATT_SERVER_STORE_INFLUX_TOKEN ??
    config.token ??
    (config.tokenFile && firstLine(config.tokenFile));
  return token && `Token ${token}`;
}

/** What an answer says is kept up to so many characters. */
const SAID = 300;

/** Status, version and words of one answer; rejects when there is none in time. */
function answerOf({ config: { url, caFile } }, path, authorization, method = "GET") {
  return new Promise((done, failed) => {
    const ask = url.startsWith("https:") ? overHttps : overHttp;
    const request = ask(
      url + path,
      {
        method,
        agent: false,
        headers: authorization ? { authorization } : {},
        ...(caFile && { ca: readFileSync(caFile) }),
      },
      (answer) => {
        let said = "";
        answer.setEncoding("utf8");
        answer.on("data", (text) => {
          said = (said + text).slice(0, SAID);
        });
        answer.once("error", failed);
        answer.once("end", () =>
          done({
            status: answer.statusCode,
            version: answer.headers["x-influxdb-version"],
            said: writtenOut(said.replace(/\s+/g, " ").trim()),
          }),
        );
      },
    );
    const timer = setTimeout(() => request.destroy(new Error("no answer")), PROBE_MS);
    request.once("close", () => clearTimeout(timer));
    request.once("error", failed);
    request.end();
  });
}

/**
 * Asks an InfluxDB what it is. `problem`: it is there and cannot work like this, with what to do; `warning`: it is not there
 * now, which the server waits for; `version`: as it says itself.
 */
export async function askInflux(influx) {
  const { url, org, database, username } = influx.config;
  const authorization = loginOf(influx);
  let ping;
  let query;
  try {
    ping = await answerOf(influx, "/ping", authorization);
    query = await answerOf(influx, `/query?db=${database}&q=SHOW+MEASUREMENTS+LIMIT+1`, authorization);
  } catch (error) {
    const why = error.code ?? error.message;
    if (/CERT|SIGNATURE|ALTNAME/.test(why))
      return {
        problem: `the certificate of ${url} is not trusted (${why}); give its authority with --influx-ca FILE`,
      };
    if (/^(ERR_SSL|EPROTO|HPE_)/.test(why))
      return {
        problem: `what listens at ${url} speaks no ${new URL(url).protocol.slice(0, -1)}; correct --influx`,
      };
    return { warning: `InfluxDB at ${url} is not there now (${why}); ${WAITED_FOR} --influx` };
  }
  const version = (ping.version ?? query.version)?.replace(/^v/, "");
  const major = Number.parseInt(version ?? "", 10);
  const name = `InfluxDB${version ? ` ${version}` : ""} at ${url}`;
  const token = `--influx-token-file FILE or ${FROM_ENV.influxToken}`;
  const user = `--influx-user NAME with --influx-password-file FILE or ${FROM_ENV.influxPassword}`;
  const problem = (text) => ({ version, problem: text });
  if (version === undefined && ping.status >= 500)
    return {
      warning: `InfluxDB at ${url} is not there now (GET /ping: ${ping.status}); ${WAITED_FOR} --influx`,
    };
  // One that wants a login first may say nothing of itself; any other says its version, whatever it is asked.
  if (version === undefined && (ping.status !== 401 || query.status !== 401))
    return problem(`${url} answers, but not as an InfluxDB (GET /ping: ${ping.status}); correct --influx`);
  if (major >= 2 && username !== undefined) return problem(`${name} wants a token: ${token}`);
  if (major === 2 && org === undefined)
    return problem(`${name} wants an organisation: add --influx-org NAME`);
  if (query.status === 401) {
    if (!authorization) return problem(`${name} wants a login: ${major === 1 ? user : token}`);
    if (username !== undefined) return problem(`${name} refuses "${username}" or the password; correct them`);
    return problem(
      major === 1 ? `${name} knows no tokens: ${user}` : `${name} refuses the token; correct it`,
    );
  }
  const who = username === undefined ? "this token" : `"${username}"`;
  const wants = `give ${who} the permission to read and write ${database}, ${database}_5m and ${database}_1h`;
  if (query.status === 403)
    return problem(`${name} lets ${who} not read "${database}" (${query.said}); ${wants}`);
  // Nothing is written: whether it may be is told of an empty body too. Version 3 has no tokens that may do the one alone.
  const path = {
    1: `/write?db=${database}&precision=ms`,
    2: `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${database}&precision=ms`,
  }[major];
  const write = path && (await answerOf(influx, path, authorization, "POST").catch(() => undefined));
  if (write?.status === 403)
    return problem(`${name} lets ${who} not write "${database}" (${write.said}); ${wants}`);
  return { version };
}

/** Whether somebody listens where the broker should be; a warning in words when not. */
export function askBroker({ config, host, port }) {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: PROBE_MS });
    const end = (why) => {
      socket.destroy();
      done(why && `the broker ${config.url} is not there now (${why}); ${WAITED_FOR} --broker`);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end("no answer"));
    socket.once("error", (error) => end(error.code ?? error.message));
  });
}
