import { createServer, type Server, type Socket } from "node:net";
import { ghsOfTime, preciseNowMs } from "../clockRigs.js";
import { serve } from "../worker.js";
import { antminerReply, type RigMoment, UNKNOWN_COMMAND, whatsminerReply } from "./replies.js";

/**
 * Bare rigs in one process: a listener on the wildcard address that tells its rigs apart by the address they were called
 * at, and drops whoever called at anything but 127/8. `fixed`: the same bytes every time; `moving`: values that move;
 * `clock`: as moving, and the hashrate says when the answer went out (see {@link ghsOfTime}).
 */
export interface RigServerOptions {
  port: number;
  kind: "antminer" | "whatsminer";
  mode: "fixed" | "moving" | "clock";
}

const polls = new Map<number, number>();
const servers: Server[] = [];
let answered = 0;

/** The rig's number out of 127.a.b.c; undefined for any other address. */
function rigOf(address: string | undefined): number | undefined {
  const [first, a, b, c] = (address ?? "")
    .replace(/^::ffff:/, "")
    .split(".")
    .map(Number);
  return first === 127 ? a! * 65_536 + b! * 256 + c! : undefined;
}

const commandOf = (request: string): string => {
  try {
    const { command, cmd } = JSON.parse(request) as { command?: string; cmd?: string };
    return command ?? cmd ?? "";
  } catch {
    return request.trim();
  }
};

function answers({ kind, mode }: RigServerOptions): (request: Buffer, n: number) => Buffer {
  const reply = kind === "antminer" ? antminerReply : whatsminerReply;
  const bytes = (text: string | undefined) => Buffer.from(`${text ?? UNKNOWN_COMMAND}\0`);
  if (mode === "fixed") {
    const kept = new Map<string, Buffer>();
    return (request) => {
      const text = request.toString("latin1");
      let known = kept.get(text);
      if (!known) {
        known = bytes(reply(commandOf(text), { n: 1, poll: 0 }));
        if (kept.size < 64) kept.set(text, known);
      }
      return known;
    };
  }
  return (request, n) => {
    const command = commandOf(request.toString("latin1"));
    const poll = polls.get(n) ?? 0;
    // Only what carries the moving values counts as a poll.
    if (command.startsWith("summary")) polls.set(n, poll + 1);
    const moment: RigMoment = { n, poll, ...(mode === "clock" && { ghs: ghsOfTime(preciseNowMs()) }) };
    return bytes(reply(command, moment));
  };
}

serve({
  /** Listens; resolves with the port. */
  listen(options: RigServerOptions) {
    const answer = answers(options);
    const server = createServer({ noDelay: true }, (socket: Socket) => {
      const n = rigOf(socket.localAddress);
      if (n === undefined) return socket.destroy();
      socket.on("error", () => socket.destroy());
      socket.once("data", (request) => {
        answered++;
        socket.end(answer(request, n));
      });
    });
    servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: options.port, host: "0.0.0.0", backlog: 4_096 }, () => resolve(options.port));
    });
  },
  /** How many questions were answered so far. */
  answered: () => answered,
});
