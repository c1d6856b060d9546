import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Zone } from "@hashwatt/protocol/zone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zoneFiles } from "./zoneFiles.js";

const HOUR_MS = 3_600_000;

/** A zone file with one block of 64-bit times: the offsets of its types in s, its changes, and what holds behind them. */
function zoneFile(offsets: readonly number[], changes: readonly [number, number][], rule: string, leaps = 0) {
  const header = (times: number, types: number, leapSeconds: number) => {
    const bytes = Buffer.alloc(44);
    bytes.write("TZif2", "latin1");
    [0, 0, leapSeconds, times, types, 4].forEach((count, i) => {
      bytes.writeUInt32BE(count, 20 + i * 4);
    });
    return bytes;
  };
  const times = Buffer.alloc(changes.length * 9);
  changes.forEach(([atMs, type], i) => {
    times.writeBigInt64BE(BigInt(atMs / 1_000), i * 8);
    times[changes.length * 8 + i] = type;
  });
  const types = Buffer.alloc(offsets.length * 6);
  offsets.forEach((offset, i) => {
    types.writeInt32BE(offset, i * 6);
  });
  const empty = [header(0, 1, 0), Buffer.alloc(6), Buffer.alloc(4)];
  const block = [header(changes.length, offsets.length, leaps), times, types, Buffer.alloc(4 + leaps * 12)];
  return Buffer.concat([...empty, ...block, Buffer.from(`\n${rule}\n`)]);
}

describe("zone files", () => {
  let folder: string;
  const put = (name: string, bytes: Buffer) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-zones-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ["America/New_York", "EST5EDT,M3.2.0,M11.1.0"],
    ["Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"],
    ["Europe/Dublin", "IST-1GMT0,M10.5.0,M3.5.0/1"],
    ["America/Nuuk", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"],
    ["Asia/Shanghai", "CST-8"],
    ["Asia/Kathmandu", "<+0545>-5:45"],
  ])("tells the offsets of %s by its rule as the runtime does", (name, rule) => {
    put(name, zoneFile([0], [], rule));
    const offset = zoneFiles(folder)(name)!;
    const zone = Zone.of(name);
    for (let at = Date.UTC(2025, 0, 1); at < Date.UTC(2031, 0, 1); at += HOUR_MS)
      if (offset(at) !== zone.offsetMs(at))
        expect([new Date(at).toISOString(), offset(at)]).toEqual([
          new Date(at).toISOString(),
          zone.offsetMs(at),
        ]);
    expect(offset(Date.UTC(2026, 6, 1))).toBe(zone.offsetMs(Date.UTC(2026, 6, 1)));
  });

  test("takes listed changes before the rule, and the first type before all of them", () => {
    const [first, second] = [Date.UTC(2000, 3, 1, 5), Date.UTC(2010, 8, 2, 7)];
    put(
      "Moved/Twice",
      zoneFile(
        [-2_670, 3_600, 7_200],
        [
          [first, 1],
          [second, 2],
        ],
        "XYZ-3",
      ),
    );
    const offset = zoneFiles(folder)("Moved/Twice")!;
    // Offsets are whole minutes to whoever asks.
    expect(offset(first - 1)).toBe(-45 * 60_000);
    expect([offset(first), offset(second - 1), offset(second)]).toEqual([HOUR_MS, HOUR_MS, 3 * HOUR_MS]);
  });

  test("leaves to the runtime what it has no file for or cannot read", () => {
    const source = zoneFiles(folder);
    put("Odd/Text", Buffer.from("no zone at all".repeat(20)));
    put("Odd/Leap", zoneFile([0], [], "UTC0", 1));
    put("Odd/Rule", zoneFile([0], [], "EST5EDT,J60,J300"));
    put("right/Asia/Shanghai", zoneFile([0], [], "CST-8"));
    put("Odd/Cut", zoneFile([0], [[Date.UTC(2000, 3, 1), 0]], "UTC0").subarray(0, 90));
    for (const name of [
      "Odd/Cut",
      "Odd/Text",
      "Odd/Leap",
      "Odd/Rule",
      "right/Asia/Shanghai",
      "No/Where",
      "../x",
      "EST",
    ])
      expect([name, source(name)]).toEqual([name, undefined]);
    expect(zoneFiles(join(folder, "nothing"))("Asia/Shanghai")).toBeUndefined();
  });
});
