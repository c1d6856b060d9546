import { type IncomingHttpHeaders, request as startRequest } from "node:http";
import { WebSocket } from "ws";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks a server of this machine with exactly these headers, `Host` and `Origin` among them, which fetch would choose itself. */
export const askExactly = (
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = startRequest(
      {
        port,
        host: "127.0.0.1",
        method,
        path,
        agent: false,
        headers: {
          ...(text !== undefined && {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(text),
          }),
          ...headers,
        },
      },
      (answer) => {
        let said = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          said += chunk;
        });
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: said }),
        );
      },
    );
    request.on("error", reject);
    request.end(text);
  });

/** The cookie that an answer sets, as a browser sends it back; "" where it sets none. */
export const cookieOf = ({ headers }: Answer): string => headers["set-cookie"]?.[0]?.split(";")[0] ?? "";

/** A connection to `/live` with what it heard, or the status with which it was refused. */
export interface Listener {
  socket: WebSocket;
  frames: { t: string; ch?: string; message?: string }[];
  /** The code with which the server closes it, and the reason that it gives. */
  closed: Promise<number>;
  reason: Promise<string>;
}

/** Opens `/live` with exactly these headers. */
export const listenExactly = (port: number, headers: Record<string, string>): Promise<Listener | number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers });
    const frames: Listener["frames"] = [];
    const closed = new Promise<number>((over) => socket.once("close", over));
    const reason = new Promise<string>((over) => socket.once("close", (_code, text) => over(String(text))));
    socket.on("message", (data) => frames.push(JSON.parse(String(data))));
    socket.once("open", () => resolve({ socket, frames, closed, reason }));
    socket.once("unexpected-response", (_request, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    socket.once("error", reject);
  });
