import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Clock } from "@hashwatt/protocol/time";
import { BATCH } from "@hashwatt/protocol/topics";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import type { Logger } from "pino";
import { ownHost } from "../config/clientConfig.js";
import type { BrokerUser } from "../config.js";
import { Connections } from "../connections.js";
import { ServerError } from "../error.js";
import { isLoopback } from "../http/hostGuard.js";
import type { Refusals } from "../refusals.js";
import { Secret } from "../secret.js";
import type { ServedCertificate } from "../tls/servedCertificate.js";
import {
  isForeign,
  matches,
  mayBeTold,
  mayEavesdrop,
  mayListen,
  mayOverhear,
  mayPublish,
  SERVER_USER,
  serverMayPublish,
} from "./acl.js";
import { guardSocket } from "./frameGuard.js";
import { type HeldTopics, leaveOut, type RetainedStore } from "./heldTopics.js";
import { Logins, type Member } from "./logins.js";
import { packLengths } from "./packLengths.js";

/** A subscriber that reads nothing for this long is let go: until then it holds up delivery to all others. */
const DRAIN_MS = 3_000;
/** A batch at its largest, and room for its topic. */
const MAX_PACKET_BYTES = BATCH.acceptBytes + 1_024;
/** Beyond these, those go first that have not shown who they are. */
const MAX_CONNECTIONS = 1_024;
const BAD_CREDENTIALS = 4;
const HANDSHAKE_MS = 10_000;

/** The broker inside the server. */
export interface EmbeddedBroker {
  readonly url: string;
  /** With which the server itself connects; nobody else knows it. */
  readonly credentials: { username: string; password: string };
  readonly clients: number;
  close(): Promise<void>;
}

/** Where the embedded broker listens, and to whom; without users, to everybody who reaches it. */
export interface EmbeddedOptions {
  host: string;
  port: number;
  users?: readonly BrokerUser[];
  /** The site of agents whose users do not name theirs. */
  site?: string | undefined;
}

/** What it takes besides: the topics that the server itself holds, and the certificate for MQTT over TLS. */
export interface EmbeddedParts {
  held?: HeldTopics;
  certificate?: ServedCertificate | undefined;
  /** Topics of the config's meters, on which anybody may publish where there are no users. */
  meters?: readonly string[] | undefined;
}

/**
 * Starts an MQTT 3.1.1 broker. It keeps nothing on disk and no session beyond its connection: what must last is in the
 * agents' spools until the server has acknowledged it. What `held` makes is not kept a second time. Throws ServerError
 * `portBusy`.
 */
