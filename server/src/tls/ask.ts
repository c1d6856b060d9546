import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { isIP } from "node:net";
import { connect, rootCertificates, type TLSSocket } from "node:tls";

/** Whom a client of ours takes for the server: without either, whom the system trusts. */
export interface Trust {
  /** PEM of authorities besides the system's. */
  ca?: string;
  /** SHA-256 of the certificate that the server shows, whatever name it bears. */
  fingerprint256?: string;
}

/** A request to a server of ours. */
export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  trust?: Trust | undefined;
}

/** Its answer; `json` is undefined where that is none. */
export interface Answer {
  status: number;
  json: unknown;
  text: string;
}

/** Another certificate than the one of the config is shown; nothing was sent there. */
export class WrongCertificate extends Error {
  override name = "WrongCertificate";
  readonly code = "another certificate than that of the config";
}

/** Asks over HTTP or HTTPS. Follows no redirect. Rejects with what the connection failed with, or the signal's reason. */
export async function ask(
  url: string,
  { method = "GET", headers = {}, body, trust = {} }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url);
  const options = {
    method,
    signal,
    headers: { ...headers, ...(body !== undefined && { "content-length": `${Buffer.byteLength(body)}` }) },
  };
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  let request: ClientRequest;
  if (protocol === "http:") request = requestPlain(url, options);
  else if (trust.fingerprint256 !== undefined) {
    const socket = await pinned(host, Number(port) || 443, trust.fingerprint256, signal);
    request = requestTls(url, { ...options, createConnection: () => socket });
  } else {
    const ca = trust.ca === undefined ? {} : { ca: [...rootCertificates, trust.ca] };
    request = requestTls(url, { ...options, ...ca });
  }
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A connection to who shows that very certificate, so that it need not bear the address by which it is reached. */
async function pinned(
  host: string,
  port: number,
  fingerprint: string,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const servername = isIP(host) ? "" : host;
  const socket = connect({ host, port, servername, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
  const end = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("ended"));
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    await once(socket, "secureConnect");
    if (socket.getPeerX509Certificate()?.fingerprint256 === fingerprint) return socket;
    socket.destroy();
    throw new WrongCertificate("the server shows another certificate");
  } finally {
    signal.removeEventListener("abort", end);
  }
}
