import { connect, type Socket } from "node:net";
import { writtenOut } from "@hashwatt/protocol/plainText";

/** A response as it came; `reason` is one line of what it says. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  reason: string;
}

/** Nothing more comes when a server has been silent for so long behind an answer, or the request was never finished. */
const QUIET_MS = 120;
/** What is one whole request is waited for: the machine may be busy. */
const PATIENCE_MS = 30_000;

/** Writes bytes to a server, whatever they are, and reads what it answers. */
export class RawClient {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * Sends bytes on the connection that is there, or a new one, and resolves with the answers once one is whole and the server is
   * quiet, or has closed. `isWhole`: what {@link isOneRequest} says of them.
   */
  async send(bytes: Buffer, isWhole = isOneRequest(bytes)): Promise<RawAnswer[]> {
    const socket = this.#socket ?? (await this.#open());
    let come: Buffer = Buffer.alloc(0);
    let answers: RawAnswer[] = [];
    const closed = await new Promise<boolean>((resolve) => {
      let timer = setTimeout(() => end(false), isWhole ? PATIENCE_MS : 2 * QUIET_MS);
      const end = (isClosed: boolean) => {
        clearTimeout(timer);
        socket.removeAllListeners("data").removeAllListeners("close");
        resolve(isClosed);
      };
      socket.on("close", () => end(true));
      socket.on("data", (data) => {
        come = come.length ? Buffer.concat([come, data]) : data;
        clearTimeout(timer);
        const parsed = parseAnswers(come);
        answers = parsed.answers;
        // One request mostly has one answer; what is changed may be two, which come at once.
        if (isWhole && answers.length && !parsed.rest)
          end(/close/i.test(answers[0]!.headers.connection ?? ""));
        else timer = setTimeout(() => end(false), QUIET_MS);
      });
      socket.write(bytes);
    });
    // What follows on a connection that waits for more of a request would be part of it.
    if (closed || !isWhole || answers.length !== 1) this.close();
    return answers;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, "127.0.0.1", () => {
        socket.off("error", reject);
        resolve(socket);
      });
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.on("error", () => socket.destroy());
      this.#socket = socket;
    });
  }
}

/** Whether bytes are one whole request, as far as a glance tells. */
export function isOneRequest(bytes: Buffer): boolean {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = bytes.toString("latin1", 0, end + 2);
  if (!/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(head)) return false;
  const lengths = [...head.matchAll(/^content-length: *(\S*)/gim)];
  if (/^(transfer-encoding|expect|upgrade|connection):/im.test(head) || lengths.length > 1) return false;
  return bytes.length - end - 4 === Number(lengths[0]?.[1] ?? 0);
}

/** Splits what came into responses; `rest`: bytes of one that is not whole. */
function parseAnswers(bytes: Buffer): { answers: RawAnswer[]; rest: boolean } {
  const answers: RawAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) return { answers, rest: true };
    const [line = "", ...lines] = bytes.subarray(at, end).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1]);
    if (!status) return { answers, rest: true };
    const headers = Object.fromEntries(
      lines.map((header) => [
        header.slice(0, header.indexOf(":")).toLowerCase(),
        header.slice(header.indexOf(":") + 1).trim(),
      ]),
    );
    const whole = bodyAt(bytes, end + 4, headers, status);
    if (!whole) return { answers, rest: true };
    at = whole.next;
    if (status >= 200)
      answers.push({ status, headers, body: whole.body, reason: reasonOf(whole.body, status) });
  }
  return { answers, rest: false };
}

function bodyAt(
  bytes: Buffer,
  from: number,
  headers: Record<string, string>,
  status: number,
): { body: string; next: number } | undefined {
  if (status < 200 || status === 204 || status === 304) return { body: "", next: from };
  if (headers["transfer-encoding"] === "chunked") {
    let body = "";
    for (let at = from; ; ) {
      const line = bytes.indexOf("\r\n", at);
      if (line < 0) return undefined;
      const size = Number.parseInt(bytes.subarray(at, line).toString(), 16);
      if (line + 4 + size > bytes.length) return undefined;
      if (size === 0) return { body, next: line + 4 };
      body += bytes.subarray(line + 2, line + 2 + size).toString();
      at = line + 4 + size;
    }
  }
  const length = Number(headers["content-length"] ?? 0);
  // An answer to HEAD tells the length of a body that does not come; another answer may come in its place.
  if (bytes.subarray(from, from + 9).toString() === "HTTP/1.1 ") return { body: "", next: from };
  if (from + length > bytes.length) return bytes.length === from ? { body: "", next: from } : undefined;
  const body = bytes.subarray(from, from + length);
  return { body: headers["content-encoding"] ? "" : body.toString(), next: from + length };
}

function reasonOf(body: string, status: number): string {
  try {
    return writtenOut(String((JSON.parse(body) as { message: unknown }).message)).slice(0, 900);
  } catch {
    return `answered ${status}`;
  }
}
