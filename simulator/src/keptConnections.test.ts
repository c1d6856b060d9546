import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Fleet, type FleetOptions, startFleet } from "./listener.js";
import { fakeClock } from "./time.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Longer than an answer takes on any machine, and what a test waits for one that does not come. */
const SILENT_MS = 400;
const SECOND_MS = 1000;

async function fleetOf(family: string, options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const fleet = await startFleet({
    ...{ rigs: 1, seed: "k", port: 0, httpPort: 0, v3Port: 0, base: "127.92.0.1", incidents: false },
    ...{ clock: fakeClock(), families: [family], scenario: "constant" },
    ...options,
  });
  open.push(fleet);
  return fleet;
}

/** Asks one rig on one connection that is kept: the body, "refused" when it is reset, "silent" when nothing comes. */
type Ask = () => Promise<string>;

/** AxeOS over HTTP; a body is the text that came. */
function overHttp(fleet: Fleet, index = 0): Ask {
  const { address, httpPort } = fleet.addresses[index]!;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  open.push({ close: () => agent.destroy() });
  const options = { host: address, port: httpPort, path: "/api/system/info", agent, timeout: SILENT_MS };
  return () =>
    new Promise((resolve) => {
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")));
      });
      asked.on("timeout", () => {
        resolve("silent");
        asked.destroy();
      });
      asked.on("error", () => resolve("refused"));
      asked.end();
    });
}

/** API 3 in its frames; a body is the text of one. */
function overFrames(fleet: Fleet, index = 0): Ask {
  const { address, v3Port } = fleet.addresses[index]!;
  let socket: Socket | undefined;
  const text = JSON.stringify({ cmd: "get.device.info" });
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  open.push({ close: () => socket?.destroy() });
  return () =>
    new Promise((resolve) => {
      if (socket === undefined || socket.destroyed) socket = connect(v3Port as number, address);
      const kept = socket;
      kept.removeAllListeners();
      kept.setTimeout(SILENT_MS, () => {
        resolve("silent");
        kept.destroy();
      });
      let heard = Buffer.alloc(0);
      kept.on("data", (chunk) => {
        heard = Buffer.concat([heard, chunk]);
        if (heard.length < 4 || heard.length < 4 + heard.readUInt32LE(0)) return;
        resolve(heard.subarray(4).toString("latin1"));
      });
      kept.on("error", () => resolve("refused"));
      kept.write(Buffer.concat([head, Buffer.from(text)]));
    });
}

type Asker = (fleet: Fleet, index?: number) => Ask;

const INTERFACES: readonly [name: string, family: string, asker: Asker, told: string][] = [
  ["a web interface", "axeos", overHttp, "BM1370"],
  ["API 3", "whatsminer-v3", overFrames, "fwversion"],
];

describe.each(INTERFACES)("a connection to %s that was kept", (_name, family, asker, told) => {
  test.each([
    ["offline", {}, "refused"],
    ["partition", {}, "silent"],
    ["power-off", {}, "refused"],
    ["flapping", { share: 1 }, "refused"],
    ["lossy", { share: 1 }, "silent"],
  ])(
    "meets %s like one that is made anew, and another is answered afterwards",
    async (does, words, meets) => {
      const fleet = await fleetOf(family);
      const ask = asker(fleet);
      expect(await ask()).toContain(told);
      expect(await ask()).toContain(told);
      fleet.happen({ do: does, for: "2m", ...words });
      fleet.advance(SECOND_MS);
      expect(await ask()).toBe(meets);
      fleet.advance(5 * 60 * SECOND_MS);
      expect(await ask()).toContain(told);
    },
  );

  test("is reset while the rig boots", async () => {
    const fleet = await fleetOf(family);
    const ask = asker(fleet);
    expect(await ask()).toContain(told);
    fleet.happen({ do: "reboot", for: "1s" });
    fleet.advance(10 * SECOND_MS);
    expect(await ask()).toBe("refused");
  });

  test("is answered as late as a new one, and not at all by a rig that has gone in the meantime", async () => {
    const clock = fakeClock();
    const fleet = await fleetOf(family, { clock, rigs: 2 });
    const [ask, askOther] = [asker(fleet), asker(fleet, 1)];
    expect(await ask()).toContain(told);
    fleet.happen({ do: "slow", rigs: "rack-1/1", by: "2s" });
    /** What came, and after how long; answers of the other rig in between give this one the chance to come too early. */
    const timed = async (meanwhile?: (passedMs: number) => void): Promise<[string, number]> => {
      const startMs = clock.nowMs();
      let came: string | undefined;
      void ask().then((answer) => {
        came = answer;
      });
      for (;;) {
        await askOther();
        const passedMs = clock.nowMs() - startMs;
        if (came !== undefined) return [came, passedMs];
        meanwhile?.(passedMs);
        clock.advance(100);
      }
    };
    const [late, lateMs] = await timed();
    expect(late).toContain(told);
    expect(lateMs).toBeGreaterThanOrEqual(2000);
    const [never] = await timed((passedMs) => {
      if (passedMs === 1000) fleet.happen({ do: "power-off", rigs: "rack-1/1" });
    });
    expect(never).toBe("refused");
  });

  test("loses as many of its answers as connections are lost", async () => {
    const fleet = await fleetOf(family);
    const ask = asker(fleet);
    fleet.happen({ do: "lossy", share: 0.5 });
    const answers: string[] = [];
    for (let i = 0; i < 12; i++) answers.push(await ask());
    const lost = answers.filter((answer) => answer === "silent").length;
    expect(lost).toBeGreaterThan(1);
    expect(lost).toBeLessThan(11);
  });

  test("brings answers that are damaged, as many as the scenario says", async () => {
    const [clean, noisy] = [await fleetOf(family), await fleetOf(family, { base: "127.92.1.1" })];
    const [asked, heard] = [asker(clean), asker(noisy)];
    noisy.happen({ do: "garbled", share: 1, for: "1m" });
    const bodies = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const body = await heard();
      expect(body).not.toBe((await asked()).replaceAll("127.92.0.1", "127.92.1.1"));
      bodies.add(body.slice(0, 200));
      for (const fleet of [clean, noisy]) fleet.advance(SECOND_MS);
    }
    // In several ways.
    expect(bodies.size).toBeGreaterThan(2);
    for (const fleet of [clean, noisy]) fleet.advance(60 * SECOND_MS);
    expect(await heard()).toBe((await asked()).replaceAll("127.92.0.1", "127.92.1.1"));
  });
});
