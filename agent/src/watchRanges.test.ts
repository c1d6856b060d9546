import { createServer, type Server } from "node:net";
import { fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, expect, it, vi } from "vitest";
import { watchRanges } from "./watchRanges.js";

let server: Server | undefined;
afterEach(() => server?.close());

const listen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server = createServer((socket) => socket.destroy())
      .once("error", reject)
      .listen({ port, host: "127.0.0.1" }, () => resolve((server!.address() as { port: number }).port));
  });

it("rigs that come up after the agent are found within seconds, and later scans are rare", async () => {
  const port = await listen(0);
  await new Promise((resolve) => server!.close(resolve));
  const clock = fakeClock(0);
  const abort = new AbortController();
  const added: string[] = [];
  const scans: { tried: number }[] = [];
  const done = watchRanges(
    [{ range: "127.0.0.1", port }],
    { exclude: [], everyMs: 900_000 },
    {
      // Never known already, so that every scan tries the address again.
      fleet: { add: ({ address }) => added.push(address) > 0, has: () => false },
      clock,
      log: pino({}, { write: (line: string) => void scans.push(JSON.parse(line)) }),
    },
    abort.signal,
  );
  const asleep = () => vi.waitFor(() => expect(clock.pending).toBe(1));
  await vi.waitFor(() => expect(scans).toHaveLength(1));
  await asleep();
  expect(added).toEqual([]);

  await listen(port);
  await clock.advance(15_000);
  await vi.waitFor(() => expect(added).toEqual(["127.0.0.1"]));
  let scanned = 1;
  for (const waitMs of [30, 60, 120, 240, 480, 900, 900].map((seconds) => seconds * 1_000)) {
    await asleep();
    await clock.advance(waitMs - 1);
    expect(added).toHaveLength(scanned);
    await clock.advance(1);
    scanned++;
    await vi.waitFor(() => expect(added).toHaveLength(scanned));
  }
  await asleep();
  abort.abort();
  await done;
});
