import { connect, type Socket } from "node:net";
import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { html } from "../messages/escapes.js";
import { asPlain, fitted, type MessageText, messageText, moreText } from "../messages/messageText.js";
import { certificateProblem } from "./certificateProblem.js";
import { TIMEOUT_MS } from "./httpPost.js";
import type { ChannelConfig, Delivery, NotifierKind, NotifierParts } from "./notifier.js";
import { RefusedTarget, type TargetGuard } from "./targetGuard.js";

/** A page of text. */
const MOST = 20_000;
const PORTS = { tls: 465, starttls: 587, none: 25 } as const;

/** What a mail server says is for now and not for ever: its 4xx. */
const isTemporary = (code: number): boolean => code >= 400 && code < 500;

const asHtml = ({ items, more, link }: MessageText): string =>
  [
    ...items.map(
      (item) =>
        `<p><b>${html(item.head)}</b><br>${item.lines.map(html).join("<br>")}${
          item.link ? `<br><a href="${html(item.link)}">Open in Hashwatt</a>` : ""
        }</p>`,
    ),
    ...(more ? [`<p>${moreText(more)}</p>`] : []),
    ...(link ? [`<p><a href="${html(link)}">All alerts</a></p>`] : []),
  ].join("\n");

/** A connection to the mail server, of which the guard has seen the address. */
function connected(
  host: string,
  port: number,
  guard: TargetGuard | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  guard?.check(host);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(guard && { lookup: guard.lookup }), signal });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Sends messages by a mail server. With `tls: starttls` nothing is said to one that does not encrypt. */
export const email: NotifierKind = {
  kind: "email",
  manner: { human: true, most: MESSAGE_ALERTS },
  open: (channel, parts) => ({
    id: channel.id,
    async deliver(message, signal) {
      using bounded = parts.clock.deadline(2 * TIMEOUT_MS, signal);
      try {
        return await send(channel, parts, message, bounded.signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return failureOf(error, bounded.signal.aborted);
      }
    },
  }),
};

async function send(
  { id, host, port, tls = "starttls", ca, username, password, from, to }: ChannelConfig,
  { world, guard, log }: NotifierParts,
  message: Parameters<typeof messageText>[0],
  signal: AbortSignal,
): Promise<Delivery> {
  const { createTransport } = await import("nodemailer");
  const connection = await connected(host!, port ?? PORTS[tls], guard, signal);
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    const transport = createTransport({
      host: host!,
      connection,
      secure: tls === "tls",
      requireTLS: tls === "starttls",
      ignoreTLS: tls === "none",
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(ca !== undefined && { tls: { ca } }),
      ...(username !== undefined && { auth: { user: username, pass: password?.reveal() ?? "" } }),
    });
    const text = messageText(message, world);
    const { rejected } = await transport.sendMail({
      from: { name: "Hashwatt", address: from! },
      to: to!,
      subject: text.title.slice(0, 200),
      text: fitted(text, MOST, asPlain),
      html: fitted(text, 2 * MOST, asHtml),
      // The same message has the same id however often it is tried: mail programs show it once.
      ...(message.id !== undefined && { messageId: `<${idOf(message.id)}@hashwatt.invalid>` }),
      headers: { "Auto-Submitted": "auto-generated" },
    });
    // To send it again would double it for those who have it.
    if (rejected.length)
      log.warn({ channel: id, refused: rejected.length }, "the mail server refuses some receivers");
    return { kind: "delivered" };
  } finally {
    signal.removeEventListener("abort", cut);
    connection.destroy();
  }
}

const idOf = (id: string): string => id.replace(/[^\w.-]/g, "-");

/** What went wrong, in words that hold neither the server's address nor its login. */
function failureOf(error: unknown, isLate: boolean): Delivery {
  if (error instanceof RefusedTarget) return { kind: "refused", reason: error.message };
  if (isLate) return { kind: "retry", reason: `no answer within ${(2 * TIMEOUT_MS) / 1_000} s` };
  const { code, originalCode, responseCode } = error as Record<string, unknown>;
  const said = typeof responseCode === "number" && responseCode > 0 ? ` (it answered ${responseCode})` : "";
  if (code === "EAUTH")
    return typeof responseCode === "number" && isTemporary(responseCode)
      ? { kind: "retry", reason: `the mail server takes no login now${said}` }
      : { kind: "refused", reason: `the mail server refuses the login${said}` };
  const untrusted = typeof originalCode === "string" ? certificateProblem(originalCode) : undefined;
  if (untrusted !== undefined)
    return { kind: "retry", reason: `no encryption with the mail server: ${untrusted}` };
  if (code === "ETLS")
    return {
      kind: "retry",
      reason:
        "no encryption with the mail server: it offers none (tls: none goes without, tls: tls encrypts from the first byte)",
    };
  if (typeof responseCode === "number" && responseCode >= 500)
    return { kind: "refused", reason: `the mail server refuses the message${said}` };
  const why = said || (typeof code === "string" ? ` (${code})` : "");
  return { kind: "retry", reason: `the mail server could not take the message${why}` };
}
