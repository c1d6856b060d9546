import { promisify } from "node:util";
import { gunzip as gunzipAside, gunzipSync, type ZlibOptions } from "node:zlib";
import { BATCH, BatchError } from "@hashwatt/protocol/topics";

const GZIP_1 = 0x1f;
const GZIP_2 = 0x8b;

/**
 * The JSON value of an MQTT payload, plain or gzip as its first bytes tell. Throws a {@link BatchError}: `tooLarge` for what
 * is, or would unpack to, more than a server accepts; `notJson` for the rest.
 */
export function decodePayload(payload: Buffer): unknown {
  if (payload.length > BATCH.acceptBytes)
    throw new BatchError("tooLarge", `${payload.length} bytes, at most ${BATCH.acceptBytes} are accepted`);
  const text = isPacked(payload) ? gunzip(payload) : payload.toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BatchError("notJson", `not JSON: ${(error as Error).message}`);
  }
}

const isPacked = (payload: Buffer): boolean => payload[0] === GZIP_1 && payload[1] === GZIP_2;
const unpack = promisify<Buffer, ZlibOptions, Buffer>(gunzipAside);
/** Each piece comes back by way of the loop: a batch as agents cut it is one. */
const ASIDE: ZlibOptions = { maxOutputLength: BATCH.acceptBytes, chunkSize: BATCH.maxBytes };

/**
 * A payload as it is plain, unpacked on another thread; one that {@link decodePayload} refuses, as it came. Never rejects.
 */
export async function unpackAside(payload: Buffer): Promise<Buffer> {
  if (!isPacked(payload) || payload.length > BATCH.acceptBytes) return payload;
  try {
    const plain = await unpack(payload, ASIDE);
    // Packed twice it is no JSON.
    return isPacked(plain) ? payload : plain;
  } catch {
    return payload;
  }
}

function gunzip(payload: Buffer): string {
  try {
    return gunzipSync(payload, { maxOutputLength: BATCH.acceptBytes }).toString();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new BatchError("tooLarge", `unpacks to more than ${BATCH.acceptBytes} bytes`);
    throw new BatchError("notJson", `not gzip: ${message}`);
  }
}
