/** Ways in which real answers arrive damaged; each has been met in captures or in bug reports of readers. */
const WAYS: readonly ((bytes: Buffer) => Buffer)[] = [
  // The connection broke half way.
  (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  // One buffer's length, as firmware that sends once.
  (bytes) => bytes.subarray(0, Math.min(bytes.length - 1, 127)),
  // A NUL in the middle ends it for whoever reads to the first.
  (bytes) => {
    const damaged = Buffer.from(bytes);
    damaged[Math.floor(damaged.length / 3)] = 0;
    return damaged;
  },
  // Stray bytes that are no text.
  (bytes) => {
    const damaged = Buffer.from(bytes);
    for (let i = 7; i < damaged.length; i += 97) damaged[i] = 0xff;
    return damaged;
  },
  // A comma is lost.
  (bytes) => Buffer.from(bytes.toString("latin1").replace(/,"/, '"'), "latin1"),
  // Nothing at all.
  () => Buffer.alloc(0),
];

/** The bytes, damaged in one of the ways; `pick` in [0, 1) says which. */
export function garbled(bytes: Buffer, pick: number): Buffer {
  return (WAYS[Math.floor(pick * WAYS.length)] as (typeof WAYS)[number])(bytes);
}