export async function startEmbeddedBroker(
  at: EmbeddedOptions,
  clock: Pick<Clock, "monoMs">,
  refusals: Refusals,
  log: Logger,
  { held, certificate, meters = [] }: EmbeddedParts = {},
): Promise<EmbeddedBroker> {
  packLengths();
  const credentials = { username: SERVER_USER, password: randomBytes(24).toString("base64url") };
  const own = new Secret(credentials.password);
  const logins = new Logins(at.users ?? [], own, () => clock.monoMs(), refusals, at.site);
  const members = new WeakMap<Client, Member>();
  const meterTopics = new Set(meters.filter(isForeign));
  const connections = new Connections(MAX_CONNECTIONS, (why) => refusals.note("mqtt-connection", why));
  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_MS,
    maxClientsIdLength: 200,
    preConnect(_client, packet, done) {
      // What a persistent session misses would wait in memory without a bound, and for a listener that never comes back.
      packet.clean = true;
      // Of two sessions of one name a broker ends the older: with the user in it, nobody can take the name of another's.
      const { username, clientId } = packet;
      if (logins.areNeeded && username !== undefined && clientId !== "")
        packet.clientId = `${username} ${clientId}`;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      logins
        .memberOf({
          clientId: client.id,
          address: (client.conn as Socket).remoteAddress ?? "",
          username,
          password: password?.toString(),
        })
        .then(
          (member) => {
            if (!member) return done(refused(), false);
            members.set(client, member);
            connections.keep(client.conn as Socket);
            done(null, true);
          },
          (error: unknown) => {
            log.error({ err: error }, "mqtt login failed");
            done(refused(), false);
          },
        );
    },
    authorizeSubscribe(client, subscription, done) {
      const member = members.get(client);
      if (member && (!logins.areNeeded || mayHear(member, subscription.topic)))
        return done(null, subscription);
      refusals.note("mqtt-subscribe", `${member?.name} may not listen to ${subscription.topic}`);
      done(null, null);
    },
    authorizePublish(client, packet, done) {
      const { topic } = packet;
      // Without a client it is the broker's own: what it says of itself under $SYS.
      if (client === null) return done(null);
      const member = members.get(client);
      if (member && maySay(member, topic)) return done(null);
      if (member && mayMeter(member, topic, logins.areNeeded ? undefined : meterTopics)) {
        // Nobody believes a figure whose age is not known, and whatever a device says would be kept for ever.
        packet.retain = false;
        return done(null);
      }
      refusals.note("mqtt-publish", `${member?.name} may not publish on ${topic}`);
      done(new Error("not allowed to publish on this topic"));
    },
    authorizeForward(client, packet) {
      const member = logins.areNeeded ? members.get(client) : undefined;
      return !member || mayBeToldOf(member, packet.topic) ? packet : null;
    },
  });
  if (held) leaveOut((broker as unknown as { persistence: RetainedStore }).persistence, held);
  broker.on("clientError", (client, error) =>
    log.debug({ client: client.id, err: error }, "mqtt client failed"),
  );
  broker.on("connectionError", (_client, error) => log.debug({ err: error }, "mqtt connection failed"));

  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    socket.setNoDelay(true);
    guardSocket(socket, MAX_PACKET_BYTES, (from) =>
      refusals.note("mqtt-packet", `${from} announced a packet of more than ${MAX_PACKET_BYTES} bytes`),
    );
    broker.handle(socket);
  };
  const server = certificate
    ? createTlsServer({ noDelay: true, handshakeTimeout: HANDSHAKE_MS, ...certificate.options }, take)
    : createServer({ noDelay: true }, take);
  connections.watch(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  if (certificate && "setSecureContext" in server) {
    certificate.renew(server);
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) =>
      refusals.note("mqtt-tls", `${socket.remoteAddress}: ${handshakeProblem(error)}`),
    );
  }
  await listen(server, at);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : at.port;
  if (!isLoopback(at.host) && !certificate)
    log.warn(
      { host: at.host, port },
      "mqtt is not encrypted: whoever is on the network can read it; set broker.embedded.tls.certFile and keyFile",
    );
  return {
    url: `${certificate ? "mqtts" : "mqtt"}://${ownHost(at.host)}:${port}`,
    credentials,
    get clients() {
      return broker.connectedClients;
    },
    async close() {
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Why a client and the broker could not agree on TLS, in words where it is a common mistake. */
function handshakeProblem({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return "speaks no TLS: its broker.url must begin with mqtts:";
    case "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA":
    case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN":
      return "does not trust the certificate: name its authority in broker.caFile there";
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
      return "speaks an older TLS than minVersion";
    default:
      return code ?? message;
  }
}

function refused(): AuthenticateError {
  return Object.assign(new Error("not let in"), { returnCode: BAD_CREDENTIALS }) as AuthenticateError;
}

/** Whether a client may say a meter's word: a meter on its own topics or, where anybody may come, any on those of the config. */
function mayMeter(member: Member, topic: string, open: ReadonlySet<string> | undefined): boolean {
  if (member.kind === "meter")
    return isForeign(topic) && member.topics.some((filter) => matches(filter, topic));
  return member.kind === "agent" && open?.has(topic) === true;
}

function maySay(member: Member, topic: string): boolean {
  if (member.kind === "server") return serverMayPublish(topic);
  return member.kind === "agent" && mayPublish(member.who, topic);
}

function mayHear(member: Member, filter: string): boolean {
  if (member.kind === "server") return true;
  return member.kind === "listener"
    ? mayEavesdrop(filter)
    : member.kind === "agent" && mayListen(member.who, filter);
}

/** A filter with wildcards may name more than its member is told. */
function mayBeToldOf(member: Member, topic: string): boolean {
  if (member.kind === "server") return true;
  return member.kind === "listener"
    ? mayOverhear(topic)
    : member.kind === "agent" && mayBeTold(member.who, topic);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new ServerError(
          "portBusy",
          cause.code === "EADDRINUSE"
            ? `MQTT port ${port} of ${host} is in use: stop what listens there, or set broker.embedded.port to another one`
            : `MQTT port ${port} of ${host} cannot be listened on (${cause.code}): set broker.embedded.host and port to others`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port, exclusive: true }, () => resolve());
  });
}
