import { createServer, type Server } from "node:net";
import { fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
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
    { ranges: [{ range: "127.0.0.1", port }], exclude: [], everyMs: 900_000 },
    {
      // Never known already, so that every scan tries the address again.
      fleet: { add: ({ address }) => added.push(address) > 0, has: () => false },
      isRig: async () => false,
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
  await done.done;
});

describe("hosts without a cgminer API", () => {
  /** Looks at 10.0.0.1 to 10.0.0.4 of which the first has the API and the second and third have a web page. */
  function look() {
    const clock = fakeClock(0);
    const abort = new AbortController();
    const watched = new Set<string>();
    const asked: string[] = [];
    const ranges = [{ range: "10.0.0.1-4", port: 4028 }];
    let rounds = 0;
    const watch = watchRanges(
      { ranges, exclude: [], everyMs: 900_000 },
      {
        fleet: {
          add: ({ address }) => watched.size < watched.add(address).size,
          has: (address) => watched.has(address),
        },
        isRig: async ({ address }) => asked.push(address) > 0 && address === "10.0.0.2",
        knock: async (address, port) => {
          if (address === "10.0.0.4" && port === 4028) rounds++;
          if (address === "10.0.0.1") return port === 4028 ? "open" : "refused";
          return port === 80 && address !== "10.0.0.4" ? "open" : "refused";
        },
        clock,
        log: pino({ level: "silent" }),
      },
      abort.signal,
    );
    /** Lets time pass until a further look has ended. */
    const round = async (n: number) => {
      for (let i = 0; i < 5_000 && !(rounds >= n && clock.pending === 1); i++) {
        await new Promise((turn) => setImmediate(turn));
        if (clock.pending === 1 && rounds < n) await clock.advance(15_000);
      }
      expect(rounds).toBeGreaterThanOrEqual(n);
    };
    const end = () => {
      abort.abort();
      return watch.done;
    };
    return { clock, watch, watched, asked, round, ranges, end };
  }

  it("are watched where a dialect knows them; others are not asked again within the hour", async () => {
    const it = look();
    await it.round(1);
    expect([...it.watched]).toEqual(["10.0.0.1", "10.0.0.2"]);
    await it.round(4);
    expect(it.asked).toEqual(["10.0.0.2", "10.0.0.3"]);
    await it.clock.advance(3_600_000);
    await it.round(12);
    expect(it.asked.at(-1)).toBe("10.0.0.3");
    expect(it.asked.length).toBeGreaterThan(2);
    await it.end();
  });

  it("and all others are looked for by another plan at once", async () => {
    const it = look();
    await it.round(1);
    const before = it.clock.monoMs();
    it.watch.change({
      ranges: [...it.ranges, { range: "10.0.0.9", port: 4028 }],
      exclude: ["10.0.0.3"],
      everyMs: 900_000,
    });
    await it.round(2);
    expect(it.clock.monoMs()).toBe(before);
    expect(it.asked).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.9"]);
    await it.end();
  });
});
