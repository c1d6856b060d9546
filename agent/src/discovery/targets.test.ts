import { createServer } from "node:net";
import { systemClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { scan } from "./scan.js";
import { expandRanges, parseRigAddress } from "./targets.js";

describe("ranges", () => {
  it.each([
    [["192.168.1.20"], ["192.168.1.20"]],
    [["192.168.1.10-12"], ["192.168.1.10", "192.168.1.11", "192.168.1.12"]],
    [["192.168.1.254-192.168.2.1"], ["192.168.1.254", "192.168.1.255", "192.168.2.0", "192.168.2.1"]],
    [["10.0.0.0/30"], ["10.0.0.1", "10.0.0.2"]],
    [["10.0.0.7/30"], ["10.0.0.5", "10.0.0.6"]],
    [["10.0.0.4/31"], ["10.0.0.4", "10.0.0.5"]],
    [["10.0.0.4/32"], ["10.0.0.4"]],
    [
      ["10.0.0.2", "10.0.0.1-3"],
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    ],
    [["255.255.255.254-255"], ["255.255.255.254", "255.255.255.255"]],
  ])("%j are %j", (ranges, addresses) => expect(expandRanges(ranges)).toEqual(addresses));

  it("lose what is excluded", () =>
    expect(expandRanges(["10.0.0.1-6"], ["10.0.0.2", "10.0.0.4/31"])).toEqual([
      "10.0.0.1",
      "10.0.0.3",
      "10.0.0.6",
    ]));

  it("have their edge addresses only where they are none", () =>
    expect(expandRanges(["127.10.0.0/26"])).toHaveLength(62));

  it.each([
    ["300.1.1.1", /no address/],
    ["10.0.0.0/33", /prefix length/],
    ["10.0.0.0/x", /prefix length/],
    ["10.0.0.9-3", /ends before/],
    ["10.0.0.1-256", /end in an address/],
    ["10.0.0.1-5/24", /no address/],
    ["fe80::1", /no address/],
    ["rig.example", /no address/],
    ["10.0.0.0/8", /16,777,216 addresses, more than 65,536/],
    ["0.0.0.0-255.255.255.255", /4,294,967,296 addresses/],
  ])("refuse %s and say how to write it", (range, words) => {
    expect(() => expandRanges([range])).toThrow(words);
    expect(() => expandRanges([range])).toThrow(/192\.168\.1\.0\/24/);
  });

  it("are bounded together too", () =>
    expect(() => expandRanges(["10.0.0.0/16", "10.1.0.0/16"])).toThrow(/131,068 addresses together/));
});

describe("the address of a rig", () => {
  it.each([
    ["10.0.0.5", { address: "10.0.0.5", port: 4028 }],
    ["10.0.0.5:4029", { address: "10.0.0.5", port: 4029 }],
    ["rig-7.farm.example:80", { address: "rig-7.farm.example", port: 80 }],
  ])("%s is read", (text, target) => expect(parseRigAddress(text)).toEqual(target));

  it.each(["", "10.0.0", "10.0.0.500", "10.0.0.5:0", "10.0.0.5:99999", "a b", "10.0.0.5:x", "-x"])(
    "%j is refused",
    (text) => expect(() => parseRigAddress(text)).toThrow(/no rig's address/),
  );
});

describe("a scan", () => {
  it("finds what listens, and nothing else", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => server.listen(0, "127.0.0.7", done));
    const { port } = server.address() as { port: number };
    const found: string[] = [];
    const addresses = expandRanges(["127.0.0.1-20"]);
    const count = await scan(
      addresses,
      { port, concurrency: 3 },
      { found: (address) => found.push(address) },
      systemClock,
      new AbortController().signal,
    );
    await new Promise((done) => server.close(done));
    expect([count, found]).toEqual([1, ["127.0.0.7"]]);
  });

  it("ends with its signal", async () => {
    const abort = new AbortController();
    abort.abort();
    const found: string[] = [];
    const count = await scan(
      expandRanges(["127.0.0.1-20"]),
      { port: 1 },
      { found: (address) => found.push(address) },
      systemClock,
      abort.signal,
    );
    expect([count, found]).toEqual([0, []]);
  });
});
