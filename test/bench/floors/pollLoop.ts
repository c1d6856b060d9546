import { connect } from "node:net";
import { cpuOf, serve } from "../worker.js";

/** One bare poll: connect, write, read to the end, parse. */
export function barePoll(host: string, port: number, request: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const chunks: Buffer[] = [];
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("end", () => {
      const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
      resolve(JSON.parse(text.charCodeAt(text.length - 1) === 0 ? text.slice(0, -1) : text));
    });
  });
}

/** `requests` are asked one after another by each of `concurrency` loops, over as many addresses, for `ms`. */
export interface PollRun {
  port: number;
  hosts: string[];
  requests: string[];
  ms: number;
}

serve({
  async run({ port, hosts, requests, ms }: PollRun) {
    const { value, cpuUs, wallMs } = await cpuOf(async () => {
      const until = performance.now() + ms;
      let rounds = 0;
      await Promise.all(
        hosts.map(async (host) => {
          while (performance.now() < until) {
            for (const request of requests) await barePoll(host, port, request);
            rounds++;
          }
        }),
      );
      return rounds;
    });
    return { rounds: value, cpuUs, wallMs };
  },
});
