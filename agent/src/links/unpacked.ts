import { constants, gunzip, inflate } from "node:zlib";

/** The bytes of a body whatever it was packed with; one that breaks off gives what is there. Rejects beyond `maxBytes`. */
export function unpacked(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const unpack = /gzip/.test(encoding ?? "") ? gunzip : /deflate/.test(encoding ?? "") ? inflate : undefined;
  if (!unpack || body.length === 0) return Promise.resolve(body);
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH };
  return new Promise((resolve, reject) =>
    unpack(body, options, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
}
