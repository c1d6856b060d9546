import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { realServers } from "../fixtures/realServers.js";
import { fixture, UNKNOWN } from "../fixtures/scriptedLink.js";
import { readCommand } from "./readCommand.js";
import { scanCommand } from "./scanCommand.js";

const S19 = fixture("antminer-s19pro.json");
const M50 = fixture("whatsminer-m50s.json");
let server: Server | undefined;
const abort = new AbortController();

afterEach(async () => {
  if (server) await new Promise((done) => server!.close(done));
  server = undefined;
});

/** A rig on a real socket that answers commands one by one and cannot join them. */
async function rig(script: Record<string, string>, address = "127.0.0.1"): Promise<number> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => {
      const { command } = JSON.parse(data.toString()) as { command: string };
      socket.end(`${script[command] ?? UNKNOWN}\0`);
    });
  });
  await new Promise<void>((done) => server!.listen(0, address, done));
  return (server.address() as { port: number }).port;
}

async function read(...args: string[]): Promise<string> {
  let out = "";
  await readCommand(
    args,
    (text) => {
      out += text;
    },
    abort.signal,
  );
  return out;
}

describe("agent read", () => {
  it("prints exactly the keys of the contract", async () => {
    const port = await rig(M50);
    const reading = JSON.parse(await read(`127.0.0.1:${port}`, "--json"));
    expect(Object.keys(reading)).toEqual([
      "status",
      "algo",
      "make",
      "model",
      "firmware",
      "apiVersion",
      "dialect",
      "mac",
      "serial",
      "hostname",
      "hashrateThs",
      "hashrateAvgThs",
      "nominalThs",
      "powerW",
      "powerSource",
      "powerLimitW",
      "inletTempC",
      "boardTempC",
      "chipTempC",
      "fansRpm",
      "boards",
      "pools",
      "uptimeS",
      "targetThs",
      "powerMode",
      "psuTempC",
      "shares",
    ]);
    expect(Object.keys(reading.boards[0])).toEqual([
      "slot",
      "hashrateThs",
      "boardTempC",
      "chipTempC",
      "chips",
      "hwErrors",
      "frequencyMHz",
      "serial",
      "nominalThs",
    ]);
    expect(Object.keys(reading.pools[0])).toEqual([
      "url",
      "user",
      "status",
      "active",
      "accepted",
      "rejected",
      "stale",
      "acceptedDiff",
      "rejectedDiff",
    ]);
    expect(reading).toMatchObject({ status: "mining", hashrateThs: 124.5, powerW: 3200, powerSource: "psu" });
  });

  it("prints words for a person", async () => {
    const port = await rig(S19);
    const text = await read(`127.0.0.1:${port}`, "--http-port", "80", "--v3-port", "4433");
    expect(text).toMatch(/^status +mining$/m);
    expect(text).toMatch(/^hashrate +109\.51 TH\/s, average 109\.87 TH\/s, rated 110 TH\/s, SHA256$/m);
    expect(text).toMatch(/^power +3236 W \(model\)$/m);
    expect(text).toMatch(/^board 2 .*36\.62 TH\/s, 66 °C board, 71 °C chip, 114 chips/m);
  });

  it("says why there is no reading", async () => {
    const port = await rig({ version: S19.version!.replace("S19 Pro", "S19 (kaonsu 1)") });
    await expect(read(`127.0.0.1:${port}`)).rejects.toThrow(
      new RegExp(
        `^unsupported firmware: Marathon MaraFW, Antminer S19 .*; hashwatt-agent capture 127\\.0\\.0\\.1:${port} writes what a developer needs$`,
      ),
    );
    await expect(read("127.0.0.1:1")).rejects.toMatchObject({
      code: "refused",
      message: "127.0.0.1:1 refuses connections",
    });
  });

  it.each([
    [[], /takes one address/],
    [["a", "b"], /takes one address/],
    [["127.0.0.1", "--jsno"], /unknown option --jsno; did you mean --json\?/],
    [["127.0.0.1", "--http-port", "x"], /--http-port must be a port/],
  ])("refuses %j in one line", async (args, words) =>
    expect(read(...args)).rejects.toMatchObject({ code: "config", message: expect.stringMatching(words) }),
  );

  it("takes no password from the command line, and says where it takes one from", async () => {
    await expect(read("127.0.0.1", "--login", "root")).rejects.toThrow(
      "--login needs a password: set HASHWATT_RIG_PASSWORD, or give --password-file FILE",
    );
    await expect(read("127.0.0.1", "--password-file", "/no/such")).rejects.toThrow("needs --login USER");
    await expect(read("127.0.0.1", "--login", "root", "--password-file", "/no/such")).rejects.toThrow(
      "--password-file: cannot read /no/such (ENOENT)",
    );
  });

  it("explains itself", async () => {
    expect(await read("--help")).toMatch(/--v3-port P .*WhatsMiner API 3/);
  });
});

describe("agent scan", () => {
  it("prints what it finds and how many answered", async () => {
    const port = await rig(S19, "127.0.0.9");
    const lines: string[] = [];
    const notes: string[] = [];
    const run = (...args: string[]) =>
      scanCommand(
        [...args, "--port", `${port}`],
        (line) => lines.push(line),
        (line) => notes.push(line),
        abort.signal,
        { write: () => expect.unreachable("no terminal, no bar") },
      );
    await run("127.0.0.0/28");
    expect(lines).toEqual([
      expect.stringMatching(/^127\.0\.0\.9:\d+ +Antminer S19 Pro {2}mining 109\.51 TH\/s$/),
    ]);
    expect(notes).toEqual(["1 of 14 addresses answer as rigs"]);
    lines.length = 0;
    await run("127.0.0.8-10", "--http-port", "8081", "--json", "--exclude", "127.0.0.8");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        address: "127.0.0.9",
        port,
        make: "Bitmain",
        model: "Antminer S19 Pro",
        firmware: "Fri Nov 17 17:37:21 CST 2023",
        status: "mining",
        hashrateThs: 109.51234,
      },
    ]);
  });

  it("finds a rig that has a web interface alone, counts a web page that is none's, and draws a bar on a terminal", async () => {
    const servers = realServers();
    const page = (text: string, info?: object) =>
      servers.http(({ url }, response) =>
        info && url === "/api/system/info"
          ? response.end(JSON.stringify(info))
          : response.writeHead(url === "/" ? 200 : 404).end(text),
      );
    const axe = await page("<title>AxeOS</title>", {
      ASICModel: "BM1370",
      hashRate: 1184.2,
      power: 17.4,
      asicCount: 1,
      frequency: 600,
      stratumURL: "pool.example",
      axeOSVersion: "v2.9.1",
      version: "v2.9.0",
    });
    const router = await page("<title>Router</title>");
    const closed = await servers.closedPort();
    const drawn: string[] = [];
    const run = async (web: number) => {
      const lines: string[] = [];
      const args = ["127.0.0.1", "--port", `${closed}`, "--http-port", `${web}`, "--v3-port", `${closed}`];
      const print = (line: string) => void lines.push(line);
      await scanCommand(args, print, print, abort.signal, {
        isTTY: true,
        write: (text) => drawn.push(text),
      });
      return lines;
    };
    expect(await run(axe.port)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+ .*mining 1\.18 TH\/s$/),
      "1 of 1 addresses answer as rigs",
    ]);
    expect(await run(router.port)).toEqual([
      "0 of 1 addresses answer as rigs, and 1 more have a web page that is no rig's (--all)",
    ]);
    await servers.close();
  });
});
