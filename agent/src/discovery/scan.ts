import type { Clock } from "@hashwatt/protocol/time";
import { type Knock, knockTcp } from "./knock.js";

/** How a scan goes about it. */
export interface ScanOptions {
  /** Of the cgminer API; tried at every address. */
  port: number;
  /** Of the web interface and of the WhatsMiner API 3; tried only where a host refused the first. */
  httpPort: number;
  v3Port: number;
  /** Connections under way at a time. */
  concurrency: number;
  /** How long an address has to accept, ms. */
  connectMs: number;
}

/** What a home or rack network answers within; a silent address costs this much of one of 512 turns: a silent /16 takes 96 s. */
export const SCAN: ScanOptions = { port: 4028, httpPort: 80, v3Port: 4433, concurrency: 512, connectMs: 750 };

/** What answered at an address: the cgminer API, or on a host that has none another port, which need not be a rig's. */
export type Answered = "api" | "web";

/** Hears of a scan. `tried` is called for every address that is done with. */
export interface ScanEars {
  found(address: string, what: Answered): void;
  tried?(address: string): void;
}

/** An address that could not be tried for want of descriptors or ports of this machine is tried again so often. */
const BUSY_TRIES = 20;

/**
 * Tries each address once and tells of those where something accepts a connection, as they come. Resolves when all were
 * tried, with how many answered; ends early with `signal`.
 */
export async function scan(
  addresses: readonly string[],
  options: { [K in keyof ScanOptions]?: ScanOptions[K] | undefined },
  ears: ScanEars,
  clock: Clock,
  signal: AbortSignal,
  knock: Knock = knockTcp,
): Promise<number> {
  const { concurrency = SCAN.concurrency, connectMs = SCAN.connectMs } = options;
  const { port = SCAN.port, httpPort = SCAN.httpPort, v3Port = SCAN.v3Port } = options;
  let next = 0;
  let answered = 0;
  const tryPort = async (address: string, at: number) => {
    for (let left = BUSY_TRIES; ; left--) {
      const answer = await knock(address, at, connectMs, clock);
      if (answer !== "busy") return answer;
      if (left === 1 || signal.aborted) return "silent";
      await clock.sleep(connectMs, signal).catch(() => undefined);
    }
  };
  const look = async (address: string): Promise<Answered | undefined> => {
    const first = await tryPort(address, port);
    if (first !== "refused") return first === "open" ? "api" : undefined;
    for (const other of [httpPort, v3Port])
      if (!signal.aborted && other !== port && (await tryPort(address, other)) === "open") return "web";
    return undefined;
  };
  const lane = async () => {
    while (next < addresses.length && !signal.aborted) {
      const address = addresses[next++]!;
      const what = await look(address);
      if (signal.aborted) return;
      ears.tried?.(address);
      if (what === undefined) continue;
      answered++;
      ears.found(address, what);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, addresses.length) }, lane));
  return answered;
}
