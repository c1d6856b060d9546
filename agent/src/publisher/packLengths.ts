import { writeToStream } from "mqtt-packet";

/** mqtt-packet keeps the encoded length of every message that is shorter than this. */
const KEPT_LENGTHS = 16_384;
const TOPIC = "t";
/** What a message of QoS 0 is longer than its payload: the topic and its length. */
const HEAD_BYTES = 2 + TOPIC.length;
const NOWHERE = { write: () => true } as unknown as NodeJS.WritableStream;

let packed = false;

/**
 * Lets mqtt-packet make at once all the encoded lengths that it keeps for ever. It makes each when a message of that length first
 * goes out, as four bytes cut from a block that Node shares among small buffers (8 kB, in Node 24 64 kB) and that lives as
 * long as any part of it: batches of ever different lengths would come to hold 134 MB, and 1 GB. Made together they share
 * 128 kB. Nor does it make its table of all 65,536 packet numbers, which saves nothing measurable and costs 12 MB.
 * To be called before the first message; does nothing the second time. (github.com/mqttjs/mqtt-packet/issues/163)
 */
export function packLengths(): void {
  if (packed) return;
  packed = true;
  writeToStream.cacheNumbers = false;
  const payload = Buffer.alloc(KEPT_LENGTHS);
  for (let length = HEAD_BYTES; length < KEPT_LENGTHS; length++)
    writeToStream(
      {
        ...{ cmd: "publish", topic: TOPIC, qos: 0, dup: false, retain: false },
        payload: payload.subarray(0, length - HEAD_BYTES),
      },
      NOWHERE,
    );
}
