import { evidenceSchema, sampleSchema } from "@hashwatt/protocol/sample";
import { describe, expect, it } from "vitest";
import { readMac, readPools, readSharesAndFee } from "./dialects/cgminerParts.js";
import { parseNeighbours } from "./neighbours.js";
import type { Reading } from "./reading.js";
import { hasNewSerials, toEvidence, toHandle, toSample } from "./toSample.js";

const reading: Reading = {
  status: "mining",
  algo: "SHA256",
  make: "MicroBT",
  model: "Whatsminer M50S",
  mac: "02:01:02:03:04:05",
  nominalThs: 126,
  hashrateThs: 124.5,
  powerW: 3200,
  powerSource: "psu",
  boards: [{ slot: 0, hashrateThs: 41, serial: "A1" }],
  pools: [
    { url: "stratum+tcp://a.example:1", user: "w", active: false },
    { url: "stratum+tcp://b.example:1", user: "w", active: true, accepted: 5, latencyMs: 38 },
  ],
};

describe("a sample", () => {
  const sample = toSample("10-0-0-5", reading, 1_767_225_600_000, 5_000.4, 12.6);

  it("carries the readings and none of the evidence", () => {
    expect(JSON.parse(JSON.stringify(sample))).toEqual({
      rig: "10-0-0-5",
      atMs: 1_767_225_600_000,
      intervalMs: 5_000,
      pollMs: 13,
      status: "mining",
      algo: "SHA256",
      hashrateThs: 124.5,
      powerW: 3200,
      powerSource: "psu",
      boards: [{ slot: 0, hashrateThs: 41 }],
      pool: "stratum+tcp://b.example:1",
      poolLatencyMs: 38,
    });
    expect(sampleSchema.safeParse(sample).success).toBe(true);
  });

  it("never claims an interval beyond what a hold may reach", () =>
    expect(toSample("x", reading, 1, 250_000, undefined).intervalMs).toBe(100_000));
});

describe("evidence", () => {
  it("says what identifies the rig", () => {
    const evidence = toEvidence("10.0.0.5", 4029, reading, "02:ff:ff:00:00:01");
    expect(evidence).toEqual({
      address: "10.0.0.5",
      port: 4029,
      // The rig's own word counts more than the neighbour table.
      mac: "02:01:02:03:04:05",
      make: "MicroBT",
      model: "Whatsminer M50S",
      algo: "SHA256",
      nominalThs: 126,
      boardSerials: [{ slot: 0, serial: "A1" }],
      pools: [
        { url: "stratum+tcp://a.example:1", user: "w", active: false },
        { url: "stratum+tcp://b.example:1", user: "w", active: true },
      ],
    });
    expect(evidenceSchema.safeParse(evidence).success).toBe(true);
  });

  it("changes when a board is exchanged, not when boards could not be read", () => {
    const evidence = toEvidence("10.0.0.5", 4028, reading);
    expect(hasNewSerials(evidence, reading.boards)).toBe(false);
    expect(hasNewSerials(evidence, undefined)).toBe(false);
    expect(hasNewSerials(evidence, [{ slot: 0, serial: "A2" }])).toBe(true);
    expect(hasNewSerials(evidence, [])).toBe(true);
  });
});

describe("a handle", () => {
  it.each([
    ["10.0.0.5", 4028, "10-0-0-5"],
    ["10.0.0.5", 4029, "10-0-0-5-4029"],
    ["Rig-7.farm.example", 4028, "rig-7-farm-example"],
  ])("of %s:%d is %s", (address, port, handle) => expect(toHandle(address, port)).toBe(handle));
});

