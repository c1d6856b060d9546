import { connect } from "node:net";
import type { Clock } from "@hashwatt/protocol/time";

/** How a scan goes about it. */
export interface ScanOptions {
  port: number;
  /** Connections under way at a time. */
  concurrency: number;
  /** How long an address has to accept, ms. */
  connectMs: number;
}

/** What a home or rack network answers within; a silent address costs this much of one of 512 turns. */
export const SCAN: ScanOptions = { port: 4028, concurrency: 512, connectMs: 750 };

/**
 * Tries each address once and calls `found` for those that accept a connection on the port, as they come. Resolves when all
 * were tried, with how many accepted; ends early with `signal`.
 */
export async function scan(
  addresses: readonly string[],
  options: Partial<ScanOptions>,
  found: (address: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const { port, concurrency, connectMs } = { ...SCAN, ...options };
  let next = 0;
  let accepted = 0;
  const lane = async () => {
    while (next < addresses.length && !signal.aborted) {
      const address = addresses[next++]!;
      if (await accepts(address, port, connectMs, clock)) {
        if (signal.aborted) return;
        accepted++;
        found(address);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, addresses.length) }, lane));
  return accepted;
}

/** Whether something listens there. The connection is closed without a word, which every cgminer bears. */
function accepts(address: string, port: number, connectMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const timer = clock.after(connectMs, () => settle(false));
    const settle = (answer: boolean) => {
      timer[Symbol.dispose]();
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}
