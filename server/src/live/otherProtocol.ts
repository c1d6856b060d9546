import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/** Headers that are about this connection alone, and about the protocol that is not spoken. */
const OFFER = /^(connection|upgrade|http2-settings)$/i;

/** Whether a request asks for a WebSocket, and not for HTTP/2 or whatever else one may go on in. */
export const asksForWebSocket = ({ headers }: Pick<IncomingMessage, "headers">): boolean =>
  (headers.upgrade ?? "").split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket");

/**
 * Has a server answer a request that offers to go on in a protocol nobody here speaks as if it did not (RFC 9110, 7.8). Node
 * has let go of its connection by then: it is taken up anew with the same request, without the offer, and ends with the answer. So
 * no connection is taken up twice.
 */
export function answerInHttp(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  // No blank after the colon: the head must not become longer than it came.
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!OFFER.test(rawHeaders[i]!)) lines.push(`${rawHeaders[i]}:${rawHeaders[i + 1]}`);
  lines.push("connection:close");
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}
