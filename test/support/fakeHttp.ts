import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A request as a fake server judges it. */
export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** Unpacked where it came as gzip. */
  body: string;
}

/** What a fake server answers; an object goes as JSON. `undefined` instead of an answer: nobody should have asked that. */
export interface FakeAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Something that goes wrong with a request, or nothing. */
export type FakeTrouble = (request: Pick<FakeRequest, "body" | "headers">) => FakeAnswer | undefined;

/** A server of another's interface, with what it was asked in vain: a test must find that empty. */
export interface FakeServer {
  readonly url: string;
  readonly unexpected: string[];
  /** Requests that were under way at once at most. */
  most(): number;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  return (request.headers["content-encoding"] === "gzip" ? gunzipSync(whole) : whole).toString();
}

/** Serves `answer` on a port of 127.0.0.1; over TLS where it is given a certificate, as localhost then. */
export async function serveFake(
  answer: (request: FakeRequest) => FakeAnswer | undefined,
  tls?: { cert: Buffer; key: Buffer },
): Promise<FakeServer> {
  const unexpected: string[] = [];
  let [under, most] = [0, 0];
  const listener: RequestListener = async (request, response) => {
    most = Math.max(most, ++under);
    response.once("close", () => under--);
    try {
      const url = new URL(request.url ?? "/", "http://fake");
      const body = await bodyOf(request);
      const method = request.method ?? "GET";
      const said = answer({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
      });
      if (!said) unexpected.push(`${method} ${request.url} ${body.slice(0, 300)}`);
      const { status, headers = {}, body: content } = said ?? { status: 501 };
      const text = typeof content === "object" ? `${JSON.stringify(content)}\n` : String(content ?? "");
      response.writeHead(status, {
        ...(typeof content === "object" && { "content-type": "application/json; charset=utf-8" }),
        ...headers,
      });
      response.end(text);
    } catch (error) {
      unexpected.push(String(error));
      response.writeHead(500).end();
    }
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    unexpected,
    most: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A line of line protocol as far as a fake needs to know it; undefined for one that is none. */
export interface FakeLine {
  measurement: string;
  fields: Map<string, string>;
  atMs: number;
}

const LINE =
  /^([a-z]+)((?:,[a-z]+=[A-Za-z0-9-]+)*) ((?:[A-Za-z0-9]+=(?:"(?:[^"\\]|\\.)*"|[-\d.e+]+),?)+) (\d+)$/;

/** Reads a line that our programs write. */
export function fakeLine(text: string): FakeLine | undefined {
  const parts = LINE.exec(text);
  if (!parts) return undefined;
  const fields = new Map<string, string>();
  for (const [, name, value] of parts[3]!.matchAll(/([A-Za-z0-9]+)=("(?:[^"\\]|\\.)*"|[-\d.e+]+)/g))
    fields.set(name!, value!);
  return { measurement: parts[1]!, fields, atMs: Number(parts[4]) };
}

/** Whether a field's value is a text; all else is a number. */
export const isText = (value: string): boolean => value.startsWith('"');
