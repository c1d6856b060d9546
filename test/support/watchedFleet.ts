import { join } from "node:path";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { freePort } from "./ports.js";
import { keepSpool, type SpoolKeeper } from "./spooled.js";
import { type Stack, type StackOptions, startStack } from "./stack.js";

/** Simulated rigs, the whole path that watches them, and all that its agent ever spooled. */
export interface WatchedFleet {
  readonly fleet: Fleet;
  readonly stack: Stack;
  readonly spool: SpoolKeeper;
  close(): Promise<void>;
}

/** Starts sound rigs on addresses from `base` on, polled every second, and what watches them. */
export async function startWatchedFleet({
  rigs,
  seed,
  base,
  ...options
}: Omit<StackOptions, "rigs"> & { rigs: number; seed: number; base: string }): Promise<WatchedFleet> {
  const fleet = await startFleet({ rigs, seed, port: await freePort(), base, incidents: false });
  const stack = await startStack({
    intervalMs: 1_000,
    ...options,
    rigs: fleet.addresses.map(({ address, port }) => `${address}:${port}`),
  }).catch(async (error) => {
    await fleet.close();
    throw error;
  });
  const spool = keepSpool(join(stack.folder, "agent"), join(stack.folder, "kept"));
  return {
    fleet,
    stack,
    spool,
    async close() {
      spool.close();
      await stack.close();
      await fleet.close();
    },
  };
}
