import { isIP } from "node:net";
import { ACCESS_NAME, SCOPES, type Scope } from "@hashwatt/protocol/access";
import { z } from "zod";
import { looksHashed, parsePasswordHash } from "../access/passwordHash.js";
import { ROLES } from "../access/role.js";
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

const accessName = z
  .string()
  .regex(ACCESS_NAME, "must be of a–z, 0–9, and . _ @ - after the first, at most 64 of them");

const httpUser = z.strictObject({
  name: accessName.refine((name) => name !== "admin", "is who logs in by http.password; choose another"),
  role: z.enum(ROLES),
  /** The password, or its hash as `hash-password` prints it. */
  password: secretText(passwordProblem).optional(),
  /** A file whose first line is the password; keeps it out of this one. */
  passwordFile: z.string().min(1).optional(),
});

/** A day or an instant with its zone; a day ends where UTC's does. */
const expiry = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/,
    "must be a day such as 2027-06-30, or a time such as 2027-06-30T12:00Z",
  )
  .transform((text) => Date.parse(text.includes("T") ? text : `${text}T24:00:00Z`))
  .refine((ms) => Number.isFinite(ms), "is no day of the calendar");

const httpToken = z.union([
  secretText(tokenProblem).transform((token): HttpToken => ({ token, scope: "admin" })),
  z
    .strictObject({
      token: secretText(tokenProblem),
      name: accessName.optional(),
      scope: z.enum(SCOPES),
      expires: expiry.optional(),
    })
    .transform(({ expires, ...rest }): HttpToken => ({ ...rest, expiresMs: expires })),
]);

/** A token of the config; a bare text is one for everything and for ever. */
export interface HttpToken {
  token: Secret;
  name?: string | undefined;
  scope: Scope;
  expiresMs?: number | undefined;
}

const sessionTime = z.int().max(365 * 86_400_000);

const HTTP_DEFAULTS = {
  host: "127.0.0.1",
  port: 8080,
  hosts: [],
  proxies: [],
  tokens: [],
  users: [],
  sessionIdleMs: 86_400_000,
  sessionMaxMs: 30 * 86_400_000,
  sessionRotateMs: 3_600_000,
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
    /** The administrator's password, or its hash as `hash-password` prints it. Once it or a token is set, it is asked for everywhere. */
    password: secretText(passwordProblem).optional(),
    /** A file whose first line is the password; keeps it out of this one. */
    passwordFile: z.string().min(1).optional(),
    /** Users who log in by a name. They are as this says for as long as it names them; others are added while the server runs. */
    users: z.array(httpUser).max(64).default(HTTP_DEFAULTS.users),
    /** API tokens of programs: `Authorization: Bearer <token>`, each a text (for everything) or `{ token, name, scope, expires }`. */
    tokens: z.array(httpToken).max(64).default(HTTP_DEFAULTS.tokens),
    /** A file with a token per line; keeps them out of this one. */
    tokensFile: z.string().min(1).optional(),
    /** A session that is not used for so long is over; a dashboard that is open uses it. */
    sessionIdleMs: sessionTime.min(60_000).default(HTTP_DEFAULTS.sessionIdleMs),
    /** A session is over after so long even where it is used. */
    sessionMaxMs: sessionTime.min(1_000).default(HTTP_DEFAULTS.sessionMaxMs),
    /** A browser in use gets another session token so often. */
    sessionRotateMs: sessionTime.min(1_000).default(HTTP_DEFAULTS.sessionRotateMs),
  })
  .default(HTTP_DEFAULTS);
export type HttpConfig = z.infer<typeof httpSchema>;

const meterTopics = z
  .string()
  .max(256)
  .regex(
    /^[^+#$/][^+#/]*(\/(\+|[^+#/]*))*(\/#)?$/,
    "must be a topic such as tele/rack-a/SENSOR or shellies/rack-a/#; its first level stands for itself",
  )
  .refine((topic) => !/^hashwatt(\/|$)/.test(topic), "must be a meter's own topic, not one under hashwatt/");

const brokerUser = z.strictObject({
  /** For an agent `site/name`, or its name alone where the config has one site. */
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
  /** For a meter: the topics it may publish on, `+` and `#` behind the first level as in MQTT. It hears nothing. */
  topics: z.array(meterTopics).min(1).max(256).optional(),
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
  sites,
}: {
  http: Pick<HttpConfig, "host" | "password" | "tokens" | "users">;
  broker: string | { url: string } | { embedded: { host: string; users: readonly BrokerUser[] } };
  sites: readonly { site: string }[];
}): { key: string; message: string } | undefined {
  const twice = new Set<string>();
  for (const [i, { name, password }] of http.users.entries()) {
    const key = `http.users[${i}]`;
    if (!password) return { key, message: `${name} has no password: set password or passwordFile` };
    if (twice.has(name)) return { key, message: `${name} is there twice; keep one` };
    twice.add(name);
  }
  if (!isLoopback(http.host) && !http.password && !http.tokens.length && !http.users.length)
    return {
      key: "http.host",
      message: `${http.host} lets other machines in, so a login comes first: set HASHWATT_SERVER_HTTP_PASSWORD or http.passwordFile (at least 8 characters), http.users or http.tokensFile; or listen on 127.0.0.1`,
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
  for (const [i, { name, readOnly, topics }] of users.entries()) {
    const key = `broker.embedded.users[${i}]`;
    if (readOnly && topics)
      return { key, message: `${name} is readOnly and has topics to publish on; keep one` };
    if (readOnly || topics || name.includes("/") || sites.length === 1) continue;
    const called = `${sites[0]?.site ?? "home"}/${name}`;
    return {
      key: `${key}.name`,
      message: `${name} is the agent of no site: call it by its site, as in ${called}, here and in the agent's broker.username; or let sites name the one site`,
    };
  }
  return undefined;
}
