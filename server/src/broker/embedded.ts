import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { BATCH } from "@hashwatt/protocol/topics";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import type { Logger } from "pino";
import { ServerError } from "../error.js";
import type { Refusals } from "../refusals.js";
import { mayPublish, SERVER_USER, serverMayPublish } from "./acl.js";
import { guardSocket } from "./frameGuard.js";

/** A subscriber that reads nothing for this long is let go: until then it holds up delivery to all others. */
const DRAIN_MS = 3_000;
/** A batch at its largest, and room for its topic. */
const MAX_PACKET_BYTES = BATCH.acceptBytes + 1_024;
const MAX_CONNECTIONS = 1_024;
const BAD_CREDENTIALS = 4;

/** The broker inside the server. */
export interface EmbeddedBroker {
  readonly url: string;
  /** With which the server itself connects; nobody else knows it. */
  readonly credentials: { username: string; password: string };
  readonly clients: number;
  close(): Promise<void>;
}

/**
 * Starts an MQTT 3.1.1 broker on a loopback address. It keeps nothing on disk and no session beyond its connection: what
 * must last is in the agents' spools until the server has acknowledged it. Throws ServerError `portBusy`.
 */
export async function startEmbeddedBroker(
  at: { host: string; port: number },
  refusals: Refusals,
  log: Logger,
): Promise<EmbeddedBroker> {
  const credentials = { username: SERVER_USER, password: randomBytes(24).toString("base64url") };
  const names = new WeakMap<Client, string>();
  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_MS,
    maxClientsIdLength: 200,
    preConnect(_client, packet, done) {
      // What a persistent session misses would wait in memory without a bound, and for a listener that never comes back.
      packet.clean = true;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const isServer = username === SERVER_USER;
      if (isServer && password?.toString() !== credentials.password) {
        refusals.note("mqtt-login", `client ${client.id} calls itself ${SERVER_USER}`);
        const error = new Error("the name of the server is taken") as AuthenticateError;
        error.returnCode = BAD_CREDENTIALS;
        return done(error, false);
      }
      names.set(client, username ?? client.id);
      done(null, true);
    },
    authorizePublish(client, { topic }, done) {
      // Without a client it is the broker's own: what it says of itself under $SYS.
      if (client === null) return done(null);
      const name = names.get(client) ?? "";
      if (name === SERVER_USER ? serverMayPublish(topic) : mayPublish(name, topic)) return done(null);
      refusals.note("mqtt-publish", `${name} may not publish on ${topic}`);
      done(new Error("not allowed to publish on this topic"));
    },
  });
  broker.on("clientError", (client, error) =>
    log.debug({ client: client.id, err: error }, "mqtt client failed"),
  );
  broker.on("connectionError", (_client, error) => log.debug({ err: error }, "mqtt connection failed"));

  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= MAX_CONNECTIONS) {
      refusals.note("mqtt-connection", `${MAX_CONNECTIONS} clients are connected`);
      return socket.destroy();
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.setNoDelay(true);
    guardSocket(socket, MAX_PACKET_BYTES, (from) =>
      refusals.note("mqtt-packet", `${from} announced a packet of more than ${MAX_PACKET_BYTES} bytes`),
    );
    broker.handle(socket);
  });
  await listen(server, at);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : at.port;
  return {
    url: `mqtt://${at.host}:${port}`,
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
