import { createServer as createPlain, type Server as PlainServer, type RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { Socket } from "node:net";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { HostGuard } from "../http/hostGuard.js";
import type { ServedCertificate } from "./servedCertificate.js";

/** The first byte of every TLS connection: a record of the handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;
/** A connection that says nothing for so long is let go. */
const PATIENCE_MS = 10_000;
const CHECK_MS = 5_000;

/** What is said to who speaks plain HTTP where TLS is spoken. */
interface PlainAnswer {
  status: 308 | 400;
  location?: string;
  body: string;
}

/** Where a request in the clear should have gone. */
interface PlainRequest {
  method: string | undefined;
  url: string | undefined;
  host: string | undefined;
  /** Whether it gave away who it is from; it is then told so instead of doing it again unseen. */
  withSecret: boolean;
}

function plainAnswer(
  { method, url, host, withSecret }: PlainRequest,
  guard: HostGuard,
  port?: number,
): PlainAnswer {
  const isRead = method === "GET" || method === "HEAD";
  if (
    isRead &&
    !withSecret &&
    host !== undefined &&
    url?.startsWith("/") &&
    guard.whyNot({ host }) === undefined
  ) {
    const at = port === undefined ? host : host.replace(/:\d+$/, "") + (port === 443 ? "" : `:${port}`);
    return { status: 308, location: `https://${at}${url}`, body: `This is at https://${at}\n` };
  }
  return { status: 400, body: "This port speaks HTTPS: use https:// in the URL\n" };
}

/**
 * An HTTPS server that shows a certificate and its renewals. A browser that comes with http: is sent to https: at the same port,
 * anybody else is told in a line.
 */
export function httpsServer(
  certificate: ServedCertificate,
  guard: HostGuard,
  options: ServerOptions,
  handler: RequestListener,
  clock: Pick<Clock, "after">,
): Server {
  const server = createServer({ ...options, ...certificate.options, handshakeTimeout: PATIENCE_MS }, handler);
  certificate.renew(server);
  const accept = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    const fail = () => socket.destroy();
    socket.on("error", fail);
    const patience: Timer = clock.after(PATIENCE_MS, fail);
    socket.on("close", () => patience[Symbol.dispose]());
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      // Its end in the clear is awaited as long.
      if (chunk[0] !== HANDSHAKE) return answerPlain(socket, chunk, guard);
      patience[Symbol.dispose]();
      socket.off("error", fail);
      socket.unshift(chunk);
      for (const take of accept) take.call(server, socket);
    });
  });
  // Those that have not got as far as a request too.
  server.closeAllConnections = () => {
    for (const socket of open) socket.destroy();
  };
  return server;
}

/** Answers what came in the clear and ends the connection. */
function answerPlain(socket: Socket, chunk: Buffer, guard: HostGuard): void {
  const head = chunk.toString("latin1").split("\r\n\r\n", 1)[0]!;
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
  const header = (name: string) => new RegExp(`^${name}: *(\\S+)`, "im").exec(head)?.[1];
  const withSecret = header("authorization") !== undefined || header("cookie") !== undefined;
  const { status, location, body } = plainAnswer({ method, url, host: header("host"), withSecret }, guard);
  // What else comes is read and dropped: unread, it would make the answer's end a reset.
  socket.resume();
  socket.end(
    [
      `HTTP/1.1 ${status} ${status === 308 ? "Permanent Redirect" : "Bad Request"}`,
      ...(location === undefined ? [] : [`location: ${location}`]),
      "content-type: text/plain",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
      "",
      method === "HEAD" ? "" : body,
    ].join("\r\n"),
  );
}

/** A plain HTTP server that does nothing but send browsers to https: at `port` of the same name. */
export function redirectServer(port: number, guard: HostGuard): PlainServer {
  return createPlain(
    { requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS, connectionsCheckingInterval: CHECK_MS },
    ({ method, url, headers }, response) => {
      const withSecret = headers.authorization !== undefined;
      const { status, location, body } = plainAnswer(
        { method, url, host: headers.host, withSecret },
        guard,
        port,
      );
      response.writeHead(status, {
        "content-type": "text/plain",
        connection: "close",
        ...(location !== undefined && { location }),
      });
      response.end(method === "HEAD" ? undefined : body);
    },
  );
}
