import { type FleetDelta, LIVE_COLUMNS, type ServerFrame } from "@hashwatt/protocol/live";
import { WebSocket } from "ws";
import { ageMs, preciseNowMs } from "./clockRigs.js";

const HASHRATE = 1 + LIVE_COLUMNS.indexOf("hashrateThs");

/** What was measured: `ages` of readings, and how late a bare timer of this process was at the same time, ms. */
export interface Measured {
  ages: number[];
  lateness: number[];
}

const TIMER_MS = 5;

/** Ages of the readings that a client of `/live` is told while `work` goes on; a row that repeats a reading is not counted. */
export async function agesOf(url: string, work: () => Promise<unknown>): Promise<Measured> {
  const ages: number[] = [];
  const lateness: number[] = [];
  let due = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lateness.push(Math.max(0, now - due));
    due = now + TIMER_MS;
  }, TIMER_MS);
  const last = new Map<unknown, unknown>();
  let counting = false;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`, { origin: url });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as ServerFrame;
      if (frame.t === "hello") socket.send(JSON.stringify({ op: "subscribe", channel: "fleet" }));
      else if (frame.t === "snap" && !counting) {
        counting = true;
        work().then(() => resolve(), reject);
      } else if (frame.t === "delta" && frame.ch === "fleet")
        for (const row of (frame.data as FleetDelta).rows ?? []) {
          const hashrate = row[HASHRATE];
          if (typeof hashrate === "number" && last.get(row[0]) !== hashrate)
            ages.push(ageMs(hashrate, preciseNowMs()));
          last.set(row[0], hashrate);
        }
    });
  });
  socket.terminate();
  clearInterval(timer);
  return { ages, lateness };
}
