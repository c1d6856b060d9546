import { type FleetDelta, LIVE_COLUMNS, type ServerFrame } from "@hashwatt/protocol/live";
import { WebSocket } from "ws";

const AT_MS = 1 + LIVE_COLUMNS.indexOf("atMs");

/** A reading as it came to a client of `/live`. */
export interface Seen {
  /** Epoch ms. */
  seenMs: number;
  /** Since the rig's answer by the agent's clock, which is this machine's. */
  ageMs: number;
}

/** Watches the `fleet` channel of a server's `/live`. */
export interface LiveAges {
  /** Every reading that was new, in the order in which they came. */
  readonly seen: readonly Seen[];
  close(): void;
}

/** Connects and resolves once the server has sent its snapshot: nothing that comes afterwards is missed. */
export async function watchLive(url: string): Promise<LiveAges> {
  const seen: Seen[] = [];
  const last = new Map<unknown, unknown>();
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`, { origin: url });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as ServerFrame;
      if (frame.t === "hello") socket.send(JSON.stringify({ op: "subscribe", channel: "fleet" }));
      else if (frame.t === "snap") resolve();
      else if (frame.t === "delta" && frame.ch === "fleet") {
        const seenMs = Date.now();
        for (const row of (frame.data as FleetDelta).rows ?? []) {
          const atMs = row[AT_MS];
          if (typeof atMs !== "number" || last.get(row[0]) === atMs) continue;
          last.set(row[0], atMs);
          seen.push({ seenMs, ageMs: seenMs - atMs });
        }
      } else if (frame.t === "gap") throw new Error("the server left out live frames");
    });
  });
  return { seen, close: () => socket.terminate() };
}
