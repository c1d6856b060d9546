import { crc32, gunzipSync, gzipSync } from "node:zlib";
import type { Batch } from "@hashwatt/protocol/topics";

/** What of an envelope is known only when the batch is sent. It comes first in the JSON; the spooled body follows. */
export type Head = Pick<Batch, "stream" | "live" | "seq" | "first" | "sentMs">;

/** From so many bytes on, speed of packing counts more than size: only large fleets make batches so large. */
const LARGE = 40 * 1024;
/** gzip member header without name, time and flags. */
const MEMBER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** A whole message: a fresh head and the body as it is stored. */
export function encodeMessage(head: Head, body: Buffer, gzip: boolean): Buffer {
  const { stream, live, seq, first, sentMs } = head;
  const json = `{"v":1,"stream":"${stream}","live":${live},"seq":${seq},"first":${first},"sentMs":${Math.round(sentMs)},`;
  return Buffer.concat(gzip ? [...storedMember(json), body] : [Buffer.from(json), body]);
}

/** The message for a batch whose record cannot be read: it only moves the sequence on. */
export function encodeDamaged(head: Head, boot: string, monoMs: number): Buffer {
  const batch: Batch = { v: 1, ...head, boot, monoMs: Math.round(monoMs), lost: "damaged", samples: [] };
  return Buffer.from(JSON.stringify(batch));
}

/** The body with its stamps moved by `change` ms, or marked as unsure. Throws on a body that is none. */
export function restampBody(body: Buffer, gzip: boolean, change: number | "unsure"): Buffer {
  const json = (gzip ? gunzipSync(body) : body).toString();
  const batch = JSON.parse(`{${json}`) as { samples: { atMs: number; clock?: string }[] };
  for (const sample of batch.samples)
    if (change === "unsure") sample.clock = change;
    else sample.atMs += change;
  return packBody(Buffer.from(JSON.stringify(batch).slice(1)), gzip);
}

/** The JSON of a body as it is kept and sent; a copy in any case. */
export function packBody(json: Buffer, gzip: boolean): Buffer {
  if (!gzip) return Buffer.from(json);
  // Synchronous on purpose: below some 100 kB the hop to a thread costs more than the work.
  const packed = gzipSync(json, { level: json.length < LARGE ? 6 : 1 });
  // zlib hands out a slice of a larger block, which a held batch would keep alive.
  return packed.length < 8_192 ? Buffer.from(packed) : packed;
}

/** A gzip member without compression: so short a text would not get shorter, and costs nothing this way. */
function storedMember(text: string): Buffer[] {
  const content = Buffer.from(text);
  const block = Buffer.alloc(5);
  block[0] = 1;
  block.writeUInt16LE(content.length, 1);
  block.writeUInt16LE(~content.length & 0xffff, 3);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  return [MEMBER, block, content, trailer];
}
