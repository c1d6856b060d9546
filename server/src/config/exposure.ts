import { isIP } from "node:net";
import { z } from "zod";
import { looksHashed, parsePasswordHash } from "../access/passwordHash.js";
import { SERVER_USER } from "../broker/acl.js";
import { isLoopback } from "../http/hostGuard.js";
import { Secret } from "../secret.js";
import { httpTlsSchema, tlsSchema } from "./tls.js";

/** What makes a text no password, in words that hold nothing of it; undefined for one that will do. */
export function passwordProblem(text: string): string | undefined {
  if (looksHashed(text))
    return parsePasswordHash(text)
      ? undefined
      : "begins like a hash and is none: set what `npm run server -- hash-password` prints, whole";
  if (text.length < 8) return "must have at least 8 characters";
  return text.length > 1_024 ? "must have at most 1,024 characters" : undefined;
}

/** What makes a text no API token; undefined for one that will do. The characters are those of RFC 6750. */
export const tokenProblem = (text: string): string | undefined =>
  /^[\w.~+/=-]{16,512}$/.test(text)
    ? undefined
    : "must have at least 16 characters, of letters, digits and -._~+/=; make one with: openssl rand -hex 24";

const secretText = (problem: (text: string) => string | undefined) =>
  z
    .string()
    .superRefine((text, context) => {
      const message = problem(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .transform((text) => new Secret(text));

const port = z.int().min(0).max(65_535);
const host = z
  .string()
  .regex(/^[\w.:%-]{1,253}$/, "must be an address such as 127.0.0.1 or 0.0.0.0, or a name");
const network = z
  .string()
  .refine(
    (text) => isIP(text.split("/", 1)[0]!) !== 0 && /^[^/]+(\/\d{1,3})?$/.test(text),
    "must be an address or a network such as 10.0.0.0/8",
  );

const sessionTime = z.int().max(365 * 86_400_000);

const HTTP_DEFAULTS = {
  host: "127.0.0.1",
  port: 8080,
  hosts: [],
  proxies: [],
  tokens: [],
  sessionIdleMs: 86_400_000,
  sessionMaxMs: 30 * 86_400_000,
};

/** Where HTTP listens, under which names it is called, and who gets in. */
export const httpSchema = z
  .strictObject({
    /** Beyond loopback only once a password or a token is set. */
    host: host.default(HTTP_DEFAULTS.host),
    /** 0 lets the system choose; the log says which. */
    port: port.default(HTTP_DEFAULTS.port),
    /** HTTPS instead of HTTP on that port. */
    tls: httpTlsSchema.optional(),
    /** Further names under which this server may be called, e.g. by a proxy in front of it. */
    hosts: z.array(z.string().min(1).max(253)).max(32).default(HTTP_DEFAULTS.hosts),
    /** Proxies (addresses, networks) whose X-Forwarded-For is believed when tries at the password are counted by address. */
    proxies: z.array(network).max(32).default(HTTP_DEFAULTS.proxies),
    /** The operator's password, or its hash as `hash-password` prints it. Once it or a token is set, it is asked for everywhere. */
    password: secretText(passwordProblem).optional(),
    /** A file whose first line is the password; keeps it out of this one. */
    passwordFile: z.string().min(1).optional(),
    /** API tokens of programs: `Authorization: Bearer <token>`. */
    tokens: z.array(secretText(tokenProblem)).max(64).default(HTTP_DEFAULTS.tokens),
    /** A file with a token per line; keeps them out of this one. */
    tokensFile: z.string().min(1).optional(),
    /** A session that is not used for so long is over; a dashboard that is open uses it. */
    sessionIdleMs: sessionTime.min(60_000).default(HTTP_DEFAULTS.sessionIdleMs),
    /** A session is over after so long even where it is used. */
    sessionMaxMs: sessionTime.min(1_000).default(HTTP_DEFAULTS.sessionMaxMs),
  })
  .default(HTTP_DEFAULTS);
export type HttpConfig = z.infer<typeof httpSchema>;

const brokerUser = z.strictObject({
  /** For an agent its own name, or `site/name` where sites have agents of one name. */
  name: z
    .string()
    .regex(
      /^[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64})?$/,
      "must be the name of an agent (a–z, 0–9 and hyphens), or site/name",
    )
    .refine((name) => name !== SERVER_USER, "is the server's own name"),
  /** The password, or its hash as `hash-password` prints it. */
  password: secretText(passwordProblem).optional(),
  /** A file whose first line is the password; keeps it out of this one. */
  passwordFile: z.string().min(1).optional(),
  /** Hears readings, states of agents and rigs, and not what is said to agents; publishes nothing. */
  readOnly: z.boolean().default(false),
});
export type BrokerUser = z.infer<typeof brokerUser>;

const BROKER_DEFAULTS = { host: "127.0.0.1", port: 1883, users: [] };

/** Where the broker inside the server listens, and to whom. */
export const embeddedSchema = z.strictObject({
  /** Beyond loopback only once there are users. */
  host: host.default(BROKER_DEFAULTS.host),
  port: port.default(BROKER_DEFAULTS.port),
  /** MQTT over TLS (mqtts:) instead of in the clear on that port. */
  tls: tlsSchema.optional(),
  /** Once there are any, nobody else gets in. */
  users: z.array(brokerUser).max(1_024).default(BROKER_DEFAULTS.users),
});
export const EMBEDDED_BROKER = { embedded: BROKER_DEFAULTS };

/** What is wrong with where a server shall listen, given who would get in: the key and the rest of the line; undefined when nothing is. */
export function exposureProblem({
  http,
  broker,
}: {
  http: Pick<HttpConfig, "host" | "password" | "tokens">;
  broker: string | { url: string } | { embedded: { host: string; users: readonly BrokerUser[] } };
}): { key: string; message: string } | undefined {
  if (!isLoopback(http.host) && !http.password && !http.tokens.length)
    return {
      key: "http.host",
      message: `${http.host} lets other machines in, so a login comes first: set HASHWATT_SERVER_HTTP_PASSWORD or http.passwordFile (at least 8 characters), or http.tokensFile; or listen on 127.0.0.1`,
    };
  if (typeof broker === "string" || !("embedded" in broker)) return undefined;
  const { host, users } = broker.embedded;
  if (!isLoopback(host) && !users.length)
    return {
      key: "broker.embedded.host",
      message: `${host} lets other machines in, so agents need passwords first: list them as broker.embedded.users, each with name and password; or listen on 127.0.0.1`,
    };
  const names = new Set<string>();
  for (const [i, { name, password }] of users.entries()) {
    const key = `broker.embedded.users[${i}]`;
    if (!password) return { key, message: `${name} has no password: set password or passwordFile` };
    if (names.has(name)) return { key, message: `${name} is there twice; keep one` };
    names.add(name);
  }
  return undefined;
}
