import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayPublish, serverMayPublish } from "./acl.js";
import { FrameGuard } from "./frameGuard.js";

/** An MQTT packet of so many bytes after its fixed header. */
function packet(length: number): Buffer {
  const header = [0x30];
  let left = length;
  do {
    header.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

describe("the frame guard", () => {
  test("lets any packets within the bound pass, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3_000)),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        (lengths, cuts) => {
          const bytes = Buffer.concat(lengths.map(packet));
          const guard = new FrameGuard(3_000);
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length]!;
            expect(guard.accepts(bytes.subarray(at, at + size))).toBe(true);
            at += size;
          }
        },
      ),
    );
  });

  test.each([
    ["one byte too many", packet(3_001).subarray(0, 3)],
    ["the largest that MQTT allows", Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ["a length that never ends", Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80])],
  ])("refuses %s as soon as it is announced", (_what, bytes) => {
    const guard = new FrameGuard(3_000);
    expect(guard.accepts(packet(10))).toBe(true);
    expect([...bytes].every((byte) => guard.accepts(Buffer.from([byte])))).toBe(false);
  });
});

describe("who may publish what", () => {
  test.each([
    ["a1", "hashwatt/v1/farm/agent/a1/batch", true],
    ["farm/a1", "hashwatt/v1/farm/agent/a1/status", true],
    ["hashwatt-farm-a1", "hashwatt/v1/farm/agent/a1/batch", true],
    ["a1", "hashwatt/v1/farm/agent/a2/batch", false],
    ["other/a1", "hashwatt/v1/farm/agent/a1/batch", false],
    ["a1", "hashwatt/v1/farm/agent/a1/ack", false],
    ["a1", "hashwatt/v1/farm/rig/r1/info", false],
    ["a1", "hashwatt/v2/farm/agent/a1/batch", false],
    ["", "hashwatt/v1/farm/agent/a1/batch", false],
  ])("%s on %s: %s", (name, topic, allowed) => {
    expect(mayPublish(name, topic)).toBe(allowed);
  });

  test("the server speaks to agents and of rigs, and never as an agent", () => {
    expect(serverMayPublish("hashwatt/v1/farm/agent/a1/ack")).toBe(true);
    expect(serverMayPublish("hashwatt/v1/farm/rig/r1/info")).toBe(true);
    expect(serverMayPublish("hashwatt/v1/farm/agent/a1/batch")).toBe(false);
  });
});
