import { createServer, type Socket } from "node:net";

/** A message as a mail server took it. */
export interface Mail {
  from: string;
  to: string[];
  text: string;
  /** User and password of who sent it, where it logged in. */
  login?: string;
}

/** A small mail server of our own: RFC 5321 with AUTH PLAIN, as much as a client that sends says. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What it answers to RCPT instead of 250; undefined again once said. */
  refuse: string | undefined;
  close(): Promise<void>;
}

/** Starts one on a port of 127.0.0.1 that takes the login of `user`, in the form `name:password`. */
export async function startMailServer(user: string): Promise<MailServer> {
  const sockets = new Set<Socket>();
  const mails: Mail[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let come = "";
    let mail: Mail = { from: "", to: [], text: "" };
    let isBody = false;
    let login: string | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const take = (line: string) => {
      const [, verb = "", rest = ""] = /^(\S+)\s?(.*)$/.exec(line) ?? [];
      switch (verb.toUpperCase()) {
        case "EHLO":
          say("250-mail.example");
          return say("250 AUTH PLAIN");
        case "AUTH": {
          const [, name, password] = Buffer.from(rest.split(" ")[1] ?? "", "base64")
            .toString()
            .split("\0");
          if (`${name}:${password}` !== user) return say("535 5.7.8 wrong");
          login = user;
          return say("235 2.7.0 welcome");
        }
        case "MAIL":
          mail = { from: rest, to: [], text: "", ...(login && { login }) };
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
        if (!isBody) take(line);
        else if (line === ".") {
          isBody = false;
          mails.push(mail);
          say("250 2.0.0 taken");
        } else mail.text += `${line.replace(/^\.\./, ".")}\n`;
      }
    });
    say("220 mail.example ESMTP");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const mailServer: MailServer = {
    port: (server.address() as { port: number }).port,
    mails,
    refuse: undefined,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return mailServer;
}