describe("a MAC", () => {
  it.each([
    ["D4:01:02:03:04:05", "d4:01:02:03:04:05"],
    ["d401020304ab", "d4:01:02:03:04:ab"],
    ["02-87-10-00-00-01", "02:87:10:00:00:01"],
    ["02:55:97:22:3M:72", undefined],
    ["00:00:00:00:00:00", undefined],
    ["ff:ff:ff:ff:ff:ff", undefined],
    ["01:00:5e:00:00:01", undefined],
    ["", undefined],
    [5, undefined],
  ])("%j is %j", (text, mac) => expect(readMac(text)).toBe(mac));

  it("is found in the neighbour table, complete entries only", () => {
    const table = [
      "IP address       HW type     Flags       HW address            Mask     Device",
      "192.0.2.5        0x1         0x2         d4:01:02:03:04:05     *        eth0",
      "192.0.2.6        0x1         0x0         00:00:00:00:00:00     *        eth0",
      "192.0.2.7        0x1         0x0         d4:01:02:03:04:07     *        eth0",
      "",
    ].join("\n");
    expect([...parseNeighbours(table)]).toEqual([["192.0.2.5", "d4:01:02:03:04:05"]]);
    expect(parseNeighbours("").size).toBe(0);
  });
});

describe("pools", () => {
  const read = (rows: object[]) => readPools({ members: { POOLS: rows }, cut: false });

  it.each([
    ["stratum+tcp://user:secret@pool.example:3333", "stratum+tcp://pool.example:3333"],
    ["user@pool.example:3333", "pool.example:3333"],
    ["stratum+tcp://pool.example:3333/#xnsub", "stratum+tcp://pool.example:3333/#xnsub"],
    ["https://pool.example/x?token=secret", "https://pool.example/x"],
  ])("lose what may be secret in %s", (URL, url) => expect(read([{ URL }])?.[0]?.url).toBe(url));

  it("never carry a password, and leave out the firmware's own fee", () => {
    const pools = read([
      { URL: "a", User: "w", Pass: "secret", Password: "secret" },
      { URL: "b", User: "DevFee" },
      { URL: "DevFee" },
      { URL: "c", Type: 1 },
      { URL: "" },
    ]);
    expect(pools).toHaveLength(1);
    expect(JSON.stringify(pools)).not.toContain("secret");
  });

  it("of the firmware's maker are told as their part of what was accepted, where that counts them", () => {
    const pool = (Type: number, diff: unknown) => ({ URL: "a", Type, "Difficulty Accepted": diff });
    const fee = (accepted: number, rows: object[]) =>
      readSharesAndFee({ "Difficulty Accepted": accepted }, { members: { POOLS: rows }, cut: false })
        ?.devFeeDiff;
    // A VNish 1.2.7 of the corpus: vnish-s21pro-127-protofleet.
    expect(fee(163_772_416, [pool(0, 159_888_384), pool(0, 0), pool(1, 3_884_032)])).toBe(3_884_032);
    expect(fee(159_888_384, [pool(0, 159_888_384), pool(1, 3_884_032)])).toBe(0);
    expect(fee(159_888_384, [pool(0, 159_888_384)])).toBeUndefined();
    expect(fee(163_772_416, [pool(0, 159_888_384), pool(1, "-")])).toBeUndefined();
  });

  it("are in use when stratum is active and the pool alive, else by the latest share", () => {
    const active = (rows: object[]) => read(rows)?.map((pool) => pool.active);
    expect(
      active([
        { URL: "a", Status: "Dead", "Stratum Active": true },
        { URL: "b", Status: "Alive", "Stratum Active": true },
        { URL: "c", Status: "Alive", "Stratum Active": false },
      ]),
    ).toEqual([false, true, false]);
    expect(
      active([
        { URL: "a", "Last Share Time": 1_767_225_000 },
        { URL: "b", "Last Share Time": 1_767_225_600 },
      ]),
    ).toEqual([false, true]);
    expect(active([{ URL: "a", "Last Share Time": "0:00:03" }])).toEqual([undefined]);
  });

  it("are bounded in number", () =>
    expect(read(Array.from({ length: 50 }, (_, i) => ({ URL: `p${i}` })))).toHaveLength(16));
});

it("a text that is longer than what travels is cut, so that the description is not refused as a whole", () => {
  const long = "x".repeat(500);
  const evidence = toEvidence("10.0.0.1", 4028, {
    serial: long,
    hostname: long,
    make: long,
    model: long,
    firmware: long,
    apiVersion: long,
    dialect: long,
    algo: long,
  });
  expect(evidenceSchema.safeParse(evidence).success).toBe(true);
  expect(evidence).toMatchObject({ hostname: "x".repeat(100), firmware: "x".repeat(200) });
});
