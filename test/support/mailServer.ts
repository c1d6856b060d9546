import { createServer, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket } from "node:tls";

/** A message as a mail server took it. */
export interface Mail {
  from: string;
  to: string[];
  text: string;
  /** User and password of who sent it, where it logged in. */
  login?: string;
  /** Whether it came encrypted. */
  encrypted: boolean;
}

/** A small mail server of our own: RFC 5321 with AUTH PLAIN and LOGIN and STARTTLS, as much as a client that sends says. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What it answers to RCPT instead of 250; undefined again once said. */
  refuse: string | undefined;
  /** What came in clear after it had offered encryption; nothing but EHLO and STARTTLS should. */
  readonly inClear: string[];
  close(): Promise<void>;
}

/** How a mail server encrypts: PEM, and whether from the first byte or when asked to. */
export interface MailServerTls {
  cert: string;
  key: string;
  implicit?: boolean;
}

/** Starts one on a port of 127.0.0.1 that takes the login of `user`, in the form `name:password`. */
export async function startMailServer(user: string, tls?: MailServerTls): Promise<MailServer> {
  const sockets = new Set<Socket>();
  const mails: Mail[] = [];
  const inClear: string[] = [];
  const secureContext = tls && createSecureContext(tls);
  const serve = (socket: Socket, greet: boolean): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const encrypted = socket instanceof TLSSocket;
    let come = "";
    let mail: Mail = { from: "", to: [], text: "", encrypted };
    let isBody = false;
    let asked: string[] | undefined;
    let login: string | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const judge = (told: string) => {
      if (told !== user) return say("535 5.7.8 wrong");
      login = user;
      return say("235 2.7.0 welcome");
    };
    const take = (line: string) => {
      const [, verb = "", rest = ""] = /^(\S+)\s?(.*)$/.exec(line) ?? [];
      if (tls && !encrypted) inClear.push(line);
      switch (verb.toUpperCase()) {
        case "EHLO":
          say("250-mail.example");
          if (tls && !encrypted) return say("250 STARTTLS");
          return say(tls ? "250 AUTH LOGIN" : "250 AUTH PLAIN");
        case "STARTTLS":
          if (!secureContext) return say("502 5.5.1 not known");
          socket.removeAllListeners("data");
          socket.write("220 2.0.0 go on\r\n", () =>
            serve(new TLSSocket(socket, { isServer: true, secureContext }), false),
          );
          return true;
        case "AUTH": {
          if (/^LOGIN/i.test(rest)) {
            asked = [];
            return say("334 VXNlcm5hbWU6");
          }
          const [, name, password] = plain(rest.split(" ")[1] ?? "").split("\0");
          return judge(`${name}:${password}`);
        }
        case "MAIL":
          mail = { from: rest, to: [], text: "", encrypted, ...(login && { login }) };
          return say("250 2.1.0 ok");
        case "RCPT": {
          const said = mailServer.refuse;
          mailServer.refuse = undefined;
          if (said === undefined) mail.to.push(/<(.*)>/.exec(rest)?.[1] ?? "");
          return say(said ?? "250 2.1.5 ok");
        }
        case "DATA":
          isBody = true;
          return say("354 go on");
        case "QUIT":
          say("221 bye");
          return socket.end();
        default:
          return say("502 5.5.1 not known");
      }
    };
    socket.on("data", (data) => {
      come += data.toString("latin1");
      for (let end = come.indexOf("\r\n"); end >= 0; end = come.indexOf("\r\n")) {
        const line = come.slice(0, end);
        come = come.slice(end + 2);
        if (asked) {
          asked.push(plain(line));
          if (asked.length < 2) say("334 UGFzc3dvcmQ6");
          else {
            judge(asked.join(":"));
            asked = undefined;
          }
        } else if (!isBody) take(line);
        else if (line === ".") {
          isBody = false;
          mails.push(mail);
          say("250 2.0.0 taken");
        } else mail.text += `${line.replace(/^\.\./, ".")}\n`;
      }
    });
    if (greet) say("220 mail.example ESMTP");
  };
  const server = tls?.implicit
    ? createTlsServer(tls, (socket) => serve(socket, true))
    : createServer((socket) => serve(socket, true));
  // Who does not trust the certificate breaks the handshake off.
  server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const mailServer: MailServer = {
    port: (server.address() as { port: number }).port,
    mails,
    refuse: undefined,
    inClear,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return mailServer;
}

const plain = (base64: string): string => Buffer.from(base64, "base64").toString();
