import type { SpoolKeeper } from "./spooled.js";
import type { Stack } from "./stack.js";
import { until } from "./wait.js";

/** What was ever spooled against what is stored; `lost` and `double` name readings. */
export interface Comparison {
  spooled: number;
  lost: string[];
  double: string[];
}

/** What the agent says it holds at its end: a number of batches. */
function heldAtEnd(stack: Stack): number | undefined {
  const line = stack.agent.lines.findLast((text) => text.includes('"msg":"agent stopped"'));
  return (JSON.parse(line ?? "{}") as { spool?: { batches: number } }).spool?.batches;
}

/**
 * Ends the agent once it holds nothing more, then the server, and compares. An agent that is ended with data on disk is
 * started again, as an operator would; `dataDir` and `store` are the server's where those are not the stack's own; rejects when it does not get rid of them.
 */
export async function compareWhenDone(
  stack: Stack,
  spool: SpoolKeeper,
  { dataDir = stack.dataDir, store = stack.store } = {},
): Promise<Comparison> {
  let ended = 0;
  await until(
    "the agent ends with an empty spool",
    async () => {
      if (ended++ > 0) await stack.startAgent();
      // Time for what is spooled to go out; what is polled meanwhile goes out at the end.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await stack.agent.stop();
      if (heldAtEnd(stack) === 0) return true;
      throw new Error(stack.agent.lines.slice(-20).join("\n"));
    },
    60_000,
  );
  await stack.server.stop();
  const spooled = spool.readings();
  const stored = await store.readings(dataDir);
  return {
    spooled: spooled.size,
    lost: [...spooled].filter((reading) => !stored.has(reading)),
    double: [...stored].filter(([, times]) => times > 1).map(([reading]) => reading),
  };
}
