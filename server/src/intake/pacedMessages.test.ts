import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pacedMessages } from "./pacedMessages.js";

/** What is taken in, in order, while there is a flood or none. */
function paced(isFlood: () => boolean) {
  const taken: string[] = [];
  const ingest = {
    samples: 0,
    message(topic: string, payload: Buffer) {
      taken.push(`${topic} ${payload[0] === 0x1f ? "packed" : payload.toString()}`);
    },
  };
  const heap = { waits: false, flood: () => undefined };
  const queue = { pending: 0, settled: async () => undefined };
  const message = pacedMessages(ingest, queue, heap, { add: isFlood }, { nowMs: () => 0 });
  return { taken, message: (topic: string, payload: Buffer) => message(topic, payload, false) };
}
const LARGE = JSON.stringify("a".repeat(200_000));

test("messages are taken in in their order, one after the other, as they came", async () => {
  const { taken, message } = paced(() => false);
  const packed = gzipSync('"a"');
  await message("1", packed);
  expect(taken).toEqual(["1 packed"]);
  const both = [message("2", packed), message("3", Buffer.from('"b"'))];
  await Promise.all(both);
  expect(taken).toEqual(["1 packed", "2 packed", '3 "b"']);
});

test("in a flood the next is unpacked while one is taken in, and none overtakes another", async () => {
  const { taken, message } = paced(() => true);
  await message("1", Buffer.from("1"));
  // The broker may go on as soon as the one before is taken in.
  await message("2", gzipSync(LARGE));
  expect(taken).toEqual(["1 1"]);
  await message("3", Buffer.from("3"));
  expect(taken).toEqual(["1 1", `2 ${LARGE}`]);
  await message("4", gzipSync('"d"'));
  await message("5", Buffer.from("5"));
  expect(taken.slice(2)).toEqual(["3 3", '4 "d"']);
});

test("what cannot be unpacked, or is packed twice, is refused as it came", async () => {
  const { taken, message } = paced(() => true);
  await message("1", Buffer.from("1"));
  const broken = gzipSync(LARGE).subarray(0, 200);
  for (const payload of [broken, gzipSync(gzipSync('"a"')), gzipSync(Buffer.alloc(5_000_000))])
    await message("2", payload);
  await message("3", Buffer.from("3"));
  await message("4", Buffer.from("4"));
  expect(taken).toEqual(["1 1", "2 packed", "2 packed", "2 packed", "3 3"]);
});
