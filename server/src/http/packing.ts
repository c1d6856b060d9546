import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip, gzipSync } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Less is sent as it is. */
const GZIP_BYTES = 1_024;
/** Packed at once, in about as long as writing it took; more goes to another thread. */
const GZIP_HERE_BYTES = 64 * 1024;
/** Content that gzip makes smaller; pictures and archives are packed as they are. */
const PACKABLE = /^text\/(?!event-stream)|[-+/](?:json|text|xml|javascript)\b/i;

const gzipped = promisify(gzip);

/**
 * Packs the body of an answer for a client that takes gzip, and says so in its head: a whole answer in one go, one that comes
 * piece by piece (a file, an export) on its way. A plugin that does the same asks of every answer whether it is a `Response`,
 * which has Node load its whole HTTP client: 7 MB of a server that never uses it.
 */
export async function pack(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload === "string" || (Buffer.isBuffer(payload) && hasPackable(reply))) {
    if (payload.length < GZIP_BYTES || !takesGzip(request)) return payload;
    sayPacked(reply);
    // The thread pool is worth its queue only for what would hold the loop up: a busy machine has a small answer wait there for
    // many times as long as packing it takes.
    if (payload.length <= GZIP_HERE_BYTES) return gzipSync(payload, { level: 1 });
    return gzipped(payload, { level: 1, chunkSize: 65_536 });
  }
  if (!(payload instanceof Readable) || !isPackable(reply) || !takesGzip(request)) return payload;
  sayPacked(reply);
  const packer = createGzip({ level: 1 });
  // Before its first byte it can still become an answer that says so, which nobody packs.
  payload.once("error", () => {
    if (!reply.raw.headersSent) reply.removeHeader("content-encoding");
  });
  // An error of either ends both, and whoever reads the packed side hears of it.
  pipeline(payload, packer, () => undefined);
  return packer;
}

/** Whether gzip is worth it: the whole of something that it makes smaller, and that is not packed already. */
function isPackable(reply: FastifyReply): boolean {
  const bytes = reply.getHeader("content-length");
  return (
    reply.statusCode === 200 && (bytes === undefined || Number(bytes) >= GZIP_BYTES) && hasPackable(reply)
  );
}

const hasPackable = (reply: FastifyReply): boolean =>
  reply.getHeader("content-encoding") === undefined &&
  PACKABLE.test(String(reply.getHeader("content-type") ?? ""));

function sayPacked(reply: FastifyReply): void {
  reply.header("content-encoding", "gzip").header("vary", "accept-encoding").removeHeader("content-length");
}

/** Whether a client says that it takes gzip, and does not rule it out with `q=0`. */
const takesGzip = ({ headers }: FastifyRequest): boolean =>
  /(^|[,\s])gzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(headers["accept-encoding"] ?? ""));
