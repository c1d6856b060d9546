import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { writeToStream } from "mqtt-packet";
import { expect, test } from "vitest";
import { packLengths } from "./packLengths.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heldMb = (): number => {
  collect();
  collect();
  return process.memoryUsage().arrayBuffers / 1e6;
};

test("messages of ever different lengths come to hold no memory", () => {
  packLengths();
  const before = heldMb();
  const payload = Buffer.alloc(20_000);
  const sink = { write: () => true } as unknown as NodeJS.WritableStream;
  for (let length = 0; length < 16_000; length++) {
    const message = { topic: "hashwatt/v1/home/agent/a1/batch", payload: payload.subarray(0, length) };
    writeToStream(
      { ...{ cmd: "publish", qos: 1, messageId: 1, dup: false, retain: false }, ...message },
      sink,
    );
    // Between two messages a program makes other small buffers, out of the same shared blocks.
    for (let other = 0; other < 3; other++) Buffer.allocUnsafe(3_000);
  }
  expect(heldMb() - before).toBeLessThan(2);
});
