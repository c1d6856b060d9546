import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { bodyText, bodyType, type WebReply, type WebRequest } from "./speakers/speaker.js";

/** What a web door needs to know of a rig, for one connection to it. */
export interface WebHost {
  /** Told of every request on this connection; `answer` is run at the moment that the network lets it be answered, if it does. */
  meet(answer: () => void): void;
  /** undefined: no such page. */
  answerWeb(request: WebRequest): WebReply | undefined;
  /** Called when the reply has been handed to the system, with `GET /path`. */
  answeredWeb(command: string): void;
}

const MOST_BODY_BYTES = 1_000_000;
const NOT_FOUND: WebReply = {
  status: 404,
  body: "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
};

/** The web interfaces of a whole fleet: one HTTP server that is handed each rig's connections. */
export class WebDoor {
  readonly #hosts = new WeakMap<Socket, WebHost>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** Takes over a connection to this rig's web interface. */
  accept(socket: Socket, host: WebHost): void {
    this.#hosts.set(socket, host);
    this.#server.emit("connection", socket);
    socket.resume();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = this.#hosts.get(request.socket);
    const body = await bodyOf(request).catch(() => undefined);
    if (host === undefined || body === undefined) return void response.destroy();
    const [path = "/", query] = (request.url ?? "/").split(/\?(.*)/s, 2);
    const asked: WebRequest = {
      method: request.method ?? "GET",
      path,
      query: new URLSearchParams(query),
      headers: request.headers as Record<string, string | undefined>,
      body,
    };
    host.meet(() => {
      send(response, host.answerWeb(asked) ?? NOT_FOUND);
      host.answeredWeb(`${asked.method} ${asked.path}`);
    });
  }
}

function send(response: ServerResponse, reply: WebReply): void {
  const { status = 200, headers, body } = reply;
  const content = Buffer.isBuffer(body) ? body : bodyText(reply);
  response.writeHead(status, {
    "content-type": bodyType(reply),
    "content-length": Buffer.byteLength(content),
    ...headers,
  });
  response.end(content);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new Error("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
