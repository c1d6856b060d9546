import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { realServers } from "../fixtures/realServers.js";
import type { Knock } from "./knock.js";
import { scan } from "./scan.js";
import { expandRanges } from "./targets.js";

const never = new AbortController().signal;

/** Lets a scan on a clock of its own run to its end; returns how long it took, ms. */
async function runs(clock: FakeClock, done: Promise<unknown>, stepMs: number): Promise<number> {
  let isDone = false;
  void done.then(() => {
    isDone = true;
  });
  const startMs = clock.monoMs();
  while (!isDone && clock.monoMs() - startMs < 600_000) await clock.advance(stepMs);
  expect(isDone).toBe(true);
  return clock.monoMs() - startMs;
}

describe("a scan of a range", () => {
  it("takes at most 100 s over a /16 that never answers, with 512 under way and port 4028 alone", async () => {
    const clock = fakeClock(0);
    let under = 0;
    let most = 0;
    const ports = new Set<number>();
    const knock: Knock = (_address, port, connectMs) =>
      new Promise((resolve) => {
        ports.add(port);
        most = Math.max(most, ++under);
        clock.after(connectMs, () => {
          under--;
          resolve("silent");
        });
      });
    let tried = 0;
    const addresses = expandRanges(["10.1.0.0/16"]);
    const ears = { found: () => expect.unreachable(), tried: () => tried++ };
    const took = await runs(clock, scan(addresses, {}, ears, clock, never, knock), 750);
    expect([tried, most, [...ports]]).toEqual([65_534, 512, [4028]]);
    expect(took).toBeGreaterThan(90_000);
    expect(took).toBeLessThanOrEqual(100_000);
  });

  it("looks on 80 and 4433 only where a host refuses 4028, and not on 4433 where 80 is open", async () => {
    const answers: Record<string, Partial<Record<number, "open" | "refused">>> = {
      "10.0.0.1": { 4028: "open" },
      "10.0.0.2": { 4028: "refused", 80: "open" },
      "10.0.0.3": { 4028: "refused", 80: "refused", 4433: "open" },
      "10.0.0.4": { 4028: "refused", 80: "refused" },
    };
    const asked: string[] = [];
    const knock: Knock = async (address, port) => {
      asked.push(`${address}:${port}`);
      return answers[address]?.[port] ?? "silent";
    };
    const found: string[] = [];
    const ears = { found: (address: string, what: string) => found.push(`${address} ${what}`) };
    const count = await scan(
      expandRanges(["10.0.0.1-6"]),
      { concurrency: 1 },
      ears,
      fakeClock(0),
      never,
      knock,
    );
    expect(found).toEqual(["10.0.0.1 api", "10.0.0.2 web", "10.0.0.3 web"]);
    expect(count).toBe(3);
    expect(asked.filter((each) => !each.endsWith(":4028"))).toEqual([
      "10.0.0.2:80",
      "10.0.0.3:80",
      "10.0.0.3:4433",
      "10.0.0.4:80",
      "10.0.0.4:4433",
    ]);
  });

  it("misses nobody where this machine has no descriptor left for a while", async () => {
    const clock = fakeClock(0);
    let left = 40;
    const knock: Knock = async (address) => {
      if (left-- > 0) return "busy";
      return address === "10.0.0.77" ? "open" : "silent";
    };
    const found: string[] = [];
    const ears = { found: (address: string) => found.push(address) };
    await runs(
      clock,
      scan(expandRanges(["10.0.0.0/25"]), { concurrency: 8 }, ears, clock, never, knock),
      750,
    );
    expect(found).toEqual(["10.0.0.77"]);
  });

  it("over real sockets tells of what listens, on whichever port, as it comes", async () => {
    const servers = realServers();
    const [port, httpPort, v3Port] = [
      await servers.closedPort(),
      await servers.tcp(() => {}),
      await servers.closedPort(),
    ];
    const found: string[] = [];
    await scan(
      expandRanges(["127.0.0.1-40"]),
      { port, httpPort, v3Port },
      { found: (address, what) => found.push(`${address} ${what}`) },
      systemClock,
      never,
    );
    await servers.close();
    expect(found).toEqual(["127.0.0.1 web"]);
  });
});
