import { connect } from "node:net";
import { cpuOf, serve } from "../worker.js";

/**
 * The barest poller of a fleet: a phase per rig, one timer that starts what is due, no more than a socket and a parse per
 * poll. Keeps each rig's last reply, as any poller must.
 */
export interface PacedRun {
  rigs: { host: string; port: number; request: string }[];
  intervalMs: number;
  ms: number;
}

const TICK_MS = 10;

serve({
  async run({ rigs, intervalMs, ms }: PacedRun) {
    const last = new Array<unknown>(rigs.length);
    let polls = 0;
    let failed = 0;
    const poll = (i: number) => {
      const { host, port, request } = rigs[i]!;
      const socket = connect({ host, port });
      const chunks: Buffer[] = [];
      socket.on("connect", () => socket.write(request));
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("error", () => failed++);
      socket.on("end", () => {
        const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
        if (!text) {
          failed++;
          return;
        }
        last[i] = JSON.parse(text.endsWith("\0") ? text.slice(0, -1) : text);
        polls++;
      });
    };
    const { cpuUs, wallMs } = await cpuOf(
      () =>
        new Promise<void>((resolve) => {
          const startedMs = performance.now();
          let started = 0;
          const timer = setInterval(() => {
            const elapsed = performance.now() - startedMs;
            const due = Math.floor((Math.min(elapsed, ms) / intervalMs) * rigs.length);
            while (started < due) poll(started++ % rigs.length);
            if (elapsed > ms) {
              clearInterval(timer);
              setTimeout(resolve, 100);
            }
          }, TICK_MS);
        }),
    );
    return { polls, failed, cpuUs, wallMs };
  },
});
